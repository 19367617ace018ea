"""What practice on one problem has taught: designs with their metrics, and an ensemble that predicts them.

The ensemble knows metrics, not slacks, so it answers any bounds on them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import torch
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist
from scipy.special import log_ndtr

from eda.errors import InputError
from eda.sizing.store import flattened
from eda.surrogate import GUARDS, Ensemble, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Evaluation, SizingProblem, Spec
    from eda.testbench import Metric

    Predict = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]

__all__ = [
    "Experience",
    "Target",
    "climb",
    "corrected",
    "guarded",
    "identity",
    "invert",
    "outputs_of",
    "require_same",
    "values_of",
]

_MARGIN_DECADES: Final = 1.5  # how far beyond its range of targets a metric is told apart
_MARGIN: Final = 3.0  # the same in units of that range
_PARENTS, _CHILDREN = 30, 12
_REACH: Final = 0.1  # of a correction, in the unit cube
_REACHES: Final = (0.1, 0.05, 0.03, 0.03)


class Predicted(Protocol):
    """What a model predicts, as far as bounds on it go."""

    @property
    def name(self) -> str:
        """Of the metric, or `GUARDS`."""

    @property
    def logarithmic(self) -> bool:
        """Whether it is predicted in decades."""


@dataclass(frozen=True, slots=True)
class Target:
    """Bounds on outputs, in the order and the units of `Evaluation.slacks`: those of the specs, and the guards last.

    Attributes:
        columns: `k` places of the outputs.
        signs: `k`, 1 where large values are good.
        bounds: `k`, in decades where the output is.
        scales: `k` differences of the output that make a slack of one.
    """

    columns: NDArray[np.int64]
    signs: NDArray[np.float64]
    bounds: NDArray[np.float64]
    scales: NDArray[np.float64]

    @classmethod
    def of(cls, specs: Sequence[Spec], outputs: Sequence[Predicted]) -> Target:
        """The bounds of some specs; guards ask for a margin of at least zero.

        Raises:
            InputError: a spec is about a metric that is no output.
        """
        places = {output.name: place for place, output in enumerate(outputs)}
        rows = []
        for spec in specs:
            if spec.bound is None:
                continue
            place = places.get(spec.metric.name)
            if place is None:
                known = ", ".join(name for name in places if name != GUARDS)
                raise InputError(
                    f"the model predicts {known}, but the spec '{spec}' is about another metric: train it on a task "
                    "that has a spec on it"
                )
            logarithmic = outputs[place].logarithmic
            if logarithmic and spec.bound <= 0:
                raise InputError(f"{spec.metric.name} is predicted in decades: the bound of '{spec}' must be above 0")
            bound = float(np.log10(spec.bound)) if logarithmic else spec.bound
            scale = 1.0 if logarithmic else abs(spec.bound) or 1.0
            rows.append((place, 1.0 if spec.sense == ">=" else -1.0, bound, scale))
        columns, signs, bounds, scales = zip(*rows, (places[GUARDS], 1.0, 0.0, 1.0), strict=True)
        return cls(np.array(columns), np.array(signs), np.array(bounds), np.array(scales))

    def slacks(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """`n x k` slacks of `n x c` outputs."""
        return np.asarray(self.signs * (scaled[:, self.columns] - self.bounds) / self.scales)


@dataclass(frozen=True, slots=True)
class Experience:
    """Designs that were simulated, and the ensemble trained on them.

    Attributes:
        points: `n x d` points in the unit cube.
        values: `n x c` values of the ensemble's outputs, NaN where undefined.
        ensemble: their prediction; its card says which problem it is of.
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    ensemble: Ensemble

    @property
    def scaled(self) -> NDArray[np.float64]:
        """`n x c` values as the ensemble predicts them."""
        return np.column_stack([o.scaled(v) for o, v in zip(self.ensemble.outputs, self.values.T, strict=True)])

    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell it from others."""
        hashed = hashlib.sha256(self.points.tobytes() + self.values.tobytes())
        for name, tensor in sorted(self.ensemble.state.items()):
            hashed.update(name.encode() + tensor.numpy().tobytes())
        return hashed.hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write it as safetensors, with a JSON card beside it.

        Raises:
            InputError: a file cannot be written.
        """
        tensors = {"points": torch.as_tensor(self.points), "values": torch.as_tensor(self.values)}
        Ensemble(self.ensemble.outputs, self.ensemble.state | tensors, self.ensemble.card).save(path)

    @classmethod
    def load(cls, path: Path, problem: SizingProblem) -> Experience:
        """Read what `save` wrote; nothing in it is executed.

        Raises:
            InputError: a file is missing or is no experience, or it is of another problem.
        """
        ensemble = Ensemble.load(path)
        if not {"points", "values"} <= ensemble.state.keys():
            raise InputError(
                f"{path} is an ensemble without the designs it was trained on; train it: eda train sizing TASK"
            )
        points, values = (ensemble.state.pop(name).numpy() for name in ("points", "values"))
        asked = {spec.metric.name for spec in problem.specs if not spec.is_objective}
        lacking = [output.name for output in ensemble.outputs if output.name not in {GUARDS, *asked}]
        require_same(path, ensemble.card.get("problem", {}), problem, lacking, "eda train sizing TASK")
        return cls(points, values, ensemble)


def require_same(
    path: Path, then: Mapping[str, Any], problem: SizingProblem, lacking: Sequence[str], command: str
) -> None:
    """Check that what was trained is used for its own problem.

    Args:
        path: of what was trained.
        then: `identity` of the problem that it was trained on.
        problem: where it is to be used.
        lacking: metrics that it knows and no spec is on: the deck is another one without them.
        command: that trains it again.

    Raises:
        InputError: it is another problem.
    """
    now = identity(problem)
    different = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
    if not different:
        return
    if "circuit" in different or "technology" in different:
        here, there = (" in ".join(str(one.get(key)) for key in ("circuit", "technology")) for one in (now, then))
        raise InputError(f"{path} was trained for {there}, not for {here}; train it: {command}")
    if lacking:
        raise InputError(f"{path} was trained with specs on {', '.join(lacking)} as well: give a spec on each of them")
    told = "; ".join(f"{key}: {str(then.get(key))[:60]} there, {str(now.get(key))[:60]} here" for key in different[:4])
    raise InputError(f"{path} was trained on another problem ({told}); train it: {command}")


def identity(problem: SizingProblem) -> dict[str, Any]:
    """What an ensemble depends on: the problem without its bounds."""
    return {key: str(value) for key, value in flattened(problem.definition()).items() if key != "specs"}


def outputs_of(specs: Sequence[Spec], targets: Mapping[str, tuple[float, float]]) -> tuple[Output, ...]:
    """The outputs that an ensemble predicts: the metrics of the specs, and the guards.

    Args:
        specs: of the problem.
        targets: by metric, the range of the bounds that will be asked for; the spec's own where there is none.

    Raises:
        InputError: a bound is not above 0 where a metric is predicted in decades.
    """
    bounds: dict[Metric, list[float]] = {}
    for spec in specs:
        if spec.bound is not None:
            bounds.setdefault(spec.metric, []).extend(targets.get(spec.metric.name, (spec.bound,)))
    return (*(_output(metric, min(ends), max(ends)) for metric, ends in bounds.items()), Output(GUARDS, -1.0, 1.0))


def _output(metric: Metric, low: float, high: float) -> Output:
    """A metric within a margin around its bounds: what lies beyond is as good as its end."""
    if metric.logarithmic:
        if low <= 0:
            raise InputError(f"{metric.name} is predicted in decades: its bounds must be above 0, but got {low:g}")
        factor = 10**_MARGIN_DECADES
        return Output(metric.name, low / factor, high * factor, logarithmic=True)
    margin = max(_MARGIN * (high - low), 0.5 * max(abs(low), abs(high)), 1e-12)
    return Output(metric.name, low - margin, high + margin)


def values_of(evaluation: Evaluation, outputs: Sequence[Output]) -> list[float]:
    """The values of some outputs, NaN where undefined; then the guards' is -1, whatever they say."""
    known = {**evaluation.metrics, GUARDS: evaluation.margin}
    values: list[float] = guarded(np.array([[known.get(output.name, np.nan) for output in outputs]]), outputs)[
        0
    ].tolist()
    return values


def guarded(values: NDArray[np.float64], outputs: Sequence[Output]) -> NDArray[np.float64]:
    """`n x c` values of some outputs, with -1 for the guards where one is undefined: such a design meets nothing."""
    place = [output.name for output in outputs].index(GUARDS)
    values[~np.isfinite(values).all(axis=1), place] = -1.0
    return values


def corrected(predict: Predict, points: NDArray[np.float64], errors: NDArray[np.float64]) -> Predict:
    """Predictions put right near points where it is known how far they are off.

    Args:
        predict: means and standard deviations at points.
        points: `n x d`, where errors are known.
        errors: `n x k`, what is to be added there.
    """
    factor = cho_factor(_similarity(points, points) + 1e-2 * np.eye(len(points)))
    weights = cho_solve(factor, errors)

    def right(asked: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        means, deviations = predict(asked)
        near = _similarity(asked, points)
        sure = np.einsum("ij,ji->i", near, cho_solve(factor, near.T))
        return means + near @ weights, deviations * np.sqrt(np.clip(1 - sure, 0.05, 1))[:, None]

    return right


def _similarity(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-cdist(one, other, "sqeuclidean") / (2 * _REACH**2)))


def invert(
    known: tuple[NDArray[np.float64], NDArray[np.float64]],
    predict: Predict,
    space: DesignSpace,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Designs that probably meet a target, the most probable first.

    Args:
        known: `n x d` points to begin at, and their `n x k` slacks.
        predict: means and standard deviations of the slacks at points.
        space: the design space, on whose grid designs lie.
        generator: of random numbers.

    Returns:
        `m x d` points that are none of the known ones, and the logarithms of their probability; where the grid has no
        other near, `m` is 0.
    """
    points, slacks = known
    parents = points[np.argsort(-np.minimum(slacks, 0).sum(axis=1), kind="stable")[:_PARENTS]]

    def probability(asked: NDArray[np.float64]) -> NDArray[np.float64]:
        means, deviations = predict(asked)
        return np.asarray(log_ndtr(means / deviations).sum(axis=1))

    found, best = climb(parents, probability, space, generator)
    seen = {point.tobytes() for point in points}
    new = np.array([point.tobytes() not in seen for point in found], dtype=bool)
    return found[new], best[new]


def climb(
    parents: NDArray[np.float64],
    score: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    space: DesignSpace,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Designs around others that score better and better, the best first.

    Args:
        parents: `n x d` points.
        score: of points, the larger the better.
        space: the design space, on whose grid designs lie.
        generator: of random numbers.

    Returns:
        `m x d` points, and their scores.
    """
    found, best = np.empty((0, parents.shape[1])), np.empty(0)
    for reach in _REACHES:
        children = parents.repeat(_CHILDREN, axis=0)
        moved = generator.random(children.shape) < generator.choice([0.2, 0.6], size=(len(children), 1))
        children = children + reach * moved * generator.standard_normal(children.shape)
        children = np.unique(space.snap(np.clip(children, 0, 1)), axis=0)
        found = np.concatenate((found, children))
        best = np.concatenate((best, score(children)))
        order = np.argsort(-best, kind="stable")
        found, best = found[order], best[order]
        parents = found[:_PARENTS]
    return found, best
