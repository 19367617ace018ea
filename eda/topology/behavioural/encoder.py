"""A graph network of two levels: elements make blocks, and blocks between nodes make the op-amp.

Source: Dong et al., "CktGNN: Circuit graph neural network for electronic design automation", ICLR 2023: an inner
network over the elements of each subgraph, an outer one over the subgraphs. Changed: the outer graph is that of the
circuit, whose blocks are edges between nodes, so that what flows into a node is summed there as currents are, and
messages go both ways.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

from eda.topology.behavioural.encoding import ENDS, KINDS, NODES, STAGES
from eda.topology.behavioural.subgraphs import LARGEST, SUBGRAPHS

__all__ = ["NodeEncoder", "TwoLevelEncoder", "two_layers"]

_VALUES: Final = 3  # gm, R, C


class NodeEncoder(nn.Module):
    """The four nodes of an op-amp as states that exchange messages; the base of encoders.

    Args:
        width: of all hidden states.
        rounds: of messages.
    """

    def __init__(self, width: int = 128, rounds: int = 4) -> None:
        super().__init__()
        self.width = width
        self.node = nn.Parameter(0.1 * torch.randn(NODES, width))
        self.messages = nn.ModuleList(two_layers(3 * width, width) for _ in range(2 * rounds))
        self.updates = nn.ModuleList(two_layers(2 * width, width) for _ in range(rounds))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(rounds))

    def exchanged(
        self, states: torch.Tensor, edges: torch.Tensor, ends: tuple[torch.Tensor, torch.Tensor], there: torch.Tensor
    ) -> torch.Tensor:
        """The states after all rounds.

        Args:
            states: `n x 4 x width`, of the nodes.
            edges: `n x m x width`, along which messages go, both ways.
            ends: the nodes at the beginnings and ends of the edges, `n x m` integers each.
            there: which edges there are, `n x m x 1` truth values.

        Returns:
            `n x 4 x width`; what comes to a node in a round is summed.
        """
        source, target = ends
        for number, (update, norm) in enumerate(zip(self.updates, self.norms, strict=True)):
            both = torch.cat((edges, _taken(states, source), _taken(states, target)), dim=-1)
            forth, back = self.messages[2 * number](both) * there, self.messages[2 * number + 1](both) * there
            received = _summed(forth, target) + _summed(back, source)
            states = norm(states + update(torch.cat((states, received), dim=-1)))
        return states


class TwoLevelEncoder(NodeEncoder):
    """Op-amps as vectors.

    Args:
        width: of all hidden states.
        rounds: of messages between nodes.
    """

    def __init__(self, width: int = 128, rounds: int = 4) -> None:
        super().__init__(width, rounds)
        self.kind = nn.Embedding(KINDS, width)
        self.place = nn.Embedding(2, width)
        self.elements = nn.Sequential(nn.Linear(6 * _VALUES, width), nn.SiLU(), nn.Linear(width, width))
        self.block = nn.Sequential(nn.SiLU(), nn.Linear(width, width))
        self.register_buffer("ends", torch.tensor(ENDS), persistent=False)
        self.register_buffer("signs", torch.tensor([row.sign for row in SUBGRAPHS[1:]]), persistent=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """The states of the nodes, one behind the other.

        Args:
            rows: `n x 6 x 5` integers, see `encoding`.

        Returns:
            `n x (4 width)`.
        """
        source, target = self.get_buffer("ends")[rows[..., 1]].unbind(-1)
        there = (rows[..., 0] > 0).unsqueeze(-1)
        states = self.node.expand(len(rows), -1, -1)
        return self.exchanged(states, self._blocks(rows), (source, target), there).flatten(1)

    def _blocks(self, rows: torch.Tensor) -> torch.Tensor:
        kinds, values = rows[..., 0], rows[..., 2:].float()
        has = (values > 0).float()
        logarithms = torch.log(values.clamp_min(1)) / 2
        sign = self.get_buffer("signs")[kinds][..., None].float().expand_as(values)
        features = torch.cat(
            (has, logarithms, values / LARGEST, has * sign, logarithms * sign, has / values.clamp_min(1)), -1
        )
        stage = torch.arange(rows.shape[1], device=rows.device) < STAGES
        blocks: torch.Tensor = self.block(self.elements(features) + self.kind(kinds) + self.place(stage.long()))
        return blocks


def two_layers(inputs: int, width: int) -> nn.Sequential:
    """A network with one hidden layer, from so many inputs to `width` outputs."""
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


def _taken(states: torch.Tensor, nodes: torch.Tensor) -> torch.Tensor:
    return states.gather(1, nodes[..., None].expand(-1, -1, states.shape[-1]))


def _summed(messages: torch.Tensor, nodes: torch.Tensor) -> torch.Tensor:
    found = messages.new_zeros(len(messages), NODES, messages.shape[-1])
    return found.scatter_add(1, nodes[..., None].expand_as(messages), messages)
