"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eda.problem import Evaluation, SizingProblem

__all__ = ["show_progress"]

_SECONDS_BETWEEN_LINES = 15.0


@contextmanager
def show_progress(
    problem: SizingProblem, budget: int, *, shown: bool, judged: bool = True
) -> Iterator[Callable[[Evaluation], None]]:
    """A callback for each finished evaluation, which shows how far the run is and how good its best design.

    Args:
        problem: the problem being sized.
        budget: number of evaluations in all.
        shown: whether anything is shown.
        judged: whether designs are; else they are only counted.
    """
    best = _Best(problem, judged=judged)
    if not shown:
        yield lambda _evaluation: None
        return
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(problem.name, total=budget)

            def on_terminal(evaluation: Evaluation) -> None:
                best.add(evaluation)
                bar.update(task, advance=1, description=f"{problem.name}{best}")

            yield on_terminal
        return
    last = time.monotonic()

    def in_log(evaluation: Evaluation) -> None:
        nonlocal last
        best.add(evaluation)
        if time.monotonic() - last > _SECONDS_BETWEEN_LINES or best.count == budget:
            last = time.monotonic()
            sys.stderr.write(f"{problem.name}: {best.count} of {budget} simulations{best}\n")
            sys.stderr.flush()

    yield in_log


class _Best:
    """The best evaluation so far, in words."""

    def __init__(self, problem: SizingProblem, *, judged: bool) -> None:
        self.specs, self.judged, self.count = problem.specs, judged, 0
        self.evaluation: Evaluation | None = None

    def add(self, evaluation: Evaluation) -> None:
        """Count one more evaluation."""
        self.count += 1
        if self.evaluation is None or evaluation.rank(self.specs) < self.evaluation.rank(self.specs):
            self.evaluation = evaluation

    def __str__(self) -> str:
        if self.evaluation is None or not self.judged:
            return ""
        if not self.evaluation.simulated:
            return f", the first ended with: {self.evaluation.status.value}"
        if not self.evaluation.meets(self.specs):
            return f", {len(self.evaluation.failures(self.specs))} specs or guards missed"
        for metric in (spec.metric for spec in self.specs if spec.is_objective):
            value = format_quantity(self.evaluation.metrics[metric.name], metric.unit)
            return f", all specs met, {metric.name} {value}"
        return ", all specs met"
