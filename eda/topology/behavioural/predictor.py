"""Gain, unity-gain frequency, phase margin and stability of behavioural op-amps, predicted by the two-level network.

Source: Dong et al., CktGNN, ICLR 2023 (property prediction). The exact solver takes half a millisecond an op-amp; a
prediction serves to choose among many candidates, and as the field's measure of a representation.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from eda.topology.behavioural.encoder import TwoLevelEncoder
from eda.topology.behavioural.encoding import NODES

__all__ = ["Predictor"]

_NORMAL: Final = 1.4826  # deviation of a normal distribution over the median of its amount
_UNLIKELY: Final = 1e-6  # least probability of a property, as errors have long tails
_STABLE_WEIGHT: Final = 0.3  # of stability beside the properties, in the loss


class Predictor(nn.Module):
    """Properties of op-amps.

    Args:
        outputs: how many properties there are.
        width: of hidden states.
        rounds: of messages between nodes.
        stability: whether one more output is the logit of stability.
    """

    def __init__(self, outputs: int = 3, width: int = 128, rounds: int = 4, *, stability: bool = True) -> None:
        super().__init__()
        self.outputs, self.stability = outputs, stability
        self.encoder = TwoLevelEncoder(width, rounds)
        self.head = nn.Sequential(
            nn.Linear(NODES * width, width), nn.SiLU(), nn.Dropout(0.1), nn.Linear(width, outputs + int(stability))
        )
        self.register_buffer("mean", torch.zeros(outputs))
        self.register_buffer("deviation", torch.ones(outputs))
        self.register_buffer("error", torch.ones(outputs))

    def scale_to(self, values: torch.Tensor) -> None:
        """Predict with the means and deviations of `n x outputs` values; NaN are left out."""
        columns = [column[~column.isnan()] for column in values.T]
        self.get_buffer("mean").copy_(torch.stack([column.mean() for column in columns]))
        self.get_buffer("deviation").copy_(torch.stack([column.std() for column in columns]))

    @torch.inference_mode()
    def learn_errors(self, rows: torch.Tensor, values: torch.Tensor) -> None:
        """Take the typical error from op-amps: the median of its amount, as the deviation of a normal distribution."""
        errors = (self(rows)[:, : self.outputs] - values).abs()
        self.get_buffer("error").copy_(errors.nanmedian(dim=0).values * _NORMAL)

    @torch.inference_mode()
    def within(self, rows: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
        """How likely the properties of op-amps are between bounds: `n` logarithms of probabilities.

        Args:
            rows: `n x 6 x 5` integers.
            low: `outputs` lower bounds, or `n` times as many; infinite ones hold always.
            high: upper bounds.
        """
        found = self(rows)[:, : self.outputs]
        error = self.get_buffer("error")
        share = torch.special.ndtr((high - found) / error) - torch.special.ndtr((low - found) / error)
        chance: torch.Tensor = share.clamp_min(_UNLIKELY).log().sum(dim=1)
        return chance

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """`n x outputs` properties of `n x 6 x 5` op-amps, in their units, and the logit of stability behind them."""
        found: torch.Tensor = self.head(self.encoder(rows))
        properties = found[:, : self.outputs] * self.get_buffer("deviation") + self.get_buffer("mean")
        return torch.cat((properties, found[:, self.outputs :]), dim=1)

    def loss(self, rows: torch.Tensor, values: torch.Tensor, stable: torch.Tensor | None = None) -> torch.Tensor:
        """What training makes small, a scalar.

        Args:
            rows: `n x 6 x 5` integers.
            values: `n x outputs` properties, NaN where there is none.
            stable: `n` truth values.
        """
        found = self(rows)
        wanted = (values - self.get_buffer("mean")) / self.get_buffer("deviation")
        guess = (found[:, : self.outputs] - self.get_buffer("mean")) / self.get_buffer("deviation")
        there = ~wanted.isnan()
        total = functional.mse_loss(guess[there], wanted[there])
        if stable is not None:
            logits = functional.binary_cross_entropy_with_logits(found[:, self.outputs], stable.float())
            total = total + _STABLE_WEIGHT * logits
        return total
