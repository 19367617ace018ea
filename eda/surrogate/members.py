"""Networks of one shape side by side, each with weights of its own: the members of an ensemble."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from eda.surrogate.transistors import Kind, Transistors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Members", "MembersShape"]


@dataclass(frozen=True, slots=True)
class MembersShape:
    """The size of the members.

    Attributes:
        inputs: of each.
        outputs: of each.
        members: how many.
        width: of their hidden layers.
        layers: how many of these.
        kinds: transistors whose sizes the inputs are.
    """

    inputs: int
    outputs: int
    members: int = 3
    width: int = 128
    layers: int = 3
    kinds: Sequence[Kind] = ()

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> MembersShape:
        """What `dataclasses.asdict` and JSON made of one."""
        return cls(**{**told, "kinds": [Kind.read(one) for one in told["kinds"]]})


class Members(nn.Module):
    """Multilayer perceptrons, all evaluated at once.

    Args:
        shape: their size.
    """

    def __init__(self, shape: MembersShape) -> None:
        super().__init__()
        self.shape = shape
        self.transistors = Transistors(shape.kinds)
        sizes = [shape.inputs + self.transistors.features, *[shape.width] * shape.layers, shape.outputs]
        pairs = list(itertools.pairwise(sizes))
        self.weights = nn.ParameterList(
            torch.randn(shape.members, into, out) * math.sqrt(2 / into) for into, out in pairs
        )
        self.biases = nn.ParameterList(torch.zeros(shape.members, 1, out) for _, out in pairs)

    @property
    def hidden(self) -> list[nn.Parameter]:
        """Weights between hidden layers, `members x width x width` each."""
        return list(self.weights)[1:-1]

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """`members x n x outputs`.

        Args:
            inputs: `n x inputs` for all members, or `members x n x inputs`.
        """
        inputs = self.transistors(inputs)
        hidden = inputs.expand(self.shape.members, *inputs.shape[-2:])
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden, weight)
            if place < self.shape.layers:
                hidden = functional.silu(hidden)
        return hidden
