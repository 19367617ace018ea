"""The network that estimates parasitics: messages over the pins of a circuit, then heads for pairs and for places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch
from torch import nn
from torch_geometric.utils import scatter

from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS
from eda.nn.pin_network import PinNetwork, PinShape
from eda.nn.pins import NET_FLAGS, ROLE_COUNT
from eda.parasitics.interconnect import CLASSES, FAR, KIND_COUNT

if TYPE_CHECKING:
    from eda.nn.pins import Pins
    from eda.parasitics.interconnect import Interconnect, Pairs

__all__ = ["ParasiticNetwork", "neighbours"]

_KINDS: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name.startswith("is_")]
_SIZES: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name in {"log10_w", "log10_l", "log10_m"}]
_GIVEN: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name in {"w_given", "l_given", "m_given"}]
_PORT: Final = NET_FLAGS.index("is_port")
_USUAL: Final = -7.0  # the decade, m, around which widths and lengths are looked at
_BEYOND: Final = 0.05  # of the scale
_OUT: Final = 1 + CLASSES + 1  # a value, what speaks for each class, and for its being there


class ParasiticNetwork(nn.Module):
    """Capacitances from the structure and the sizes of a circuit.

    Args:
        shape: of the layers of messages.
    """

    def __init__(self, shape: PinShape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.devices = nn.Linear(len(_KINDS) + len(_SIZES), width)
        self.nets = nn.Linear(2 + ROLE_COUNT, width)
        self.layers = PinNetwork(shape)
        self.of_device, self.of_net, self.role = (
            nn.Linear(width, width), nn.Linear(width, width), nn.Embedding(ROLE_COUNT, width))  # fmt: skip
        self.kind, self.distance = nn.Embedding(KIND_COUNT, width), nn.Embedding(FAR + 1, width)
        self.of_pairs = _head(4 * width)
        self.of_places = nn.ModuleList(_head(width) for _ in range(2))  # nets, pins
        nn.init.zeros_(self.devices.weight)  # kinds of devices that training never meets add nothing
        nn.init.zeros_(self.role.weight)

    def encode(self, circuit: Interconnect) -> torch.Tensor:
        """States of nets and pins, `places x width`."""
        pins = _known_roles(circuit.pins)
        sizes = pins.devices[:, _GIVEN] * (pins.devices[:, _SIZES] - _USUAL)
        devices = self.devices(torch.cat((pins.devices[:, _KINDS], sizes), dim=1))
        flags = torch.stack((pins.nets[:, _PORT], circuit.rail.float()), dim=1)
        nets = self.nets(torch.cat((flags, torch.log1p(pins.counts())), dim=1))
        devices, nets = self.layers(devices, nets, pins)
        of_pins = self.of_device(devices)[pins.device] + self.of_net(nets)[pins.net] + self.role(pins.role)
        return torch.cat((nets, torch.nn.functional.gelu(of_pins)))

    def couplings(self, states: torch.Tensor, pairs: Pairs) -> torch.Tensor:
        """Of each pair its value, what speaks for each class, and for its being there, `m x 7`; ends have no order."""
        one, other = states[pairs.ends[:, 0]], states[pairs.ends[:, 1]]
        about = self.kind(pairs.kind) + self.distance(pairs.distance)
        return _squashed(self.of_pairs(torch.cat((one + other, (one - other).abs(), one * other, about), dim=1)))

    def grounds(self, states: torch.Tensor, nets: int) -> torch.Tensor:
        """The same of each place to ground, `places x 7`.

        Args:
            states: of nets and pins.
            nets: how many are nets.
        """
        return _squashed(torch.cat((self.of_places[0](states[:nets]), self.of_places[1](states[nets:]))))


def neighbours(circuit: Interconnect, states: torch.Tensor) -> torch.Tensor:
    """What lies beside each place: for a net the mean of its pins, for a pin its net; of the shape of `states`."""
    nets, pins = states[: circuit.nets], states[circuit.nets :]
    return torch.cat((scatter(pins, circuit.pins.net, 0, circuit.nets, "mean"), nets[circuit.pins.net]))


def _known_roles(pins: Pins) -> Pins:
    """Drain and source are not told apart: which is which follows from the currents, not from the layout."""
    return replace(pins, role=_ALIKE[pins.role])


def _squashed(found: torch.Tensor) -> torch.Tensor:
    """Values within the scale, a little beyond its ends: a balanced loss would drive them far out."""
    value = (1 + 2 * _BEYOND) * torch.sigmoid(found[:, :1]) - _BEYOND
    return torch.cat((value, found[:, 1:]), dim=1)


def _head(width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, 128), nn.GELU(), nn.Linear(128, 64), nn.GELU(), nn.Linear(64, _OUT))


def _alike() -> torch.Tensor:
    roles = torch.arange(ROLE_COUNT)
    roles[ROLES.index("source")] = ROLES.index("drain")
    return roles


_ALIKE: Final = _alike()
