"""Quasi-random points: a search of its own, the baseline that knows nothing, and the first round of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.stats import qmc

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["Sobol", "first_points"]

_ROUND = 16  # a power of two keeps the balance of the sequence


def first_points(count: int, dimension: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """`count x d` points spread over the unit cube, the beginning of a scrambled Sobol sequence.

    Args:
        count: of points.
        dimension: `d`.
        generator: of the scrambling.
    """
    sequence = qmc.Sobol(dimension, rng=generator)
    # drawn as a power of two, which keeps the sequence balanced
    return np.asarray(sequence.random_base2(int(np.ceil(np.log2(count))))[:count])


@dataclass(frozen=True, slots=True)
class Sobol(Optimizer):
    """Scrambled Sobol points (A. B. Owen, "Scrambling Sobol' and Niederreiter-Xing points", 1998).

    Attributes:
        seed: of the scrambling.

    Raises:
        InputError: a negative seed.
    """

    multiobjective: ClassVar[bool] = True
    asynchronous: ClassVar[bool] = True

    seed: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it never learns
        """A new sequence."""
        return _SobolSearch(space.dimension, self.seed)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "sobol", "seed": self.seed}


class _SobolSearch(Search):
    def __init__(self, dimension: int, seed: int) -> None:
        self.dimension, self.seed, self.told = dimension, seed, 0

    def ask(self) -> NDArray[np.float64]:
        return self._after(self.told)

    def ask_beside(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._after(self.told + len(pending))

    def _after(self, count: int) -> NDArray[np.float64]:
        # `rng` made anew: the sequence is a function of the seed and of the place in it
        sequence = qmc.Sobol(self.dimension, rng=np.random.default_rng(self.seed))
        if count:
            sequence.fast_forward(count)
        return np.asarray(sequence.random(_ROUND))

    def revise(self, known: Outcome) -> bool:  # noqa: ARG002 - it does not look back
        return True

    def tell(self, outcome: Outcome) -> None:
        self.told += len(outcome.points)
