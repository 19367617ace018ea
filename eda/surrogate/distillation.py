"""One network that tells what an ensemble of them does, in a part of the time.

Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", 2015. The ensemble can be asked
about any design, so that the one network learns from many more than were simulated. Beside the mean of the members it
learns how far they are apart, of which the error of a prediction is guessed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch

from eda.nn.training import Schedule, train
from eda.surrogate.members import Members
from eda.surrogate.targets import counts_of, error_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.surrogate.targets import Targets

__all__ = ["distilled", "means_and_spreads"]

_BATCH: Final = 512
_STEPS: Final = 150  # a round
_RATE: Final = 1e-3
_MUON: Final = 4e-2
_DECAY: Final = 1e-4
_ANYWHERE, _KNOWN = 1 / 8, 1 / 8  # of the designs that are drawn; the others lie between ones that work
_STRIDE: Final = 0.7  # of the way between two designs, at most
_LEAST: Final = 0.01  # deviations: members that are nearer to each other are not told apart
_OF_SPREADS: Final = 0.02  # what an error in them counts, in factors of e


def distilled(ensemble: Members, targets: Targets, rounds: int, seed: int) -> Members:
    """A network of one member: means and spreads of all outputs, see `means_and_spreads`.

    It begins as the first member.

    Args:
        ensemble: that is asked, trained; its last output is the margins of the guards.
        targets: what it has learned: designs are drawn near them.
        rounds: of 150 steps.
        seed: of the draws.
    """
    torch.manual_seed(seed)
    network = Members(replace(ensemble.shape, members=1, outputs=2 * ensemble.shape.outputs))
    with torch.no_grad():
        for own, told in zip(network.parameters(), ensemble.parameters(), strict=True):
            first = told[:1] if told.dim() > 2 else told
            own[..., : first.shape[-1]] = first
    known, works = targets.inputs[targets.held :], targets.guarded[targets.held :]
    working = known[works] if works.any() else known

    def batches(number: int) -> Iterator[tuple[torch.Tensor, ...]]:
        generator = torch.Generator().manual_seed(1_000_003 * seed + number)
        for _ in range(_STEPS):
            inputs = _drawn(known, working, generator)
            with torch.no_grad():
                found = ensemble(inputs)
            mean = found.mean(0)
            spread = (found.std(0, correction=0) + _LEAST).log()
            counts = counts_of(mean[:, -1] * targets.deviation[-1] + targets.mean[-1], mean.shape[1])
            yield inputs, torch.hstack((mean, spread)), torch.hstack((counts, _OF_SPREADS * counts))

    def loss(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        inputs, wanted, counts = batch
        return error_of(network(inputs)[0], wanted, counts)

    train(network, batches, loss, Schedule(rounds, rate=_RATE, decay=_DECAY, muon=_MUON), seed=seed,
          hidden=network.hidden)  # fmt: skip
    return network


def means_and_spreads(network: Members, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What a distilled network says of designs, `n x c` each.

    Args:
        network: of `distilled`.
        inputs: `n x d` points in [-1, 1].
    """
    mean, spread = network(inputs)[0].chunk(2, dim=-1)
    return mean, spread.exp()


def _drawn(known: torch.Tensor, working: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Designs anywhere, known ones, and ones that work moved by a part of the difference of two others.

    Args:
        known: `n x d`.
        working: those of them that work, `m x d`.
        generator: draws them.
    """
    anywhere, some = round(_ANYWHERE * _BATCH), round(_KNOWN * _BATCH)
    points = [2 * torch.rand(anywhere, known.shape[1], generator=generator) - 1]
    points.append(known[torch.randint(len(known), (some,), generator=generator)])
    rows = torch.randint(len(working), (3, _BATCH - anywhere - some), generator=generator)
    one, other, third = working[rows]
    moved = one + _STRIDE * torch.rand(len(one), 1, generator=generator) * (other - third)
    moved = torch.where(moved.abs() > 1, moved.sign() * 2 - moved, moved)  # back in where it came out
    return torch.cat((*points, moved.clamp(-1, 1)))
