"""Circuits as pins: every pin joins a device and a net, and both kinds of nodes learn from each other over them.

Many circuits lie side by side in one `Pins`, so a batch is one of them, and nothing is padded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS, NET_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch_geometric.data import HeteroData

__all__ = ["DEVICE_WIDTH", "NET_FLAGS", "ROLE_COUNT", "Pins", "role_place"]

_POSITIONS: Final = 16  # of a call's terminals that are told apart; those after them are alike
ROLE_COUNT: Final = len(ROLES) + _POSITIONS
"""Roles of pins: those of the device table, and positions of calls."""

_PIN: Final = ROLES.index("pin")
DEVICE_WIDTH: Final = len(DEVICE_COLUMNS)
NET_FLAGS: Final = tuple(column.name for column in NET_COLUMNS if not column.name.startswith("log1p"))
"""The columns of nets that do not count pins."""


def role_place(role: str, position: int = 0) -> int:
    """The place of a role among `ROLE_COUNT`; of a call's terminal that of its position."""
    place = ROLES.index(role)
    return place if place != _PIN else len(ROLES) + min(position, _POSITIONS - 1)


@dataclass(frozen=True, slots=True)
class Pins:
    """Circuits side by side.

    Attributes:
        devices: `n x DEVICE_WIDTH` features, see `eda.graph.DEVICE_COLUMNS`.
        nets: `k x NET_FLAGS` features. How many pins a net has is not among them, since pins may be taken away.
        device: of each pin, `p` integers.
        role: of each pin, `p` places as `role_place` gives them.
        net: of each pin, `p` integers.
        circuit_of_device: `n` integers, ascending.
        circuit_of_net: `k` integers, ascending.
        circuits: how many there are.
    """

    devices: torch.Tensor
    nets: torch.Tensor
    device: torch.Tensor
    role: torch.Tensor
    net: torch.Tensor
    circuit_of_device: torch.Tensor
    circuit_of_net: torch.Tensor
    circuits: int

    @classmethod
    def of(cls, graph: HeteroData) -> Pins:
        """The pins of one circuit, by device, in the order of the device's terminals.

        Args:
            graph: as `eda.graph.to_graph` makes it.
        """
        edges, roles = [], []
        for place, role in enumerate(ROLES):
            store = graph["device", role, "net"]
            edges.append(store.edge_index)
            if place == _PIN:
                roles.append(len(ROLES) + store.position.clamp(max=_POSITIONS - 1))
            else:
                roles.append(torch.full((store.edge_index.shape[1],), place))
        device, net = torch.cat(edges, dim=1)
        places = torch.cat(roles)
        order = torch.argsort(device, stable=True)
        devices, nets = graph["device"].x, graph["net"].x[:, : len(NET_FLAGS)]
        zeros = torch.zeros(max(len(devices), len(nets)), dtype=torch.long)
        return cls(devices, nets, device[order], places[order], net[order],
                   zeros[: len(devices)], zeros[: len(nets)], 1)  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Pins]) -> Pins:
        """Circuits of several, side by side."""
        counts = torch.tensor([(len(one.devices), len(one.nets), one.circuits) for one in parts])
        before = (counts.cumsum(0) - counts).tolist()
        return cls(
            torch.cat([one.devices for one in parts]),
            torch.cat([one.nets for one in parts]),
            torch.cat([one.device + at[0] for one, at in zip(parts, before, strict=True)]),
            torch.cat([one.role for one in parts]),
            torch.cat([one.net + at[1] for one, at in zip(parts, before, strict=True)]),
            torch.cat([one.circuit_of_device + at[2] for one, at in zip(parts, before, strict=True)]),
            torch.cat([one.circuit_of_net + at[2] for one, at in zip(parts, before, strict=True)]),
            int(counts[:, 2].sum()),
        )

    def keeping(self, pins: torch.Tensor) -> Pins:
        """The same with some of the pins only.

        Args:
            pins: `p` booleans.
        """
        return replace(self, device=self.device[pins], role=self.role[pins], net=self.net[pins])

    def counts(self) -> torch.Tensor:
        """`k x ROLE_COUNT` pins of each role on each net, float32."""
        counts = torch.zeros(len(self.nets) * ROLE_COUNT)
        counts.index_add_(0, self.net * ROLE_COUNT + self.role, torch.ones(len(self.net)))
        return counts.view(-1, ROLE_COUNT)
