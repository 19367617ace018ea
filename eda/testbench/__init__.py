"""Testbenches: stimuli, analyses and measurements that turn a circuit into metrics with units."""

from eda.testbench.clocked_comparator import ClockedComparatorTestbench
from eda.testbench.comparator import ComparatorTestbench
from eda.testbench.filter import FilterTestbench
from eda.testbench.fully_differential import FullyDifferentialTestbench
from eda.testbench.guards import Guard
from eda.testbench.ldo import LDOTestbench
from eda.testbench.measurements import Undefined
from eda.testbench.metric import Metric
from eda.testbench.mirror import MirrorTestbench
from eda.testbench.opamp import OpAmpTestbench
from eda.testbench.open_loop_opamp import OpenLoopOpAmpTestbench
from eda.testbench.oscillator import OscillatorTestbench
from eda.testbench.power_stage import PowerStageTestbench
from eda.testbench.reference import CurrentReferenceTestbench, ReferenceTestbench
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Testbench
from eda.testbench.tia import TransimpedanceTestbench
from eda.testbench.user_deck import DeckTestbench

__all__ = [
    "ACCURATE",
    "ClockedComparatorTestbench",
    "ComparatorTestbench",
    "Conditions",
    "CurrentReferenceTestbench",
    "DeckTestbench",
    "FilterTestbench",
    "FullyDifferentialTestbench",
    "Guard",
    "LDOTestbench",
    "Measurement",
    "Metric",
    "MirrorTestbench",
    "OpAmpTestbench",
    "OpenLoopOpAmpTestbench",
    "OscillatorTestbench",
    "PowerStageTestbench",
    "ReferenceTestbench",
    "Testbench",
    "TransimpedanceTestbench",
    "Undefined",
]
