"""`eda train`: learn from simulations what answers new bounds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.output import JsonOption, emit_json, writable
from eda.cli.runs import RunDirOption  # noqa: TC001 - typer reads the annotations at run time
from eda.cli.simulators import TimeoutOption, WorkersOption, open_simulator
from eda.cli.sources import TaskArgument, find_task
from eda.errors import InputError, require_known

if TYPE_CHECKING:
    from eda.surrogate import Surrogate

__all__ = ["agent_path", "app", "experience_path", "surrogate_path"]

_TOLD = ("simulations", "working", "determination")
_POOR = 0.9  # R2 below which predictions hardly lead to designs

app = typer.Typer(help="Learn from simulations what answers new bounds.", no_args_is_help=True)


def experience_path(task: Path) -> Path:
    """Where the experience of a task is kept: beside the task."""
    return task.with_suffix(".experience.safetensors")


def agent_path(task: Path) -> Path:
    """Where the agent of a task is kept: beside the task."""
    return task.with_suffix(".agent.safetensors")


def surrogate_path(task: Path) -> Path:
    """Where the surrogate of a task is kept: beside the task."""
    return task.with_suffix(".surrogate.safetensors")


@app.command()
def surrogate(
    tasks: Annotated[
        list[Path], typer.Argument(parser=find_task, metavar="TASK...", help="Task files, or names in netlists/.")
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option(help="A metric to predict; may be repeated. Those of the specs by default."),
    ] = None,
    simulations: Annotated[int, typer.Option(min=50, help="Simulations to learn from, for each task.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of designs and networks.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to keep it, of one task; beside the task by default.")
    ] = None,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    timeout: TimeoutOption = 60.0,
    *,
    json: JsonOption = False,
) -> None:
    """Train a surrogate: a model that predicts metrics from sizes in microseconds, and how far it may be off.

    Some of the simulations are of designs anywhere, most of them of designs all over the region where the circuit is
    expected to work. They are stored, and so are networks in training: the same command goes on where it was stopped,
    and more simulations continue those that are there. In Python it is
    `eda.Surrogate.load(PATH).predict_designs([{"w1": 10e-6, ...}])`.

    Examples: `eda train surrogate two_stage_miller`,
    `eda train surrogate five_transistor_ota telescopic_ota --metric dc_gain --metric settling_time --simulations 5000`
    """
    from eda.problem import load_task
    from eda.sizing.sampling import sampled
    from eda.surrogate import Surrogate

    if output and len(tasks) > 1:
        raise InputError("--output is for one task, but several were given; without it each is kept beside its task")
    paths = [_weights(output or surrogate_path(task), task) for task in tasks]
    rows = []
    with open_simulator(workers, None, timeout) as simulator:
        problems = [load_task(task, simulator=simulator).problem for task in tasks]
        for problem in problems:
            require_known("metric", metric or [], problem.testbench.metrics)
        for problem, path in zip(problems, paths, strict=True):
            metrics = metric or [spec.metric.name for spec in problem.specs]
            samples = sampled(problem, metrics, simulations=simulations, seed=seed, run_dir=run_dir)
            state = run_dir / f"{problem.name} {samples.digest()} {seed}.state"
            found = Surrogate.fit(problem, samples, seed=seed, state=state)
            found.save(path)
            state.unlink()
            rows.append({"surrogate": str(path), **{key: found.card[key] for key in _TOLD}})
            if not json:
                _tell(found, path)
    if json:
        emit_json(rows if len(rows) > 1 else rows[0])


@app.command()
def sizing(
    task: TaskArgument,
    simulations: Annotated[int, typer.Option(min=100, help="Simulations to practise with.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of designs, targets and networks.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to keep it; beside the task by default.")
    ] = None,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    timeout: TimeoutOption = 60.0,
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

    path = _weights(output or experience_path(task), task)
    replaced = path.exists()
    with open_simulator(workers, None, timeout) as simulator:
        loaded = load_task(task, simulator=simulator)
        experience = practise(loaded.problem, loaded.targets, simulations=simulations, seed=seed, run_dir=run_dir)
    experience.save(path)
    errors = experience.ensemble.errors
    if json:
        emit_json({"experience": str(path), "simulations": len(experience.points), "determination": errors})
        return
    print(f"{path}: {len(experience.points)} designs" + ", in place of what was there" * replaced)
    for name, value in errors.items():
        print(f"  {name:28} R2 = {value:.4f} on designs held out")
    poor = [name for name, value in errors.items() if not value >= _POOR]
    if poor:
        print(f"R2 is below {_POOR} for {', '.join(poor)}: answers will take more simulations; practise with more")


@app.command()
def agent(
    task: TaskArgument,
    algorithm: Annotated[str, typer.Option(help="ppo (moves step by step) or ddpg (proposes designs).")] = "ppo",
    simulations: Annotated[int, typer.Option(min=200, help="Moves to train with, a simulation each.")] = 50_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of games and networks.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to keep it; beside the task by default.")
    ] = None,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    timeout: TimeoutOption = 60.0,
    *,
    json: JsonOption = False,
) -> None:
    """Train a reinforcement-learning agent to size a circuit, for bounds drawn from the task's `[targets]`.

    `eda size TASK --optimizer agent --spec ...` then plays: it moves from the middle of the design space by what it
    sees of each design. Needs Stable-Baselines3: pip install 'analog-eda[rl]'.

    Examples: `eda train agent benchmarks/tasks/autockt.toml --simulations 100000`,
    `eda train agent two_stage_tia --algorithm ddpg --simulations 2000 --seed 1 -o tia.safetensors`
    """
    from eda.problem import load_task
    from eda.sizing.agent_training import train_agent

    path = _weights(output or agent_path(task), task)
    with open_simulator(workers, None, timeout) as simulator:
        loaded = load_task(task, simulator=simulator)
        policy, curve = train_agent(
            loaded.problem,
            loaded.targets,
            algorithm=algorithm,
            simulations=simulations,
            seed=seed,
            run_dir=run_dir,
        )
    policy.save(path)
    if json:
        emit_json({"agent": str(path), "curve": curve})
    else:
        print(f"{path}: trained by {policy.card['training']['moves']} moves")


def _tell(found: Surrogate, path: Path) -> None:
    """What was trained, and how well it predicts."""
    card = found.card
    print(
        f"{path}: {card['simulations']} designs, of which {card['working']} work; R2 is of {card['judged by']} held out"
    )
    for name, value in card["determination"].items():
        print(f"  {name:28} R2 = {value:.4f}")
    poor = [name for name, value in card["determination"].items() if not value >= _POOR]
    if poor:
        print(f"R2 is below {_POOR} for {', '.join(poor)}: predictions are rough; simulate more")


def _weights(path: Path, task: Path) -> Path:
    """The path of weights that training will end with; a card, `.json`, is written beside them.

    Raises:
        InputError: one of them cannot be written.
    """
    if path.suffix != ".safetensors":
        raise InputError(f"weights are kept in a .safetensors file, with a card beside it, but got {path}")
    writable(path, task)
    writable(path.with_suffix(".json"), task)
    return path
