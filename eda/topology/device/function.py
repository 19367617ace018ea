"""What a class of circuits does, as a test that a dead circuit fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from eda.topology.device.stimuli import Stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Analysis, Setting, Waveforms
    from eda.topology.device.topology import Topology

__all__ = ["Function"]


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
    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        """The figure, and whether it is enough."""
