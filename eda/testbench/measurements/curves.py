"""Curves of a sweep, a frequency response or a transient: where they cross a level, and their values in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.interpolate import PchipInterpolator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Edge", "crossings", "interpolated", "smooth_crossings"]

Edge = Literal["rising", "falling", "either"]

_BESIDE = 3  # samples on both sides of an interval that a monotone cubic in it can depend on


def crossings(
    x: NDArray[np.float64], y: NDArray[np.float64], level: float, edge: Edge = "either"
) -> NDArray[np.float64]:
    """Where the straight lines between samples cross a level.

    Args:
        x: `n` rising values.
        y: `n` samples.
        level: the level; a sample on it counts as above.
        edge: which crossings count.

    Returns:
        Values of `x`, ascending, possibly none.
    """
    above = y >= level
    at = np.flatnonzero(above[1:] != above[:-1])
    if edge != "either":
        at = at[above[at + 1]] if edge == "rising" else at[above[at]]
    return np.asarray(x[at] + (level - y[at]) * (x[at + 1] - x[at]) / (y[at + 1] - y[at]))


def interpolated(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Values between samples on the monotone cubic interpolant (PCHIP).

    Args:
        x: `n` rising values.
        y: `n` samples.
        at: within the range of `x`.
    """
    found = []
    for place in np.atleast_1d(at):
        low, high = _around(x, int(np.searchsorted(x, place, side="right")) - 1)
        found.append(float(PchipInterpolator(x[low:high], y[low:high])(place)))
    return np.array(found)


def smooth_crossings(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Where the monotone cubic interpolant (PCHIP) crosses a level.

    Args:
        x: `n` rising values.
        y: `n` samples.
        level: the level.

    Returns:
        Values of `x`, ascending, possibly none.
    """
    above = y >= level
    found = []
    for at in np.flatnonzero(above[1:] != above[:-1]):
        low, high = _around(x, int(at))
        curve = PchipInterpolator(x[low:high], y[low:high])
        roots = np.atleast_1d(curve.solve(level, extrapolate=False))
        inside = roots[(roots >= x[at]) & (roots <= x[at + 1])]
        found.append(float(inside[0]) if len(inside) else float(x[at] if y[at] == level else x[at + 1]))
    return np.array(found)


def _around(x: NDArray[np.float64], at: int) -> tuple[int, int]:
    """The samples that the interpolant between samples `at` and `at + 1` depends on."""
    return max(at - _BESIDE, 0), min(at + 2 + _BESIDE, len(x))
