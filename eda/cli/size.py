"""`eda size`: find sizes that meet the specs."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.conditions import (
    CornersOption,
    MonteCarloOption,
    SuppliesOption,
    TemperaturesOption,
    VariationOption,
    asked_conditions,
)
from eda.cli.output import DONE, MISSED, JsonOption, emit_json, writable
from eda.cli.runs import Origin, RunDirOption
from eda.cli.simulators import ModeOption, SchedulerOption, TimeoutOption, WorkersOption, open_simulator
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time
from eda.cli.train import agent_path, experience_path, surrogate_path
from eda.errors import InputError

if TYPE_CHECKING:
    from eda.problem import SizingProblem
    from eda.sizing import Optimizer

__all__ = ["size"]


class OptimizerName(Enum):
    """The optimizers, as the command line names them."""

    BAYESIAN = "bayesian"
    SCBO = "scbo"
    TURBO = "turbo"
    EXTURBO = "exturbo"
    NEHVI = "nehvi"
    CMA = "cma"
    DE = "de"
    GA = "ga"
    NSGA2 = "nsga2"
    SOBOL = "sobol"
    RANDOM = "random"
    INSIGHT = "insight"
    AMORTISED = "amortised"
    AGENT = "agent"


def size(
    task: TaskArgument,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write the sized netlist.")] = None,
    optimizer: Annotated[OptimizerName, typer.Option(help="How to search.")] = OptimizerName.BAYESIAN,
    budget: Annotated[int, typer.Option(min=1, help="Simulations to spend.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 0,
    spec: Annotated[list[str] | None, typer.Option(help="Specs in place of the task's.")] = None,
    technology: Annotated[str | None, typer.Option(help="In place of the task's.")] = None,
    start: Annotated[
        list[Path] | None,
        typer.Option(help="A sized netlist to begin with, such as another run's best.sp; may be repeated."),
    ] = None,
    gm_id: Annotated[
        bool, typer.Option("--gm-id", help="Begin with designs by the gm/ID method, from the netlist's own currents.")
    ] = False,
    experience: Annotated[
        Path | None, typer.Option(help="For amortised: what `eda train sizing` wrote; beside the task by default.")
    ] = None,
    surrogate: Annotated[
        Path | None, typer.Option(help="For insight: what `eda train surrogate` wrote; beside the task by default.")
    ] = None,
    screen: Annotated[
        Path | None,
        typer.Option(help="A surrogate: designs that it is sure to miss the specs are not simulated."),
    ] = None,
    corners: CornersOption = None,
    temperatures: TemperaturesOption = None,
    supplies: SuppliesOption = None,
    monte_carlo: MonteCarloOption = 0,
    variation: VariationOption = "both",
    everywhere: Annotated[
        bool, typer.Option(help="The task's specs under the conditions of its [verification] table.")
    ] = False,
    agent: Annotated[
        Path | None, typer.Option(help="For agent: what `eda train agent` wrote; beside the task by default.")
    ] = None,
    ahead: Annotated[
        int,
        typer.Option(
            min=0,
            help="Rounds that are asked for before the oldest is done: twice the number of workers keeps them busy.",
        ),
    ] = 0,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    timeout: TimeoutOption = 60.0,
    mode: ModeOption = "exact",
    *,
    json: JsonOption = False,
) -> None:
    """Size the circuit of a task; every evaluation is on disk, so the same command resumes an interrupted run.

    With corners, temperatures, supplies or Monte Carlo samples the specs must hold in all combinations of them too.
    Designs are simulated where they are most likely to fail; only what holds everywhere counts as feasible.

    Examples: `eda size two_stage_miller -o sized.sp`,
    `eda size task.toml --spec "gbw >= 20 MHz" --spec "minimize power" --budget 500 --seed 1`,
    `eda size task.toml --optimizer exturbo --start sized.sp`, `eda size task.toml --gm-id`,
    `eda size benchmarks/tasks/autockt.toml --optimizer amortised --budget 10` after `eda train sizing` (other bounds:
    a --spec for each of the metrics that it was trained for),
    `eda size task.toml --optimizer insight --budget 20` after `eda train surrogate`,
    `eda size task.toml --screen task.surrogate.safetensors`,
    `eda size task.toml --corners all --temperatures=-40,125 --supplies 0.9,1.1 --budget 500`,
    `eda size task.toml --ahead 16 --workers 8`, `eda size task.toml --ahead 64 --scheduler tcp://login1:8786`
    """
    from eda import sizing
    from eda.problem import load_task
    from eda.sizing.gm_id import gm_id_starts
    from eda.surrogate import Surrogate

    if output:
        writable(output, task)
    with open_simulator(workers, scheduler, timeout, mode) as simulator:
        loaded = load_task(task, technology=technology, specs=tuple(spec or ()), simulator=simulator)
        problem, plan = loaded.problem, loaded.verification
        if output:
            writable(output, *(Path(name) for name in problem.source.files))
        search = _search(optimizer, problem, task, seed, experience, agent, surrogate)
        screening_model = Surrogate.load(screen, problem) if screen else None
        designs = [_sizes(path, problem) for path in start or ()]
        if gm_id:
            designs += gm_id_starts(problem)
            if len(designs) > budget:
                raise InputError(f"with the gm/ID method {len(designs)} designs come first; give a larger --budget")
        result = sizing.size(
            problem,
            search,
            budget=budget,
            start=designs,
            **asked_conditions(corners, temperatures, supplies, plan if everywhere else None),
            monte_carlo=monte_carlo,
            variation=variation,
            ahead=ahead,
            screen=screening_model,
            run_dir=run_dir,
            origin=asdict(Origin.of_command(task, technology, spec)),
        )
    written = result.circuit.write(output) if output else result.netlist
    if json:
        emit_json(
            {
                "circuit": problem.name,
                "feasible": result.feasible,
                "simulations": len(result.evaluations),
                "first_feasible": result.first_feasible,
                "conditions": [str(one) for one in result.conditions],
                "design": result.best.design,
                "metrics": result.best.metrics,
                "failures": result.best.failures(problem.specs),
                "conflicts": result.conflicts,
                "netlist": str(written),
                "pareto": [{"design": one.design, "metrics": one.metrics} for one in result.pareto],
                "findings": result.findings,
                "run": str(result.folder),
            }
        )
    else:
        print(result)
        for failure in result.best.failures(problem.specs):
            print(f"missed: {failure}")
        if not result.feasible and (believed := result.findings.get("probability")) is not None:
            hopeless = result.findings["believed infeasible"]
            print(
                "by its experience no design meets all of these specs"
                if hopeless
                else f"by its experience the next design would have met all specs with a probability of {believed:.2g}"
            )
        print(f"sized netlist: {written}\nrun folder: {result.folder}")
    raise typer.Exit(DONE if result.feasible else MISSED)


def _search(
    name: OptimizerName,
    problem: SizingProblem,
    task: Path,
    seed: int,
    experience: Path | None,
    agent: Path | None,
    surrogate: Path | None,
) -> Optimizer:
    from eda import sizing
    from eda.sizing.agent import Agent, Policy
    from eda.sizing.amortised import Amortised
    from eda.sizing.experience import Experience
    from eda.sizing.insight import InsightM
    from eda.surrogate import Surrogate

    for option, given, needed in (
        ("--experience", experience, OptimizerName.AMORTISED),
        ("--agent", agent, OptimizerName.AGENT),
        ("--surrogate", surrogate, OptimizerName.INSIGHT),
    ):
        if given is not None and name is not needed:
            raise InputError(f"{option} is for --optimizer {needed.value}")
    if name is OptimizerName.AMORTISED:
        return Amortised(Experience.load(experience or experience_path(task), problem), problem.specs, seed=seed)
    if name is OptimizerName.INSIGHT:
        model = Surrogate.load(surrogate or surrogate_path(task), problem)
        return InsightM(model, problem.specs, seed=seed)
    if name is OptimizerName.AGENT:
        return Agent(Policy.load(agent or agent_path(task), problem), problem.specs, seed=seed)
    return sizing.OPTIMIZERS[name.value](seed)


def _sizes(path: Path, problem: SizingProblem) -> dict[str, float]:
    """The values that a netlist has for the variables of the problem; it may be in another technology."""
    from eda.netlist import read_netlist

    circuit = read_netlist(path)
    values = circuit.defaults()
    own = problem.source.top.parameters
    lacking = [name for name in problem.space.names if name not in values]
    foreign = [name for name in circuit.top.parameters if name not in own]
    if lacking or foreign or circuit.ports != problem.source.ports:
        what = f"has the ports {' '.join(circuit.ports)}"
        if lacking or foreign:
            what = f"has no {', '.join(lacking)}" if lacking else f"has {', '.join(foreign)} as well"
        raise InputError(
            f"{path} is another circuit than that of the task {problem.name}: it {what}; begin with a sized netlist "
            "of this circuit, such as the best.sp of one of its runs"
        )
    design = {name: values[name] for name in problem.space.names}
    try:
        problem.space.encode(design)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return design
