"""Measurements on frequency responses: gains, frequencies, margins, flatness.

Crossings and values in between are those of a monotone cubic interpolant (PCHIP) over the logarithm of frequency, which
follows a response of any number of real poles to better than 0.1 % at 20 points per decade.

Sources of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 6.6
(simulation and measurement of op-amps); P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits",
5th ed. 2009, section 9.3 (phase and gain margin).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench.measurements.curves import interpolated, smooth_crossings
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = [
    "MOST_REJECTION",
    "bandwidth",
    "dc_gain",
    "excess_phase",
    "gain_at",
    "gain_margin",
    "phase_margin",
    "rejection",
    "unity_crossings",
    "unity_gain_frequency",
]

MOST_REJECTION: Final = 220.0
"""dB: what leaks through a circuit without mismatch is its rounding; rejections stop there."""


def _decibels(response: NDArray[np.complex128]) -> NDArray[np.float64]:
    # 1e-30 (-600 dB) keeps a response that is exactly zero out of the logarithm
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), 1e-30)))


def _crossings(frequency: NDArray[np.float64], values: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Frequencies where `values` crosses `level`, downwards or upwards, ascending."""
    return np.asarray(10 ** smooth_crossings(np.log10(frequency), values, level))


def dc_gain(response: NDArray[np.complex128]) -> float:
    """Gain at the lowest frequency.

    Args:
        response: `n` complex gains by rising frequency.

    Returns:
        dB.
    """
    return float(_decibels(response)[0])


def bandwidth(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> Value:
    """Lowest frequency at which the gain is 3 dB (a factor of the square root of two) below that at the start.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        Hz.
    """
    gain = _decibels(response)
    crossings = _crossings(frequency, gain, gain[0] - 10 * np.log10(2))
    if not len(crossings):
        return Undefined(f"the gain does not fall by 3 dB up to {frequency[-1]:.3g} Hz")
    return float(crossings[0])


def unity_crossings(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> NDArray[np.float64]:
    """All frequencies at which the gain is one.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        Hz, ascending, possibly empty.
    """
    return _crossings(frequency, _decibels(response), 0.0)


def unity_gain_frequency(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> Value:
    """Highest frequency at which the gain is one.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        Hz.
    """
    gain = _decibels(response)
    if gain[0] <= 0:
        return Undefined(f"the gain starts at {gain[0]:.3g} dB, so it has no unity crossing from above")
    if gain[-1] >= 0:
        return Undefined(f"the gain is still {gain[-1]:.3g} dB at {frequency[-1]:.3g} Hz")
    return float(unity_crossings(frequency, response)[-1])


def _phase(response: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Unwrapped phase in degrees, starting within (-180, 180]."""
    return np.asarray(np.degrees(np.unwrap(np.angle(response))))


def phase_margin(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> Value:
    """Distance of the phase from -180 degrees where the gain is one; the smallest over all crossings.

    The response must start in phase: an inverting one has no phase margin as an op-amp.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        Degrees.
    """
    at_unity = unity_gain_frequency(frequency, response)
    if isinstance(at_unity, Undefined):
        return at_unity
    phase = _phase(response)
    if abs(phase[0]) > 90:
        return Undefined(f"the response starts at a phase of {phase[0]:.3g} degrees: the inputs are swapped")
    margins = 180 + interpolated(np.log10(frequency), phase, np.log10(unity_crossings(frequency, response)))
    return float(np.min(margins))


def gain_margin(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> Value:
    """How far the gain is below one where the phase reaches -180 degrees.

    Beyond unity gain where the phase margin is positive: how much more gain the loop bears. Before it otherwise: how
    much less it needs.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        dB; positive for a stable loop, and negative for an unstable one.
    """
    phase = _phase(response)
    if abs(phase[0]) > 90:
        return Undefined(f"the response starts at a phase of {phase[0]:.3g} degrees: the inputs are swapped")
    crossings = _crossings(frequency, phase, -180.0)
    if not len(crossings):
        return Undefined(f"the phase does not reach -180 degrees up to {frequency[-1]:.3g} Hz")
    margins = -interpolated(np.log10(frequency), _decibels(response), np.log10(crossings))
    margin = phase_margin(frequency, response)
    if isinstance(margin, Undefined):  # no unity gain, which the gain is above or below throughout
        return float(margins[0])
    counted = margins[margins > 0][:1] if margin > 0 else margins[margins <= 0][-1:]
    if not len(counted):
        return Undefined(f"the phase does not reach -180 degrees beyond unity gain up to {frequency[-1]:.3g} Hz")
    return float(counted[0])


def excess_phase(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float:
    """How far the phase leads what the magnitude allows; more than rounding means poles in the right half-plane.

    The phase of a stable response is that of the minimum-phase response with the same magnitude, less the lag of its
    right-half-plane zeros, so it never leads (H. W. Bode, "Network Analysis and Feedback Amplifier Design", 1945,
    chapter XIV). A pole in the right half-plane leads by up to 180 degrees, a pair by up to 360. The minimum phase is
    the integral of the slope of the logarithm of the magnitude, weighted by ln coth |u/2|, u = ln(f/f0).

    Args:
        frequency: `n` frequencies with a constant ratio, Hz.
        response: `n` complex gains, positive at the lowest frequency.

    Returns:
        The largest lead, degrees, over all but the last decade, where the cut-off of the sweep is felt.
    """
    step = float(np.log(frequency[-1] / frequency[0]) / (len(frequency) - 1))
    slope = np.diff(np.log(np.maximum(np.abs(response), 1e-30))) / step
    weights = _bode_weights(len(frequency), round(step, 12))
    # beyond the sweep the response is flat below and goes on as it ended above
    beyond = weights.shape[1] - len(slope)
    slopes = np.concatenate((np.zeros(beyond // 2), slope, np.full(beyond // 2, slope[-1])))
    minimum = weights @ slopes
    lead = _phase(response) - np.degrees(minimum)
    return float(np.max(lead[frequency <= frequency[-1] / 10]))


@lru_cache(maxsize=16)
def _bode_weights(count: int, step: float) -> NDArray[np.float64]:
    """Matrix from the slopes of the logarithm of the magnitude, over intervals, to the minimum phase at points, rad.

    Args:
        count: points of the sweep.
        step: between them, in the natural logarithm of frequency.

    Returns:
        `count x (count - 1 + 2 m)`: five decades of intervals (`m`) lie on both sides of the sweep.
    """
    beyond = int(np.ceil(5 * np.log(10) / step))
    intervals = np.arange(count - 1 + 2 * beyond) - beyond + 0.5
    distance = np.abs(intervals - np.arange(count)[:, None]) * step
    weights = -np.log(np.tanh(distance / 2))
    # singular, but integrable, beside the point: mean of -ln(u/2) over the first interval
    weights[distance < step] = 1 - np.log(step / 2)
    return np.asarray(weights * step / np.pi)


def gain_at(frequency: NDArray[np.float64], response: NDArray[np.complex128], at: float) -> Value:
    """Gain at one frequency.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.
        at: Hz.

    Returns:
        dB.
    """
    if not frequency[0] * (1 - 1e-9) <= at <= frequency[-1] * (1 + 1e-9):
        return Undefined(f"{at:.3g} Hz is outside of the sweep, {frequency[0]:.3g} to {frequency[-1]:.3g} Hz")
    place = np.clip(np.log10(at), np.log10(frequency[0]), np.log10(frequency[-1]))
    return float(interpolated(np.log10(frequency), _decibels(response), place)[0])


def rejection(signal: NDArray[np.complex128], disturbance: NDArray[np.complex128]) -> Value:
    """Ratio of the gains from a signal and from a disturbance at the lowest frequency: CMRR, PSRR.

    Args:
        signal: `n` complex gains from the differential input.
        disturbance: `n` complex gains from the common mode, or from a supply.

    Returns:
        dB, `MOST_REJECTION` at the most.
    """
    if signal[0] == 0:
        return Undefined("there is no gain from the input")
    return min(float(_decibels(signal[:1])[0] - _decibels(disturbance[:1])[0]), MOST_REJECTION)
