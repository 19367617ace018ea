"""Designs to learn from: some all over the space, most all over the part of it that works.

Of random designs of an op-amp one in thirty may work, so that a model of all of them knows little about those that
anybody wants. Walks from the few that are known to work would stay near them, and every other run would see others. So
most designs are drawn, as evenly as may be, from wherever a model of the margins expects a circuit to work: they are
the ends of Markov chains in that region, whose steps are differences of designs that work.

Source: C. J. F. ter Braak, "A Markov chain Monte Carlo version of the genetic algorithm differential evolution",
Statistics and Computing 16, 2006 (steps).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from eda.sizing.optimizer import End, Optimizer, Outcome, Search, require
from eda.sizing.sobol import first_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["Exploration"]

_ROUND: Final = 256
_FIRST: Final = 1024  # designs anywhere, before any is drawn around others
_ANYWHERE: Final = 0.125  # of those after them
_PARENTS: Final = 100  # at least: those that come nearest to working where fewer work
_STEPS: Final = 60  # of a chain
_MOVED: Final = (0.2, 0.5, 1.0)  # shares of the coordinates that a step moves
_LENGTH: Final = 2.38  # of a step along k coordinates, times (2 k) ** -0.5: ter Braak's
_FACTORS: Final = (0.5, 1.2)  # of that length
_WHOLE: Final = 0.1  # of the steps are whole differences: from one part of the region to another
_JITTER: Final = 0.01  # in the unit cube
_TREES: Final = 150  # of the model


@dataclass(frozen=True, slots=True)
class Exploration(Optimizer):
    """Proposes designs that a model can learn a problem from, whatever its specs.

    Attributes:
        seed: of its random numbers.

    Raises:
        InputError: a negative seed.
    """

    multiobjective: ClassVar[bool] = True
    end: ClassVar[End] = End.NOTHING

    seed: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it explores
        """A new exploration."""
        return _Exploring(self.seed, space)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "exploration", "seed": self.seed}


class _Exploring(Search):
    def __init__(self, seed: int, space: DesignSpace) -> None:
        self.seed, self.space = seed, space
        self.known: Outcome | None = None

    def ask(self) -> NDArray[np.float64]:
        told = 0 if self.known is None else len(self.known.points)
        generator = np.random.default_rng((self.seed, told))
        if self.known is None:
            return self.space.snap(first_points(_FIRST, self.space.dimension, generator))
        anywhere = first_points(math.ceil(_ANYWHERE * _ROUND), self.space.dimension, generator)
        with threadpool_limits(1):  # the other cores simulate
            hopeful = self._hopeful(self.known, _ROUND - len(anywhere), generator)
        return self.space.snap(np.concatenate((anywhere, hopeful)))

    def tell(self, outcome: Outcome) -> None:
        self.known = outcome if self.known is None else self.known.joined(outcome)

    def _hopeful(self, known: Outcome, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Points all over the region that should work."""
        margins = known.slacks[:, -1]
        best = np.argsort(-margins, kind="stable")[: max(_PARENTS, int((margins >= 0).sum()))]
        least = min(0.0, margins[best[-1]])
        model = HistGradientBoostingRegressor(max_iter=_TREES, random_state=self.seed).fit(known.points, margins)
        parents = known.points[best]
        points = parents[generator.integers(len(parents), size=count)]
        for _ in range(_STEPS):
            moved = points + _steps(parents, count, generator)
            allowed = np.all((moved >= 0) & (moved <= 1), axis=1) & (model.predict(moved) >= least)
            points = np.where(allowed[:, None], moved, points)
        return points


def _steps(parents: NDArray[np.float64], count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Differences of two parents each, along some or all of the coordinates, and a little noise."""
    one, two = parents[generator.integers(len(parents), size=(2, count))]
    moved = generator.random(one.shape) < generator.choice(_MOVED, size=(count, 1))
    length = _LENGTH / np.sqrt(2 * moved.sum(axis=1, keepdims=True).clip(min=1))
    length = length * generator.uniform(*_FACTORS, size=(count, 1))
    length[generator.random(count) < _WHOLE] = 1
    return np.asarray(moved * (length * (one - two) + _JITTER * generator.standard_normal(one.shape)))
