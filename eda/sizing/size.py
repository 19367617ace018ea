"""Sizing a circuit, and reading what an earlier run found."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError, RunStoreError, parse_choice, require_known, require_type
from eda.netlist import Severity, check
from eda.problem import SizingProblem
from eda.problem.conditions import as_data, combinations, from_data, samples
from eda.simulation import ExecutorSimulator
from eda.sizing.bayesian import Bayesian
from eda.sizing.examination import Examination, Screening
from eda.sizing.optimizer import End, Optimizer, check_objectives
from eda.sizing.progress import show_progress
from eda.sizing.result import Result
from eda.sizing.run import Run
from eda.sizing.store import Record, RunStore, read_run, run_folder
from eda.sizing.versions import versions
from eda.technology import Variation
from eda.testbench.block import BlockTestbench

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from eda.surrogate import Surrogate
    from eda.testbench import Conditions

__all__ = ["load_run", "size"]


def size(
    problem: SizingProblem,
    optimizer: Optimizer | None = None,
    *,
    budget: int = 300,
    start: Sequence[Mapping[str, float]] = (),
    corners: str | Sequence[str] = (),
    temperatures: float | Sequence[float] = (),
    supplies: float | Sequence[float] = (),
    monte_carlo: int = 0,
    variation: str | Variation = Variation.BOTH,
    screening: str | Screening = Screening.LEARNED,
    ahead: int = 0,
    screen: Surrogate | None = None,
    run_dir: str | Path = "runs",
    origin: Mapping[str, Any] | None = None,
    progress: bool = True,
    executor: Executor | Callable[[], Executor] | None = None,
) -> Result:
    """Find sizes that meet the specs of a problem.

    Every evaluation is recorded in the run's folder before it counts. The same call again resumes an interrupted
    run, and returns a finished one; a larger budget continues it. The result does not depend on interruptions.

    Args:
        problem: what to size.
        optimizer: how; `Bayesian()` when it is `None`.
        budget: simulations to spend at most, each design under each condition counted: without an objective, or with
            an optimizer that knows of none, the run ends with the round of its first feasible design, and those under
            way beside it.
        start: designs to begin with, values by variable name, SI: they are simulated first, and optimizers that can
            search around them.
        corners: `"all"`, or names of corners; the problem's when empty, as for temperatures and supplies.
        temperatures: degrees Celsius.
        supplies: factors on the testbench's supply voltage.
        monte_carlo: samples of the process at the problem's conditions, by seed 0.
        variation: what varies from sample to sample: `"process"`, `"mismatch"` or `"both"`.
        screening: which of the conditions a design is simulated under; see `Screening`.
        ahead: rounds that are asked for before the oldest one is done, so that workers need neither wait for it nor for
            the optimizer: twice as many as there are workers. The result depends on this number, but not on which
            simulation is done first. Only some optimizers can: bayesian, random, sobol.
        screen: a surrogate of the problem, for its own conditions: designs that it is sure to miss the specs are not
            simulated, and the optimizer is told what it expects of them.
        run_dir: where run folders are made; the run's own is named by what the run is.
        origin: JSON data on where the run comes from, kept in its folder for `read_origin`.
        progress: whether to show progress on stderr.
        executor: where to simulate, in place of the problem's simulator: an executor, such as `get_executor()` of a
            Dask client, or a function that makes one (see `eda.simulation.ExecutorSimulator`).

    Returns:
        The result with its best design, feasible or not.

    Raises:
        InputError: the budget is not positive or smaller than the start, a start is no design of the problem, there are
            more objectives than the optimizer is made for, it cannot ask ahead, or there is no such corner or
            variation.
        RunStoreError: the run's folder cannot be written, or is in use.
        SimulatorError: ngspice is missing, or the executor is broken.
    """
    require_type("budget", budget, int, "300")
    if budget < 1:
        raise InputError(f"`budget >= 1` must hold, but got {budget}")
    optimizer = Bayesian() if optimizer is None else optimizer
    require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
    require_type("optimizer", optimizer, Optimizer, "eda.Bayesian(seed=0), or OPTIMIZERS['cma'](0) of eda.sizing")
    if screen is not None:
        from eda.sizing.screened import Screened  # noqa: PLC0415 - it loads torch, which others need not

        screen.require(problem)
        optimizer = Screened(optimizer, screen, problem.specs)
    check_objectives(problem, optimizer)
    _check_ahead(ahead, optimizer)
    screening = parse_choice(Screening, screening, "screening")
    given = _start_points(problem, start, budget)
    conditions = [
        *_everywhere(problem, corners, temperatures, supplies),
        *samples(problem.conditions, monte_carlo, variation),
    ]
    problem.deck(conditions[-1].population)  # a technology without statistics shows now
    about: dict[str, Any] = {"problem": problem.describe(), "optimizer": dict(optimizer.describe())}
    if len(given):
        about["start"] = [problem.space.decode(point) for point in given]
    if len(conditions) > 1:
        about["conditions"] = [as_data(one) for one in conditions]
        about["simulated"] = {str(one): problem.simulated(one) for one in {one.population for one in conditions}}
        about["screening"] = screening.value
    if ahead:
        about["ahead"] = ahead
    about["versions"] = versions()
    folder = run_folder(run_dir, about)
    with (
        nullcontext() if executor is None else ExecutorSimulator(executor, in_flight=max(32, ahead + 1)) as simulator,
        RunStore(folder, about) as store,
        show_progress(problem, budget, shown=progress, judged=optimizer.end is not End.NOTHING) as report,
    ):
        if origin is not None:
            store.note("origin", origin)
        there = problem if simulator is None else problem.with_simulator(simulator)
        examination = Examination(problem.specs, conditions, screening)
        run = Run(there, optimizer, given, examination, store, report, ahead=ahead)
        if progress:
            _tell_of_findings(problem)
            _tell_of_overdrive(problem, conditions)
            _tell_of_objectives(problem, optimizer)
            _tell_of_resuming(problem, len(run.recorded))
            _warn_of_small_budget(problem, optimizer, len(run.search.ask()), budget)
        try:
            run.advance(budget)
            if len(store.records()) <= budget:
                store.note("findings", run.search.findings())
        finally:
            # also of a round that was cut short: what is on disk is what the run has
            result = _result(problem, about, store.records(), folder, store.notes("findings"), budget)
            if result.evaluations:
                result.circuit.write(result.netlist)
    return result


def _tell_of_findings(problem: SizingProblem) -> None:
    """What the rule check finds wrong with the netlist: no size can mend it."""
    for finding in check(problem.source):
        if finding.severity is not Severity.NOTE:
            sys.stderr.write(f"{finding}\n")


def _tell_of_overdrive(problem: SizingProblem, conditions: Sequence[Conditions]) -> None:
    if isinstance(problem.testbench, BlockTestbench):
        supply = max(problem.testbench.supply(problem.technology, one) for one in conditions)
        for model, voltage in problem.technology.overdriven(problem.circuit, supply).items():
            sys.stderr.write(
                f"{problem.name}: the supply is up to {supply:.3g} V, but {model} is made for {voltage:g} V, and its "
                "model knows no breakdown\n"
            )


def _tell_of_objectives(problem: SizingProblem, optimizer: Optimizer) -> None:
    left = [str(spec) for spec in problem.specs if spec.is_objective]
    if left and optimizer.end is End.FEASIBLE:
        name = optimizer.describe()["optimizer"]
        sys.stderr.write(
            f"{problem.name}: {name} ends with the first design that meets all bounds, whatever becomes of "
            f"'{', '.join(left)}'\n"
        )


def _tell_of_resuming(problem: SizingProblem, recorded: int) -> None:
    if recorded:
        sys.stderr.write(f"{problem.name}: {recorded} simulations are on disk, and the search learns from them again\n")


def _warn_of_small_budget(problem: SizingProblem, optimizer: Optimizer, first: int, budget: int) -> None:
    if budget < first:
        sys.stderr.write(
            f"{problem.name}: the first round of {optimizer.describe()['optimizer']} has {first} designs, and a budget "
            f"of {budget} ends within it\n"
        )


def _everywhere(
    problem: SizingProblem,
    corners: str | Sequence[str],
    temperatures: float | Sequence[float],
    supplies: float | Sequence[float],
) -> list[Conditions]:
    """The problem's conditions, and the combinations with what is asked for beside them."""
    nominal = problem.conditions
    found = combinations(
        problem.technology,
        corners or nominal.corner,
        nominal.temperature if np.size(temperatures) == 0 else temperatures,
        nominal.supply if np.size(supplies) == 0 else supplies,
    )
    return list(dict.fromkeys((nominal, *found)))


def _result(
    problem: SizingProblem,
    about: Mapping[str, Any],
    records: Sequence[Record],
    folder: Path,
    findings: dict[str, Any],
    budget: int,
) -> Result:
    conditions = tuple(from_data(one) for one in about.get("conditions", ())) or (problem.conditions,)
    evaluations = tuple(record.evaluation for record in records[:budget])
    places = tuple(record.place for record in records[:budget])
    return Result(problem, about, evaluations, folder, findings, conditions, places, more=len(records) > budget)


def _check_ahead(ahead: int, optimizer: Optimizer) -> None:
    require_type("ahead", ahead, int, "2")
    if ahead < 0:
        raise InputError(f"`ahead >= 0` must hold, but got {ahead}")
    if ahead and not optimizer.asynchronous:
        raise InputError(
            f"{optimizer.describe()['optimizer']} waits for a whole round before it asks for the next one; use "
            "ahead=0, or an optimizer that asks ahead (bayesian, random, sobol) without a screen"
        )


def _start_points(problem: SizingProblem, start: Sequence[Mapping[str, float]], budget: int) -> NDArray[np.float64]:
    require_type("start", start, Sequence, "[{'w1': 10e-6}]")
    if len(start) > budget:
        raise InputError(f"`budget >= designs to start with` must hold, but got {budget} and {len(start)}")
    points = []
    for design in start:
        require_type("a design to start with", design, Mapping, "{'w1': 10e-6}")
        require_known("variable", design, problem.space.names)
        points.append(problem.space.encode({**problem.circuit.defaults(), **design}))
    return problem.space.snap(np.array(points).reshape(len(points), problem.space.dimension))


def load_run(folder: str | Path, problem: SizingProblem) -> Result:
    """The result of a run on disk.

    Args:
        folder: the run's folder.
        problem: the problem that it sized.

    Raises:
        RunStoreError: there is no run, it is empty, or it is of another problem.
    """
    about, records, findings = read_run(Path(folder))
    if not {"problem", "optimizer"} <= about.keys():
        raise RunStoreError(f"{folder} holds simulations, but no search; give a folder that `eda size` printed")
    now = json.loads(json.dumps(problem.definition()))
    different = [key for key, value in now.items() if about["problem"].get(key) != value]
    if different:
        raise RunStoreError(
            f"{folder} holds a run of another problem (different: {', '.join(different)}); give the task that it "
            "had, or use the problem that it was made with: eda.Report(eda.load_run(folder, problem))"
        )
    if not records:
        raise RunStoreError(f"{folder} holds no evaluation yet")
    return _result(problem, about, records, Path(folder), findings, len(records))
