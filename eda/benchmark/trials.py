"""One search on one problem, in memory, with what suites ask of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.benchmark.units import fingerprint
from eda.problem import Task, load_task
from eda.simulation import WorkerPool
from eda.sizing.examination import Examination, Screening
from eda.sizing.experience import identity
from eda.sizing.optimizer import check_objectives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from eda.problem import Evaluation, SizingProblem, Spec
    from eda.sizing import Optimizer

__all__ = [
    "Trial",
    "budgets_of",
    "known_task",
    "median_needed",
    "own_task",
    "quartiles_needed",
    "reached_by",
    "search",
    "shortfall",
]

_BUDGETS: Final = (30, 100, 300, 1000)  # simulations at which every suite reports success
_ALLOWED: Final = 0.02  # the summed shortfall that counts as success for AutoCkt
_PATIENCE: Final = 20.0  # seconds for an evaluation, of which those that end take less than 3
_own: dict[str, tuple[Task, WorkerPool]] = {}


def known_task(path: Path, *more: Any) -> dict[str, Any]:
    """What units of work know of a task: its name, and a fingerprint of problem, specs and what else matters."""
    problem = load_task(path).problem
    about = [identity(problem), [*map(str, problem.specs)], *more]
    return {"task": path.stem, "problem": fingerprint(about), "_path": str(path)}


def own_task(path: str) -> Task:
    """A task with a worker of its own in this process, until another one is asked for: units of work are one a core."""
    if path not in _own:
        for _, simulator in _own.values():
            simulator.close()
        _own.clear()
        simulator = WorkerPool(1, timeout=_PATIENCE)
        _own[path] = load_task(path, simulator=simulator), simulator
    return _own[path][0]


@dataclass(slots=True)
class Trial:
    """What came of a search.

    Attributes:
        first: simulations to the first design that meets every spec and guard; `None` when there was none.
        first_with_slack: likewise with a summed shortfall of 2 %, AutoCkt's definition, guards ignored.
        reached: simulations to the first design that was good enough.
        answer: that design.
        cost: the least one of all; `None` without a feasible design.
        simulations: spent.
        asking: seconds that the optimizer took.
        simulating: seconds until results were there.
    """

    first: int | None = None
    first_with_slack: int | None = None
    reached: int | None = None
    answer: Mapping[str, float] | None = None
    cost: float | None = None
    simulations: int = 0
    asking: float = 0.0
    simulating: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """As JSON data, without the design."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "answer"}


def search(
    problem: SizingProblem, optimizer: Optimizer, budget: int, *, until: Callable[[Evaluation], bool] | None = None
) -> Trial:
    """Search until the budget is spent, or a design is good enough.

    Args:
        problem: with its simulator.
        optimizer: settings of the search.
        budget: simulations.
        until: whether a design is good enough; none is when it is `None`.

    Raises:
        InputError: the problem has more objectives than the optimizer searches for, or too few.
    """
    check_objectives(problem, optimizer)
    trial, best = Trial(), None
    begin = time.perf_counter()
    running = optimizer.start(problem.space)
    examination = Examination(problem.specs, [problem.conditions], Screening.NONE)
    while trial.simulations < budget:
        points = running.ask()[: budget - trial.simulations]
        asked = time.perf_counter()
        evaluations = problem.evaluate([problem.space.decode(point) for point in points])
        simulated = time.perf_counter()
        for evaluation in evaluations:
            trial.simulations += 1
            _count(trial, evaluation, problem.specs)
            if best is None or evaluation.rank(problem.specs) < best.rank(problem.specs):
                best = evaluation
            if trial.reached is None and until is not None and until(evaluation):
                trial.reached, trial.answer = trial.simulations, evaluation.design
        trial.asking += asked - begin
        trial.simulating += simulated - asked
        if trial.simulations == budget or trial.reached is not None:
            break
        begin = time.perf_counter()
        designs = examination.begin(points)
        for design, evaluation in zip(designs, evaluations, strict=True):
            examination.add(design, 0, evaluation)
        running.tell(examination.outcome(designs))
    assert best is not None
    trial.cost = best.cost(problem.specs) if best.meets(problem.specs) else None
    return trial


def _count(trial: Trial, evaluation: Evaluation, specs: tuple[Spec, ...]) -> None:
    if trial.first is None and evaluation.meets(specs):
        trial.first = trial.simulations
    if trial.first_with_slack is None and shortfall(evaluation, specs) <= _ALLOWED:
        trial.first_with_slack = trial.simulations


def shortfall(evaluation: Evaluation, specs: Sequence[Spec]) -> float:
    """AutoCkt's summed shortfall: of each missed bound the difference to the value, divided by their sum.

    Source: K. Settaluri et al., DATE 2020, equation 1; values in dB count as ratios, as there.
    """
    total = 0.0
    for spec in specs:
        if spec.bound is None:
            continue
        value = evaluation.metrics.get(spec.metric.name, float("nan"))
        bound = spec.bound
        if spec.metric.unit == "dB":
            value, bound = 10 ** (value / 20), 10 ** (bound / 20)
        sign = 1 if spec.sense == ">=" else -1
        distance = sign * (value - bound) / (abs(value) + abs(bound) or 1.0)
        if not distance >= 0:
            total += 1.0 if np.isnan(distance) else -distance
    return total


def budgets_of(budget: int) -> list[int]:
    """Those at which a suite with this one reports success, its own among them."""
    return [*(one for one in _BUDGETS if one < budget), budget]


def reached_by(firsts: Iterable[int | None], budgets: Sequence[int]) -> Mapping[str, float]:
    """By budget, the share of the searches that had a feasible design."""
    counts = [np.inf if first is None else first for first in firsts]
    return {f"within {budget}": float(np.mean([count <= budget for count in counts])) for budget in budgets}


def quartiles_needed(firsts: Iterable[int | None]) -> tuple[int | None, int | None]:
    """The first and third quartile likewise: the least numbers that a quarter and three of the searches keep to."""
    needed = [np.inf if first is None else first for first in firsts]
    low, high = np.quantile(needed, (0.25, 0.75), method="inverted_cdf").tolist()
    return (int(low) if np.isfinite(low) else None), (int(high) if np.isfinite(high) else None)


def median_needed(firsts: Iterable[int | None]) -> float | None:
    """The median of simulations to a feasible design; a search without one counts as more than any."""
    needed = median(np.inf if first is None else first for first in firsts)
    return needed if np.isfinite(needed) else None
