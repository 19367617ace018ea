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

__all__ = ["TwoLevelEncoder"]

_VALUES: Final = 3  # gm, R, C


class TwoLevelEncoder(nn.Module):
    """Op-amps as vectors.

    Args:
        width: of all hidden states.
        rounds: of messages between nodes.
    """

    def __init__(self, width: int = 128, rounds: int = 4) -> None:
        super().__init__()
        self.width = width
        self.kind = nn.Embedding(KINDS, width)
        self.place = nn.Embedding(2, width)
        self.elements = nn.Sequential(nn.Linear(6 * _VALUES, width), nn.SiLU(), nn.Linear(width, width))
        self.block = nn.Sequential(nn.SiLU(), nn.Linear(width, width))
        self.node = nn.Parameter(0.1 * torch.randn(NODES, width))
        self.messages = nn.ModuleList(_network(3 * width, width) for _ in range(2 * rounds))
        self.updates = nn.ModuleList(_network(2 * width, width) for _ in range(rounds))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(rounds))
        self.register_buffer("ends", torch.tensor(ENDS), persistent=False)
        self.register_buffer("signs", torch.tensor([row.sign for row in SUBGRAPHS[1:]]), persistent=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """The states of the nodes, one behind the other.

        Args:
            rows: `n x 6 x 5` integers, see `encoding`.

        Returns:
            `n x (4 width)`.
        """
        blocks, there = self._blocks(rows), (rows[..., 0] > 0).unsqueeze(-1)
        source, target = self.get_buffer("ends")[rows[..., 1]].unbind(-1)
        states = self.node.expand(len(rows), -1, -1)
        for number, (update, norm) in enumerate(zip(self.updates, self.norms, strict=True)):
            at_source, at_target = _taken(states, source), _taken(states, target)
            both = torch.cat((blocks, at_source, at_target), dim=-1)
            forth, back = self.messages[2 * number](both) * there, self.messages[2 * number + 1](both) * there
            received = _summed(forth, target) + _summed(back, source)
            states = norm(states + update(torch.cat((states, received), dim=-1)))
        return states.flatten(1)

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


def _network(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


def _taken(states: torch.Tensor, nodes: torch.Tensor) -> torch.Tensor:
    return states.gather(1, nodes[..., None].expand(-1, -1, states.shape[-1]))


def _summed(messages: torch.Tensor, nodes: torch.Tensor) -> torch.Tensor:
    found = messages.new_zeros(len(messages), NODES, messages.shape[-1])
    return found.scatter_add(1, nodes[..., None].expand_as(messages), messages)
