"""The sizing loop: ask, simulate, record, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import RunStoreError, SimulatorError
from eda.simulation import Status
from eda.sizing.optimizer import Outcome, Search
from eda.sizing.store import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Evaluation, SizingProblem
    from eda.sizing.examination import Examination
    from eda.sizing.optimizer import Optimizer
    from eda.sizing.store import RunStore

    Progress = Callable[[int, Evaluation], None]

__all__ = ["Run"]


class Run:
    """A search with its store.

    Args:
        problem: with the simulator that is used.
        optimizer: starts the search.
        given: `n x d` points in the unit cube to begin with, or none.
        examination: knows the conditions.
        store: of the evaluations; what it holds is not simulated again.
        report: is told how many simulations there were before, and the design at its worst.
    """

    def __init__(
        self,
        problem: SizingProblem,
        optimizer: Optimizer,
        given: NDArray[np.float64],
        examination: Examination,
        store: RunStore,
        report: Progress,
    ) -> None:
        self.problem, self.optimizer, self.examination = problem, optimizer, examination
        self.store, self.report = store, report
        self.search = _Warm(optimizer, problem.space, given) if len(given) else optimizer.start(problem.space)
        self.recorded = {record.number: record for record in store.records()}
        self.spent = 0

    def advance(self, budget: int) -> None:
        """Go on until the budget is spent or nothing is left to improve; rounds on disk are not simulated again."""
        round_ = 0
        while self.spent < budget:
            designs = self.examination.begin(self._points(round_))
            wanted = self.examination.wanted(designs)
            while wanted and self.spent < budget:
                self._simulate(wanted[: budget - self.spent], round_)
                wanted = self.examination.wanted(designs)
            if round_ == 0:
                self._check_working(designs)
            if self._solved(designs):
                return
            if not wanted:
                self._tell(designs)
            round_ += 1

    def _points(self, round_: int) -> NDArray[np.float64]:
        """Of a round that is over, as on disk; else as the search asks."""
        on_disk = [record for record in self.recorded.values() if record.round == round_ and record.place == 0]
        if on_disk and any(record.round > round_ for record in self.recorded.values()):
            return np.array([record.point for record in sorted(on_disk, key=lambda record: record.number)])
        return self.search.ask()

    def _simulate(self, wanted: Sequence[tuple[int, int]], round_: int) -> None:
        """Simulate designs at places, and record what is new."""
        examination = self.examination
        missing = []
        for number, (design, place) in enumerate(wanted, self.spent):
            point = tuple(examination.points[design].tolist())
            record = self.recorded.get(number)
            if record is None:
                missing.append((number, design, place, point))
                continue
            if (record.point, record.place) != (point, place):
                # else the run is not the one on disk
                raise RunStoreError(
                    f"the run {self.store.folder} cannot be continued: evaluation {number} differs from what this "
                    "version of the optimizer asks for; choose another --run-dir"
                )
            examination.add(design, place, record.evaluation)
            self.report(number, examination.at_worst(design))
        asked = [
            (self.problem.space.decode(examination.points[design]), examination.conditions[place])
            for _, design, place, _ in missing
        ]
        for index, evaluation in self.problem.stream(asked):
            number, design, place, point = missing[index]
            self.store.add(Record(number, round_, place, point, evaluation))
            examination.add(design, place, evaluation)
            self.report(number, examination.at_worst(design))
        self.spent += len(wanted)

    def _check_working(self, designs: range) -> None:
        first = [found[0] for found in (self.examination.found[design] for design in designs) if 0 in found]
        if all(evaluation.status is Status.BAD_DECK for evaluation in first):
            (reason,) = first[0].failures(self.problem.specs)
            raise SimulatorError(f"no design can be simulated: {reason}\n{first[0].log[-1000:]}".rstrip())

    def _solved(self, designs: range) -> bool:
        """Whether there is nothing left to improve: specs without an objective are met."""
        bounds_only = not self.optimizer.explores and not any(spec.is_objective for spec in self.problem.specs)
        return bounds_only and any(self.examination.holds(design) for design in designs)

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

    def revise(self, known: Outcome) -> bool:
        return self.search is not None and self.search.revise(known)

    def findings(self) -> Mapping[str, Any]:
        return {} if self.search is None else self.search.findings()
