"""Measurements on the responses of filters: cut-offs around a reference, second-order sections, delay, stability.

They work on fine responses (see `finer`), between whose points a straight line is good enough.

Sources of the definitions: R. Schaumann, H. Xiao, M. E. Van Valkenburg, "Design of Analog Filters", 2nd ed. 2010,
chapters 1 (pass band, stop band, group delay) and 4 (pole frequency and quality of second-order sections).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.interpolate import CubicSpline

from eda.testbench.measurements.curves import crossings
from eda.testbench.measurements.frequency import excess_phase
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = [
    "cutoff",
    "decibels",
    "finer",
    "gain_within",
    "gains_between",
    "group_delays",
    "lead_of_filter",
    "pole_frequency",
]

_HALF_POWER = 10 * np.log10(2)  # dB
_LITTLE = 0.1  # of the largest gain
_NOTHING = 1e-10  # of the largest gain; the phase of less is that of rounding


def finer(
    frequency: NDArray[np.float64], response: NDArray[np.complex128], factor: int
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """A response with more points, between those of a sweep by cubic splines over the logarithm of frequency.

    Where little is lost the spline is that of the inverse, which is a polynomial for a filter without zeros and so
    follows a resonance (quality of 5, 60 points a decade: to 1e-5; a spline of the gain itself: to 6e-3). Elsewhere
    it is that of the gain, which a notch does not disturb.

    Args:
        frequency: `n` rising frequencies, Hz.
        response: `n` complex gains.
        factor: how many intervals each becomes.

    Returns:
        `factor (n - 1) + 1` frequencies and gains.
    """
    scale = np.log(frequency)
    places = np.interp(np.arange((len(scale) - 1) * factor + 1) / factor, np.arange(len(scale)), scale)
    size = np.abs(response)
    top = np.max(size)
    floor = np.maximum(size, 1e-6 * top if top > 0 else 1.0)  # keeps the inverse of a notch finite
    values, inverse = CubicSpline(scale, np.array([response, np.conj(response) / floor**2]), axis=1)(places)
    kept = np.abs(values) > _LITTLE * top
    values[kept] = 1 / inverse[kept]
    values[::factor] = response
    fine = np.exp(places)
    fine[::factor] = frequency
    return fine, values


def decibels(response: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Gains in dB."""
    # 1e-30 (-600 dB) keeps a response that is exactly zero out of the logarithm
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), 1e-30)))


def gain_within(frequency: NDArray[np.float64], gain: NDArray[np.float64], at: float) -> Value:
    """Gain at one frequency of a fine response.

    Args:
        frequency: `n` rising frequencies, Hz.
        gain: `n` gains, dB.
        at: Hz.

    Returns:
        dB.
    """
    if not frequency[0] * (1 - 1e-9) <= at <= frequency[-1] * (1 + 1e-9):
        return Undefined(f"{at:.3g} Hz is outside of the sweep, {frequency[0]:.3g} to {frequency[-1]:.3g} Hz")
    return float(np.interp(at, frequency, gain))


def gains_between(
    frequency: NDArray[np.float64], gain: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64] | Undefined:
    """Gains in a band of a fine response, its edges included, dB; see `gain_within`."""
    ends = [gain_within(frequency, gain, edge) for edge in (low, high)]
    numbers = [end for end in ends if not isinstance(end, Undefined)]
    if len(numbers) < len(ends):
        return next(end for end in ends if isinstance(end, Undefined))
    inside = slice(int(np.searchsorted(frequency, low, "right")), int(np.searchsorted(frequency, high)))
    return np.concatenate((numbers, gain[inside]))


def cutoff(
    frequency: NDArray[np.float64], gain: NDArray[np.float64], reference: float, side: Literal["above", "below"]
) -> Value:
    """The frequency nearest to a reference where the gain is 3 dB (half the power) less than at the reference.

    Args:
        frequency: `n` rising frequencies of a fine response, Hz.
        gain: `n` gains, dB.
        reference: within the pass band, Hz.
        side: where to look for it.

    Returns:
        Hz.
    """
    level = gain_within(frequency, gain, reference)
    if isinstance(level, Undefined):
        return level
    found = crossings(frequency, gain, level - _HALF_POWER)
    there = found[found > reference] if side == "above" else found[found < reference]
    if not len(there):
        return Undefined(f"the gain does not fall by 3 dB {side} {reference:.3g} Hz")
    return float(there[0] if side == "above" else there[-1])


def pole_frequency(frequency: NDArray[np.float64], phase: NDArray[np.float64]) -> Value:
    """Where the phase of a low-pass response has fallen by 90 degrees: the pole frequency of a second-order section.

    Args:
        frequency: `n` rising frequencies of a fine response, Hz.
        phase: `n` phases, unwrapped, rad; near 0 or 180 degrees at the lowest frequency.

    Returns:
        Hz.
    """
    start = np.pi * round(float(phase[0]) / np.pi)
    found = crossings(frequency, phase, start - np.pi / 2)
    if not len(found):
        return Undefined(f"the phase does not fall by 90 degrees up to {frequency[-1]:.3g} Hz")
    return float(found[0])


def group_delays(
    frequency: NDArray[np.float64], phase: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Group delays in a band: minus the slope of the phase over angular frequency.

    Args:
        frequency: `n` rising frequencies of a fine response, Hz.
        phase: `n` phases, unwrapped, rad.
        low: lower end of the band, Hz.
        high: upper end.

    Returns:
        s, at both ends and at the frequencies between.
    """
    first, last = (int(place) for place in np.searchsorted(frequency, [low, high]))
    near = slice(max(first - 2, 0), last + 3)
    delays = -np.gradient(phase[near], 2 * np.pi * frequency[near], edge_order=2)
    ends = np.interp([low, high], frequency[near], delays)
    inside = (frequency[near] > low) & (frequency[near] < high)
    return np.concatenate((ends[:1], delays[inside], ends[1:]))


def lead_of_filter(frequency: NDArray[np.float64], response: NDArray[np.complex128]) -> float:
    """How far the phase of a filter leads what its magnitude allows; see `excess_phase`.

    Zeros at the origin (of a band-pass) and the sign are taken out before, and what is no more than rounding.

    Args:
        frequency: `n` frequencies with a constant ratio, Hz.
        response: `n` complex gains.

    Returns:
        The largest lead, degrees.
    """
    size = np.abs(response)
    if size[0] == 0:
        return 0.0
    zeros = round(float(np.log(size[1] / size[0]) / np.log(frequency[1] / frequency[0])))
    flat = response / (1j * frequency) ** zeros
    top = int(np.argmax(size))
    small = np.flatnonzero(size[top:] < _NOTHING * size[top])
    stop = top + int(small[0]) if len(small) else len(size)
    return excess_phase(frequency[:stop], flat[:stop] * np.conj(flat[0]) / np.abs(flat[0]) ** 2)
