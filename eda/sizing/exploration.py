"""Designs to learn from: all over the space, and around those that work.

Of random designs of an op-amp one in thirty may work, so that a model of all of them knows little about those that
anybody wants. A part of the designs is drawn anywhere; the others are drawn around designs that work, or that come
nearest to it, near and far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from eda.sizing.optimizer import End, Optimizer, Outcome, Search, require
from eda.sizing.sobol import first_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["Exploration"]

_ROUND: Final = 256
_FIRST: Final = 1024  # designs anywhere, before any is drawn around others
_ANYWHERE: Final = 0.25  # of those after them
_PARENTS: Final = 100  # at least: those that come nearest to working where fewer work
_REACH: Final = (0.02, 0.3)  # from design to design, in the unit cube


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
        anywhere = math.ceil(_ANYWHERE * _ROUND)
        points = first_points(anywhere, self.space.dimension, generator)
        return self.space.snap(np.concatenate((points, self._around(self.known, _ROUND - anywhere, generator))))

    def tell(self, outcome: Outcome) -> None:
        self.known = outcome if self.known is None else self.known.joined(outcome)

    def _around(self, known: Outcome, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Points around designs that work."""
        margins = known.slacks[:, -1]
        best = np.argsort(-margins, kind="stable")
        parents = known.points[best[: max(_PARENTS, int((margins >= 0).sum()))]]
        chosen = parents[generator.integers(len(parents), size=count)]
        low, high = np.log(_REACH)
        reach = np.exp(generator.uniform(low, high, size=(count, 1)))
        moved = generator.random(chosen.shape) < generator.choice([0.3, 1.0], size=(count, 1))
        children = chosen + reach * moved * generator.standard_normal(chosen.shape)
        return np.asarray(1 - np.abs(1 - np.abs(children) % 2))  # reflected at the faces of the cube
