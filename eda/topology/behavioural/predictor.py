"""Gain, unity-gain frequency, phase margin and stability of behavioural op-amps, predicted from their nodal equations.

Source: Dong et al., CktGNN, ICLR 2023 (property prediction). Changed: what a network is shown are the sums between
nodes, not blocks; and gain, which alone has nothing to do with phases, has a network of its own. The exact solver takes
half a millisecond an op-amp; a prediction serves to choose among many candidates, and as the field's measure of a
representation.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from eda.topology.behavioural.encoder import two_layers
from eda.topology.behavioural.encoding import ENDS, NODES, STAGES
from eda.topology.behavioural.nodal import FEATURES, NodalEncoder, nodal_features, outputs_into

__all__ = ["Predictor"]

_NORMAL: Final = 1.4826  # deviation of a normal distribution over the median of its amount
_UNLIKELY: Final = 1e-6  # least probability of a property, as errors have long tails
_STABLE_WEIGHT: Final = 0.3  # of stability beside the properties, in the loss
_OUTPUTS: Final = 3
_GAIN_WIDTH: Final = 192


class Predictor(nn.Module):
    """Properties of op-amps.

    Args:
        width: of hidden states.
        rounds: of messages between nodes.
    """

    outputs: Final = _OUTPUTS
    """How many properties there are; the logit of stability is behind them."""

    def __init__(self, width: int = 128, rounds: int = 4) -> None:
        super().__init__()
        self.encoder = NodalEncoder(width, rounds)
        self.head = nn.Sequential(
            nn.Linear(NODES * width, width), nn.SiLU(), nn.Dropout(0.1), nn.Linear(width, _OUTPUTS)
        )  # all but the gain, and stability
        self.gain = _Residual(len(ENDS) * FEATURES + NODES + STAGES - 1, _GAIN_WIDTH)
        self.register_buffer("mean", torch.zeros(_OUTPUTS))
        self.register_buffer("deviation", torch.ones(_OUTPUTS))
        self.register_buffer("error", torch.ones(_OUTPUTS))

    def scale_to(self, values: torch.Tensor) -> None:
        """Predict with the means and deviations of `n x 3` values; NaN are left out."""
        columns = [column[~column.isnan()] for column in values.T]
        self.get_buffer("mean").copy_(torch.stack([column.mean() for column in columns]))
        self.get_buffer("deviation").copy_(torch.stack([column.std() for column in columns]))

    @torch.inference_mode()
    def learn_errors(self, rows: torch.Tensor, values: torch.Tensor) -> None:
        """Take the typical error from op-amps: the median of its amount, as the deviation of a normal distribution."""
        errors = (self(rows)[:, :_OUTPUTS] - values).abs()
        self.get_buffer("error").copy_(errors.nanmedian(dim=0).values * _NORMAL)

    @torch.inference_mode()
    def within(self, rows: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
        """How likely the properties of op-amps are between bounds: `n` logarithms of probabilities.

        Args:
            rows: `n x 6 x 5` integers.
            low: 3 lower bounds, or `n` times as many; infinite ones hold always.
            high: upper bounds.
        """
        found = self(rows)[:, :_OUTPUTS]
        error = self.get_buffer("error")
        share = torch.special.ndtr((high - found) / error) - torch.special.ndtr((low - found) / error)
        chance: torch.Tensor = share.clamp_min(_UNLIKELY).log().sum(dim=1)
        return chance

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """`n x 3` properties of `n x 6 x 5` op-amps, in their units, and the logit of stability behind them."""
        stages = (rows[:, 1:STAGES, 0] > 0).float()
        gain = self.gain(torch.cat((nodal_features(rows).flatten(1), outputs_into(rows), stages), dim=1))
        found = torch.cat((gain, self.head(self.encoder(rows))), dim=1)
        properties = found[:, :_OUTPUTS] * self.get_buffer("deviation") + self.get_buffer("mean")
        return torch.cat((properties, found[:, _OUTPUTS:]), dim=1)

    def loss(self, rows: torch.Tensor, values: torch.Tensor, stable: torch.Tensor | None = None) -> torch.Tensor:
        """What training makes small, a scalar.

        Args:
            rows: `n x 6 x 5` integers.
            values: `n x 3` properties, NaN where there is none.
            stable: `n` truth values.
        """
        found = self(rows)
        wanted = (values - self.get_buffer("mean")) / self.get_buffer("deviation")
        guess = (found[:, :_OUTPUTS] - self.get_buffer("mean")) / self.get_buffer("deviation")
        there = ~wanted.isnan()
        total = functional.mse_loss(guess[there], wanted[there])
        if stable is not None:
            logits = functional.binary_cross_entropy_with_logits(found[:, _OUTPUTS], stable.float())
            total = total + _STABLE_WEIGHT * logits
        return total


class _Residual(nn.Module):
    """A network of three residual blocks, to one output."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(nn.Sequential(nn.LayerNorm(width), two_layers(width, width)) for _ in range(3))
        self.last = nn.Linear(width, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        states = self.first(features)
        for block in self.blocks:
            states = states + block(states)
        found: torch.Tensor = self.last(states)
        return found
