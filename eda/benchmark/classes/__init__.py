"""What is known of each circuit class beforehand: ideal circuits with their answers, and `.meas` cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.benchmark.classes import (
    clocked_comparator,
    comparator,
    ldo,
    mirror,
    opamp,
    oscillator,
    power_stage,
    reference,
    tia,
)
from eda.benchmark.classes import filter as filters
from eda.benchmark.classes.known import Card, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS", "Card", "Truth"]

TRUTHS: Final[Mapping[str, tuple[Truth, ...]]] = {
    "opamp": opamp.TRUTHS,
    "open_loop_opamp": opamp.OPEN_TRUTHS,
    "fully_differential": opamp.DIFFERENTIAL_TRUTHS,
    "mirror": mirror.TRUTHS,
    "tia": tia.TRUTHS,
    "oscillator": oscillator.TRUTHS,
    "filter": filters.TRUTHS,
    "power_stage": power_stage.TRUTHS,
    "ldo": ldo.TRUTHS,
    "reference": reference.TRUTHS,
    "current_reference": reference.CURRENT_TRUTHS,
    "comparator": comparator.TRUTHS,
    "clocked_comparator": clocked_comparator.TRUTHS,
}
"""Ideal circuits by kind of testbench."""

CARDS: Final[Mapping[str, tuple[Card, ...]]] = {
    "opamp": opamp.CARDS,
    "fully_differential": opamp.DIFFERENTIAL_CARDS,
    "mirror": mirror.CARDS,
    "tia": tia.CARDS,
    "oscillator": oscillator.CARDS,
    "filter": filters.CARDS,
    "power_stage": power_stage.CARDS,
    "ldo": ldo.CARDS,
    "reference": reference.CARDS,
    "current_reference": reference.CURRENT_CARDS,
    "comparator": comparator.CARDS,
    "clocked_comparator": clocked_comparator.CARDS,
}
"""Measurements of ngspice by kind of testbench, of the ideal circuits."""
