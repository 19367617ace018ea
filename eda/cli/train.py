"""`eda train`: learn from simulations what answers new bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.output import JsonOption, emit_json
from eda.cli.simulators import WorkersOption, open_simulator
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["app", "experience_path"]

app = typer.Typer(help="Learn from simulations what answers new bounds.", no_args_is_help=True)


def experience_path(task: Path) -> Path:
    """Where the experience of a task is kept: beside the task."""
    return task.with_suffix(".experience.safetensors")


@app.command()
def sizing(
    task: TaskArgument,
    simulations: Annotated[int, typer.Option(min=100, help="Simulations to practise with.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of designs, targets and networks.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to keep it; beside the task by default.")
    ] = None,
    run_dir: Annotated[Path, typer.Option(help="Where runs are stored; the same command resumes there.")] = Path(
        "runs"
    ),
    workers: WorkersOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Practise sizing: simulate designs where the task's targets lie, and train an ensemble that predicts its metrics.

    The task's table `[targets]` gives the range of bounds for each metric, `gbw = ["1 MHz", "25 MHz"]`; a spec without
    one keeps its bound. `eda size TASK --optimizer amortised --spec ...` then answers within a few simulations.

    Examples: `eda train sizing benchmarks/tasks/autockt.toml --simulations 5000`,
    `eda train sizing my_opamp.toml --simulations 2000 --seed 1 -o my_opamp.safetensors`
    """
    from eda.problem import load_task
    from eda.sizing.practice import practise

    path = output or experience_path(task)
    with open_simulator(workers, None) as simulator:
        loaded = load_task(task, simulator=simulator)
        experience = practise(loaded.problem, loaded.targets, simulations=simulations, seed=seed, run_dir=run_dir)
    experience.save(path)
    errors = experience.ensemble.errors
    if json:
        emit_json({"experience": str(path), "simulations": len(experience.points), "determination": errors})
        return
    print(f"{path}: {len(experience.points)} designs")
    for name, value in errors.items():
        print(f"  {name:28} R2 = {value:.4f} on designs held out")
