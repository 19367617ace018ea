"""The sizing loop: ask, simulate, record, tell."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError, RunStoreError, SimulatorError, require_type
from eda.problem import SizingProblem
from eda.simulation import ExecutorSimulator, Status
from eda.sizing.bayesian import Bayesian
from eda.sizing.optimizer import Optimizer, Outcome, Search
from eda.sizing.progress import show_progress
from eda.sizing.result import Result
from eda.sizing.store import Record, RunStore, read_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Evaluation

    Progress = Callable[[int, Evaluation], None]

__all__ = ["load_run", "outcome_of", "size"]


def size(
    problem: SizingProblem,
    optimizer: Optimizer | None = None,
    *,
    budget: int = 300,
    start: Sequence[Mapping[str, float]] = (),
    run_dir: str | Path = "runs",
    progress: bool = True,
    executor: Executor | Callable[[], Executor] | None = None,
) -> Result:
    """Find sizes that meet the specs of a problem.

    Every evaluation is recorded in the run's folder before it counts. The same call again resumes an interrupted
    run, and returns a finished one; a larger budget continues it. The result does not depend on interruptions.

    Args:
        problem: what to size.
        optimizer: how; `Bayesian()` when it is `None`.
        budget: simulations to spend at most: without an objective the run ends with the round of its first feasible
            design.
        start: designs to begin with, values by variable name, SI: they are simulated first, and optimizers that can
            search around them.
        run_dir: where run folders are made; the run's own is named by what the run is.
        progress: whether to show progress on stderr.
        executor: where to simulate, in place of the problem's simulator: an executor, such as `get_executor()` of a
            Dask client, or a function that makes one (see `eda.simulation.ExecutorSimulator`).

    Returns:
        The result with its best design, feasible or not.

    Raises:
        InputError: the budget is not positive or smaller than the start, a start is no design of the problem, or there
            are more objectives than the optimizer is made for.
        RunStoreError: the run's folder cannot be written, or is in use.
        SimulatorError: ngspice is missing, or the executor is broken.
    """
    if executor is not None:
        require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
        with ExecutorSimulator(executor) as simulator:
            there = problem.with_simulator(simulator)
            result = size(there, optimizer, budget=budget, start=start, run_dir=run_dir, progress=progress)
        return replace(result, problem=problem)
    require_type("budget", budget, int, "300")
    if budget < 1:
        raise InputError(f"`budget >= 1` must hold, but got {budget}")
    optimizer = Bayesian() if optimizer is None else optimizer
    require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
    require_type("optimizer", optimizer, Optimizer, "eda.Bayesian(seed=0)")
    _check_objectives(problem, optimizer)
    given = _start_points(problem, start, budget)
    about: dict[str, Any] = {"problem": problem.describe(), "optimizer": dict(optimizer.describe())}
    if len(given):
        about["start"] = [problem.space.decode(point) for point in given]
    about["versions"] = _versions()
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:10]
    folder = Path(run_dir) / f"{problem.name}-{digest}"
    with RunStore(folder, about) as store, show_progress(problem, budget, shown=progress) as report:
        search = _Warm(optimizer, problem.space, given) if len(given) else optimizer.start(problem.space)
        try:
            _Run(problem, search, store, report, explores=optimizer.explores).advance(budget)
            store.note("findings", search.findings())
        finally:
            # also of a round that was cut short: what is on disk is what the run has
            result = Result(problem, about, _evaluations(store.records()[:budget]), folder, store.notes("findings"))
            if result.evaluations:
                result.circuit.write(folder / "best.sp")
    return result


def _check_objectives(problem: SizingProblem, optimizer: Optimizer) -> None:
    objectives = [str(spec) for spec in problem.specs if spec.is_objective]
    if len(objectives) > 1 and not optimizer.multiobjective:
        name = optimizer.describe()["optimizer"]
        raise InputError(
            f"{name} searches for one objective, but got {' and '.join(objectives)}; give bounds to the others, or use "
            "an optimizer for several objectives (nsga2)"
        )


def _start_points(problem: SizingProblem, start: Sequence[Mapping[str, float]], budget: int) -> NDArray[np.float64]:
    require_type("start", start, Sequence, "[{'w1': 10e-6}]")
    if len(start) > budget:
        raise InputError(f"`budget >= designs to start with` must hold, but got {budget} and {len(start)}")
    points = [problem.space.encode({**problem.circuit.defaults(), **design}) for design in start]
    return problem.space.snap(np.array(points).reshape(len(points), problem.space.dimension))


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

    def findings(self) -> Mapping[str, Any]:
        return {} if self.search is None else self.search.findings()


def _versions() -> dict[str, str]:
    """Of everything that a search depends on: another version may propose or measure otherwise."""
    return {name: version(name) for name in ("analog-eda", "botorch", "gpytorch", "numpy", "scipy", "torch")}


def _evaluations(records: Sequence[Record]) -> tuple[Evaluation, ...]:
    return tuple(record.evaluation for record in records)


class _Run:
    """A search with its store."""

    def __init__(
        self, problem: SizingProblem, search: Search, store: RunStore, report: Progress, *, explores: bool
    ) -> None:
        self.problem, self.search, self.store, self.report = problem, search, store, report
        self.explores = explores
        self.recorded = store.records()
        for number, record in enumerate(self.recorded):
            report(number, record.evaluation)

    def advance(self, budget: int) -> None:
        """Go on until the budget is spent or nothing is left to improve; rounds on disk are not simulated again."""
        round_ = start = 0
        while start < budget:
            before = {r.number: r for r in self.recorded if r.round == round_}
            later = any(r.round > round_ for r in self.recorded)
            if later:
                points = np.array([before[number].point for number in sorted(before)])
            else:
                points = self.search.ask()
                _check_same(points, before, start, self.store.folder)
            done = self._simulate(points[: budget - start], before, start, round_)
            if round_ == 0 and all(evaluation.status is Status.BAD_DECK for evaluation in done):
                (reason,) = done[0].failures(self.problem.specs)
                raise SimulatorError(f"no design can be simulated: {reason}\n{done[0].log[-1000:]}".rstrip())
            if self._solved(done):
                return
            if len(done) == len(points):
                self.search.tell(outcome_of(points, done, self.problem))
            start += len(points)
            round_ += 1

    def _solved(self, done: list[Evaluation]) -> bool:
        """Whether there is nothing left to improve: specs without an objective are met."""
        specs = self.problem.specs
        bounds_only = not self.explores and not any(spec.is_objective for spec in specs)
        return bounds_only and any(one.feasible(specs) for one in done)

    def _simulate(
        self, points: NDArray[np.float64], before: dict[int, Record], start: int, round_: int
    ) -> list[Evaluation]:
        done = {number - start: record.evaluation for number, record in before.items()}
        missing = [index for index in range(len(points)) if index not in done]
        designs = [self.problem.space.decode(points[index]) for index in missing]
        for position, evaluation in self.problem.stream([(d, self.problem.conditions) for d in designs]):
            index = missing[position]
            done[index] = evaluation
            self.store.add(Record(start + index, round_, tuple(points[index].tolist()), evaluation))
            self.report(start + index, evaluation)
        return [done[index] for index in range(len(points))]


def _check_same(points: NDArray[np.float64], before: dict[int, Record], start: int, folder: Path) -> None:
    """A round that was interrupted must be asked for again as it was: else the run is not the one on disk."""
    for number, record in before.items():
        if number - start >= len(points) or tuple(points[number - start].tolist()) != record.point:
            raise RunStoreError(
                f"the run {folder} cannot be continued: evaluation {number} differs from what this version of the "
                "optimizer proposes; choose another --run-dir"
            )


def outcome_of(points: NDArray[np.float64], evaluations: Sequence[Evaluation], problem: SizingProblem) -> Outcome:
    """What a search is told of a round.

    Args:
        points: `n x d` points in the unit cube.
        evaluations: one each.
        problem: which they are of.
    """
    told = [_told(evaluation) for evaluation in evaluations]
    return Outcome(
        points,
        np.array([evaluation.slacks(problem.specs) for evaluation in evaluations]),
        np.array([evaluation.costs(problem.specs) for evaluation in evaluations]),
        {name: np.array([one.get(name, np.nan) for one in told]) for name in dict.fromkeys(itertools.chain(*told))},
    )


def _told(evaluation: Evaluation) -> dict[str, float]:
    """Metrics, and the parts of guards."""
    parts = {f"{guard.name} {name}": part for guard in evaluation.guards for name, part in guard.parts.items()}
    return {**evaluation.metrics, **parts}


def load_run(folder: str | Path, problem: SizingProblem) -> Result:
    """The result of a run on disk.

    Args:
        folder: the run's folder.
        problem: the problem that it sized.

    Raises:
        RunStoreError: there is no run, it is empty, or it is of another problem.
    """
    about, records, findings = read_run(Path(folder))
    now = {**problem.describe(), "simulator": about["problem"]["simulator"]}  # another ngspice may read an old run
    different = [key for key, value in json.loads(json.dumps(now)).items() if about["problem"].get(key) != value]
    if different:
        raise RunStoreError(f"{folder} holds a run of another problem (different: {', '.join(different)})")
    if not records:
        raise RunStoreError(f"{folder} holds no evaluation yet")
    return Result(problem, about, _evaluations(records), Path(folder), findings)
