"""A surrogate of one circuit: metrics predicted from sizes, with what is known of the error.

An ensemble of networks learns from simulations; what is kept is one network that has learned from the ensemble.

Source: B. Lakshminarayanan, A. Pritzel, C. Blundell, NeurIPS 2017 (ensembles of networks); V. Vovk et al., "Algorithmic
learning in a random world", 2005 (intervals that are as wide as errors on held-out data ask for).
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from safetensors.torch import save

from eda.errors import InputError, did_you_mean
from eda.netlist import Variable
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train
from eda.nn.weights import digest, load_weights, save_weights
from eda.problem import DesignSpace
from eda.surrogate.distillation import distilled, means_and_spreads
from eda.surrogate.members import Members, MembersShape
from eda.surrogate.quantities import GUARDS, Quantity, determination, identity, unscaled
from eda.surrogate.targets import Targets, error_of
from eda.surrogate.transistors import kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem
    from eda.surrogate.samples import Samples

__all__ = ["FORMAT", "Prediction", "Surrogate"]

_COMMAND: Final = "eda train surrogate TASK"
FORMAT: Final = 4
"""Of files, and of what is learned: raised with either."""

_BATCH: Final = 512
_STEPS: Final = 150  # a round
_ROUNDS: Final = 60
_DISTILLED: Final = 3  # rounds of an ensemble for one of the network that learns from it
_RATE: Final = 3e-3
_MUON: Final = 1.6e-1
_DECAY: Final = 1e-4
_SCALES: Final = ("mean", "deviation", "floor", "width")
_NORMAL: Final = 1.645  # deviations of a normal variable that hold 90 %
_LEAST: Final = 50  # simulations
_ROUNDING: Final = 1e-9
_AT_ONCE: Final = 1_000  # designs, so that what they take stays in caches


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is thought of `n` designs.

    Attributes:
        values: by metric `n` values in its unit, for circuits that work and of which the metric is defined.
        low: lower ends of intervals that hold 90 % of the values, `n` each.
        high: upper ends.
        margins: `n` least margins of the guards.
        beyond: how far `n` designs lie outside of the space that was learned, in parts of the range of the variable
            that is furthest out; 0 within it.
    """

    values: Mapping[str, NDArray[np.float64]]
    low: Mapping[str, NDArray[np.float64]]
    high: Mapping[str, NDArray[np.float64]]
    margins: NDArray[np.float64]
    beyond: NDArray[np.float64] = field(repr=False)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """`n` booleans: whether a design lies in the space that was learned; elsewhere nothing is known."""
        return np.asarray(self.beyond <= _ROUNDING)


class Surrogate:
    """Predicts the metrics of a circuit in one technology.

    Args:
        network: of `distilled`; inputs are points of the unit cube, stretched to [-1, 1].
        scales: `mean`, `deviation` (of the quantities) and `width` (of the intervals, in spreads of the ensemble and a
            part that is always there, `floor`), `c` values each.
        card: what it was trained on.
    """

    def __init__(self, network: Members, scales: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
        self.network, self.scales, self.card = network.eval(), dict(scales), dict(card)
        self.quantities = tuple(Quantity(**one) for one in self.card["quantities"])
        self.space = DesignSpace(tuple(Variable(**one) for one in self.card["variables"]))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that it predicts."""
        return tuple(one.name for one in self.quantities if one.name != GUARDS)

    @classmethod
    def load(cls, path: Path, problem: SizingProblem | None = None) -> Surrogate:
        """Read what `save` wrote; nothing in it is executed.

        Args:
            path: of the weights.
            problem: that it is to be used for.

        Raises:
            InputError: a file is missing or damaged, or it is a surrogate of another circuit, technology or testbench.
        """
        tensors, card = load_weights(path, _COMMAND)
        try:
            if card["format"] != FORMAT:
                raise KeyError("format")  # noqa: TRY301 - told below
            network = Members(MembersShape.read(card["shape"]))
            scales = {name.removeprefix("scales/"): one for name, one in tensors.items() if name.startswith("scales/")}
            network.load_state_dict({name: one for name, one in tensors.items() if not name.startswith("scales/")})
            found = cls(network, {name: scales[name] for name in _SCALES}, card)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"{path} must be a surrogate of this version, but {error}; train it: {_COMMAND}") from None
        if problem is not None:
            found.require(problem, str(path))
        return found

    def require(self, problem: SizingProblem, name: str = "the surrogate") -> None:
        """Check that it was trained for a problem; specs may differ.

        Args:
            problem: where it is to be used.
            name: of the surrogate, for the message.

        Raises:
            InputError: it is of another circuit, technology, testbench or condition.
        """
        then, now = self.card["problem"], identity(problem)
        different = [key for key in now if now[key] != then.get(key)]
        if different:
            told = "; ".join(f"{key}: {str(then.get(key))[:60]} there, {str(now[key])[:60]} here" for key in different)
            raise InputError(f"{name} was trained for another problem ({told}); train one: {_COMMAND}")

    def save(self, path: Path) -> None:
        """Write weights, and the card beside them (`.json`).

        Raises:
            InputError: a file cannot be written.
        """
        tensors = {name: one.contiguous() for name, one in self.network.state_dict().items()}
        tensors |= {f"scales/{name}": one for name, one in self.scales.items()}
        card = {**self.card, "format": FORMAT, "shape": asdict(self.network.shape)}
        try:
            save_weights(path, save(tensors), card)
        except OSError as error:
            raise InputError(f"cannot write the surrogate {path}: {error.strerror}") from None

    @classmethod
    def fit(
        cls,
        problem: SizingProblem,
        samples: Samples,
        *,
        members: int = 3,
        rounds: int = _ROUNDS,
        seed: int = 0,
        state: Path | None = None,
    ) -> Surrogate:
        """Train on simulations.

        Args:
            problem: that was simulated.
            samples: its designs; nothing is learned from undefined values.
            members: networks of the ensemble.
            rounds: of 150 steps, and a third as many to learn from the ensemble.
            seed: of weights, order and held-out part.
            state: file where training is kept, so that it can be stopped.

        Raises:
            InputError: there are too few simulations, or hardly any of working circuits.
        """
        if len(samples) < _LEAST:
            raise InputError(f"a surrogate needs {_LEAST} simulations at least, but got {len(samples)}")
        metrics, guards = samples.quantities(problem), Quantity(GUARDS, "1", -1.0, 1.0)
        quantities = [*metrics, guards]
        targets = Targets.of(samples, metrics, guards, seed)
        shape = MembersShape(samples.points.shape[1], len(quantities), members, kinds=kinds_of(problem))
        with one_thread(), torch.random.fork_rng(devices=[]):
            network, scales, told = _trained(targets, shape, rounds, seed, state)
        about = {
            "problem": identity(problem),
            "variables": [asdict(one) for one in problem.space.variables],
            "quantities": [asdict(one) for one in quantities],
            "simulations": len(samples),
            "working": int(samples.guarded.sum()),
            "seed": seed,
            "members": members,
            **told,
            "determination": dict(zip((one.name for one in quantities), told["determination"], strict=True)),
        }
        return cls(network, scales, about)

    @torch.inference_mode()
    def predict(self, points: NDArray[np.float64]) -> Prediction:
        """Metrics of designs.

        Args:
            points: `n x d` points in the unit cube of `space`.

        Raises:
            InputError: they have another number of variables.
        """
        parts = []
        for mean, width in self._predicted(points):
            ends = unscaled(self.quantities, torch.stack((mean - width, mean, mean + width)))
            parts.append(torch.cat((ends, mean[None])))
        *sides, scaled = torch.cat(parts, dim=1).double().numpy()
        named = {one.name: place for place, one in enumerate(self.quantities) if one.name != GUARDS}
        low, values, high = ({name: one[:, place] for name, place in named.items()} for one in sides)
        points = np.asarray(points)
        beyond = np.maximum(-points, points - 1).clip(min=0).max(axis=1, initial=0)
        return Prediction(values, low, high, scaled[:, -1], beyond)

    @torch.inference_mode()
    def scaled(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations of all quantities as they are predicted, `n x c` each: see `Quantity`.

        Args:
            points: `n x d` points in the unit cube of `space`.

        Raises:
            InputError: they have another number of variables.
        """
        mean, width = (torch.cat(some).double().numpy() for some in zip(*self._predicted(points), strict=True))
        return mean, width / _NORMAL

    def _predicted(self, points: NDArray[np.float64]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Means and halves of the intervals as they are predicted, `n x c` each, some designs at a time.

        Nothing is less sure than it would be without any network: from the deviation of designs that work. Otherwise
        a search would go where circuits are dead, and nothing was learned, because all seems possible there.
        """
        points = np.asarray(points, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != self.space.dimension:
            raise InputError(f"points must be n x {self.space.dimension}, but got {' x '.join(map(str, points.shape))}")
        for start in range(0, max(1, len(points)), _AT_ONCE):
            inputs = 2 * torch.as_tensor(points[start : start + _AT_ONCE], dtype=torch.float32) - 1
            mean, spread = means_and_spreads(self.network, inputs)
            deviation = self.scales["deviation"]
            width = ((spread + self.scales["floor"]) * self.scales["width"]).clamp(max=_NORMAL)
            yield mean * deviation + self.scales["mean"], width * deviation

    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell it from others."""
        return digest({**self.network.state_dict(), **self.scales})

    def predict_designs(self, designs: Sequence[Mapping[str, float]]) -> Prediction:
        """Metrics of designs, values by variable name, SI; `Prediction.beyond` says how far outside they lie.

        Raises:
            InputError: a variable is missing, or is not above 0 though it is logarithmic.
        """
        for design in designs:
            for variable in self.space.variables:
                if variable.name not in design:
                    raise InputError(f"a design lacks {variable.name!r}. {did_you_mean(variable.name, design)}")
        points = [self.space.encode(design, beyond=True) for design in designs]
        return self.predict(np.array(points).reshape(len(designs), self.space.dimension))


def _trained(
    targets: Targets, shape: MembersShape, rounds: int, seed: int, state: Path | None
) -> tuple[Members, dict[str, torch.Tensor], dict[str, Any]]:
    """A network, the scales of its outputs, and how well they are told on designs that were held out."""
    torch.manual_seed(seed)
    ensemble = Members(shape)

    def batches(number: int) -> Iterator[tuple[torch.Tensor, ...]]:
        generator = torch.Generator().manual_seed(1_000_003 * seed + number)
        size = min(_BATCH, len(targets.inputs) - targets.held)
        for _ in range(_STEPS):
            yield targets.batch((shape.members, size), generator)

    def loss(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        inputs, wanted, counts = batch
        return error_of(ensemble(inputs), wanted, counts)

    seconds = train(
        ensemble, batches, loss, Schedule(rounds, rate=_RATE, decay=_DECAY, muon=_MUON), seed=seed,
        hidden=ensemble.hidden, state=state, about={"targets": targets.digest(), "shape": asdict(shape)},
    )  # fmt: skip
    begin = time.process_time()
    network = distilled(ensemble, targets, math.ceil(rounds / _DISTILLED), seed)
    seconds += time.process_time() - begin
    wanted = targets.scaled[targets.judged]
    with torch.inference_mode():
        mean, spread = means_and_spreads(network, targets.inputs[targets.judged])
    errors = (wanted - mean).abs()
    floor = torch.nanquantile(errors, 0.5, dim=0).clamp(min=1e-6)
    scales = {
        "mean": targets.mean, "deviation": targets.deviation, "floor": floor,
        "width": targets.widths(errors / (spread + floor)),
    }  # fmt: skip
    told = [determination(*pair) for pair in zip(wanted.T, mean.T, strict=True)]
    return network, scales, {
        "determination": told, "judged by": targets.judges, "seconds of a processor": round(seconds),
    }  # fmt: skip
