"""Measurements: pure functions of waveforms that return a value, or the reason why there is none.

Crossings are found on a monotone cubic interpolant (PCHIP) over the logarithm of frequency, which follows a response
of any number of real poles to better than 0.1 % at 20 points per decade.

Sources of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 6.6
(simulation and measurement of op-amps); P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits",
5th ed. 2009, section 9.3 (phase and gain margin).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import PchipInterpolator

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Undefined",
    "bandwidth",
    "dc_gain",
    "excess_phase",
    "gain_margin",
    "output_swing",
    "phase_margin",
    "unity_crossings",
    "unity_gain_frequency",
]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A metric that a waveform does not define.

    Attributes:
        reason: why, in a sentence.
    """

    reason: str


def _decibels(response: NDArray[np.complex128]) -> NDArray[np.float64]:
    # 1e-30 (-600 dB) keeps a response that is exactly zero out of the logarithm
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), 1e-30)))


def _crossings(frequency: NDArray[np.float64], values: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Frequencies where `values` crosses `level`, downwards or upwards, ascending."""
    curve = PchipInterpolator(np.log10(frequency), values)
    roots = np.atleast_1d(curve.solve(level, extrapolate=False))
    return np.asarray(10 ** np.sort(roots[np.isfinite(roots)]))


def dc_gain(response: NDArray[np.complex128]) -> float:
    """Gain at the lowest frequency.

    Args:
        response: `n` complex gains by rising frequency.

    Returns:
        dB.
    """
    return float(_decibels(response)[0])


def bandwidth(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float | Undefined:
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


def unity_gain_frequency(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float | Undefined:
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


def phase_margin(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float | Undefined:
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
    curve = PchipInterpolator(np.log10(frequency), phase)
    margins = 180 + curve(np.log10(unity_crossings(frequency, response)))
    return float(np.min(margins))


def gain_margin(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float | Undefined:
    """How far the gain is below one where the phase first reaches -180 degrees.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.

    Returns:
        dB; positive for a stable loop.
    """
    phase = _phase(response)
    if abs(phase[0]) > 90:
        return Undefined(f"the response starts at a phase of {phase[0]:.3g} degrees: the inputs are swapped")
    crossings = _crossings(frequency, phase, -180.0)
    if not len(crossings):
        return Undefined(f"the phase does not reach -180 degrees up to {frequency[-1]:.3g} Hz")
    curve = PchipInterpolator(np.log10(frequency), _decibels(response))
    return float(-curve(np.log10(crossings[0])))


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
    logarithm = np.log(np.maximum(np.abs(response), 1e-30))
    slope = np.diff(logarithm) / step
    # beyond the sweep the response is flat below and goes on as it ended above; five decades are enough
    beyond = int(np.ceil(5 * np.log(10) / step))
    slopes = np.concatenate((np.zeros(beyond), slope, np.full(beyond, slope[-1])))
    # the weight at the distance of interval centres from grid points; it is singular, but integrable, at 0
    distance = (np.arange(-len(slopes), len(slopes)) + 0.5) * step
    weight = -np.log(np.tanh(np.abs(distance) / 2))
    centre = len(slopes)
    weight[centre - 1 : centre + 1] = 1 - np.log(step / 2)  # mean of -ln(u/2) over the half-open first interval
    points = np.arange(len(frequency)) + beyond
    minimum = [np.sum(slopes * weight[centre - point : centre - point + len(slopes)]) for point in points]
    lead = _phase(response) - np.degrees(np.array(minimum) * step / np.pi)
    return float(np.max(lead[frequency <= frequency[-1] / 10]))


def output_swing(
    output: NDArray[np.float64], differential: NDArray[np.float64], centre: float
) -> tuple[float, float] | Undefined:
    """The range of output voltage in which the large-signal gain is at least half of its value at the centre.

    Args:
        output: `n` output voltages of a sweep, V.
        differential: `n` input voltages (plus less minus) that they need, V.
        centre: output voltage around which the range is sought, V.

    Returns:
        Lowest and highest output voltage, V.
    """
    order = np.argsort(output)
    voltage, drive = output[order], differential[order]
    distinct = np.concatenate(([True], np.diff(voltage) > 1e-9))  # V; below that the slope is noise
    voltage, drive = voltage[distinct], drive[distinct]
    if len(voltage) < 5 or not voltage[0] < centre < voltage[-1]:
        return Undefined(f"the output does not move around {centre:.3g} V")
    # inverse gain of each interval: nothing beyond the interval blurs it
    slope, middle = np.diff(drive) / np.diff(voltage), (voltage[1:] + voltage[:-1]) / 2
    limit = 2 * float(np.interp(centre, middle, slope))
    if limit <= 0:
        return Undefined("the output does not follow the input at mid-range")
    inside = (slope > 0) & (slope <= limit)
    low = high = int(np.argmin(np.abs(middle - centre)))
    if not inside[low]:
        return Undefined("the gain collapses at mid-range")
    while low > 0 and inside[low - 1]:
        low -= 1
    while high < len(inside) - 1 and inside[high + 1]:
        high += 1
    return float(voltage[low]), float(voltage[high + 1])
