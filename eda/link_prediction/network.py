"""The network of the link predictor: one encoding of a circuit with its terminals opened scores all nets at once.

Source: M. Zhang and Y. Chen, NeurIPS 2018, for the idea that a link is predicted by a network that sees which nodes are
asked for; changed: the open terminal alone is marked, so that the nets share one encoding and a circuit costs linear
time, where SEAL encodes a subgraph for each pair of terminal and net.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch
from torch import nn
from torch_geometric.utils import scatter

from eda.graph.schema import DEVICE_COLUMNS
from eda.link_prediction.openings import NEW, UNKNOWN, alike
from eda.nn.pin_network import PinNetwork, PinShape
from eda.nn.pins import NET_FLAGS, ROLE_COUNT

if TYPE_CHECKING:
    from eda.link_prediction.openings import Openings
    from eda.nn.pins import Pins

__all__ = ["LinkNetwork"]

_STRUCTURE: Final = [
    place for place, column in enumerate(DEVICE_COLUMNS) if column.name.startswith(("is_", "polarity_"))
]
_PORT, _SUPPLY, _LOW = (NET_FLAGS.index(name) for name in ("is_port", "is_supply", "is_low_rail"))
_FLAGS: Final = 3 + 2
_NOWHERE: Final = -1e9  # logit of a net that is no candidate


class LinkNetwork(nn.Module):
    """Scores of nets, and of a new one, for each open terminal. Sizes and values are not looked at.

    Args:
        shape: of the layers of messages.
    """

    def __init__(self, shape: PinShape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.devices = nn.Linear(len(_STRUCTURE), width)
        self.nets = nn.Linear(_FLAGS + ROLE_COUNT, width)
        self.mark, self.asked = nn.Embedding(ROLE_COUNT, width), nn.Embedding(ROLE_COUNT, width)
        self.layers = PinNetwork(shape)
        self.of_terminal, self.of_net = nn.Linear(width, width), nn.Linear(width, width)
        self.score = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))
        self.new = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 1))
        nn.init.zeros_(self.devices.weight)  # kinds that training never meets add nothing

    def forward(self, openings: Openings) -> tuple[torch.Tensor, torch.Tensor]:
        """Logarithms of probabilities.

        Args:
            openings: with `q` open terminals.

        Returns:
            One for each pair of `openings.pairs()`; one of a new net for each terminal, `q`.
        """
        pins = openings.pins
        nets = self.nets(_of_nets(pins))
        devices = self.devices(pins.devices[:, _STRUCTURE])
        asked = alike(pins.devices[openings.device], openings.role)
        pins = replace(pins, role=alike(pins.devices[pins.device], pins.role))
        devices = devices.index_add(0, openings.device, self.mark(asked))
        devices, nets = self.layers(devices, nets, pins)
        terminals = devices[openings.device] + self.asked(asked)
        terminal, net = openings.pairs()
        scores = self.score(self.of_net(nets)[net] + self.of_terminal(terminals)[terminal])[:, 0]
        scores = scores.masked_fill(~openings.there[net], _NOWHERE)
        there = openings.there
        mean = scatter(nets[there], pins.circuit_of_net[there], 0, pins.circuits, "mean")
        new = self.new(torch.cat((terminals, mean[openings.circuit]), dim=1))[:, 0]
        total = _log_sum_exp(torch.cat((scores, new)), torch.cat((terminal, torch.arange(len(new)))), len(new))
        return scores - total[terminal], new - total

    def loss(self, openings: Openings) -> torch.Tensor:
        """What training makes small, a scalar: the mean negative logarithm of the probability of the answer."""
        found, new = self(openings)
        terminal, net = openings.pairs()
        right = net == openings.answer[terminal]
        of_answer = torch.where(openings.answer == NEW, new, new.new_zeros(len(new)).index_add(
            0, terminal[right], found[right]))  # fmt: skip
        return -of_answer[openings.answer != UNKNOWN].mean()


def _of_nets(pins: Pins) -> torch.Tensor:
    """`k x (5 + ROLE_COUNT)`: port, low and high rail, without a pin, with one, and logarithms of the counts of pins.

    Node 0 is no other rail than a net called vss: which of them a source of netlists writes says nothing.
    """
    counts = pins.counts()
    size = counts.sum(1)
    low = pins.nets[:, _LOW]
    flags = torch.stack((pins.nets[:, _PORT], low, pins.nets[:, _SUPPLY] * (1 - low), size == 0, size == 1), dim=1)
    return torch.cat((flags, torch.log1p(counts)), dim=1)


def _log_sum_exp(values: torch.Tensor, group: torch.Tensor, groups: int) -> torch.Tensor:
    """Of each group; every group has a value."""
    most = scatter(values.detach(), group, 0, groups, "max")
    total: torch.Tensor = torch.log(scatter(torch.exp(values - most[group]), group, 0, groups, "sum")) + most
    return total
