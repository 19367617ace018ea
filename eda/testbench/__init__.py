"""Testbenches: stimuli, analyses and measurements that turn a circuit into metrics with units."""

from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined
from eda.testbench.opamp import OpAmpTestbench
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Metric, Testbench

__all__ = ["ACCURATE", "Conditions", "Guard", "Measurement", "Metric", "OpAmpTestbench", "Testbench", "Undefined"]
