"""What an optimizer is: settings that start a search, which asks for designs and is told their outcome.

The contract that makes runs resumable: a search is a function of its settings and of what it was told. `ask`
proposes the next round and changes nothing, so asking again gives the same points; only `tell` moves on. A resumed
run therefore tells the rounds on disk again, without asking for them, and goes on as if it had never stopped. A search
that is asked for a round while others are simulated knows their points, and is told their outcome in the order in which
it was asked: what it proposes does not depend on which simulation is done first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from eda.errors import InputError, require_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, SizingProblem

__all__ = ["End", "Optimizer", "Outcome", "Search", "check_objectives"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one round.

    Attributes:
        points: `n x d` points in the unit cube.
        slacks: `n x c` slacks in [-1, 1], at least 0 where a constraint is met.
        objectives: `n x m` values to minimize, infinite where undefined; a column of zeros where there is no objective.
        measured: by name of a metric, `n` values in its unit, NaN where undefined: all that the simulations told.
    """

    points: NDArray[np.float64]
    slacks: NDArray[np.float64]
    objectives: NDArray[np.float64]
    measured: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def costs(self) -> NDArray[np.float64]:
        """`n` values of the first objective."""
        return self.objectives[:, 0]

    @property
    def violations(self) -> NDArray[np.float64]:
        """`n` sums of what is missing to feasibility, 0 for feasible points."""
        return np.asarray(-np.minimum(self.slacks, 0).sum(axis=1))

    def scores(self) -> NDArray[np.float64]:
        """`n` numbers that order the points: any feasible one below any other, feasible ones by cost.

        Feasible points score in [-1, 1] by a monotone map of their cost, the others above 1 by their violation
        (the ranking of K. Deb, "An efficient constraint handling method for genetic algorithms", 2000). With several
        objectives the cost of a feasible point is the number of those that dominate it.
        """
        costs = self.costs if self.objectives.shape[1] == 1 else self._dominators()
        squashed = np.divide(costs, 1 + np.abs(costs), where=np.isfinite(costs), out=np.ones(len(costs)))
        return np.where(self.violations > 0, 1 + self.violations, squashed)

    def _dominators(self) -> NDArray[np.float64]:
        """`n` numbers of feasible points that are no worse in any objective and better in one."""
        feasible = self.objectives[self.violations == 0]
        no_worse = (feasible[:, None, :] <= self.objectives[None, :, :]).all(axis=2)
        better = (feasible[:, None, :] < self.objectives[None, :, :]).any(axis=2)
        return np.asarray((no_worse & better).sum(axis=0), dtype=np.float64)

    def joined(self, other: Outcome) -> Outcome:
        """Both rounds as one."""
        return Outcome(
            np.concatenate((self.points, other.points)),
            np.concatenate((self.slacks, other.slacks)),
            np.concatenate((self.objectives, other.objectives)),
            {
                name: np.concatenate(
                    [one.measured.get(name, np.full(len(one.points), np.nan)) for one in (self, other)]
                )
                for name in dict.fromkeys((*self.measured, *other.measured))
            },
        )

    def chosen(self, rows: NDArray[np.int64]) -> Outcome:
        """Some of the points."""
        measured = {name: values[rows] for name, values in self.measured.items()}
        return Outcome(self.points[rows], self.slacks[rows], self.objectives[rows], measured)


def require(**settings: tuple[int, int]) -> None:
    """Check settings of an optimizer, given as (value, least value).

    Raises:
        InputError: a value is no whole number, or too small.
    """
    for name, (value, least) in settings.items():
        require_type(name, value, int, str(max(least, 1)))
        if value < least:
            raise InputError(f"`{name} >= {least}` must hold, but got {value}")


class Search(ABC):
    """One search in the unit cube."""

    @abstractmethod
    def ask(self) -> NDArray[np.float64]:
        """The next round of points, `n x d` in the unit cube; asking twice gives the same points."""

    def ask_beside(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        """The round after those that are being simulated; only of optimizers that are `asynchronous`.

        Args:
            pending: `n x d` points that were asked for and not told, in this order.
        """
        raise NotImplementedError

    @abstractmethod
    def tell(self, outcome: Outcome) -> None:
        """Learn the outcome of the first round that `ask` proposed and that was not told."""

    def revise(self, known: Outcome) -> bool:  # noqa: ARG002 - a search that cannot
        """Take the outcomes of everything that was told so far again, for more is known of them now.

        Args:
            known: all outcomes, in the order in which they were told.

        Returns:
            Whether it did, or has no use for it because it does not look back; others are started anew.
        """
        return False

    def findings(self) -> Mapping[str, Any]:
        """What it learned of the problem, by name, as data for reports; nothing unless a search says otherwise."""
        return {}


class End(Enum):
    """What ends a run before its budget does."""

    FEASIBLE = "a design that meets all specs, whatever the objective"
    OPTIMUM = "a design that meets all specs, where there is no objective"
    NOTHING = "nothing"


class Optimizer(ABC):
    """Settings of a search; equal settings and seed give an equal search."""

    multiobjective: ClassVar[bool] = False
    """Whether it is made for several objectives; others are given one."""
    fewest_objectives: ClassVar[int] = 0
    """With fewer it cannot search."""
    asynchronous: ClassVar[bool] = False
    """Whether its searches propose rounds while earlier ones are simulated; these revise, and are never begun anew."""
    end: ClassVar[End] = End.OPTIMUM
    """What its searches look for: with it a run is over before its budget is spent."""

    @abstractmethod
    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new search in the unit cube of a design space.

        Args:
            space: with its grid.
            known: designs that are known beforehand and their outcome; a search need not use them.
        """

    @abstractmethod
    def describe(self) -> Mapping[str, object]:
        """Name and settings, for the run store and reports."""


def check_objectives(problem: SizingProblem, optimizer: Optimizer) -> None:
    """Refuse a problem with more objectives than an optimizer searches for, or too few.

    Raises:
        InputError: it has.
    """
    objectives = [str(spec) for spec in problem.specs if spec.is_objective]
    name = optimizer.describe()["optimizer"]
    if len(objectives) < optimizer.fewest_objectives:
        raise InputError(
            f"{name} needs {optimizer.fewest_objectives} objectives, such as 'maximize gbw' and 'minimize power', but "
            f"the specs have {len(objectives)}; use bayesian for fewer"
        )
    if len(objectives) > 1 and not optimizer.multiobjective:
        raise InputError(
            f"{name} searches for one objective, but got {' and '.join(objectives)}; give bounds to the others, or use "
            "an optimizer for several objectives (bayesian, nehvi, nsga2)"
        )
