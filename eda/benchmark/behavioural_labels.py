"""Published labels of behavioural op-amps beside exact solution: OpenAmp's, by Spectre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.datasets import openamp
from eda.nn.threads import one_thread
from eda.simulation.linear import Element, LinearNetworks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.datasets.openamp import LabelledCircuit

__all__ = ["compare_labels"]

_DECADES: Final = np.linspace(0, 9, 51)  # of the frequencies that the labels were read off
_EQUAL: Final = 1e-6  # dB, degrees, and relative
_TOGETHER: Final = 2000  # op-amps that are solved at a time


def compare_labels(opamps: Sequence[LabelledCircuit] | None = None) -> dict[str, Any]:
    """How far the labels are from what the solver says when it reads as they were read, and from the exact values.

    Args:
        opamps: those of OpenAmp when they are not given.

    Returns:
        How many labels equal what the solver reads, and the largest differences of these; medians and ninth deciles of
        the differences of labels from exact values, of the op-amps whose gain falls through unity and crosses it
        nowhere else; and how many have poles in the right half-plane.
    """
    opamps = openamp.opamps() if opamps is None else opamps
    with one_thread():
        parts = [_compared(opamps[start : start + _TOGETHER]) for start in range(0, len(opamps), _TOGETHER)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    read, once = ("gain", "read frequency", "read margin"), found["once"]
    equal = np.all([~(found[name] > _EQUAL) for name in read], axis=0)
    gain, crossing, phase = (float(np.nanmax(found[name][equal])) for name in read)
    frequency, margin = np.abs(found["frequency"][once]), np.abs(found["margin"][once])
    return {
        "circuits": len(opamps),
        "equal as read": int(equal.sum()),
        "of these, largest difference of the gain, dB": gain,
        "of the frequency": crossing,
        "of the margin, degrees": phase,
        "without a crossing": int(np.isnan(found["read margin"]).sum()),
        "gain falls through unity once": int(once.sum()),
        "frequency, median error": float(np.median(frequency)),
        "frequency, nine in ten within": float(np.quantile(frequency, 0.9)),
        "margin, median error, degrees": float(np.median(margin)),
        "margin, nine in ten within, degrees": float(np.quantile(margin, 0.9)),
        "gain at 1 Hz below unity": int(found["below"].sum()),
        "with poles in the right half-plane": int((~found["stable"]).sum()),
    }


def _compared(opamps: Sequence[LabelledCircuit]) -> dict[str, NDArray[Any]]:
    networks = LinearNetworks.of([_elements(one) for one in opamps], source=openamp.SOURCE, output=openamp.OUTPUT)
    exact = networks.response()
    sampled = networks.at(torch.tensor(10**_DECADES)).numpy()
    frequency, phase = _read(sampled)
    gain, margin, label = np.array([(o.gain, o.phase_margin, o.unity_gain_frequency) for o in opamps]).T
    at_1_hz = _decibels(sampled[:, 0])
    return {
        "gain": np.abs(at_1_hz - gain),
        "read frequency": np.abs(frequency / label - 1),
        "read margin": _turns(margin - 180 - phase),
        "once": (exact.crossings == 1).numpy() & (exact.dc_gain.abs() > 1).numpy(),
        "frequency": label / exact.unity_gain_frequency.numpy() - 1,
        "margin": _turns(margin - exact.phase_margin.numpy()),
        "below": at_1_hz < 0,
        "stable": exact.stable.numpy(),
    }


def _elements(opamp: LabelledCircuit) -> list[Element]:
    return [Element(kind, plus, minus, value, control or "") for kind, plus, minus, control, value in opamp.elements]


def _read(sampled: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first crossing of unity as the labels have it, found by trial: it equals all of them.

    The frequency is where a straight line of decibels over frequency crosses 0 dB. The phase, degrees, is that of a
    straight line between the two complex responses, as far along as a straight line of magnitudes crosses 1.
    """
    rows = np.arange(len(sampled))
    decibels = _decibels(sampled)
    place = (np.diff(decibels >= 0, axis=1) != 0).argmax(axis=1)
    before, after = decibels[rows, place], decibels[rows, place + 1]
    low, high = 10 ** _DECADES[place], 10 ** _DECADES[place + 1]
    frequency = low + before / (before - after) * (high - low)
    one, other = sampled[rows, place], sampled[rows, place + 1]
    along = (np.abs(one) - 1) / (np.abs(one) - np.abs(other))
    return frequency, np.degrees(np.angle(one + along * (other - one)))


def _decibels(responses: NDArray[np.complex128]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 20 * np.log10(np.abs(responses))
    return found


def _turns(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of angles, degrees, whole turns aside."""
    found: NDArray[np.float64] = np.abs((degrees + 180) % 360 - 180)
    return found
