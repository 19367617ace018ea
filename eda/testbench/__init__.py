"""Testbenches: stimuli, analyses and measurements that turn a circuit into metrics with units."""

from eda.testbench.fully_differential import FullyDifferentialTestbench
from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined
from eda.testbench.metric import Metric
from eda.testbench.mirror import MirrorTestbench
from eda.testbench.opamp import OpAmpTestbench
from eda.testbench.oscillator import OscillatorTestbench
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Testbench
from eda.testbench.tia import TransimpedanceTestbench

__all__ = [
    "ACCURATE",
    "Conditions",
    "FullyDifferentialTestbench",
    "Guard",
    "Measurement",
    "Metric",
    "MirrorTestbench",
    "OpAmpTestbench",
    "OscillatorTestbench",
    "Testbench",
    "TransimpedanceTestbench",
    "Undefined",
]
