"""A variational autoencoder of behavioural op-amps, conditioned on specifications.

Sources: D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014; Dong et al., CktGNN, ICLR 2023
(op-amps); Hou et al., "CktGen: Automated analog circuit design with generative artificial intelligence", Engineering
2025: encoders of circuits and specifications into one latent space, aligned by contrast, in which pairs of one
specification are no negatives, and by a classifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from eda.topology.behavioural.decoder import OpAmpDecoder
from eda.topology.behavioural.encoder import TwoLevelEncoder
from eda.topology.behavioural.specification import BINS

__all__ = ["CircuitVAE", "VAEShape"]

_KL: Final = 5e-3  # weight of the divergence, as CktGNN has it
_ALIGNED: Final = 1.0  # weight of the divergence between what circuits and specifications are encoded to
_CONTRAST: Final = 0.1
_CLASSES: Final = 0.5
_TEMPERATURE: Final = 0.1  # of the contrast


@dataclass(frozen=True, slots=True)
class VAEShape:
    """The size of an autoencoder.

    Attributes:
        latent: size of a latent vector.
        width: of hidden states.
        rounds: of messages between nodes.
    """

    latent: int = 64
    width: int = 128
    rounds: int = 4


class CircuitVAE(nn.Module):
    """Encoders of op-amps and specifications, and one decoder.

    Args:
        shape: its size.
    """

    def __init__(self, shape: VAEShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or VAEShape()
        self.encoder = TwoLevelEncoder(shape.width, shape.rounds)
        self.posterior = nn.Linear(4 * shape.width, 2 * shape.latent)
        self.decoder = OpAmpDecoder(shape.latent, 2 * shape.width)
        self.bins = nn.ModuleList(nn.Embedding(count, shape.width) for count in BINS)
        self.prior = nn.Sequential(
            nn.Linear(shape.width * len(BINS), 2 * shape.width),
            nn.SiLU(),
            nn.Linear(2 * shape.width, 2 * shape.width),
            nn.SiLU(),
            nn.Linear(2 * shape.width, 2 * shape.latent),
        )
        self.classes = nn.ModuleList(nn.Linear(shape.latent, count) for count in BINS)

    def encode(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and logarithm of the variance of the latent vectors of op-amps, each `n x latent`."""
        mean, spread = self.posterior(self.encoder(rows)).chunk(2, dim=-1)
        return mean, spread.clamp(-10, 4)

    def encode_bins(self, bins: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same of specifications, `n x 3` numbers of bins."""
        states = torch.cat([bin_of(bins[:, place]) for place, bin_of in enumerate(self.bins)], dim=-1)
        mean, spread = self.prior(states).chunk(2, dim=-1)
        return mean, spread.clamp(-10, 4)

    def loss(self, rows: torch.Tensor, bins: torch.Tensor | None = None) -> torch.Tensor:
        """What training makes small, a scalar.

        Args:
            rows: `n x 6 x 5` integers.
            bins: `n x 3` numbers of bins; negative ones where an op-amp has no specification.
        """
        mean, spread = self.encode(rows)
        latent = _sampled(mean, spread)
        divergence = -0.5 * (1 + spread - mean**2 - spread.exp()).sum(-1)
        total: torch.Tensor = (_KL * divergence - self.decoder.log_likelihood(latent, rows)).mean()
        if bins is None:
            return total
        some = (bins >= 0).all(dim=-1)
        if not some.any():
            return total
        mean, spread, latent, bins, rows = mean[some], spread[some], latent[some], bins[some], rows[some]
        other_mean, other_spread = self.encode_bins(bins)
        ratio = spread - other_spread
        gap = (mean - other_mean) ** 2 / other_spread.exp()
        total = total + _KL * _ALIGNED * 0.5 * (ratio.exp() + gap - 1 - ratio).sum(-1).mean()
        total = total + _CONTRAST * _contrast(mean, other_mean, bins)
        for place, classifier in enumerate(self.classes):
            guess = functional.cross_entropy(classifier(latent), bins[:, place])
            total = total + _CLASSES * guess
        return total


def _sampled(mean: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
    return mean + torch.randn_like(mean) * torch.exp(spread / 2)


def _contrast(circuits: torch.Tensor, specifications: torch.Tensor, bins: torch.Tensor) -> torch.Tensor:
    """Each circuit with its specification against the others; those of the same bins are left out."""
    near = functional.normalize(circuits, dim=-1) @ functional.normalize(specifications, dim=-1).T / _TEMPERATURE
    same = (bins[:, None] == bins[None]).all(-1)
    same.fill_diagonal_(fill_value=False)
    near = near.masked_fill(same, -torch.inf)
    each = torch.arange(len(near), device=near.device)
    return (functional.cross_entropy(near, each) + functional.cross_entropy(near.T, each)) / 2
