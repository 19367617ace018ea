"""What a sizing run found, and how to get it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.problem.table import format_table, spec_rows
from eda.sizing.conflicts import conflicts
from eda.sizing.examination import at_worst

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eda.netlist import Circuit
    from eda.problem import Evaluation, SizingProblem
    from eda.testbench import Conditions

__all__ = ["Result"]


@dataclass(frozen=True, repr=False)
class Result:
    """The outcome of `eda.size`.

    Attributes:
        problem: what was asked.
        about: problem, optimizer and versions, as the run's folder has them.
        evaluations: every evaluation, in order.
        folder: the run's folder.
        findings: what the search learned of the problem; see `Search.findings`.
        conditions: where the specs must hold, nominal first; the problem's when empty.
        places: of each evaluation, the place of its conditions among these; all nominal when empty.
        more: whether the folder holds further evaluations, of a larger budget.
    """

    problem: SizingProblem
    about: Mapping[str, Any]
    evaluations: tuple[Evaluation, ...]
    folder: Path
    findings: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[Conditions, ...] = ()
    places: tuple[int, ...] = ()
    more: bool = False

    @cached_property
    def trace(self) -> tuple[Evaluation, ...]:
        """After every evaluation its design at its worst, as far as it was simulated by then.

        Under several conditions a design is feasible once it was simulated under all of them: a guard says so.
        """
        if len(self.conditions) < 2:
            return self.evaluations
        found: dict[tuple[float, ...], dict[int, Evaluation]] = {}
        trace = []
        for place, evaluation in zip(self.places, self.evaluations, strict=True):
            design = tuple(evaluation.design.values())
            found[design] = {**found.get(design, {}), place: evaluation}
            trace.append(at_worst(found[design], self.conditions, self.problem.specs))
        return tuple(trace)

    @cached_property
    def designs(self) -> tuple[Evaluation, ...]:
        """Every design once, at its worst by all that is known of it, in the order of their first simulations."""
        return tuple({tuple(evaluation.design.values()): evaluation for evaluation in self.trace}.values())

    @property
    def best(self) -> Evaluation:
        """The best design at its worst: feasible before infeasible, then by cost or violation; the first of equals."""
        return min(self.designs, key=lambda evaluation: evaluation.rank(self.problem.specs))

    @property
    def feasible(self) -> bool:
        """Whether the best design meets every spec and guard."""
        return self.best.meets(self.problem.specs)

    @property
    def first_feasible(self) -> int | None:
        """How many simulations it took to the first feasible design; `None` without one."""
        specs = self.problem.specs
        return next((n for n, evaluation in enumerate(self.trace, 1) if evaluation.meets(specs)), None)

    @property
    def pareto(self) -> tuple[Evaluation, ...]:
        """The feasible designs that no other dominates: none is as good in every objective and better in one."""
        specs = self.problem.specs
        feasible = [evaluation for evaluation in self.designs if evaluation.meets(specs)]
        if not feasible:
            return ()
        costs = np.array([evaluation.costs(specs) for evaluation in feasible])
        kept = [
            number
            for number, row in enumerate(costs)
            if not np.any(np.all(costs <= row, axis=1) & np.any(costs < row, axis=1))
        ]
        return tuple(feasible[number] for number in sorted(kept, key=lambda number: float(costs[number, 0])))

    @property
    def conflicts(self) -> list[str]:
        """Why nothing is feasible, a sentence each; nothing when a design is. See `eda.sizing.conflicts`."""
        return conflicts(self.designs, self.problem.specs)

    @property
    def circuit(self) -> Circuit:
        """The netlist with the sizes of the best design and the bounds that it was sought in, in real devices."""
        return self.problem.circuit.sized(self.best.design).bounded(self.problem.space.variables)

    @property
    def netlist(self) -> Path:
        """Where `eda.size` writes it: `best.sp` is the best of all that the folder holds."""
        return self.folder / (f"best_of_{len(self.evaluations)}.sp" if self.more else "best.sp")

    def __repr__(self) -> str:
        return f"<Result {self.problem.name}: {len(self.evaluations)} simulations, feasible: {self.feasible}>"

    def __str__(self) -> str:
        specs = self.problem.specs
        met = {True: "yes", False: "NO", None: "-"}
        rows = [(row.requirement, row.value, row.margin, met[row.met]) for row in spec_rows(self.best, specs)]
        found = f"first feasible design after {self.first_feasible}" if self.feasible else "no feasible design"
        count = len(self.conditions) - 1
        others = f" and {count} other condition{'s' if count > 1 else ''}, at the worst" if count > 0 else ""
        header = (
            f"{self.problem.name} in {self.problem.technology.name}, {self.problem.conditions}{others}: "
            f"{len(self.evaluations)} simulations, {found}"
        )
        table = f"{header}\n{format_table(('spec', 'value', 'margin', 'met'), rows)}"
        if len([spec for spec in specs if spec.is_objective]) > 1:
            count = len(self.pareto)
            table += (
                f"\nPareto front: {count} design{'' if count == 1 else 's'} (`Result.pareto`, `--json`, `eda report`)"
            )
        return "\n".join((table, *(f"in the way: {sentence}" for sentence in self.conflicts)))
