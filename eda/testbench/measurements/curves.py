"""Curves of a sweep, a frequency response or a transient: where they cross a level, and their values in between."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Edge", "crossings", "interpolated", "smooth_crossings"]

Edge = Literal["rising", "falling", "either"]


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
        x: `n` rising values, at least two.
        y: `n` samples.
        at: within the range of `x`.
    """
    found = []
    for place in np.atleast_1d(at).tolist():
        interval = min(max(int(np.searchsorted(x, place, side="right")) - 1, 0), len(x) - 2)
        start, width, coefficients = _cubic(x, y, interval)
        found.append(_value(coefficients, (place - start) / width))
    return np.array(found)


def smooth_crossings(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Where the monotone cubic interpolant (PCHIP) crosses a level.

    Args:
        x: `n` rising values, at least two.
        y: `n` samples.
        level: the level.

    Returns:
        Values of `x`, ascending, possibly none.
    """
    above = y >= level
    found = []
    for interval in np.flatnonzero(above[1:] != above[:-1]).tolist():
        start, width, coefficients = _cubic(x, y, interval)
        low, high, rising = 0.0, 1.0, bool(above[interval + 1])
        for _ in range(_HALVINGS):  # the curve is monotone in the interval
            middle = (low + high) / 2
            if (_value(coefficients, middle) >= level) == rising:
                high = middle
            else:
                low = middle
        found.append(start + width * high)
    return np.array(found)


_HALVINGS = 50  # to the last bit of an interval

Cubic = tuple[float, float, float, float]


def _value(coefficients: Cubic, t: float) -> float:
    constant, linear, square, cube = coefficients
    return constant + t * (linear + t * (square + t * cube))


def _cubic(x: NDArray[np.float64], y: NDArray[np.float64], interval: int) -> tuple[float, float, Cubic]:
    """Start and width of an interval, and the coefficients of its cubic in the share of the interval.

    That of SciPy's `PchipInterpolator` (tests compare them), which takes a hundred times as long for one interval.
    Source: F. N. Fritsch, J. Butland, "A method for constructing local monotone piecewise cubic interpolants", SIAM J.
    Sci. Stat. Comput. 5(2), 1984.
    """
    first, last = max(interval - 1, 0), min(interval + 3, len(x))
    xs, ys = x[first:last].tolist(), y[first:last].tolist()
    widths = [b - a for a, b in pairwise(xs)]
    slopes = [(b - a) / width for a, b, width in zip(ys, ys[1:], widths, strict=False)]
    at = interval - first
    left = _inner(widths, slopes, at - 1) if at > 0 else _end(widths, slopes)
    right = _inner(widths, slopes, at) if at + 1 < len(slopes) else _end(widths[::-1], slopes[::-1])
    width, rise = widths[at], ys[at + 1] - ys[at]
    left, right = left * width, right * width
    return xs[at], width, (ys[at], left, 3 * rise - 2 * left - right, left + right - 2 * rise)


def _inner(widths: list[float], slopes: list[float], at: int) -> float:
    """Derivative between two intervals: a weighted harmonic mean, 0 at an extremum."""
    before, after = slopes[at], slopes[at + 1]
    if before * after <= 0:
        return 0.0
    one, two = 2 * widths[at + 1] + widths[at], widths[at + 1] + 2 * widths[at]
    return (one + two) / (one / before + two / after)


def _end(widths: list[float], slopes: list[float]) -> float:
    """Derivative at the first sample: of the parabola through three, limited so that the curve stays monotone."""
    if len(slopes) == 1:
        return slopes[0]
    (one, two), (first, second) = widths[:2], slopes[:2]
    found = ((2 * one + two) * first - one * second) / (one + two)
    if found * first <= 0:
        return 0.0
    return 3 * first if first * second <= 0 and abs(found) > 3 * abs(first) else found
