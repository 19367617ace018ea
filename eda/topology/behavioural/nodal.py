"""Op-amps as their nodal equations have them: what stands between each two nodes, summed.

Two op-amps with the same sums behave alike, whatever blocks they are made of, and two transconductors that cancel each
other leave nothing: a network that is shown the sums need not learn that. Only of two branches of R and C in series
between the same nodes the sums do not say all.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

from eda.topology.behavioural.encoder import NodeEncoder, two_layers
from eda.topology.behavioural.encoding import ENDS, NODES
from eda.topology.behavioural.subgraphs import SUBGRAPHS

__all__ = ["FEATURES", "NodalEncoder", "between", "nodal_features", "outputs_into"]

_SUMS: Final = 6
FEATURES: Final = 2 * _SUMS
"""Of each two nodes."""

_TYPES: Final = SUBGRAPHS[1:]  # by their number in the arrays
_SIGN: Final = torch.tensor([row.sign for row in _TYPES], dtype=torch.float32)
_BACK: Final = torch.tensor([row.backward for row in _TYPES])
_SERIES: Final = torch.tensor([row.passive == "R-C" for row in _TYPES])
_FIRST, _SECOND = torch.tensor(ENDS).unbind(1)
_SMALL: Final = torch.tensor((0.003, 0.05, 0.003, 0.05, 0.05, 0.05))  # sums at which a logarithm begins
_LOG: Final = 3.0  # of a large sum, for features around 1


def between(rows: torch.Tensor) -> torch.Tensor:
    """What stands between each two nodes.

    Args:
        rows: `n x 6 x 5` integers, see `encoding`.

    Returns:
        `n x 6 x 6`: for the pairs of nodes of `ENDS` the conductance and the capacitance, both of R and C in series,
        and the transconductance from the first node to the second and back; in the steps of the values.
    """
    kinds, ends = rows[..., 0], rows[..., 1]
    gm, resistance, capacitance = rows[..., 2:].float().unbind(-1)
    conductance = torch.where(resistance > 0, 1 / resistance.clamp_min(1), 0.0)
    series, back, signed = _SERIES[kinds], _BACK[kinds], gm * _SIGN[kinds]
    each = (
        conductance * ~series,
        capacitance * ~series,
        conductance * series,
        capacitance * series,
        signed * ~back,
        signed * back,
    )
    blocks = torch.stack(each, dim=-1)
    sums = blocks.new_zeros(len(rows), len(ENDS), _SUMS)
    return sums.scatter_add(1, ends[..., None].expand_as(blocks), blocks)


def outputs_into(rows: torch.Tensor) -> torch.Tensor:
    """How many transconductors end in each node, with an output resistance and a capacitance each: `n x 4`.

    Args:
        rows: `n x 6 x 5` integers, see `encoding`.
    """
    kinds, ends = rows[..., 0], rows[..., 1]
    target = torch.where(_BACK[kinds], _FIRST[ends], _SECOND[ends])
    return torch.zeros(len(rows), NODES).scatter_add(1, target, (_SIGN[kinds] != 0).float())


def nodal_features(rows: torch.Tensor) -> torch.Tensor:
    """Features of each two nodes: signed logarithms of the sums, and whether they are not 0.

    Args:
        rows: `n x 6 x 5` integers, see `encoding`.

    Returns:
        `n x 6 x 12`.
    """
    sums = between(rows)
    return torch.cat((torch.asinh(sums / _SMALL) / _LOG, (sums != 0).float()), dim=-1)


class NodalEncoder(NodeEncoder):
    """The four nodes as states, by messages over what stands between them.

    Args:
        width: of all hidden states.
        rounds: of messages.
    """

    def __init__(self, width: int = 128, rounds: int = 4) -> None:
        super().__init__(width, rounds)
        self.pair = nn.Parameter(0.1 * torch.randn(len(ENDS), width))
        self.edge = two_layers(FEATURES, width)
        self.load = nn.Linear(1, width)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """The states of the nodes, one behind the other.

        Args:
            rows: `n x 6 x 5` integers, see `encoding`.

        Returns:
            `n x (4 width)`.
        """
        edges = self.edge(nodal_features(rows)) + self.pair
        states = self.node + self.load(outputs_into(rows)[..., None])
        ends = _FIRST.expand(len(rows), -1), _SECOND.expand(len(rows), -1)
        there = torch.ones_like(edges[..., :1], dtype=torch.bool)
        return self.exchanged(states, edges, ends, there).flatten(1)
