"""The conditions that a circuit must hold under: combinations of corner, temperature and supply, and samples."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError, require_type
from eda.technology import Variation, parse_variation
from eda.testbench import Conditions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.technology import Technology

__all__ = ["as_data", "combinations", "from_data", "samples"]


def combinations(
    technology: Technology,
    corners: str | Sequence[str],
    temperatures: float | Sequence[float],
    supplies: float | Sequence[float],
) -> list[Conditions]:
    """Every combination, supplies before corners before temperatures.

    Args:
        technology: which has the corners.
        corners: `"all"`, or names of corners.
        temperatures: degrees Celsius.
        supplies: factors on the testbench's supply voltage.

    Raises:
        InputError: there is no such corner, or nothing to combine.
    """
    asked = [corners] if isinstance(corners, str) else list(corners)
    names = technology.corners if "all" in asked else tuple(technology.corner(name) for name in asked)
    try:
        degrees, factors = (np.atleast_1d(np.asarray(x, dtype=float)).tolist() for x in (temperatures, supplies))
    except (TypeError, ValueError):
        raise InputError(f"temperatures and supplies are numbers, but got {temperatures!r} and {supplies!r}") from None
    found = [Conditions(c, t, s) for s, c, t in itertools.product(factors, names, degrees)]
    if not found:
        raise InputError("at least one corner, temperature and supply are needed")
    return found


def samples(first: Conditions, count: int, variation: str | Variation, seed: int = 0) -> list[Conditions]:
    """Monte Carlo samples at some conditions.

    Args:
        first: corner, temperature and supply.
        count: how many.
        variation: what varies: `"process"`, `"mismatch"` or `"both"`.
        seed: a sample depends on it and on its number only.

    Raises:
        InputError: a negative number, an unknown variation, or one with no sample.
    """
    require_type("monte_carlo", count, int, "200")
    if count < 0 or seed < 0:
        raise InputError(f"monte_carlo and seed are at least 0, but got {count} and {seed}")
    drawn = replace(first, variation=parse_variation(variation), seed=seed)
    if count and drawn.variation is Variation.NONE:
        raise InputError("samples differ by process, mismatch or both, but the variation is none")
    if not count and drawn.variation is not Variation.BOTH:
        raise InputError(f"{drawn.variation.value} varies from sample to sample: give their number, monte_carlo=200")
    return [replace(drawn, sample=number) for number in range(count)]


def as_data(conditions: Conditions) -> dict[str, Any]:
    """Conditions as JSON data."""
    return {**asdict(conditions), "variation": conditions.variation.name.lower()}


def from_data(data: Mapping[str, Any]) -> Conditions:
    """The conditions that `as_data` gave."""
    return Conditions(**{**data, "variation": parse_variation(data["variation"])})
