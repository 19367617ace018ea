"""`eda report`: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["report"]


def report(
    task: TaskArgument,
    run: Annotated[Path, typer.Argument(help="The run's folder, as `eda size` printed it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file.")] = Path("report.html"),
    spec: Annotated[list[str] | None, typer.Option(help="The specs that the run was given.")] = None,
    technology: Annotated[str | None, typer.Option(help="The technology that the run was given.")] = None,
    verification: Annotated[bool, typer.Option(help="Verify over the task's corners and temperatures too.")] = True,
    *,
    json: JsonOption = False,
) -> None:
    """Write a self-contained HTML report of a run: specs, convergence, Bode plot, sizes, corners, provenance.

    Example: `eda report two_stage_miller runs/two_stage_miller-1a2b3c4d5e -o report.html`
    """
    from eda.problem import load_task
    from eda.report import save_report
    from eda.simulation import WorkerPool
    from eda.sizing import load_run
    from eda.verification import verify

    with WorkerPool() as simulator:
        loaded = load_task(task, technology=technology, specs=tuple(spec or ()), simulator=simulator)
        result = load_run(run, loaded.problem)
        plan, checked = loaded.verification, None
        if verification:
            checked = verify(
                result,
                corners=plan.corners,
                temperatures=plan.temperatures,
                supplies=plan.supplies,
                specs=plan.specs,
            )
        path = save_report(output, result, checked)
    if json:
        emit_json({"report": str(path), "feasible": result.feasible, "verified": checked and checked.passed})
    else:
        print(path)
    raise typer.Exit(DONE if result.feasible and (checked is None or checked.passed) else MISSED)
