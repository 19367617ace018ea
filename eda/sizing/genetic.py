"""Genetic algorithms of pymoo, asked and told."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.evaluator import Evaluator
from pymoo.core.problem import Problem
from pymoo.problems.static import StaticProblem

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["NSGAII", "GeneticAlgorithm"]

_WORST = 1e6  # a cost that is undefined; infinity would spoil the crowding distance


@dataclass(frozen=True, slots=True)
class _Evolution(Optimizer):
    """Settings of an evolution.

    Attributes:
        seed: of its random numbers.
        population: designs a round.

    Raises:
        InputError: a setting that cannot work.
    """

    seed: int = 0
    population: int = 24

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), population=(self.population, 4))

    @abstractmethod
    def algorithm(self, sampling: NDArray[np.float64]) -> Any:
        """The algorithm of pymoo with its first population."""

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new population, with the best known designs in it."""
        return _PopulationSearch(self, space.dimension, known)


@dataclass(frozen=True, slots=True)
class GeneticAlgorithm(_Evolution):
    """Genetic algorithm with tournaments, simulated binary crossover and polynomial mutation (K. Deb, 2000).

    Constraints are handled by ranking, as in that paper. Settings as of `_Evolution`.
    """

    def algorithm(self, sampling: NDArray[np.float64]) -> Any:
        """The algorithm of pymoo."""
        return GA(pop_size=self.population, sampling=sampling)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "genetic algorithm", **asdict(self)}


@dataclass(frozen=True, slots=True)
class NSGAII(_Evolution):
    """NSGA-II for several objectives (K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, IEEE TEC 6, 2002).

    Settings as of `_Evolution`.
    """

    multiobjective: ClassVar[bool] = True

    def algorithm(self, sampling: NDArray[np.float64]) -> Any:
        """The algorithm of pymoo."""
        return NSGA2(pop_size=self.population, sampling=sampling)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "nsga2", **asdict(self)}


class _PopulationSearch(Search):
    """The problem is told to pymoo with the first outcome: only then is it known how many constraints there are."""

    def __init__(self, settings: _Evolution, dimension: int, known: Outcome | None) -> None:
        self.settings, self.dimension = settings, dimension
        # others than those of a search that this one goes on from
        seed = settings.seed if known is None else (settings.seed, len(known.points))
        first = np.random.default_rng(seed).random((settings.population, dimension))
        if known is not None:
            _, once = np.unique(known.points, axis=0, return_index=True)  # pymoo drops what is there twice
            best = once[np.argsort(known.scores()[once], kind="stable")][: settings.population // 2]
            first[: len(best)] = known.points[best]
        self._first = first
        self._algorithm: Any = None
        self._pending: Any = None

    def ask(self) -> NDArray[np.float64]:
        if self._algorithm is None:
            return self._first.copy()
        return np.array(self._pending.get("X"), dtype=float)

    def tell(self, outcome: Outcome) -> None:
        objectives = np.where(np.isfinite(outcome.objectives), outcome.objectives, _WORST)
        constraints = -outcome.slacks
        if self._algorithm is None:
            problem = Problem(
                n_var=self.dimension, n_obj=objectives.shape[1], n_ieq_constr=constraints.shape[1], xl=0.0, xu=1.0
            )
            self._algorithm = self.settings.algorithm(self._first)
            self._algorithm.setup(problem, termination=("n_gen", 10**9), seed=self.settings.seed, verbose=False)
            self._pending = self._algorithm.ask()
        static = StaticProblem(self._algorithm.problem, F=objectives, G=constraints)
        Evaluator().eval(static, self._pending)
        self._algorithm.tell(infills=self._pending)
        self._pending = self._algorithm.ask()
