"""What networks learn of simulated designs: metrics scaled by those of working circuits, which count most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from eda.nn.weights import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.surrogate.quantities import Quantity
    from eda.surrogate.samples import Samples

__all__ = ["Targets", "counts_of", "error_of"]

_HELD_OUT: Final = 0.1  # of the designs: not learned from, they say how wide intervals must be
_COVERAGE: Final = 0.9
_FADE: Final = 1.0  # margins below 0 at which a design counts less by a factor of e
_FAR: Final = 5.0  # deviations of working designs: what lies further is not told apart
_JUDGED: Final = 10  # working designs, for widths of intervals to be theirs


@dataclass(frozen=True, slots=True)
class Targets:
    """`n` designs in the order in which they are used: those that are held out come first.

    Attributes:
        inputs: `n x d` points in [-1, 1].
        scaled: `n x c` targets, in deviations from the mean of working designs, NaN where undefined.
        counts: `n x c`: what each counts.
        guarded: `n` booleans: where every guard holds.
        mean: `c` means of working designs that are learned from.
        deviation: `c` deviations.
        held: how many are held out.
    """

    inputs: torch.Tensor
    scaled: torch.Tensor
    counts: torch.Tensor
    guarded: torch.Tensor
    mean: torch.Tensor
    deviation: torch.Tensor
    held: int

    @classmethod
    def of(cls, samples: Samples, quantities: Sequence[Quantity], guards: Quantity | None, seed: int) -> Targets:
        """Scale what was simulated.

        Metrics count, and are scaled, by circuits that work: the less, the further a design is from working. How far
        that is counts everywhere.

        Args:
            samples: simulated designs.
            quantities: their metrics.
            guards: the margins, when they are to be learned as well; they are the last target then.
            seed: of the order.
        """
        order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
        held = max(10, round(_HELD_OUT * len(samples)))
        inputs = (2 * torch.as_tensor(samples.points, dtype=torch.float32) - 1)[order]
        margins = torch.as_tensor(samples.margins, dtype=torch.float32)[order]
        columns = [samples.scaled(quantities)] + ([guards.scaled(samples.margins)[:, None]] if guards else [])
        targets = torch.as_tensor(np.hstack(columns), dtype=torch.float32)[order]
        counts = counts_of(margins, targets.shape[1], guards=guards is not None)
        typical = torch.where(margins[:, None] >= 0, targets, torch.nan)
        if guards:
            typical[:, -1] = targets[:, -1]
        mean = torch.nanmean(typical[held:], 0)
        deviation = torch.nanmean((typical[held:] - mean) ** 2, 0).sqrt().clamp(min=1e-9)
        scaled = ((targets - mean) / deviation).clamp(-_FAR, _FAR)
        return cls(inputs, scaled, counts, margins >= 0, mean, deviation, held)

    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell them from others."""
        return digest({"inputs": self.inputs, "scaled": self.scaled, "counts": self.counts})

    @property
    def judged(self) -> torch.Tensor:
        """Rows of the held-out designs that intervals go by: those that work, or all where hardly any do."""
        working = torch.nonzero(self.guarded[: self.held]).flatten()
        return working if len(working) >= _JUDGED else torch.arange(self.held)

    @property
    def judges(self) -> str:
        """What these are, in words."""
        working = bool(self.guarded[self.judged].all())
        return f"{len(self.judged)} {'working designs' if working else 'designs, working or not'}"

    def widths(self, errors: torch.Tensor) -> torch.Tensor:
        """`c` values that nine in ten errors of new designs should not exceed, by as many of `k` and one.

        Args:
            errors: `k x c` of designs that were held out, NaN where unknown.
        """
        shares = (_COVERAGE * (1 + 1 / (~torch.isnan(errors)).sum(0))).clamp(max=1)
        return torch.stack([
            torch.nanquantile(column, share, interpolation="higher")
            for column, share in zip(errors.T, shares.to(errors.dtype), strict=True)
        ])  # fmt: skip

    def batch(self, shape: Sequence[int], generator: torch.Generator) -> tuple[torch.Tensor, ...]:
        """Inputs, targets and what these count, of designs that are drawn.

        Args:
            shape: of the batch, before that of a design.
            generator: draws them.
        """
        rows = self.held + torch.randint(len(self.inputs) - self.held, tuple(shape), generator=generator)
        return self.inputs[rows], self.scaled[rows], self.counts[rows]


def counts_of(margins: torch.Tensor, targets: int, *, guards: bool = True) -> torch.Tensor:
    """What each target of each design counts, `n x targets`: the less, the further the design is from working.

    Args:
        margins: `n` least margins of the guards.
        targets: how many there are.
        guards: whether the last one is the margins themselves, which count everywhere.
    """
    counts = torch.exp(margins.clamp(max=0) / _FADE)[:, None].repeat(1, targets)
    if guards:
        counts[:, -1] = 1
    return counts


def error_of(found: torch.Tensor, targets: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """What training makes small, a scalar: errors, absolute where they are large; unknown targets do not count.

    Args:
        found: `... x c` predictions.
        targets: as many, NaN where unknown.
        counts: what each counts.
    """
    known = ~torch.isnan(targets)
    errors = functional.smooth_l1_loss(found[known], targets[known], beta=0.1, reduction="none")
    return (errors * counts[known]).mean()
