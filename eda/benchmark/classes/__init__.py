"""What is known of each circuit class beforehand: ideal circuits with their answers, and `.meas` cards.

A class has a module with `TRUTHS` (and `CARDS`); one that serves two testbenches tells them apart by `kind`.
"""

from __future__ import annotations

from eda.benchmark.classes import opamp
from eda.benchmark.classes.known import Card, Truth

__all__ = ["Card", "Truth", "all_truths"]


def all_truths() -> tuple[Truth, ...]:
    """The ideal circuits of all classes."""
    return (*opamp.TRUTHS, *opamp.DIFFERENTIAL_TRUTHS)
