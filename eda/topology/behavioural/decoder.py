"""From a latent vector back to op-amps: a distribution over the arrays of `encoding`, valid by construction.

Types, ends and values are drawn place by place: masks leave only what a place may have, so each draw is an op-amp. A
value is one of 101 steps, as a logistic distribution over them (T. Salimans et al., "PixelCNN++", ICLR 2017, eq. 2).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from eda.topology.behavioural.encoding import ENDS, KINDS, NODES, PLACES, STAGES
from eda.topology.behavioural.opamp import MAIN
from eda.topology.behavioural.subgraphs import LARGEST, SUBGRAPHS

__all__ = ["OpAmpDecoder"]

_VALUES: Final = 3  # gm, R, C
_MIDDLE: Final = 2  # node that an op-amp of two stages lacks
_SMALLEST: Final = -5.0  # logarithm of the scale of a value, in half-widths of the range


class OpAmpDecoder(nn.Module):
    """Latent vectors as distributions of op-amps.

    Args:
        latent: size of a vector.
        width: of hidden states.
    """

    def __init__(self, latent: int, width: int = 256) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(latent, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.place = nn.Parameter(0.1 * torch.randn(PLACES, width))
        self.kind = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, KINDS))
        self.chosen = nn.Embedding(KINDS, width)
        self.ends = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, len(ENDS)))
        self.between = nn.Embedding(len(ENDS), width)
        self.values = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * _VALUES))
        self.register_buffer("may", _may_have(), persistent=False)
        self.register_buffer("has", _has(), persistent=False)

    def log_likelihood(self, latent: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Of op-amps, given latent vectors: `n` values.

        Args:
            latent: `n x latent`.
            rows: `n x 6 x 5` integers.
        """
        states = self.trunk(latent)[:, None] + self.place
        kinds, ends, values = rows[..., 0], rows[..., 1], rows[..., 2:]
        log_kinds = self._kinds(states).log_softmax(-1).gather(-1, kinds[..., None])[..., 0]
        states = states + self.chosen(kinds)
        there = kinds[:, STAGES:] > 0
        log_ends = self._ends(states, _three(kinds)).log_softmax(-1).gather(-1, ends[:, STAGES:, None])[..., 0]
        means, scales = self.values(states + self.between(ends)).chunk(2, dim=-1)
        log_values = _logistic(values, means, scales) * self.get_buffer("has")[kinds]
        return log_kinds.sum(1) + (log_ends * there).sum(1) + log_values.sum((1, 2))

    def draw(
        self, latent: torch.Tensor, *, temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> torch.Tensor:
        """Op-amps of latent vectors: `n x 6 x 5` integers.

        Args:
            latent: `n x latent`.
            temperature: of the draw; the likeliest where it is 0.
            generator: of random numbers.
        """
        states = self.trunk(latent)[:, None] + self.place
        kinds = _drawn(self._kinds(states), temperature, generator)
        states = states + self.chosen(kinds)
        ends = torch.zeros_like(kinds)
        three = _three(kinds)
        ends[:, STAGES:] = _drawn(self._ends(states, three), temperature, generator) * (kinds[:, STAGES:] > 0)
        ends[:, :STAGES] = _stage_ends(three)
        means, scales = self.values(states + self.between(ends)).chunk(2, dim=-1)
        if temperature > 0:
            uniform = torch.rand(means.shape, generator=generator).clamp(1e-6, 1 - 1e-6).to(means.device)
            means = means + temperature * scales.clamp_min(_SMALLEST).exp() * torch.logit(uniform)
        middle = (LARGEST + 1) / 2
        steps = (middle + means * (LARGEST - 1) / 2).round().clamp(1, LARGEST).long()
        return _sorted(torch.cat((kinds[..., None], ends[..., None], steps * self.get_buffer("has")[kinds]), dim=-1))

    def _kinds(self, states: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.kind(states)
        return logits.masked_fill(~self.get_buffer("may"), -torch.inf)

    def _ends(self, states: torch.Tensor, three: torch.Tensor) -> torch.Tensor:
        """Logits of the ends of branches: `n x 3 x 6`."""
        logits: torch.Tensor = self.ends(states[:, STAGES:])
        middle = torch.tensor([_MIDDLE in pair for pair in ENDS], device=logits.device)
        return logits.masked_fill(~three[:, None, None] & middle, -torch.inf)


def _may_have() -> torch.Tensor:
    """Types that a place may have: `6 x KINDS`."""
    stage = torch.zeros(KINDS, dtype=torch.bool)
    stage[[kind - 1 for kind in MAIN]] = True
    last, branch = stage.clone(), torch.ones(KINDS, dtype=torch.bool)
    last[0] = True
    return torch.stack([stage, stage, last, branch, branch, branch])


def _has() -> torch.Tensor:
    """Which values a type has: `KINDS x 3`."""
    rows = [(row.sign != 0, row.has_r, row.has_c) for row in SUBGRAPHS[1:]]
    return torch.tensor(rows, dtype=torch.long)


def _three(kinds: torch.Tensor) -> torch.Tensor:
    return kinds[:, STAGES - 1] > 0


def _stage_ends(three: torch.Tensor) -> torch.Tensor:
    """Ends of the stages: in a row; the second of two leads to the output."""
    output = NODES - 1
    long = torch.tensor([ENDS.index((0, 1)), ENDS.index((1, 2)), ENDS.index((2, output))], device=three.device)
    short = torch.tensor([ENDS.index((0, 1)), ENDS.index((1, output)), 0], device=three.device)
    return torch.where(three[:, None], long, short)


def _drawn(logits: torch.Tensor, temperature: float, generator: torch.Generator | None) -> torch.Tensor:
    if temperature <= 0:
        return logits.argmax(-1)
    share = (logits / temperature).softmax(-1)
    return torch.multinomial(share.flatten(0, 1), 1, generator=generator)[:, 0].view(share.shape[:2])


def _logistic(values: torch.Tensor, means: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """Logarithm of the probability of steps."""
    middle, half = (LARGEST + 1) / 2, (LARGEST - 1) / 2
    rate = torch.exp(-scales.clamp_min(_SMALLEST))
    upper = ((values + 0.5 - middle) / half - means) * rate
    lower = ((values - 0.5 - middle) / half - means) * rate
    upper = torch.where(values >= LARGEST, torch.full_like(upper, 50.0), upper)
    lower = torch.where(values <= 1, torch.full_like(lower, -50.0), lower)
    inside = torch.log((torch.sigmoid(upper) - torch.sigmoid(lower)).clamp_min(1e-12))
    return torch.where(inside > -20, inside, -functional.softplus(((upper + lower) / 2).abs()))


def _sorted(rows: torch.Tensor) -> torch.Tensor:
    """Branches in the order of `encoding`, empty places last."""
    branches = rows[:, STAGES:]
    weights = torch.tensor([6 * 102**3, 102**3, 102**2, 102, 1], device=rows.device)
    key = (branches * weights).sum(-1)
    key = torch.where(branches[..., 0] > 0, key, torch.iinfo(torch.long).max)
    order = key.argsort(dim=1)
    sorted_branches = branches.gather(1, order[..., None].expand_as(branches))
    return torch.cat((rows[:, :STAGES], sorted_branches), dim=1)
