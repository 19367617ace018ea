"""Measurements on transients: steps, delays, averages, oscillations, distortion.

Sources of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, sections 6.6 (slew
rate, settling) and 8.1 (comparator delay); IEEE Std 181-2011 (overshoot, duty cycle, levels of transitions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import trapezoid
from scipy.interpolate import CubicSpline

from eda.testbench.measurements.curves import crossings
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.curves import Edge
    from eda.testbench.measurements.value import Value

__all__ = [
    "distortion",
    "integral",
    "largest",
    "mean",
    "overshoot",
    "settling_time",
    "slew_rate",
    "window",
]

_SLEW_LEVELS = (0.2, 0.5, 0.8)  # of the step: the straight part of a slewing response
_STRAIGHT = 1.5  # upper by lower half of it, in time: 1 while it slews, 1.95 for the exponential of a small step
_SAMPLES = 512  # of a period


def window(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The part of a transient between two times, with samples at both of them."""
    inside = (time > start) & (time < stop)
    ends = np.interp([start, stop], time, values)
    return np.concatenate(([start], time[inside], [stop])), np.concatenate((ends[:1], values[inside], ends[1:]))


def integral(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> float:
    """Integral between two times by trapezoids.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: s.
        stop: s.

    Returns:
        In the unit of the values times seconds.
    """
    x, y = window(time, values, start, stop)
    return float(trapezoid(y, x))


def mean(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> float:
    """Mean between two times, in the unit of the values; see `integral`."""
    return integral(time, values, start, stop) / (stop - start)


def largest(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> float:
    """Largest magnitude between two times, in the unit of the values."""
    return float(np.max(np.abs(window(time, values, start, stop)[1])))


def slew_rate(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float, low: float, high: float
) -> Value:
    """Slope of a step response between 20 % and 80 % of the step, where that is a straight line.

    Args:
        time: `n` rising times, s.
        values: `n` samples, V.
        start: of the input step, s.
        stop: end of the response, s.
        low: level before the step, V.
        high: level that is asked for, V.

    Returns:
        V/s, positive for a response in the direction of the step.
    """
    t, v = window(time, values, start, stop)
    edge: Edge = "rising" if high > low else "falling"
    levels = [low + share * (high - low) for share in _SLEW_LEVELS]
    times = [start]
    for level in levels:
        found = crossings(t, v, level, edge)
        found = found[found > times[-1]]
        if not len(found):
            return Undefined(
                f"the response goes from {v[0]:.3g} V to {v[-1]:.3g} V, "
                f"not through {levels[0]:.3g} V and {levels[-1]:.3g} V"
            )
        times.append(float(found[0]))
    _, first, middle, last = times
    if last - middle > _STRAIGHT * (middle - first):
        return Undefined(f"a step of {abs(high - low):.3g} V settles without slewing: give a larger `step`")
    return float(abs(levels[-1] - levels[0]) / (last - first))


def settling_time(
    time: NDArray[np.float64],
    values: NDArray[np.float64],
    start: float,
    stop: float,
    *,
    tolerance: float,
    target: float,
) -> Value:
    """Time from a step until the response stays within a tolerance of its final value.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the input step, s.
        stop: end of the response, s, where it has its final value.
        tolerance: as a share of the step of the response.
        target: where the response should end, to tell one that has settled from one that does not move.

    Returns:
        s.
    """
    t, v = window(time, values, start, stop)
    final, step = v[-1], v[-1] - v[0]
    if abs(final - target) > 0.5 * abs(target - v[0]) or step == 0:
        return Undefined(f"the response ends at {final:.3g}, far from {target:.3g}; `window` may be too short")
    band = tolerance * abs(step)
    outside = np.flatnonzero(np.abs(v - final) > band)
    if not len(outside):
        return 0.0
    last = int(outside[-1])
    # a response that still moves at the end is within any band around its own last value for a moment
    if t[last] > start + 0.9 * (stop - start):
        return Undefined(
            f"the response has not settled to {tolerance * 100:g} % within {stop - start:.3g} s; "
            "`window` may be too short"
        )
    edge = final + band if v[last] > final else final - band
    share = (edge - v[last]) / (v[last + 1] - v[last])
    return float(t[last] + share * (t[last + 1] - t[last]) - start)


def overshoot(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> Value:
    """How far a step response goes beyond its final value.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the input step, s.
        stop: end of the response, s.

    Returns:
        Per cent of the step of the response; 0 where it does not go beyond.
    """
    t, v = window(time, values, start, stop)
    step = v[-1] - v[0]
    if step == 0:
        return Undefined("the response does not move")
    beyond = (v - v[-1]) / step
    top = int(np.argmax(beyond))
    if not 0 < top < len(v) - 1:
        return float(max(beyond[top], 0.0) * 100)
    near = slice(top - 1, top + 2)
    curve = np.polyfit(t[near] - t[top], beyond[near], 2)  # the peak of the parabola through the three highest samples
    peak = beyond[top] if curve[0] >= 0 else curve[2] - curve[1] ** 2 / (4 * curve[0])
    return float(max(peak, 0.0) * 100)


def distortion(
    time: NDArray[np.float64], values: NDArray[np.float64], fundamental: float, periods: int = 1, harmonics: int = 9
) -> Value:
    """Total harmonic distortion in the last periods of a transient.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        fundamental: Hz.
        periods: how many of the last ones count.
        harmonics: the highest that counts; the first is the fundamental.

    Returns:
        Per cent: root of the sum of the squared harmonics from the second on, by the fundamental.
    """
    span = periods / fundamental
    if time[-1] - time[0] < span * (1 - 1e-9):
        return Undefined(f"the transient is shorter than {periods} periods of {fundamental:.3g} Hz")
    count = _SAMPLES * periods
    rising = np.concatenate(([True], np.diff(time) > 0))
    samples = CubicSpline(time[rising], values[rising])(time[-1] - span + span * np.arange(count) / count)
    spectrum = np.abs(np.fft.rfft(samples))[periods * np.arange(1, harmonics + 1)]
    if spectrum[0] < 1e-9 * count:
        return Undefined(f"there is nothing at {fundamental:.3g} Hz in the signal")
    return float(np.sqrt(np.sum(spectrum[1:] ** 2)) / spectrum[0] * 100)
