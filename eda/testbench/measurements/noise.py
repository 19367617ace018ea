"""Measurements on noise spectra: at one frequency, and integrated over a band.

Between two points a spectrum is taken for a power of frequency, as white and 1/f noise are: exact for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = ["integrated_noise", "spot_noise"]


def spot_noise(frequency: NDArray[np.float64], density: NDArray[np.float64], at: float) -> Value:
    """Spectral density at one frequency.

    Args:
        frequency: `n` rising frequencies, Hz.
        density: `n` densities, such as V/√Hz.
        at: Hz.

    Returns:
        In the unit of the density.
    """
    if not frequency[0] * (1 - 1e-9) <= at <= frequency[-1] * (1 + 1e-9):
        return Undefined(f"{at:.3g} Hz is outside of the noise analysis, {frequency[0]:.3g} to {frequency[-1]:.3g} Hz")
    if np.min(density) <= 0:
        return Undefined("the noise density is zero, so the circuit passes nothing to the output")
    return float(np.exp(np.interp(np.log(at), np.log(frequency), np.log(density))))


def integrated_noise(frequency: NDArray[np.float64], density: NDArray[np.float64], low: float, high: float) -> Value:
    """Noise in a band: the root of the integral of the squared density.

    Args:
        frequency: `n` rising frequencies, Hz.
        density: `n` densities, such as V/√Hz.
        low: lower end of the band, Hz.
        high: upper end, Hz.

    Returns:
        Root mean square, in the unit of the density times √Hz.
    """
    first, last = (spot_noise(frequency, density, end) for end in (low, high))
    if isinstance(first, Undefined):
        return first
    if isinstance(last, Undefined):
        return last
    inside = (frequency > low) & (frequency < high)
    points = np.log(np.concatenate(([low], frequency[inside], [high])))
    power = 2 * np.log(np.concatenate(([first], density[inside], [last])))
    width = np.diff(points)
    slope = np.diff(power) / width + 1  # of the integrand f S(f) over ln f
    area = np.exp(power[:-1] + points[:-1])
    small = np.abs(slope * width) < 1e-9
    factor = np.where(small, width, np.expm1(slope * width) / np.where(small, 1.0, slope))
    return float(np.sqrt(np.sum(area * factor)))
