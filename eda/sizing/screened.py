"""A search whose designs a surrogate looks at first: only those that may meet the specs are simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.sizing.optimizer import Optimizer, Outcome, Search
from eda.sizing.world_model import WorldModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Spec
    from eda.sizing.optimizer import End
    from eda.surrogate import Surrogate

__all__ = ["Screened"]

_LEAST: Final = 0.02  # probability of meeting the specs, below which a design is not simulated
_ROUNDS: Final = 30  # of the search that may pass without any simulation


class Screened(Optimizer):
    """Another optimizer behind a surrogate; it is told what the surrogate expects of designs that are not simulated.

    Args:
        optimizer: that searches.
        surrogate: of the problem.
        specs: of the problem.

    Raises:
        InputError: a spec is about a metric that the surrogate does not predict.
    """

    def __init__(self, optimizer: Optimizer, surrogate: Surrogate, specs: Sequence[Spec]) -> None:
        WorldModel(surrogate, specs)
        self.optimizer, self.surrogate, self.specs = optimizer, surrogate, tuple(specs)

    @property
    def multiobjective(self) -> bool:  # type: ignore[override]  # those of the optimizer
        """See `Optimizer`."""
        return self.optimizer.multiobjective

    @property
    def fewest_objectives(self) -> int:  # type: ignore[override]
        """See `Optimizer`."""
        return self.optimizer.fewest_objectives

    @property
    def end(self) -> End:  # type: ignore[override]
        """See `Optimizer`."""
        return self.optimizer.end

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new search."""
        return _Screened(self.optimizer.start(space, known), WorldModel(self.surrogate, self.specs), known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings of the optimizer, and the surrogate by its contents."""
        return {**self.optimizer.describe(), "screen": self.surrogate.digest()}


class _Screened(Search):
    def __init__(self, search: Search, world: WorldModel, known: Outcome | None) -> None:
        self.search, self.world, self.known = search, world, known
        if known is not None:
            world.correct(known)
        self.passed = 0
        self._round: NDArray[np.float64] | None = None
        self._hopeful: NDArray[np.bool_] = np.empty(0, dtype=bool)

    def ask(self) -> NDArray[np.float64]:
        points = self._whole_round()
        return points[self._hopeful]

    def tell(self, outcome: Outcome) -> None:
        points = self._whole_round()  # a run that is resumed tells rounds that this search was not asked for
        self.known = outcome if self.known is None else self.known.joined(outcome)
        places = np.concatenate((np.flatnonzero(self._hopeful), np.flatnonzero(~self._hopeful)))
        both = outcome
        if not self._hopeful.all():
            both = outcome.joined(self.world.outcome(points[~self._hopeful]))
        self.search.tell(both.chosen(np.argsort(places)))
        self.world.correct(self.known)
        self._round = None

    def findings(self) -> Mapping[str, Any]:
        """Those of the search, and how many designs were not simulated."""
        return {**self.search.findings(), "designs screened out": self.passed}

    def _whole_round(self) -> NDArray[np.float64]:
        """The round that is asked for, with those of its designs that are not simulated."""
        if self._round is None:
            self._round = self._next_round()
            self.passed += int((~self._hopeful).sum())
        return self._round

    def _next_round(self) -> NDArray[np.float64]:
        """The next round with a design that may meet the specs; those before it are told as expected."""
        for _ in range(_ROUNDS):
            points = self.search.ask()
            probability = self.world.log_probability(points)
            self._hopeful = probability > np.log(_LEAST)
            if self._hopeful.any():
                return points
            self.passed += len(points)
            self.search.tell(self.world.outcome(points))
        points = self.search.ask()
        self._hopeful = np.zeros(len(points), dtype=bool)
        self._hopeful[int(self.world.log_probability(points).argmax())] = True
        return points
