"""Metrics of one task, predicted from its design variables by an ensemble of neural networks.

Source: B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation using deep
ensembles", NeurIPS 2017: networks that differ in their initial weights and in the order of the data. Changed: they
share the data and predict means only, because simulations repeat; the spread of the members is scaled by what a part
of the data says that no member was trained on.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import save

from eda.errors import InputError
from eda.nn.threads import one_thread
from eda.nn.weights import load_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Ensemble", "Output"]

_COMMAND: Final = "eda train sizing TASK"
_WIDTH: Final = 64
_LAYERS: Final = 3
_BATCH: Final = 256
_STEPS: Final = 2000  # of the optimizer, whatever the amount of data
_RATE: Final = 3e-3
_DECAY: Final = 1e-5
_HELD_OUT: Final = 0.1
_LEAST_RANGE: Final = 0.1  # of the deviation of all data: what held-out data must at least differ by to be explained
_LEAST_SPREAD: Final = 0.25  # a member is never surer than this part of the error on held-out data


@dataclass(frozen=True, slots=True)
class Output:
    """One predicted quantity.

    Attributes:
        name: of the metric, or `guards` for the least margin of them.
        low: values below are not told apart.
        high: values above are not told apart.
        logarithmic: whether it is predicted in decades.
    """

    name: str
    low: float
    high: float
    logarithmic: bool = False

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values as they are predicted: clipped, in decades where logarithmic; NaN counts as the low end."""
        clipped = np.clip(np.nan_to_num(values, nan=self.low), self.low, self.high)
        return np.log10(clipped) if self.logarithmic else clipped


class Ensemble:
    """Networks that predict outputs from points of the unit cube.

    Args:
        outputs: what is predicted.
        state: weights and scales, as `fit` and `load` make them.
        card: what it was trained on, for `save`.
    """

    def __init__(self, outputs: Sequence[Output], state: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
        self.outputs, self.state, self.card = tuple(outputs), dict(state), dict(card)

    @classmethod
    def fit(
        cls,
        points: NDArray[np.float64],
        values: NDArray[np.float64],
        outputs: Sequence[Output],
        *,
        members: int = 5,
        seed: int = 0,
        card: Mapping[str, Any] | None = None,
    ) -> Ensemble:
        """Train on simulations.

        Args:
            points: `n x d` points in the unit cube.
            values: `n x c` values of the outputs, NaN where undefined.
            outputs: what the columns are.
            members: networks.
            seed: of weights, order and held-out part.
            card: what is to be remembered with it.

        Raises:
            InputError: there are too few simulations to hold some out.
        """
        if len(points) < 20:
            raise InputError(f"an ensemble needs 20 simulations at least, but got {len(points)}")
        scaled = np.column_stack([o.scaled(v) for o, v in zip(outputs, values.T, strict=True)])
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            state = _train(points, scaled, members)
        return cls(outputs, state, card or {})

    def predict(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each output, in decades where it is logarithmic.

        Args:
            points: `m x d` points in the unit cube.

        Returns:
            Two `m x c` arrays.
        """
        with torch.no_grad():
            inputs = torch.as_tensor(points, dtype=torch.float32)
            members = _forward(self.state, inputs) * self.state["deviation"] + self.state["mean"]
        found = members.double().numpy()
        spread = found.std(axis=0) * self.state["factor"].double().numpy()
        return found.mean(axis=0), np.hypot(spread, self.state["floor"].double().numpy())

    @property
    def errors(self) -> dict[str, float]:
        """By output, the coefficient of determination on the held-out part."""
        return {o.name: float(r) for o, r in zip(self.outputs, self.state["determination"], strict=True)}

    def save(self, path: Path) -> None:
        """Write weights (`PATH`, safetensors) and the card beside them (`.json`).

        Raises:
            InputError: a file cannot be written.
        """
        card = {**self.card, "outputs": [asdict(output) for output in self.outputs], "determination": self.errors}
        try:
            save_weights(path, save(self.state), card)
        except (OSError, SafetensorError) as error:
            raise InputError(f"cannot write the ensemble {path}: {getattr(error, 'strerror', error)}") from None

    @classmethod
    def load(cls, path: Path) -> Ensemble:
        """Read what `save` wrote; nothing in it is executed.

        Raises:
            InputError: a file is missing, or is no ensemble.
        """
        tensors, card = load_weights(path, _COMMAND)
        try:
            outputs = [Output(**output) for output in card["outputs"]]
            return cls(outputs, tensors, card)
        except (ValueError, KeyError, TypeError) as error:
            reason = f"its card lacks {error}" if isinstance(error, KeyError) else error
            raise InputError(f"{path} is no ensemble of eda ({reason}); train it: {_COMMAND}") from None


def _train(points: NDArray[np.float64], values: NDArray[np.float64], members: int) -> dict[str, torch.Tensor]:
    order = torch.randperm(len(points))
    held = max(2, int(_HELD_OUT * len(points)))
    inputs = torch.as_tensor(points, dtype=torch.float32)[order]
    targets = torch.as_tensor(values, dtype=torch.float32)[order]
    mean, deviation = targets[held:].mean(0), targets[held:].std(0).clamp_min(1e-6)
    scaled = (targets - mean) / deviation
    state = _initial(members, inputs.shape[1], targets.shape[1])
    parameters = [tensor.requires_grad_() for tensor in state.values()]
    optimizer = torch.optim.AdamW(parameters, lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=_STEPS)
    for _ in range(_STEPS):
        batch = held + torch.randint(len(inputs) - held, (members, min(_BATCH, len(inputs) - held)))
        loss = torch.nn.functional.smooth_l1_loss(_forward(state, inputs[batch]), scaled[batch], beta=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        optimizer.step()
        schedule.step()
    state = {name: tensor.detach() for name, tensor in state.items()}
    return (
        state
        | {"mean": mean, "deviation": deviation}
        | _calibration(state, inputs[:held], targets[:held], mean, deviation)
    )


def _calibration(
    state: Mapping[str, torch.Tensor],
    inputs: torch.Tensor,
    targets: torch.Tensor,
    mean: torch.Tensor,
    deviation: torch.Tensor,
) -> dict[str, torch.Tensor]:
    """How the spread of the members is to be scaled, and how well they do, by data that none of them was trained on."""
    with torch.no_grad():
        found = _forward(state, inputs) * deviation + mean
    error, spread = targets - found.mean(0), found.std(0, correction=0)
    factor = (error.abs() / spread.clamp_min(1e-9)).median(0).values / 0.6745  # a normal variable's median magnitude
    floor = _LEAST_SPREAD * error.abs().median(0).values / 0.6745
    total = ((targets - targets.mean(0)) ** 2).sum(0)
    total = torch.maximum(total, len(targets) * (_LEAST_RANGE * deviation) ** 2)
    return {
        "factor": factor.clamp(0.5, 5.0),
        "floor": floor.clamp_min(1e-9),
        "determination": 1 - (error**2).sum(0) / total,
    }


def _initial(members: int, dimension: int, outputs: int) -> dict[str, torch.Tensor]:
    sizes = [dimension, *[_WIDTH] * _LAYERS, outputs]
    state = {}
    for layer, (into, out) in enumerate(itertools.pairwise(sizes)):
        state[f"weight{layer}"] = torch.randn(members, into, out) * math.sqrt(2 / into)
        state[f"bias{layer}"] = torch.zeros(members, 1, out)
    return state


def _forward(state: Mapping[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
    """`members x m x c` scaled outputs, of `m x d` points or of `members x m x d` ones."""
    hidden = 2 * inputs - 1
    for layer in range(_LAYERS + 1):
        hidden = hidden @ state[f"weight{layer}"] + state[f"bias{layer}"]
        if layer < _LAYERS:
            hidden = torch.nn.functional.silu(hidden)
    return hidden
