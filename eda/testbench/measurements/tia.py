"""Measurements on transimpedance amplifiers: peaking, group delay, rise time, range of inputs.

Sources of the definitions: E. Säckinger, "Analysis and Design of Transimpedance Amplifiers for Optical Receivers",
2017, chapter 5 (group-delay variation, overload); IEEE Std 181-2011 (rise time).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline

from eda.testbench.measurements.curves import crossings, smooth_crossings
from eda.testbench.measurements.transients import window
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = ["current_range", "group_delay_variation", "resonant_peaking", "rise_time"]

_SHARES = (0.1, 0.9)  # of the step
_FINE = 512  # points at which splines are evaluated
_BESIDE = 4  # samples to both sides of the highest one that its spline goes through


def group_delay_variation(
    frequency: NDArray[np.float64], response: NDArray[np.complex128], low: float, high: float
) -> Value:
    """Largest less smallest group delay in a band.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.
        low: lower end of the band, Hz.
        high: upper end, Hz.

    Returns:
        s.
    """
    if not frequency[0] <= low < high <= frequency[-1]:
        return Undefined(f"the band from {low:.3g} to {high:.3g} Hz is not within the sweep")
    phase = CubicSpline(np.log(frequency), np.unwrap(np.angle(response)))
    places = np.linspace(np.log(low), np.log(high), _FINE)
    delay = -phase(places, 1) / (2 * np.pi * np.exp(places))  # d phase / d omega by the chain rule
    return float(np.ptp(delay))


def resonant_peaking(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float:
    """How far the gain rises above that at the lowest frequency, on a spline through the samples.

    At 20 points a decade a pair of poles with Q = 2 is off by 0.06 dB on the parabola through the three highest
    samples, and by 0.002 dB on the spline.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        dB; 0 where it does not rise.
    """
    gain = 20 * np.log10(np.maximum(np.abs(response), 1e-30))  # -600 dB keeps zero out of the logarithm
    top = int(np.argmax(gain))
    near = slice(max(top - _BESIDE, 0), top + _BESIDE + 1)
    x = np.log(frequency[near])
    fine = CubicSpline(x, gain[near])(np.linspace(x[0], x[-1], _FINE))
    return float(max(np.max(fine), gain[top]) - gain[0])


def rise_time(time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float) -> Value:
    """Time from 10 % to 90 % of a step response.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the input step, s.
        stop: end of the response, s, where it has its final value.

    Returns:
        s.
    """
    t, v = window(time, values, start, stop)
    if v[-1] == v[0]:
        return Undefined("the response does not move")
    course = (v - v[0]) / (v[-1] - v[0])
    first, last = (crossings(t, course, share, "rising") for share in _SHARES)
    if not (len(first) and len(last)):
        return Undefined("the response does not go through 10 % and 90 % of its step")
    return float(last[0] - first[0])


def current_range(
    current: NDArray[np.float64], output: NDArray[np.float64], centre: float, least: float
) -> tuple[float, float] | Undefined:
    """Range of input currents around one in which the transimpedance is at least a share of its value there.

    Args:
        current: `n` rising input currents with equal steps, A.
        output: `n` outputs, V.
        centre: input current around which the range is sought, A.
        least: the share.

    Returns:
        Lowest and highest input current, A; an end of the sweep where the range goes beyond it.
    """
    slope = np.gradient(output, current)
    nominal = float(np.interp(centre, current, slope))
    if nominal == 0:
        return Undefined("the output does not follow the input current")
    ends = smooth_crossings(current, slope / nominal, least)
    low = max((end for end in ends if end < centre), default=float(current[0]))
    high = min((end for end in ends if end > centre), default=float(current[-1]))
    return float(low), float(high)
