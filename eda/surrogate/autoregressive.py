"""A transformer that predicts the metrics of a design one after the other, the cheap ones first.

Source: S. Poddar et al., "INSIGHT: universal neural simulator for analog circuits harnessing autoregressive
transformers", 2024. A metric is predicted from the design and the metrics before it: from its own predictions of them,
or from values that were measured, so that a cheap analysis helps to predict an expensive one. Changed: metrics are
numbers, not words of a vocabulary.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn

from eda.errors import InputError, require_known
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train
from eda.surrogate.quantities import unscaled
from eda.surrogate.targets import Targets, error_of
from eda.surrogate.transistors import Kind, Transistors, kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem
    from eda.surrogate.quantities import Quantity
    from eda.surrogate.samples import Samples

__all__ = ["Autoregressive", "SequenceShape"]

_BATCH: Final = 256
_STEPS: Final = 100  # a round
_RATE: Final = 2e-3
_MUON: Final = 2e-2
_DECAY: Final = 1e-3


@dataclass(frozen=True, slots=True)
class SequenceShape:
    """The size of the transformer.

    Attributes:
        inputs: variables of a design.
        outputs: metrics.
        width: of its states; four heads divide it.
        layers: of attention.
        kinds: transistors whose sizes the variables are.
    """

    inputs: int
    outputs: int
    width: int = 64
    layers: int = 2
    kinds: Sequence[Kind] = ()


class _Decoder(nn.Module):
    """Attention over a design and the metrics before the one that is predicted."""

    def __init__(self, shape: SequenceShape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        transistors = Transistors(shape.kinds)
        self.design = nn.Sequential(
            transistors, nn.Linear(shape.inputs + transistors.features, 2 * width), nn.SiLU(),
            nn.Linear(2 * width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width),
        )  # fmt: skip
        self.value, self.unknown = (nn.Parameter(0.1 * torch.randn(shape.outputs, width)) for _ in range(2))
        self.place = nn.Parameter(0.1 * torch.randn(shape.outputs + 1, width))
        layer = nn.TransformerEncoderLayer(
            width, 4, 2 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )  # fmt: skip
        self.layers = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), nn.Linear(width, 1)) for _ in range(shape.outputs)
        )

    def forward(self, points: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """What comes after each beginning of a sequence.

        Args:
            points: `n x inputs`, in [-1, 1].
            values: `n x k` of the first metrics, scaled, NaN where unknown; `k < outputs` or all.

        Returns:
            `n x (k + 1)` predictions, of all metrics at most.
        """
        known = torch.isfinite(values)[..., None]
        count = values.shape[1]
        told = torch.where(known, torch.nan_to_num(values)[..., None] * self.value[:count], self.unknown[:count])
        design = self.design(points)
        tokens = torch.cat((design[:, None], told), dim=1)[:, : self.shape.outputs]
        length = tokens.shape[1]
        mask = torch.full((length, length), -torch.inf).triu(1)
        states = self.layers(tokens + self.place[:length], mask=mask, is_causal=True)
        # a design's own state beside that of the sequence: what does not need the metrics before need not pass them
        both = torch.cat((states, design[:, None].expand_as(states)), dim=2)
        return torch.cat([self.heads[at](both[:, at]) for at in range(length)], dim=1)

    @property
    def hidden(self) -> list[nn.Parameter]:
        """Matrices that neither see designs and values, nor give metrics."""
        ends = (
            "value",
            "unknown",
            "place",
            "design.0.",
            "design.1.",
            *(f"heads.{at}.2." for at in range(self.shape.outputs)),
        )
        return [one for name, one in self.named_parameters() if one.dim() == 2 and not name.startswith(ends)]


class Autoregressive:
    """Predicts metrics in their order.

    Args:
        network: trained.
        quantities: the metrics, the cheap ones first.
        scales: `mean` and `deviation`, a value for each metric.
    """

    def __init__(self, network: _Decoder, quantities: Sequence[Quantity], scales: Mapping[str, torch.Tensor]) -> None:
        self.network, self.quantities, self.scales = network.eval(), tuple(quantities), dict(scales)

    @classmethod
    def fit(
        cls,
        problem: SizingProblem,
        samples: Samples,
        *,
        rounds: int = 60,
        seed: int = 0,
        state: Path | None = None,
    ) -> Autoregressive:
        """Train on simulations.

        Args:
            problem: that was simulated.
            samples: its designs, with the cheap metrics first.
            rounds: of 100 steps.
            seed: of weights, order and held-out part.
            state: file where training is kept, so that it can be stopped.

        Raises:
            InputError: hardly any design works and has a metric.
        """
        quantities = samples.quantities(problem)
        targets = Targets.of(samples, quantities, None, seed)
        shape = SequenceShape(samples.points.shape[1], len(quantities), kinds=kinds_of(problem))
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = _Decoder(shape)

            def batches(number: int) -> Iterator[tuple[torch.Tensor, ...]]:
                generator = torch.Generator().manual_seed(1_000_003 * seed + number)
                for _ in range(_STEPS):
                    yield targets.batch((_BATCH,), generator)

            def loss(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
                inputs, wanted, counts = batch
                return error_of(network(inputs, wanted), wanted, counts)

            @torch.inference_mode()
            def held_out() -> float:
                held = slice(targets.held)
                return float(loss((targets.inputs[held], targets.scaled[held], targets.counts[held])))

            train(
                network, batches, loss, Schedule(rounds, rate=_RATE, decay=_DECAY, muon=_MUON), seed=seed,
                hidden=network.hidden, held_out=held_out, state=state,
                about={"targets": targets.digest(), "shape": asdict(shape)},
            )  # fmt: skip
        return cls(network, quantities, {"mean": targets.mean, "deviation": targets.deviation})

    def predict(
        self, points: NDArray[np.float64], measured: Mapping[str, NDArray[np.float64]] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Metrics of designs, `n` values each in its unit.

        Args:
            points: `n x d` points in the unit cube.
            measured: values of some metrics, which need not be predicted, and help to predict those after them.

        Raises:
            InputError: points have another number of variables, or there is no such metric.
        """
        names = [one.name for one in self.quantities]
        measured = measured or {}
        require_known("metric", measured, names)
        points = np.asarray(points, dtype=np.float64)
        wanted = self.network.shape.inputs
        if points.ndim != 2 or points.shape[1] != wanted:
            raise InputError(f"points must be n x {wanted}, but got {' x '.join(map(str, points.shape))}")
        known = {
            at: (torch.as_tensor(one.scaled(np.asarray(measured[one.name], dtype=np.float64)), dtype=torch.float32)
                 - self.scales["mean"][at]) / self.scales["deviation"][at]
            for at, one in enumerate(self.quantities) if one.name in measured
        }  # fmt: skip
        scaled = self._follow(2 * torch.as_tensor(points, dtype=torch.float32) - 1, known)
        scaled = scaled * self.scales["deviation"] + self.scales["mean"]
        columns = unscaled(self.quantities, scaled.double()).numpy().T
        return {one.name: column for one, column in zip(self.quantities, columns, strict=True)}

    @torch.inference_mode()
    def _follow(self, points: torch.Tensor, known: Mapping[int, torch.Tensor]) -> torch.Tensor:
        """`n x outputs` scaled values, one after the other; measured ones stand for predictions."""
        values = points.new_empty(len(points), 0)
        for at in range(self.network.shape.outputs):
            value = known[at] if at in known else self.network(points, values)[:, at]
            values = torch.cat((values, value[:, None]), dim=1)
        return values
