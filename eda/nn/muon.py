"""Muon: stacks of matrices that are stepped along the orthogonal factor of their momentum.

Source: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; steps as long as those of
AdamW by J. Liu et al., "Muon is scalable for LLM training", arXiv:2502.16982, 2025. That of torch takes single matrices
only, and multiplies in bfloat16, which processors without such products take forty times as long for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Muon", "orthogonal"]

_POLYNOMIAL: Final = (3.4445, -4.7750, 2.0315)  # x + x^3 + x^5: takes singular values from (0, 1] to about 1
_TURNS: Final = 5
_LENGTH: Final = 0.2  # root mean square of what AdamW changes at a rate of 1


class Muon(torch.optim.Optimizer):
    """Steps of stacks of matrices, `... x n x m` each.

    Args:
        parameters: the stacks.
        rate: of learning.
        momentum: share of earlier gradients.
        decay: share of the weights that a step at a rate of 1 takes away.
    """

    def __init__(
        self, parameters: Iterable[torch.nn.Parameter], rate: float, momentum: float = 0.95, decay: float = 0.1
    ) -> None:
        super().__init__(parameters, {"lr": rate, "momentum": momentum, "weight_decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Change all matrices that have a gradient.

        Args:
            closure: none; there for torch.
        """
        del closure
        for group in self.param_groups:
            for matrices in group["params"]:
                if matrices.grad is None:
                    continue
                kept = self.state[matrices].setdefault("momentum", torch.zeros_like(matrices))
                kept.mul_(group["momentum"]).add_(matrices.grad)
                ahead = matrices.grad + group["momentum"] * kept
                length = _LENGTH * math.sqrt(max(ahead.shape[-2:]))
                matrices.mul_(1 - group["lr"] * group["weight_decay"])
                matrices.add_(orthogonal(ahead), alpha=-group["lr"] * length)


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Near the orthogonal factor of each matrix: the same singular vectors, singular values about 1.

    Args:
        matrices: `... x n x m`.
    """
    first, third, fifth = _POLYNOMIAL
    tall = matrices.shape[-2] > matrices.shape[-1]
    turned: torch.Tensor = matrices.mT if tall else matrices
    turned = turned / (torch.linalg.matrix_norm(turned, keepdim=True) + 1e-7)
    for _ in range(_TURNS):
        square = turned @ turned.mT
        turned = first * turned + (third * square + fifth * square @ square) @ turned
    return turned.mT if tall else turned
