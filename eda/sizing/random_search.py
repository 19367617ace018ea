"""Random search: the baseline that any method must beat."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["RandomSearch"]


@dataclass(frozen=True, slots=True)
class RandomSearch(Optimizer):
    """Designs uniform in the unit cube (J. Bergstra, Y. Bengio, JMLR 13, 2012).

    Attributes:
        seed: of its random numbers.
        batch: designs a round.

    Raises:
        InputError: a setting that cannot work.
    """

    multiobjective: ClassVar[bool] = True
    asynchronous: ClassVar[bool] = True

    seed: int = 0
    batch: int = 16

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it never learns
        """A new sequence."""
        return _RandomSearch(self, space.dimension)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": "random", **asdict(self)}


class _RandomSearch(Search):
    def __init__(self, settings: RandomSearch, dimension: int) -> None:
        self.settings, self.dimension, self.told = settings, dimension, 0

    def ask(self) -> NDArray[np.float64]:
        return self._after(self.told)

    def ask_beside(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._after(self.told + len(pending))

    def _after(self, count: int) -> NDArray[np.float64]:
        return np.random.default_rng((self.settings.seed, count)).random((self.settings.batch, self.dimension))

    def revise(self, known: Outcome) -> bool:  # noqa: ARG002 - it does not look back
        return True

    def tell(self, outcome: Outcome) -> None:
        self.told += len(outcome.points)
