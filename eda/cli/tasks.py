"""`eda tasks` and `eda calibrate`: the library of circuits, and how hard its tasks are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.runs import RunDirOption  # noqa: TC001 - typer reads the annotations at run time
from eda.cli.simulators import TimeoutOption, WorkersOption, open_simulator
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["calibrate", "tasks"]


def tasks(
    folder: Annotated[Path, typer.Option(help="The library: a folder with tasks in it and below it.")] = Path(
        "netlists"
    ),
    *,
    json: JsonOption = False,
) -> None:
    """List the circuits of the library with the difficulty of their tasks.

    `random hits` are random designs that meet every spec and guard, `reference` the median of the simulations that
    differential evolution needs to the first such design (and in how many runs it finds one), `ms` one evaluation.

    Examples: `eda tasks`, `eda tasks --json`
    """
    from eda.benchmark.library import find_tasks, library_rows
    from eda.problem.table import format_table

    rows = library_rows(find_tasks(folder))
    if json:
        emit_json(rows)
    elif rows:
        cells = [["-" if value is None else str(value) for value in row.values()] for row in rows]
        print(format_table(list(rows[0]), cells))
    else:
        print(f"no task in {folder}")


def calibrate(
    task: TaskArgument,
    designs: Annotated[int, typer.Option(min=1, help="Random designs.")] = 2000,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of the reference optimizer.")] = 3,
    budget: Annotated[int, typer.Option(min=1, help="Simulations that each of them may spend.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random designs.")] = 0,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    timeout: TimeoutOption = 60.0,
    *,
    dry: Annotated[bool, typer.Option("--dry", help="Print the record, but do not write it beside the task.")] = False,
    json: JsonOption = False,
) -> None:
    """Measure how hard a task is, and record it beside the task; exit code 1 when no feasible design was found.

    Examples: `eda calibrate two_stage_miller`, `eda calibrate my_opamp.toml --designs 5000 --seeds 5`
    """
    from eda.benchmark.calibration import calibrate as run
    from eda.problem import load_task

    with open_simulator(workers, None, timeout) as simulator:
        loaded = load_task(task, simulator=simulator)
        found = run(loaded, designs=designs, seeds=seeds, budget=budget, seed=seed, run_dir=run_dir)
    data = found.data
    if not dry:
        found.write()
    if json:
        emit_json(data)
    else:
        random = data["random"]
        print(f"{loaded.name} in {data['technology']}: {data['devices']} devices, {data['variables']} variables")
        for name, count in random["hits"].items():
            print(f"  {name:36} {100 * count / designs:6.2f} % of random designs")
        print(f"  {'everything':36} {100 * random['all'] / designs:6.2f} %")
        firsts = data["reference"]["simulations to feasible"]
        print(f"  {data['reference']['optimizer']}: simulations to a feasible design: {', '.join(map(str, firsts))}")
        print(f"  {data['ms per evaluation']:.3g} ms per evaluation")
    raise typer.Exit(DONE if data["feasible"] else MISSED)
