"""CMA-ES, by Hansen's own package."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import cma
import numpy as np

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["CMAES"]

_WIDE, _NARROW = 0.3, 0.1  # first step: from the middle of the cube a third of it; around a design that is given, less


@dataclass(frozen=True, slots=True)
class CMAES(Optimizer):
    """Evolution strategy with an adapted covariance (N. Hansen, A. Ostermeier, Evolutionary Computation 9, 2001).

    It learns from the order of the designs alone, so constraints are handled by ranking (Deb 2000). When it has
    converged it starts again with twice the population (A. Auger, N. Hansen, CEC 2005).

    Attributes:
        seed: of its random numbers.
        population: designs a round; 4 + 3 ln(dimension) when 0.

    Raises:
        InputError: a setting that cannot work.
    """

    seed: int = 0
    population: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), population=(self.population, 0))
        if self.population == 1:
            require(population=(self.population, 2))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new distribution, around the best known design if there is one."""
        return _CovarianceSearch(self, space.dimension, known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "cma", **asdict(self)}


class _CovarianceSearch(Search):
    def __init__(self, settings: CMAES, dimension: int, known: Outcome | None) -> None:
        # two coordinates at least: in one there is no covariance to adapt, and cma refuses
        self.settings, self.dimension, self.restarts = settings, dimension, 0
        middle = np.full(max(dimension, 2), 0.5)
        if known is not None:
            middle[:dimension] = known.points[int(np.argmin(known.scores()))]
        self._begin(middle, _WIDE if known is None else _NARROW)

    def _begin(self, middle: NDArray[np.float64], step: float) -> None:
        generator = np.random.default_rng((self.settings.seed, self.restarts))
        size = self.settings.population or 4 + int(3 * np.log(len(middle)))
        options = {
            "bounds": [0, 1],
            "popsize": size * 2**self.restarts,
            "randn": lambda *shape: generator.standard_normal(shape),
            "seed": np.nan,  # it would seed numpy's global generator
            "verbose": -9,
            "tolflatfitness": 10,
        }
        self._strategy = cma.CMAEvolutionStrategy(middle, step, options)
        self._pending = np.array(self._strategy.ask())

    def ask(self) -> NDArray[np.float64]:
        return self._pending[:, : self.dimension].copy()

    def revise(self, known: Outcome) -> bool:  # noqa: ARG002 - it does not look back
        return True

    def tell(self, outcome: Outcome) -> None:
        self._strategy.tell(list(self._pending), list(outcome.scores()))
        if self._strategy.stop():
            self.restarts += 1
            generator = np.random.default_rng((self.settings.seed, self.restarts))
            self._begin(generator.random(max(self.dimension, 2)), _WIDE)
        else:
            self._pending = np.array(self._strategy.ask())
