"""Bayesian optimisation of circuits: slacks and cost modelled over learned ratios of sizes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from eda.sizing.acquisition import promise_of_front, promise_of_improvement, promise_of_repair, undominated_cells
from eda.sizing.optimizer import Optimizer, Outcome, Search, require
from eda.sizing.slack_learner import SlackLearner
from eda.sizing.sobol import first_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace
    from eda.sizing.feature_process import Mixture

__all__ = ["Bayesian"]

_DRAWS = 64
_PARENTS = 8  # best designs, around which candidates lie
_REACH = (-2.0, -0.5)  # decades of how far around
_POLISH = (0.1, 0.05, 0.02)  # deviations of the rounds that improve the most promising candidates
_POLISHED, _CHILDREN = 15, 15


@dataclass(frozen=True, slots=True)
class Bayesian(Optimizer):
    """Bayesian optimisation with a model for each slack and the cost, over shared features that it learns.

    While nothing is feasible the next design is the one that is expected to lessen the violation most; then the one
    expected to improve the cost most, or with several objectives the hypervolume that the Pareto front dominates, times
    its probability of feasibility. See `eda.sizing.feature_process` for the models and `eda.sizing.acquisition` for the
    criteria, with sources.

    Attributes:
        seed: of its random numbers.
        batch: designs a round; with several, the model of each takes those before it to have come out as predicted.
        initial: designs of the first, quasi-random round; the dimension and five when 0.
        members: fits that are taken together.
        candidates: designs that are compared for a proposal, before the best of them are improved.

    Raises:
        InputError: a setting that cannot work.
    """

    multiobjective: ClassVar[bool] = True
    asynchronous: ClassVar[bool] = True

    seed: int = 0
    batch: int = 1
    initial: int = 0
    members: int = 3
    candidates: int = 1000

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1), initial=(self.initial, 0))
        require(members=(self.members, 1), candidates=(self.candidates, max(self.batch, 10)))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new search; known designs stand for as many of the first round."""
        return _BayesianSearch(self, space, known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "bayesian", **asdict(self)}


class _BayesianSearch(Search):
    def __init__(self, settings: Bayesian, space: DesignSpace, known: Outcome | None) -> None:
        self.settings, self.space = settings, space
        self.known = known
        self.begun = False
        self.learner = SlackLearner(settings.members)
        self._proposal: NDArray[np.float64] | None = None

    def ask(self) -> NDArray[np.float64]:
        if self._proposal is None:
            nothing = np.empty((0, self.space.dimension))
            self._proposal = self.ask_beside(nothing) if self.begun else self._first()
        return self._proposal.copy()

    def ask_beside(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self.known is not None  # the first round is told before another one is asked for
        with threadpool_limits(1):
            return self._next(self.known, pending)

    def tell(self, outcome: Outcome) -> None:
        self.known = outcome if self.known is None else self.known.joined(outcome)
        self.begun, self._proposal = True, None
        # here and not in `ask`: a search that is resumed is only told
        with threadpool_limits(1):  # the other cores simulate, and sums do not depend on the number of cores
            self.learner.learn(self.known, self._generator(0))

    def revise(self, known: Outcome) -> bool:
        self.known = known
        return True

    def _first(self) -> NDArray[np.float64]:
        given = 0 if self.known is None else len(self.known.points)
        count = max((self.settings.initial or self.space.dimension + 5) - given, 2)
        generator = np.random.default_rng(self.settings.seed)
        return self.space.snap(first_points(count, self.space.dimension, generator))

    def _generator(self, purpose: int, pending: int = 0) -> np.random.Generator:
        known = 0 if self.known is None else len(self.known.points)
        return np.random.default_rng((self.settings.seed, purpose, known + pending))

    def _next(self, known: Outcome, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most promising designs, each by a model for which those before it came out as predicted."""
        generator = self._generator(1, len(pending))
        model = predictor = self.learner.conditioned(known)
        chosen = pending
        for _ in range(self.settings.batch):
            if len(chosen):
                model = self.learner.conditioned(known, _as_predicted(chosen, predictor, known))
            tried = np.concatenate((known.points, chosen))
            chosen = np.concatenate((chosen, self._choose(known, model, generator, tried)[None]))
        return chosen[len(pending) :]

    def _choose(
        self, known: Outcome, model: Mixture, generator: np.random.Generator, points: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The most promising design that is none of `points`."""
        promise = _criterion(known, model, generator)
        tried = {point.tobytes() for point in points}
        candidates = self._untried(self._candidates(known, generator), tried)
        promises = promise(candidates)
        for reach in _POLISH:
            parents = candidates[np.argsort(-promises)[:_POLISHED]].repeat(_CHILDREN, axis=0)
            children = self._untried(self._moved(parents, reach, 0.5, generator), tried)
            candidates = np.concatenate((candidates, children))
            promises = np.concatenate((promises, promise(children)))
        best: NDArray[np.float64] = candidates[int(np.argmax(promises))]
        return best

    def _candidates(self, known: Outcome, generator: np.random.Generator) -> NDArray[np.float64]:
        """Half of them anywhere, half around the best designs."""
        count, dimension = self.settings.candidates // 2, self.space.dimension
        anywhere = generator.random((count, dimension))
        scores = known.scores()
        best = known.points[np.argsort(scores)[:_PARENTS]]
        front = np.flatnonzero(scores == scores.min())
        if len(front) > _PARENTS:  # of several objectives
            best = known.points[front]
        parents = best[generator.integers(len(best), size=count)]
        reach = 10 ** generator.uniform(*_REACH, size=(count, 1))
        share = generator.choice([min(1.0, 2 / dimension), 1.0], size=(count, 1))
        return np.concatenate((self.space.snap(anywhere), self._moved(parents, reach, share, generator)))

    def _moved(
        self,
        parents: NDArray[np.float64],
        reach: float | NDArray[np.float64],
        share: float | NDArray[np.float64],
        generator: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Parents with a share of their coordinates changed."""
        change = reach * generator.standard_normal(parents.shape)
        moved = np.clip(parents + change * (generator.random(parents.shape) < share), 0, 1)
        return self.space.snap(moved)

    def _untried(self, points: NDArray[np.float64], tried: set[bytes]) -> NDArray[np.float64]:
        new = np.array([point.tobytes() not in tried for point in points], dtype=bool)
        return points[new] if new.any() else points  # of a grid, all of whose designs are known


def _criterion(
    known: Outcome, model: Mixture, generator: np.random.Generator
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    best = int(np.argmin(known.scores()))
    violation, cost = float(known.violations[best]), float(known.costs[best])
    constraints, objectives = known.slacks.shape[1], known.objectives.shape[1]
    cells = undominated_cells(known.objectives[known.violations == 0]) if violation == 0 and objectives > 1 else None
    draws = generator.standard_normal((_DRAWS, constraints))

    def promise(points: NDArray[np.float64]) -> NDArray[np.float64]:
        means, deviations = model.predict(points)
        if violation > 0 or means.shape[1] == constraints:
            return promise_of_repair(means[:, :constraints], deviations[:, :constraints], violation, draws)
        if cells is not None:
            return promise_of_front(means, deviations, cells)
        return promise_of_improvement(means, deviations, cost)

    return promise


def _as_predicted(points: NDArray[np.float64], model: Mixture, known: Outcome) -> Outcome:
    """Designs that are being simulated, as if they came out as predicted."""
    constraints, objectives = known.slacks.shape[1], known.objectives.shape[1]
    means, _ = model.predict(points)
    costs = means[:, constraints:] if means.shape[1] > constraints else np.full((len(points), objectives), np.inf)
    return Outcome(points, means[:, :constraints], costs)
