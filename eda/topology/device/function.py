"""What a class of circuits does, as a test that a dead circuit fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from eda.topology.device.stimuli import Stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Analysis, Setting, Waveforms
    from eda.topology.device.topology import Topology

__all__ = ["Function", "excess", "lack"]

_MOST_EXCESS = 10.0


class Function(ABC):
    """What a class of circuits does."""

    does: str
    """In words, behind "it"."""
    needs: str
    """What it cannot be tested without, in words."""
    unit: str
    """Of the figure that is read."""
    moves = False
    """Whether transistors may be off at rest."""
    fed_back = False
    """Whether the loop may be closed for direct current."""
    tries = 100
    """Designs that are tried before a topology counts as one that does not do it."""

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        """What drives its ports."""
        supplies = tuple(port for port in topology.ports if port in self.supplies(topology))
        return Stimuli(topology, supply, supplies, self.inputs(topology))

    def supplies(self, topology: Topology) -> tuple[str, ...]:  # noqa: ARG002 - of some it depends on the ports
        """Ports that are supplies."""
        return ("vdd",)

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        """Ports with a signal: voltages if there are any, else currents; two at most."""
        voltages = [port for port in topology.ports if port.startswith(("vin", "vrf", "vbb"))]
        currents = [port for port in topology.ports if port.startswith(("iin", "iref"))]
        return tuple(sorted(voltages or currents)[:2])

    def possible(self, stimuli: Stimuli) -> bool:
        """Whether the ports are there that it needs."""
        return bool(stimuli.inputs and stimuli.outputs)

    @abstractmethod
    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        """Analyses that show it, with what each sets."""

    @abstractmethod
    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        """The figure, and how much is missing to what is enough: 0 where nothing is."""


def lack(value: float, least: float) -> float:
    """How much a value is below the least one, as a share of that; NaN lacks all."""
    return max(0.0, 1 - value / least) if np.isfinite(value) else 1.0


def excess(value: float, most: float) -> float:
    """How much a value is above the largest one, as a multiple of that, at most 10; NaN by as much."""
    if value <= most:
        return 0.0
    return min(value / most - 1, _MOST_EXCESS) if most > 0 and np.isfinite(value) else _MOST_EXCESS
