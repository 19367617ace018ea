"""`eda compare`: runs of one task side by side."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import DONE, JsonOption, emit_json
from eda.cli.runs import find_origin, is_training
from eda.cli.sources import TaskOption  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["compare"]


def compare(
    runs: Annotated[list[Path], typer.Argument(help="The folders of the runs, as `eda size` printed them.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="An HTML file with their convergence in one plot.")
    ] = None,
    task: TaskOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Compare runs of the same circuit and specs: simulations to the first feasible design, and the best one.

    Examples: `eda compare runs/two_stage_miller-1a2b3c4d5e runs/two_stage_miller-6f7a8b9c0d`,
    `eda compare runs/two_stage_miller-* -o compare.html`
    """
    from eda.report.comparison import Comparison
    from eda.simulation import WorkerPool
    from eda.sizing import load_run

    sizing = [run for run in runs if not is_training(run)]
    for run in runs:
        if run not in sizing:
            sys.stderr.write(f"{run} is left out: it is of a training\n")
    with WorkerPool(1) as simulator:
        results = [load_run(run, find_origin(run, task).load(simulator).problem) for run in sizing]
    comparison = Comparison(results)
    if output:
        comparison.save(output)
    if json:
        emit_json(comparison.rows())
    else:
        print(comparison)
        if output:
            print(output)
    raise typer.Exit(DONE)
