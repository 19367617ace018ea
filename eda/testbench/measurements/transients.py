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
    "delay",
    "distortion",
    "duty_cycle",
    "integral",
    "largest",
    "mean",
    "oscillation_frequency",
    "overshoot",
    "peak_to_peak",
    "settling_time",
    "slew_rate",
    "start_up_time",
    "window",
]

_SLEW_LEVELS = (0.2, 0.8)  # of the step: the linear part of a slewing response
_PERIODS = 3  # the fewest that tell an oscillation from a transition
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


def peak_to_peak(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> float:
    """Largest less smallest value between two times, in the unit of the values."""
    return float(np.ptp(window(time, values, start, stop)[1]))


def largest(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> float:
    """Largest magnitude between two times, in the unit of the values."""
    return float(np.max(np.abs(window(time, values, start, stop)[1])))


def slew_rate(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float, low: float, high: float
) -> Value:
    """Slope of a step response between 20 % and 80 % of the step.

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
    first, last = (crossings(t, v, level, edge) for level in levels)
    last = last[last > first[0]] if len(first) else last
    if not (len(first) and len(last)):
        return Undefined(
            f"the response goes from {v[0]:.3g} V to {v[-1]:.3g} V, not through {levels[0]:.3g} V and {levels[1]:.3g} V"
        )
    return float(abs(levels[1] - levels[0]) / (last[0] - first[0]))


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
        return Undefined(f"the response ends at {final:.3g}, far from {target:.3g}")
    band = tolerance * abs(step)
    outside = np.flatnonzero(np.abs(v - final) > band)
    if not len(outside):
        return 0.0
    last = int(outside[-1])
    # a response that still moves at the end is within any band around its own last value for a moment
    if t[last] > start + 0.9 * (stop - start):
        return Undefined(f"the response has not settled to {tolerance * 100:g} % within {stop - start:.3g} s")
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


def delay(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float, level: float, edge: Edge
) -> Value:
    """Time from an event until a signal crosses a level.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the event, s.
        stop: after which a crossing does not count, s.
        level: the level.
        edge: direction of the crossing.

    Returns:
        s.
    """
    found = crossings(*window(time, values, start, stop), level, edge)
    if not len(found):
        return Undefined(f"the signal does not cross {level:.3g} ({edge}) within {stop - start:.3g} s")
    return float(found[0] - start)


def oscillation_frequency(time: NDArray[np.float64], values: NDArray[np.float64], level: float) -> Value:
    """Frequency of an oscillation: the mean of the periods in the second half of a transient.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        level: whose rising crossings bound the periods.

    Returns:
        Hz.
    """
    rising = _steady_crossings(time, values, level)
    if len(rising) <= _PERIODS:
        return Undefined(f"the signal rises through {level:.3g} V {len(rising)} times only: it does not oscillate")
    return float((len(rising) - 1) / (rising[-1] - rising[0]))


def duty_cycle(time: NDArray[np.float64], values: NDArray[np.float64], level: float) -> Value:
    """Share of the time that an oscillation is above a level, in the second half of a transient.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        level: the level.

    Returns:
        Per cent.
    """
    rising = _steady_crossings(time, values, level)
    if len(rising) <= _PERIODS:
        return Undefined(f"the signal rises through {level:.3g} V {len(rising)} times only: it does not oscillate")
    falling = crossings(time, values, level, "falling")
    falling = falling[(falling > rising[0]) & (falling < rising[-1])]
    return float(np.sum(falling - rising[:-1]) / (rising[-1] - rising[0]) * 100)


def start_up_time(time: NDArray[np.float64], values: NDArray[np.float64], share: float) -> Value:
    """Time until the swing of an oscillation has reached a share of that at the end.

    Args:
        time: `n` rising times from the start on, s.
        values: `n` samples.
        share: such as 0.9.

    Returns:
        s: when the signal first leaves the band that is `share` of the final one, on either side.
    """
    later = values[time >= (time[0] + time[-1]) / 2]
    middle, half = (later.max() + later.min()) / 2, (later.max() - later.min()) / 2
    if half <= 0:
        return Undefined("the signal does not move")
    sides = [crossings(time, values, middle + sign * share * half, edge) for sign, edge in _SIDES]
    if not all(len(side) for side in sides):
        return Undefined("the signal does not swing to both sides")
    return float(max(side[0] for side in sides) - time[0])


_SIDES: tuple[tuple[float, Edge], ...] = ((1.0, "rising"), (-1.0, "falling"))


def _steady_crossings(time: NDArray[np.float64], values: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    middle = (time[0] + time[-1]) / 2
    rising = crossings(time, values, level, "rising")
    return np.asarray(rising[rising >= middle])


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
