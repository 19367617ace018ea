"""Harmonics of a transient, by the method of ngspice's `fourier` command.

ngspice 39 keeps the command's result in a vector that its library does not hand out, and prints six digits: so it is
done here, with the same samples and sums. Source: ngspice 39, `fourier.c`: the last period, linear interpolation
(`polydegree` 1) on 200 points (`fourgridsize`), sums of sines and cosines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.simulation.quantities import unit_of
from eda.simulation.results import Waveforms

if TYPE_CHECKING:
    from eda.simulation.analyses import Fourier

__all__ = ["distortion", "fourier"]

_GRID = 200  # samples of the last period, ngspice's `fourgridsize`


def fourier(transient: Waveforms, analysis: Fourier) -> Waveforms | None:
    """Harmonics of one output of a transient.

    Args:
        transient: with the time as its scale.
        analysis: what is asked.

    Returns:
        Over the frequencies `0, f, 2 f ...`: the complex harmonics of the output, with the amplitude (peak) as the
        magnitude and the angle to a sine; the mean at frequency 0. `None` for a transient shorter than a period, or
        without the output.
    """
    time, period = transient.scale, 1 / analysis.fundamental
    if analysis.output not in transient.vectors or time[-1] - time[0] < period * (1 - 1e-6):
        return None
    steps = np.arange(_GRID) / _GRID
    samples = np.interp(time[-1] - period + period * steps, time, transient.real(analysis.output))
    numbers = np.arange(analysis.harmonics + 1)
    # a sine has the angle 0: sin(x) = Re(-j exp(j x))
    harmonics = 2j / _GRID * np.exp(-2j * np.pi * np.outer(numbers, steps)) @ samples
    harmonics[0] = samples.mean()
    unit = transient.units.get(analysis.output) or unit_of(analysis.output)
    frequencies = np.asarray(numbers * analysis.fundamental, dtype=np.float64)
    return Waveforms(frequencies, {analysis.output: harmonics}, {analysis.output: unit}, "Hz")


def distortion(harmonics: Waveforms, output: str) -> float:
    """Total harmonic distortion: root of the sum of the squared harmonics from the second on, by the first.

    Args:
        harmonics: what `fourier` gave.
        output: name of the output.

    Returns:
        A ratio; 0.01 is one per cent.
    """
    magnitudes = np.abs(harmonics[output])
    return float(np.sqrt(np.sum(magnitudes[2:] ** 2)) / magnitudes[1])
