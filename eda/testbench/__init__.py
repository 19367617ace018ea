"""Testbenches: stimuli, analyses and measurements that turn a circuit into metrics with units."""

from eda.testbench.filter import FilterTestbench
from eda.testbench.fully_differential import FullyDifferentialTestbench
from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined
from eda.testbench.metric import Metric
from eda.testbench.mirror import MirrorTestbench
from eda.testbench.opamp import OpAmpTestbench
from eda.testbench.oscillator import OscillatorTestbench
from eda.testbench.power_stage import PowerStageTestbench
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Testbench
from eda.testbench.tia import TransimpedanceTestbench
from eda.testbench.user_deck import DeckTestbench

__all__ = [
    "ACCURATE",
    "Conditions",
    "DeckTestbench",
    "FilterTestbench",
    "FullyDifferentialTestbench",
    "Guard",
    "Measurement",
    "Metric",
    "MirrorTestbench",
    "OpAmpTestbench",
    "OscillatorTestbench",
    "PowerStageTestbench",
    "Testbench",
    "TransimpedanceTestbench",
    "Undefined",
]
