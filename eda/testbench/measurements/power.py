"""Measurements on converters that switch: means over periods, drift, recovery from a load step.

Sources of the definitions: R. W. Erickson, D. Maksimović, "Fundamentals of Power Electronics", 3rd ed. 2020, chapters 2
(steady state, small ripple) and 5 (conduction modes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import cumulative_trapezoid

from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = ["drift", "means_of_periods", "recovery_time"]

_SAMPLES = 8  # of the mean over a period, in a period


def means_of_periods(
    time: NDArray[np.float64], values: NDArray[np.float64], stop: float, period: float, count: int
) -> NDArray[np.float64]:
    """Means over each of the last periods before a time.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        stop: end of the last period, s.
        period: s.
        count: how many.

    Returns:
        `count` means, in the unit of the values, earliest first.
    """
    return _means(time, values, np.asarray(stop - period * np.arange(count, -1, -1), np.float64), 1, period)


def _means(
    time: NDArray[np.float64], values: NDArray[np.float64], edges: NDArray[np.float64], apart: int, span: float
) -> NDArray[np.float64]:
    """Means between edges that are so many places apart."""
    # the integral is quadratic between samples; at edges that are no samples, the trapezoid up to them counts
    total = cumulative_trapezoid(values, time, initial=0)
    at = np.clip(np.searchsorted(time, edges, side="right") - 1, 0, len(time) - 2)
    beyond = edges - time[at]
    here = np.interp(edges, time, values)
    area = total[at] + beyond * (values[at] + here) / 2
    return np.asarray((area[apart:] - area[:-apart]) / span)


def drift(means: NDArray[np.float64]) -> float:
    """How far means over periods differ: the largest less the smallest, as a share of their mean.

    Args:
        means: `n` means.

    Returns:
        Share; infinite when the mean is zero.
    """
    middle = float(np.mean(means))
    return float(np.ptp(means) / abs(middle)) if middle else float("inf")


def recovery_time(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float, *, period: float, band: float
) -> Value:
    """Time from a load step until the mean over a period stays within a band around its final value.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the step, s.
        stop: end of the response, s.
        period: over which the mean that ends at a time is taken, s.
        band: half its width, in the unit of the values.

    Returns:
        s; 0 when the means never leave the band.
    """
    count = int((stop - start) / period * _SAMPLES)
    edges = np.asarray(stop - period / _SAMPLES * np.arange(count + _SAMPLES, -1, -1), np.float64)
    means = _means(time, values, edges, _SAMPLES, period)  # each ends at edges[_SAMPLES:]
    away = np.abs(means - means[-1]) - band
    outside = np.flatnonzero(away > 0)
    if not len(outside):
        return 0.0
    last = int(outside[-1])
    ends = edges[_SAMPLES:]
    # a response that still moves at the end is within any band around its own last value for a moment
    if ends[last] > start + 0.9 * (stop - start):
        return Undefined(f"the output has not settled to {band:.3g} V within {stop - start:.3g} s")
    share = away[last] / (away[last] - away[last + 1])
    return float(max(ends[last] + share * (ends[last + 1] - ends[last]) - start, 0.0))
