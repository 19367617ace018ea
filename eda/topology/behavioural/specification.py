"""What a behavioural op-amp does, in numbers, in bins, and as one figure of merit.

Sources: the columns and the figure of merit are those of the Open Circuit Benchmark (Dong et al., ICLR 2023), the bins
those of CktGen (Hou et al., Engineering 2025), which floors the columns to whole numbers: 100 dB, 1 GHz and 90 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from eda.nn.threads import one_thread
from eda.simulation.linear import LinearNetworks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.topology.behavioural.opamp import BehaviouralOpAmp

__all__ = ["BINS", "Performance", "bounds_of", "performances"]

BINS: Final = (8, 48, 8)
"""How many bins there are of gain, unity-gain frequency and phase margin; the last ones hold all beyond."""

_FIRST: Final = (-2, 0, -3)  # floored column of the first bin, which holds all below
_LOW: Final = 1.0  # Hz, at which the benchmark reads gains
_GAIN_SHIFT: Final = 1.1953
_MARGIN_SHIFT: Final = 2.00001


@dataclass(frozen=True, slots=True)
class Performance:
    """Exact figures of one op-amp.

    Attributes:
        gain: at 1 Hz, dB.
        unity_gain_frequency: Hz; NaN where the gain never falls through unity.
        phase_margin: degrees, there; of an amplifier that inverts, with its input turned round.
        stable: whether every pole is in the left half-plane.
        crossings: of unity gain.
    """

    gain: float
    unity_gain_frequency: float
    phase_margin: float
    stable: bool
    crossings: int

    @property
    def defined(self) -> bool:
        """Whether there are a gain and a unity crossing."""
        return math.isfinite(self.gain) and math.isfinite(self.phase_margin)

    @property
    def fom(self) -> float:
        """The benchmark's figure of merit, which is mostly the unity-gain frequency; NaN where that is not defined."""
        margin = _MARGIN_SHIFT - self.phase_margin / 90
        return 1.2 * abs(self.gain) / 100 + 1.6 * margin + self.unity_gain_frequency / 1e8

    @property
    def bins(self) -> tuple[int, int, int]:
        """Numbers of its bins; -1 each where something is not defined."""
        if not self.defined:
            return -1, -1, -1
        columns = (
            self.gain / 100 + _GAIN_SHIFT,
            self.unity_gain_frequency / 1e9,
            _MARGIN_SHIFT - self.phase_margin / 90,
        )
        first, second, third = (
            min(max(math.floor(column) - low, 0), count - 1)
            for column, low, count in zip(columns, _FIRST, BINS, strict=True)
        )
        return first, second, third


def bounds_of(bins: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What bins lie between: gain in dB, unity-gain frequency in Hz, phase margin in degrees.

    Args:
        bins: `n x 3` numbers.

    Returns:
        `n x 3` lower and `n x 3` upper bounds; those of the outermost bins are infinite.
    """
    below = (bins + torch.tensor(_FIRST)).double()
    above = below + 1
    below[bins == 0] = -math.inf
    above[bins == torch.tensor(BINS) - 1] = math.inf

    def physical(columns: torch.Tensor) -> torch.Tensor:
        gain, frequency, margin = columns.unbind(dim=1)
        return torch.stack((100 * (gain - _GAIN_SHIFT), 1e9 * frequency, 90 * (_MARGIN_SHIFT - margin)), dim=1)

    low, high = physical(below), physical(above)
    return torch.minimum(low, high), torch.maximum(low, high)


def performances(opamps: Sequence[BehaviouralOpAmp]) -> list[Performance]:
    """Exact figures of op-amps, solved side by side.

    Args:
        opamps: any number of them.
    """
    if not opamps:
        return []
    with one_thread():
        networks = LinearNetworks.of([opamp.elements() for opamp in opamps])
        response = networks.response()
        gain = 20 * torch.log10(networks.at(torch.full((1,), _LOW, dtype=torch.float64)).abs()[:, 0])
    margin = response.phase_margin - torch.where(response.dc_gain < 0, 180.0, 0.0)
    columns = (gain, response.unity_gain_frequency, margin, response.stable, response.crossings)
    return [Performance(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]
