"""Representations scattered over a hypersphere: what a network learns of circuits without any capacitance.

Source: D. He et al., "Exploitation of a latent mechanism in graph contrastive learning: representation scattering",
NeurIPS 2024, which CircuitGCL (S. Shen et al., 2025) takes over for circuits. A target encoder pushes the places of a
circuit away from their centre on the sphere; the network learns to predict its states from its own and their
neighbours', and the target follows the network slowly.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final

import torch
from torch import nn
from torch.nn import functional

from eda.nn.training import Schedule, train
from eda.parasitics.network import neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.parasitics.interconnect import Interconnect
    from eda.parasitics.network import ParasiticNetwork

__all__ = ["scatter_away", "scattered"]

_RATE: Final = 1e-3
_MOMENTUM: Final = 0.99


def scatter_away(states: torch.Tensor) -> torch.Tensor:
    """The loss of the target, a scalar in [-1, 0]: minus the mean squared distance from the centre on the sphere.

    Args:
        states: `n x width`.
    """
    units = functional.normalize(states, dim=1)
    return -((units - units.mean(0)) ** 2).sum(1).mean()


def scattered(
    network: ParasiticNetwork,
    circuit: Interconnect,
    *,
    rounds: int,
    seed: int,
    after: Callable[[int, float], None] | None = None,
) -> None:
    """Train the encoder of a network on a circuit, in place; capacitances are not looked at.

    Args:
        network: whose heads are left alone.
        circuit: to learn from.
        rounds: steps, each over the whole circuit.
        seed: of what is left out.
        after: called after each round with its number and loss.
    """
    pair = _Pair(network)

    def told(number: int, loss: float) -> None:
        pair.follow()
        if after:
            after(number, loss)

    train(pair, lambda _: [circuit], pair.loss, Schedule(rounds, rate=_RATE, decay=0.0), seed=seed, after=told)


class _Pair(nn.Module):
    """The network, and the target that it learns to predict."""

    def __init__(self, network: ParasiticNetwork) -> None:
        super().__init__()
        self.network, self.target = network, deepcopy(network)
        width = network.shape.width
        self.predict = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def loss(self, circuit: Interconnect) -> torch.Tensor:
        """Scattering of the target, and how far the prediction is off."""
        goal = self.target.encode(circuit)
        states = self.network.encode(circuit)
        found = self.predict(states + neighbours(circuit, states))
        return scatter_away(goal) - functional.cosine_similarity(found, goal.detach(), dim=1).mean()

    @torch.no_grad()
    def follow(self) -> None:
        """Move the target a little towards the network."""
        for own, other in zip(self.target.parameters(), self.network.parameters(), strict=True):
            own.lerp_(other, 1 - _MOMENTUM)
