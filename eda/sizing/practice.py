"""Practice: simulate designs of a problem where its targets lie, and train an ensemble on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from eda.errors import InputError, require_type
from eda.problem import SizingProblem
from eda.problem.spec import read_targets
from eda.sizing.environment import draw_specs
from eda.sizing.experience import Experience, Target, guarded, identity, invert, outputs_of, values_of
from eda.sizing.optimizer import End, Optimizer, Outcome, Search, require
from eda.sizing.size import size
from eda.surrogate import GUARDS, Ensemble

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Spec
    from eda.surrogate import Output

__all__ = ["Practice", "practise"]

_RANDOM: Final = 0.2  # of the simulations are of designs anywhere
_ROUNDS: Final = 8  # in which the others are spent, each with an ensemble trained on all before it
_DRAWN: Final = 4  # targets are drawn for each one that is practised: those that no known design meets come first
_BEYOND: Final = 0.05  # of their range, which puts its ends among what is practised
_HOPELESS: Final = math.log(0.01)


def practise(
    problem: SizingProblem,
    targets: Mapping[str, tuple[float, float]],
    *,
    simulations: int = 5000,
    seed: int = 0,
    run_dir: str | Path = "runs",
    progress: bool = True,
) -> Experience:
    """Learn to answer bounds on the metrics of a problem.

    A fifth of the designs is simulated anywhere, the others where random targets are thought to be met, and an ensemble
    is trained on all of them. The simulations are a run like any other: the same call resumes it.

    Args:
        problem: circuit, testbench, specs.
        targets: by metric of a spec, the range that its bounds will come from, in the metric's unit.
        simulations: to spend.
        seed: of all random numbers.
        run_dir: where the run is stored.
        progress: whether to show progress on stderr.

    Raises:
        InputError: a target is about no spec, or there are too few simulations.
    """
    require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
    optimizer = Practice(problem.specs, dict(targets), simulations, seed)
    result = size(problem, optimizer, budget=simulations, run_dir=run_dir, progress=progress)
    outputs = outputs_of(problem.specs, targets)
    points = problem.space.snap(np.array([problem.space.encode(one.design) for one in result.evaluations]))
    values = np.array([values_of(one, outputs) for one in result.evaluations])
    card = {"problem": identity(problem), "training": dict(optimizer.describe())}
    return Experience(points, values, Ensemble.fit(points, values, outputs, seed=seed, card=card))


@dataclass(frozen=True, slots=True)
class Practice(Optimizer):
    """Proposes designs to learn from, not the best ones: see `practise`.

    Attributes:
        specs: of the problem.
        targets: by metric, the range of bounds to be practised.
        simulations: in all.
        seed: of its random numbers.

    Raises:
        InputError: a target is about no spec, or a setting cannot work.
    """

    end: ClassVar[End] = End.NOTHING

    specs: tuple[Spec, ...]
    targets: Mapping[str, tuple[float, float]]
    simulations: int
    seed: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), simulations=(self.simulations, 100))
        read_targets(self.targets, self.specs)

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it explores
        """A new course of practice.

        Raises:
            InputError: the grid has not many more designs.
        """
        if space.designs < 2 * self.simulations:
            raise InputError(
                f"practice looks for new designs all the time: the grid needs {2 * self.simulations:,}, twice the "
                f"simulations, but has {space.designs:,}; practise less"
            )
        return _Course(self, space)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        ranges = {name: f"{low!r} to {high!r}" for name, (low, high) in sorted(self.targets.items())}
        return {"optimizer": "practice", "simulations": self.simulations, "seed": self.seed, "targets": ranges}


class _Course(Search):
    def __init__(self, settings: Practice, space: DesignSpace) -> None:
        self.settings, self.space = settings, space
        self.outputs = outputs_of(settings.specs, settings.targets)
        self.known: Outcome | None = None
        self._proposal: NDArray[np.float64] | None = None

    def ask(self) -> NDArray[np.float64]:
        if self._proposal is None:
            generator = np.random.default_rng((self.settings.seed, 0 if self.known is None else len(self.known.points)))
            if self.known is None:
                count = math.ceil(_RANDOM * self.settings.simulations)
                self._proposal = self.space.snap(generator.random((count, self.space.dimension)))
            else:
                self._proposal = self._practised(self.known, generator)
        return self._proposal.copy()

    def tell(self, outcome: Outcome) -> None:
        self.known = outcome if self.known is None else self.known.joined(outcome)
        self._proposal = None

    def _practised(self, known: Outcome, generator: np.random.Generator) -> NDArray[np.float64]:
        """A round of designs, each the best answer to a random target."""
        count = math.ceil((1 - _RANDOM) * self.settings.simulations / _ROUNDS)
        values = guarded(np.column_stack([_column(known, output) for output in self.outputs]), self.outputs)
        ensemble = Ensemble.fit(known.points, values, self.outputs, members=3, seed=len(values))
        experience = Experience(known.points, values, ensemble)
        scaled = experience.scaled
        targets = [self._draw(generator) for _ in range(_DRAWN * count)]
        met = np.array([bool((target.slacks(scaled).min(axis=1) >= 0).any()) for target in targets])
        chosen: dict[bytes, NDArray[np.float64]] = {}
        for number in np.argsort(met, kind="stable"):
            found, probability = invert(
                (known.points, targets[number].slacks(scaled)),
                _predictor(targets[number], ensemble),
                self.space,
                generator,
            )
            new = [point for point in found if point.tobytes() not in chosen]
            if new and (probability[0] > _HOPELESS or generator.random() < 0.1):
                chosen[new[0].tobytes()] = new[0]
            if len(chosen) == count:
                break
        while len(chosen) < count:  # few targets are left that seem possible
            point = self.space.snap(generator.random((1, self.space.dimension)))[0]
            chosen[point.tobytes()] = point
        return np.array(list(chosen.values()))

    def _draw(self, generator: np.random.Generator) -> Target:
        """Bounds from the ranges, uniform in decades where the metric is logarithmic."""
        specs = draw_specs(self.settings.specs, self.settings.targets, generator, beyond=_BEYOND)
        return Target.of(specs, self.outputs)


def _predictor(target: Target, ensemble: Ensemble) -> Any:
    def predict(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        means, deviations = ensemble.predict(points)
        return target.slacks(means), deviations[:, target.columns] / target.scales

    return predict


def _column(known: Outcome, output: Output) -> NDArray[np.float64]:
    if output.name == GUARDS:
        return known.slacks[:, -1].copy()
    return known.measured.get(output.name, np.full(len(known.points), np.nan))
