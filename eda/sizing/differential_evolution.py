"""SciPy's differential evolution, asked and told."""

from __future__ import annotations

import queue
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, differential_evolution

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["DifferentialEvolution"]


@dataclass(frozen=True, slots=True)
class DifferentialEvolution(Optimizer):
    """Differential evolution (R. Storn, K. Price, J. Global Optimization 11, 1997), best/1/bin of SciPy.

    Constraints are handled by ranking: feasible designs first, then by violation (Deb 2000).

    Attributes:
        seed: of its random numbers.
        population: members, one round of evaluations a generation; SciPy needs five.

    Raises:
        InputError: a setting that cannot work.
    """

    seed: int = 0
    population: int = 24

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), population=(self.population, 5))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new population, with the best known designs in half of it."""
        return _EvolutionSearch(space.dimension, self.seed, self.population, known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "differential evolution", "seed": self.seed, "population": self.population}


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """Ends the thread of a search that nobody holds any more."""


class _EvolutionSearch(Search):
    """SciPy calls its objective; a thread turns that call into a question and waits for the answer."""

    def __init__(self, dimension: int, seed: int, population: int, known: Outcome | None) -> None:
        questions: queue.SimpleQueue[NDArray[np.float64] | BaseException] = queue.SimpleQueue()
        answers: queue.SimpleQueue[NDArray[np.float64] | None] = queue.SimpleQueue()

        def objective(columns: NDArray[np.float64], /) -> NDArray[np.float64]:
            questions.put(np.atleast_2d(columns.T).copy())
            scores = answers.get()
            if scores is None:
                raise _Stop
            return scores

        def evolve() -> None:
            # others than those of a search that this one goes on from
            generator = np.random.default_rng(seed if known is None else (seed, len(known.points)))
            start = generator.random((population, dimension))
            if known is not None:
                best = known.points[np.argsort(known.scores(), kind="stable")[: population // 2]]
                start[: len(best)] = best
            try:
                differential_evolution(
                    objective,  # type: ignore[arg-type]  # the stubs do not know vectorized=True
                    Bounds(np.zeros(dimension), np.ones(dimension)),
                    init=start,
                    rng=generator,
                    maxiter=10**9,  # the budget ends the search
                    tol=0,
                    atol=-1,  # a population of equal scores has not converged: the spread never gets below -1
                    polish=False,
                    updating="deferred",
                    vectorized=True,
                )
            except _Stop:
                return
            except BaseException as error:  # noqa: BLE001 - raised again where it can be seen, in `_next`
                questions.put(error)

        self._questions, self._answers = questions, answers
        threading.Thread(target=evolve, daemon=True, name="differential evolution").start()
        weakref.finalize(self, answers.put, None)
        self._pending = self._next()

    def ask(self) -> NDArray[np.float64]:
        return self._pending.copy()

    def tell(self, outcome: Outcome) -> None:
        self._answers.put(outcome.scores())
        self._pending = self._next()

    def _next(self) -> NDArray[np.float64]:
        question = self._questions.get()
        if isinstance(question, BaseException):
            raise question
        return question
