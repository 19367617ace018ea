"""The sizing loop: ask, simulate, record, tell."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import RunStoreError, SimulatorError
from eda.simulation import Status
from eda.sizing.optimizer import End, Outcome, Search
from eda.sizing.store import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Evaluation, SizingProblem
    from eda.sizing.examination import Examination
    from eda.sizing.optimizer import Optimizer
    from eda.sizing.store import RunStore
    from eda.testbench import Conditions

    Progress = Callable[[Evaluation], None]

__all__ = ["Run"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A simulation that was asked for: which one of the run, in which round, of which design, where."""

    number: int
    round: int
    design: int
    place: int


class Run:
    """A search with its store.

    Rounds are told in the order in which they were asked for. With some of them ahead, a round is asked for while those
    before it are simulated, and only the oldest goes on to more conditions: what a run does is the same whichever
    simulation is done first.

    Args:
        problem: with the simulator that is used.
        optimizer: starts the search.
        given: `n x d` points in the unit cube to begin with, or none.
        examination: knows the conditions.
        store: of the evaluations; what it holds is not simulated again.
        report: is told of each simulation, by what is known of the design at its worst.
        ahead: rounds under way beside the oldest one, once the search has learned from its first.
    """

    def __init__(
        self,
        problem: SizingProblem,
        optimizer: Optimizer,
        given: NDArray[np.float64],
        examination: Examination,
        store: RunStore,
        report: Progress,
        *,
        ahead: int = 0,
    ) -> None:
        self.problem, self.optimizer, self.examination = problem, optimizer, examination
        self.store, self.report, self.ahead = store, report, ahead
        self.search = _Warm(optimizer, problem.space, given) if len(given) else optimizer.start(problem.space)
        self.first_beside = 2 if len(given) else 1  # the search has learned from its first round by then
        self.recorded = {record.number: record for record in store.records()}
        self.spent = 0
        self.begun = 0
        self._rounds: deque[tuple[int, range]] = deque()
        self._under_way: dict[int, _Asked] = {}  # by their places among those that the simulator was given
        self._jobs: list[tuple[dict[str, float], Conditions]] = []
        self._results: Iterator[tuple[int, Evaluation]] = iter(())

    def advance(self, budget: int) -> None:
        """Go on until the budget is spent or nothing is left to improve; rounds on disk are not simulated again."""
        try:
            while self._begin_rounds(budget):
                round_, designs = self._rounds[0]
                enough = self._examine(round_, designs, budget)
                if round_ == 0:
                    self._check_working(designs)
                if self._solved(designs) or not enough:
                    break
                self._tell(designs)
                self._rounds.popleft()
            for _, designs in self._rounds:  # what was asked for is simulated and recorded
                self._await(designs)
        finally:
            self._results = iter(())  # ends what is under way

    def _begin_rounds(self, budget: int) -> bool:
        """Ask for rounds while there is room and budget; whether any is under way."""
        while self.spent < budget and self._room():
            designs = self.examination.begin(self._points(self.begun))
            self._rounds.append((self.begun, designs))
            self._ask_for(self.begun, self.examination.wanted(designs), budget)
            self.begun += 1
        return bool(self._rounds)

    def _room(self) -> bool:
        """Whether another round may be asked for beside those under way."""
        if not self._rounds:
            return True
        oldest = self._rounds[0][0]
        return oldest >= self.first_beside and self.begun - oldest <= self.ahead

    def _points(self, round_: int) -> NDArray[np.float64]:
        """Of a round that is over, as on disk; else as the search asks."""
        on_disk = [record for record in self.recorded.values() if record.round == round_ and record.place == 0]
        if on_disk and any(record.round > round_ + self.ahead for record in self.recorded.values()):
            return np.array([record.point for record in sorted(on_disk, key=lambda record: record.number)])
        if not self._rounds:
            return self.search.ask()
        pending = self.examination.points[self._rounds[0][1].start : self._rounds[-1][1].stop]
        return self.search.ask_beside(np.array(pending))

    def _examine(self, round_: int, designs: range, budget: int) -> bool:
        """Simulate designs until enough is known of them; whether it is, or the budget is spent."""
        while True:
            self._await(designs)
            wanted = self.examination.wanted(designs)
            if not wanted or self.spent == budget:
                return not wanted
            self._ask_for(round_, wanted, budget)

    def _ask_for(self, round_: int, wanted: Sequence[tuple[int, int]], budget: int) -> None:
        """Have designs simulated at places, as far as the budget goes; what is on disk is known at once."""
        examination = self.examination
        for design, place in wanted[: budget - self.spent]:
            asked = _Asked(self.spent, round_, design, place)
            self.spent += 1
            record = self.recorded.get(asked.number)
            if record is None:
                values = self.problem.space.decode(examination.points[design])
                self._under_way[len(self._jobs)] = asked
                self._jobs.append((values, examination.conditions[place]))
                continue
            if (record.point, record.place) != (self._point(design), place):
                # else the run is not the one on disk
                raise RunStoreError(
                    f"the run {self.store.folder} cannot be continued: evaluation {asked.number} differs from what "
                    "this version of the optimizer asks for; choose another --run-dir"
                )
            self._take(asked, record.evaluation)

    def _await(self, designs: range) -> None:
        """Record results until there is one for all that was asked for of some designs."""
        fresh = False
        while any(asked.design in designs for asked in self._under_way.values()):
            result = next(self._results, None)
            if result is None and fresh:
                raise SimulatorError("the simulator ended without an answer to what it was asked")
            if result is None:  # it has not taken all that was asked for meanwhile
                self._jobs = [self._jobs[place] for place in self._under_way]
                self._under_way = dict(enumerate(self._under_way.values()))
                self._results, fresh = self.problem.stream(self._jobs), True
                continue
            (place, evaluation), fresh = result, False
            asked = self._under_way.pop(place)
            self.store.add(Record(asked.number, asked.round, asked.place, self._point(asked.design), evaluation))
            self._take(asked, evaluation)

    def _take(self, asked: _Asked, evaluation: Evaluation) -> None:
        self.examination.add(asked.design, asked.place, evaluation)
        self.report(self.examination.at_worst(asked.design))

    def _point(self, design: int) -> tuple[float, ...]:
        return tuple(self.examination.points[design].tolist())

    def _check_working(self, designs: range) -> None:
        first = [found[0] for found in (self.examination.found[design] for design in designs) if 0 in found]
        if all(evaluation.status is Status.BAD_DECK for evaluation in first):
            (reason,) = first[0].failures(self.problem.specs)
            raise SimulatorError(f"no design can be simulated: {reason}\n{first[0].log[-1000:]}".rstrip())

    def _solved(self, designs: range) -> bool:
        """Whether a design ends the run: all specs are met, and no objective is to be improved."""
        improves = self.optimizer.end is End.OPTIMUM and any(spec.is_objective for spec in self.problem.specs)
        if improves or self.optimizer.end is End.NOTHING:
            return False
        return any(self.examination.holds(design) for design in designs)

    def _tell(self, designs: range) -> None:
        """Tell the search of a round; of earlier ones again where more is known of them now."""
        examination = self.examination
        if examination.revises and designs.start:
            before = examination.outcome(range(designs.start))
            if not self.search.revise(before) and examination.studied in designs:
                # from here on a design is judged by what is expected elsewhere: a search without this must begin anew
                known = before.joined(examination.outcome(designs))
                self.search = self.optimizer.start(self.problem.space, known)
                return
        self.search.tell(examination.outcome(designs))


class _Warm(Search):
    """A search that begins once given designs are simulated: they are its first round."""

    def __init__(self, optimizer: Optimizer, space: DesignSpace, points: NDArray[np.float64]) -> None:
        self.optimizer, self.space, self.points = optimizer, space, points
        self.search: Search | None = None

    def ask(self) -> NDArray[np.float64]:
        return self.points.copy() if self.search is None else self.search.ask()

    def tell(self, outcome: Outcome) -> None:
        if self.search is None:
            self.search = self.optimizer.start(self.space, outcome)
        else:
            self.search.tell(outcome)

    def ask_beside(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self.search is not None  # the first round is told before another one is asked for
        return self.search.ask_beside(pending)

    def revise(self, known: Outcome) -> bool:
        return self.search is not None and self.search.revise(known)

    def findings(self) -> Mapping[str, Any]:
        return {} if self.search is None else self.search.findings()
