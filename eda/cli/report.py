"""`eda report`: a run as one HTML file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.conditions import MonteCarloOption, VariationOption  # noqa: TC001 - typer reads them at run time
from eda.cli.output import DONE, MISSED, JsonOption, emit_json, writable
from eda.cli.runs import find_origin
from eda.cli.sources import TaskOption  # noqa: TC001 - typer reads the annotations at run time

if TYPE_CHECKING:
    from eda.sizing import Result

__all__ = ["report"]


def report(
    run: Annotated[Path, typer.Argument(help="The run's folder, as `eda size` printed it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file.")] = Path("report.html"),
    task: TaskOption = None,
    verification: Annotated[bool, typer.Option(help="Verify over the task's corners and temperatures too.")] = True,
    monte_carlo: MonteCarloOption = 0,
    variation: VariationOption = "both",
    *,
    json: JsonOption = False,
) -> None:
    """Write a self-contained HTML report of a run, to be read on a screen, a phone or paper.

    Specs with margins, parameters within their bounds, convergence, waveforms, operating point, sensitivities, corners,
    Monte Carlo, Pareto front, and the command to reproduce it. Exits with 1 where a spec is missed, by the run or by
    its verification.

    Examples: `eda report runs/two_stage_miller-1a2b3c4d5e -o report.html`,
    `eda report runs/two_stage_miller-1a2b3c4d5e --monte-carlo 100 --no-verification`
    """
    from eda.report import Report
    from eda.simulation import WorkerPool
    from eda.sizing import load_run
    from eda.verification import verify

    writable(output)
    with WorkerPool() as simulator:
        origin = find_origin(run, task)
        loaded = origin.load(simulator)
        result: Result = load_run(run, loaded.problem)
        plan, checked = loaded.verification, None
        specs = () if origin.specs else plan.specs  # the task's bounds are not those of a run that had others
        if verification:
            checked = verify(
                result,
                corners=plan.corners,
                temperatures=plan.temperatures,
                supplies=plan.supplies,
                specs=specs,
            )
        if monte_carlo:
            usual = loaded.problem.conditions
            drawn = verify(
                result,
                corners=usual.corner,
                temperatures=usual.temperature,
                supplies=usual.supply,
                specs=specs,
                monte_carlo=monte_carlo,
                variation=variation,
            )
            checked = replace(checked or drawn, monte_carlo=drawn.monte_carlo)
        path = Report(result, checked, command=origin.command).save(output)
    if json:
        emit_json({"report": str(path), "feasible": result.feasible, "verified": checked and checked.passed})
    else:
        if not result.feasible:
            print("no design of the run met all specs and guards")
        if checked:
            print(checked.verdict())
        if checked and checked.monte_carlo:
            print(f"Monte Carlo, {checked.monte_carlo.verdict()}")
        print(path)
    raise typer.Exit(DONE if result.feasible and (checked is None or checked.passed) else MISSED)
