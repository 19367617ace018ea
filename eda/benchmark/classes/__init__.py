"""What is known of each circuit class beforehand: ideal circuits with their answers, and `.meas` cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.benchmark.classes import opamp
from eda.benchmark.classes.known import Card, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS", "Card", "Truth"]

TRUTHS: Final[Mapping[str, tuple[Truth, ...]]] = {
    "opamp": opamp.TRUTHS,
    "fully_differential": opamp.DIFFERENTIAL_TRUTHS,
}
"""Ideal circuits by kind of testbench."""

CARDS: Final[Mapping[str, tuple[Card, ...]]] = {
    "opamp": opamp.CARDS,
    "fully_differential": opamp.DIFFERENTIAL_CARDS,
}
"""Measurements of ngspice by kind of testbench, of the ideal circuits."""
