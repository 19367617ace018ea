"""Losses that do not let frequent capacitances outvote rare ones.

Sources: J. Ren et al., "Balanced MSE for imbalanced visual regression", CVPR 2022 (the distribution
of the targets as a histogram); J. Ren et al., "Balanced meta-softmax for long-tailed visual recognition", NeurIPS
2020. CircuitGCL (S. Shen et al., 2025) uses both for parasitics.
"""

from __future__ import annotations

from typing import Final

import torch
from torch.nn import functional

__all__ = ["BINS", "balanced_softmax", "balanced_squares"]


BINS: Final = 100
"""Into which the scale is divided where the distribution of the targets is asked for."""


def balanced_squares(
    found: torch.Tensor, wanted: torch.Tensor, counts: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """Balanced mean squared error, a scalar: how well each prediction tells its own target from all others.

    Args:
        found: `m` predictions.
        wanted: `m` targets, in [0, 1].
        counts: `BINS`, how many targets of the data that is learned from lie in each part of [0, 1].
        noise: variance of predictions, a scalar that is learned with the network.
    """
    middles = (torch.arange(BINS) + 0.5) / BINS
    every = torch.log(counts / counts.sum()) - (found[:, None] - middles) ** 2 / (2 * noise)
    # a target is the middle of its part, too, or the loss had no lower bound
    own = (found - middles[(wanted * BINS).long().clamp(max=BINS - 1)]) ** 2 / (2 * noise)
    return (own + torch.logsumexp(every, dim=1)).mean() * (2 * noise).detach()


def balanced_softmax(logits: torch.Tensor, wanted: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of logits to which the logarithms of the frequencies were added, a scalar.

    Args:
        logits: `m x c`.
        wanted: `m` classes.
        counts: `c`, how often each class is in the data that is learned from.
    """
    return functional.cross_entropy(logits + torch.log(counts.clamp(min=0.5)), wanted)
