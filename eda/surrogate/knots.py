"""Where slopes may change: at sizes where another bin of a transistor's model takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.problem import SizingProblem

__all__ = ["Knots", "knots_of"]


def knots_of(problem: SizingProblem) -> list[tuple[int, float]]:
    """Variables that are widths or lengths of transistors, by their number, and where bins end, in [-1, 1].

    Args:
        problem: whose technology says where its bins end.
    """
    space, found = problem.space, []
    lowest = {one.name: one.low for one in space.variables}
    borders = problem.technology.borders(problem.source)
    for at, variable in enumerate(space.variables):
        within = [end for end in borders.get(variable.name, ()) if variable.low < end < variable.high]
        found += [(at, 2 * float(space.encode({**lowest, variable.name: end})[at]) - 1) for end in within]
    return found


class Knots(nn.Module):
    """Inputs, and beside them how far they lie beyond their knots.

    Args:
        knots: inputs by their number, and places in [-1, 1].
    """

    def __init__(self, knots: Sequence[tuple[int, float]]) -> None:
        super().__init__()
        self.which = [which for which, _ in knots]
        self.register_buffer("places", torch.tensor([place for _, place in knots]), persistent=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """`... x (d + k)`: what lies beyond is half as far as in [-1, 1].

        Args:
            inputs: `... x d` in [-1, 1].
        """
        beyond = torch.relu(inputs[..., self.which] - self.get_buffer("places")) / 2
        return torch.cat((inputs, beyond), dim=-1)
