"""Message passing between devices and nets over the pins that join them.

Sources: K. Xu et al., "How powerful are graph neural networks?", ICLR 2019 (gin, with edge features as W. Hu et al.,
ICLR 2020); W. Hamilton et al., NeurIPS 2017 (sage); S. Brody et al., "How attentive are graph attention networks?",
ICLR 2022 (gat); Y. Shi et al., IJCAI 2021 (transformer); G. Corso et al., "Principal neighbourhood aggregation",
NeurIPS 2020 (pna: several aggregators; here mean, sum over the root of the degree, and maximum, without towers). All
residual, with layer norms in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import nn
from torch.nn import functional
from torch_geometric.nn import GATv2Conv, GINEConv, MessagePassing, SAGEConv, TransformerConv

from eda.errors import require_known
from eda.nn.pins import ROLE_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.nn.pins import Pins

__all__ = ["CONVOLUTIONS", "PinNetwork", "PinShape"]

_HEADS: Final = 4


@dataclass(frozen=True, slots=True)
class PinShape:
    """The size of a network over pins.

    Attributes:
        width: of the hidden states; four divide it.
        layers: each from devices to nets and back.
        convolution: one of `CONVOLUTIONS`.
        dropout: share of hidden values that training leaves out.
    """

    width: int = 64
    layers: int = 5
    convolution: str = "pna"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        require_known("convolution", [self.convolution], CONVOLUTIONS)


class PinNetwork(nn.Module):
    """Layers of messages; a message knows the role of the pin that it went over.

    Args:
        shape: its size.
    """

    def __init__(self, shape: PinShape) -> None:
        super().__init__()
        self.to_nets = nn.ModuleList(_Step(shape) for _ in range(shape.layers))
        self.to_devices = nn.ModuleList(_Step(shape) for _ in range(shape.layers))
        self.norm_nets, self.norm_devices = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)

    @property
    def hidden(self) -> list[nn.Parameter]:
        """Matrices between hidden states."""
        return [one for name, one in self.named_parameters() if one.dim() == 2 and not name.endswith("role.weight")]

    def forward(self, devices: torch.Tensor, nets: torch.Tensor, pins: Pins) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states after all layers.

        Args:
            devices: `n x width` hidden states.
            nets: `k x width`.
            pins: which join them.

        Returns:
            Devices and nets, of the same shapes.
        """
        there = torch.stack((pins.device, pins.net))
        back = there.flip(0)
        for to_nets, to_devices in zip(self.to_nets, self.to_devices, strict=True):
            nets = to_nets(devices, nets, there, pins.role)
            devices = to_devices(nets, devices, back, pins.role)
        return self.norm_devices(devices), self.norm_nets(nets)


class _Step(nn.Module):
    """Messages from one kind of nodes to the other, then a small network on each node."""

    def __init__(self, shape: PinShape) -> None:
        super().__init__()
        width = shape.width
        self.role = nn.Embedding(ROLE_COUNT, width)
        self.norm_source, self.norm_target, self.norm = (nn.LayerNorm(width) for _ in range(3))
        self.convolution = CONVOLUTIONS[shape.convolution](width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = shape.dropout
        nn.init.zeros_(self.role.weight)  # roles that training never meets add nothing

    def forward(
        self, source: torch.Tensor, target: torch.Tensor, edges: torch.Tensor, role: torch.Tensor
    ) -> torch.Tensor:
        ends = self.norm_source(source), self.norm_target(target)
        target = target + self._dropped(self.convolution(ends, edges, self.role(role)))
        return target + self._dropped(self.down(functional.gelu(self.up(self.norm(target)))))

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        return functional.dropout(values, self.dropout, self.training)


class _Pna(nn.Module):
    """Mean, scaled sum and maximum of messages `relu(W source + role)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.into, self.out = nn.Linear(width, width), nn.Linear(3 * width, width)

    def forward(self, ends: tuple[torch.Tensor, torch.Tensor], edges: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
        source, target = edges
        messages = torch.relu(self.into(ends[0])[source] + role)
        empty = messages.new_zeros(len(ends[1]), messages.shape[1])
        total = empty.index_add(0, target, messages)
        most = empty.scatter_reduce(0, target[:, None].expand_as(messages), messages, "amax")
        degree = messages.new_zeros(len(empty), 1).index_add(0, target, messages.new_ones(len(target), 1)).clamp(min=1)
        out: torch.Tensor = self.out(torch.cat((total / degree, total / degree.sqrt(), most), dim=1))
        return out


class _OfPins(nn.Module):
    """A convolution that does not carry edge features: each pin sends what its end sends, and its role added.

    Args:
        convolution: of PyTorch Geometric, for two kinds of nodes.
    """

    def __init__(self, convolution: MessagePassing) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, ends: tuple[torch.Tensor, torch.Tensor], edges: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
        sent = ends[0][edges[0]] + role
        own = torch.arange(len(sent), device=sent.device)
        out: torch.Tensor = self.convolution((sent, ends[1]), torch.stack((own, edges[1])))
        return out


CONVOLUTIONS: Final[Mapping[str, Callable[[int], nn.Module]]] = {
    "pna": _Pna,
    "gin": lambda width: GINEConv(nn.Linear(width, width)),
    "sage": lambda width: _OfPins(SAGEConv(width, width)),
    "gat": lambda width: _OfPins(GATv2Conv(width, width // _HEADS, heads=_HEADS, add_self_loops=False)),
    "transformer": lambda width: TransformerConv(width, width // _HEADS, heads=_HEADS, edge_dim=width),
}
"""Convolutions by name: from a width to a module that takes both ends, edges and `edges x width` of the roles."""
