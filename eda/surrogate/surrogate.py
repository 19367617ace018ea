"""A surrogate of one circuit: metrics predicted from sizes, with what is known of the error.

Source: B. Lakshminarayanan, A. Pritzel, C. Blundell, NeurIPS 2017 (ensembles of networks); V. Vovk et al., "Algorithmic
learning in a random world", 2005 (intervals that are as wide as errors on held-out data ask for).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from safetensors.torch import save

from eda.errors import InputError, did_you_mean
from eda.netlist import Variable
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train
from eda.nn.weights import load_weights, save_weights
from eda.problem import DesignSpace
from eda.surrogate.members import Members, MembersShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem

__all__ = ["MARGIN", "Prediction", "Quantity", "Surrogate"]

MARGIN: Final = "margin"
"""The quantity that is the least margin of the guards: below 0 the circuit does not work as it should."""

_COMMAND: Final = "eda train surrogate TASK"
_FORMAT: Final = 1
_OF_SPECS: Final = frozenset({"specs", "deck_sha256"})
_HELD_OUT: Final = 0.1
_BATCH: Final = 512
_STEPS: Final = 150  # a round
_ROUNDS: Final = 60
_RATE: Final = 3e-3
_DECAY: Final = 1e-4
_COVERAGE: Final = 0.9
_LEAST: Final = 50  # simulations
_AT_ONCE: Final = 20_000  # designs, so that what they take stays in caches
_BEYOND: Final = 0.5  # of the range of working designs: what lies further is not told apart


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is predicted of a design.

    Attributes:
        name: of the metric, or `MARGIN`.
        unit: its unit.
        low: values below are not told apart.
        high: values above are not told apart.
        logarithmic: whether it is predicted in decades.
    """

    name: str
    unit: str
    low: float
    high: float
    logarithmic: bool = False

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values as they are predicted: clipped, in decades where logarithmic; NaN stays."""
        clipped = np.clip(values, self.low, self.high)
        return np.log10(clipped) if self.logarithmic else clipped

    def unscaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predicted values in the unit."""
        return 10**values if self.logarithmic else values


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is thought of `n` designs.

    Attributes:
        values: by metric `n` values in its unit.
        low: lower ends of intervals that hold 90 % of the values, `n` each.
        high: upper ends.
        margins: `n` least margins of the guards.
        inside: `n` booleans: whether a design lies in the space that was learned; elsewhere nothing is known.
    """

    values: Mapping[str, NDArray[np.float64]]
    low: Mapping[str, NDArray[np.float64]]
    high: Mapping[str, NDArray[np.float64]]
    margins: NDArray[np.float64]
    inside: NDArray[np.bool_] = field(repr=False)


class Surrogate:
    """Predicts the metrics of a circuit in one technology.

    Args:
        network: trained members; inputs are points of the unit cube, stretched to [-1, 1].
        scales: `mean`, `deviation` (of the quantities) and `width` (of the intervals, in deviations of the members and
            a part that is always there), `c` values each.
        card: what it was trained on.
    """

    def __init__(self, network: Members, scales: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
        self.network, self.scales, self.card = network.eval(), dict(scales), dict(card)
        self.quantities = tuple(Quantity(**one) for one in self.card["quantities"])
        self.space = DesignSpace(tuple(Variable(**one) for one in self.card["variables"]))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that it predicts."""
        return tuple(one.name for one in self.quantities if one.name != MARGIN)

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
            if card["format"] != _FORMAT:
                raise KeyError("format")  # noqa: TRY301 - told below
            network = Members(MembersShape(**card["shape"]))
            scales = {name.removeprefix("scales/"): one for name, one in tensors.items() if name.startswith("scales/")}
            network.load_state_dict({name: one for name, one in tensors.items() if not name.startswith("scales/")})
            found = cls(network, scales, card)
        except (KeyError, TypeError, RuntimeError) as error:
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
        card = {**self.card, "format": _FORMAT, "shape": asdict(self.network.shape)}
        try:
            save_weights(path, save(tensors), card)
        except OSError as error:
            raise InputError(f"cannot write the surrogate {path}: {error.strerror}") from None

    @classmethod
    def fit(
        cls,
        problem: SizingProblem,
        points: NDArray[np.float64],
        values: Mapping[str, NDArray[np.float64]],
        margins: NDArray[np.float64],
        *,
        members: int = 4,
        rounds: int = _ROUNDS,
        seed: int = 0,
        state: Path | None = None,
        card: Mapping[str, Any] | None = None,
    ) -> Surrogate:
        """Train on simulations.

        Args:
            problem: that was simulated.
            points: `n x d` points in the unit cube of its design space.
            values: by metric `n` values in its unit, NaN where undefined: nothing is learned from these.
            margins: `n` least margins of the guards.
            members: networks.
            rounds: of 150 steps.
            seed: of weights, order and held-out part.
            state: file where training is kept, so that it can be stopped.
            card: what is to be remembered besides.

        Raises:
            InputError: there are too few simulations, or hardly any of working circuits.
        """
        working = margins >= 0
        if len(points) < _LEAST:
            raise InputError(f"a surrogate needs {_LEAST} simulations at least, but got {len(points)}")
        metrics = problem.testbench.metrics
        quantities = [
            *(_quantity(name, metrics[name].unit, column, working, logarithmic=metrics[name].logarithmic)
              for name, column in values.items()),
            Quantity(MARGIN, "1", -1.0, 1.0),
        ]  # fmt: skip
        columns = np.column_stack([*values.values(), margins])
        scaled = np.column_stack([one.scaled(column) for one, column in zip(quantities, columns.T, strict=True)])
        shape = MembersShape(points.shape[1], len(quantities), members)
        with one_thread(), torch.random.fork_rng(devices=[]):
            network, scales, errors = _trained(points, scaled, working, shape, rounds, seed, state)
        about = {
            **(card or {}),
            "problem": identity(problem),
            "variables": [asdict(one) for one in problem.space.variables],
            "quantities": [asdict(one) for one in quantities],
            "simulations": len(points),
            "working": int(working.sum()),
            "seed": seed,
            "determination": dict(zip((one.name for one in quantities), errors, strict=True)),
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
        points = np.asarray(points, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != self.space.dimension:
            raise InputError(f"points must be n x {self.space.dimension}, but got {' x '.join(map(str, points.shape))}")
        parts = [self._members(points[start : start + _AT_ONCE]) for start in range(0, max(1, len(points)), _AT_ONCE)]
        mean, width = (torch.cat(some).double().numpy() for some in zip(*parts, strict=True))
        named = {one.name: (one, place) for place, one in enumerate(self.quantities) if one.name != MARGIN}
        ends = {
            sign: {name: one.unscaled(mean[:, at] + sign * width[:, at]) for name, (one, at) in named.items()}
            for sign in (-1, 0, 1)
        }
        inside = np.asarray(((points >= -1e-9) & (points <= 1 + 1e-9)).all(axis=1))
        return Prediction(ends[0], ends[-1], ends[1], mean[:, -1], inside)

    def predict_designs(self, designs: Sequence[Mapping[str, float]]) -> Prediction:
        """Metrics of designs, values by variable name, SI.

        Raises:
            InputError: a variable is missing.
        """
        for design in designs:
            for variable in self.space.variables:
                if variable.name not in design:
                    raise InputError(f"a design lacks {variable.name!r}. {did_you_mean(variable.name, design)}")
        return self.predict(np.array([self.space.encode(design) for design in designs]).reshape(len(designs), -1))

    def _members(self, points: NDArray[np.float64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and half the width of the interval of each quantity, `n x c`."""
        found = self.network(2 * torch.as_tensor(points, dtype=torch.float32) - 1)
        middle = found.mean(0)
        spread = ((found - middle) ** 2).mean(0).sqrt() + self.scales["floor"]
        deviation = self.scales["deviation"]
        return middle * deviation + self.scales["mean"], spread * deviation * self.scales["width"]


def identity(problem: SizingProblem) -> dict[str, Any]:
    """What the metrics of a design depend on: circuit, technology, testbench, conditions and space, as texts."""
    return {key: str(value) for key, value in problem.definition().items() if key not in _OF_SPECS}


def _quantity(
    name: str, unit: str, values: NDArray[np.float64], working: NDArray[np.bool_], *, logarithmic: bool
) -> Quantity:
    """A metric within what working designs reach, and half as far beyond."""
    known = values[working & np.isfinite(values)]
    if logarithmic:
        known = known[known > 0]
    if len(known) < 5:
        raise InputError(
            f"{len(known)} of the simulated designs work and have a {name}, but five are needed to learn from; "
            "simulate more, or widen the bounds of the variables"
        )
    known = np.log10(known) if logarithmic else known
    low, high = known.min(), known.max()
    room = max(_BEYOND * (high - low), 1e-12)
    first, last = (float(10**end if logarithmic else end) for end in (low - room, high + room))
    return Quantity(name, unit, first, last, logarithmic)


def _trained(
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    working: NDArray[np.bool_],
    shape: MembersShape,
    rounds: int,
    seed: int,
    state: Path | None,
) -> tuple[Members, dict[str, torch.Tensor], list[float]]:
    """A network, the scales of its outputs, and its R2 on working designs that were held out."""
    torch.manual_seed(seed)
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(seed))
    held = max(10, round(_HELD_OUT * len(points)))
    inputs = (2 * torch.as_tensor(points, dtype=torch.float32) - 1)[order]
    targets = torch.as_tensor(values, dtype=torch.float32)[order]
    good = torch.as_tensor(working)[order]
    mean = torch.nanmean(targets[held:], 0)
    deviation = torch.nanmean((targets[held:] - mean) ** 2, 0).sqrt().clamp(min=1e-9)
    scaled = (targets - mean) / deviation
    network = Members(shape)

    def batches(number: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        generator = torch.Generator().manual_seed(1_000_003 * seed + number)
        size = min(_BATCH, len(points) - held)
        for _ in range(_STEPS):
            batch = held + torch.randint(len(points) - held, (shape.members, size), generator=generator)
            yield inputs[batch], scaled[batch]

    train(
        network, batches, network.loss, Schedule(rounds, rate=_RATE, decay=_DECAY), seed=seed, state=state,
        about={"designs": len(points), "shape": asdict(shape)},
    )  # fmt: skip
    with torch.inference_mode():
        found = network(inputs[:held])
    error = (scaled[:held] - found.mean(0)).abs()
    spread = found.std(0, correction=0)
    floor = torch.nanquantile(error, 0.5, dim=0).clamp(min=1e-6)
    # as wide as it takes for nine in ten of the held-out designs, and one more
    share = min(1.0, _COVERAGE * (1 + 1 / held))
    width = torch.nanquantile(error / (spread + floor), share, dim=0)
    scales = {"mean": mean, "deviation": deviation, "floor": floor, "width": width}
    return network, scales, [_determination(*pair) for pair in zip(
        targets[:held][good[:held]].T, (found.mean(0) * deviation + mean)[good[:held]].T, strict=True)]  # fmt: skip


def _determination(values: torch.Tensor, found: torch.Tensor) -> float:
    """R2 where the values are known; NaN where they do not vary."""
    known = ~torch.isnan(values)
    values, found = values[known].double(), found[known].double()
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    return 1 - float(((values - found) ** 2).sum()) / total if total > 0 else math.nan
