"""`eda simulate`: the metrics of one design."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import DONE, FAILED, MISSED, JsonOption, emit_json, writable
from eda.cli.simulators import SchedulerOption, TimeoutOption, open_simulator
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["parse_sizes", "simulate"]


def simulate(
    task: TaskArgument,
    netlist: Annotated[Path | None, typer.Option(help="A sized netlist in place of the task's.")] = None,
    parameter: Annotated[list[str] | None, typer.Option("-p", "--param", help="A size, such as w1=20u.")] = None,
    known: Annotated[bool, typer.Option("--known", help="The design that `eda calibrate` found for the task.")] = False,
    corner: Annotated[str | None, typer.Option(help="Process corner; the task's by default.")] = None,
    temp: Annotated[float | None, typer.Option(help="Degrees Celsius; the task's by default.")] = None,
    supply: Annotated[float | None, typer.Option(help="Factor on the supply voltage; the task's by default.")] = None,
    technology: Annotated[str | None, typer.Option(help="In place of the task's.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Where to draw the waveforms: a .svg, .png or .pdf file.")] = None,
    batch: Annotated[bool, typer.Option("--batch", help="Use plain `ngspice -b` instead of the library.")] = False,
    scheduler: SchedulerOption = None,
    timeout: TimeoutOption = 60.0,
    *,
    json: JsonOption = False,
) -> None:
    """Simulate one design and show every metric; exit code 1 when a spec or guard is missed.

    Examples: `eda simulate two_stage_miller -p w1=20u --corner ss --temp 125`,
    `eda simulate netlists/comparator/strongarm/strongarm.toml --plot strongarm.svg`,
    `eda simulate task.toml --scheduler tcp://login1:8786` to see whether a cluster gives the same
    """
    from eda.errors import InputError
    from eda.problem import load_task
    from eda.report.waveforms import draw_simulation
    from eda.simulation import BatchSimulator
    from eda.simulation.plots import plot_file
    from eda.testbench import Conditions
    from eda.units import format_quantity

    if batch and scheduler:
        raise InputError("--batch runs on this machine; give it or --scheduler, not both")
    if plot:
        writable(plot_file(plot))
    workers = 1 if scheduler is None else None
    with BatchSimulator(timeout=timeout) if batch else open_simulator(workers, scheduler, timeout) as simulator:
        problem = load_task(task, netlist=netlist, technology=technology, simulator=simulator).problem
        sizes = (known_design(task) if known else {}) | parse_sizes(parameter or [])
        usual = problem.conditions
        conditions = Conditions(
            problem.technology.corner(corner or usual.corner),
            usual.temperature if temp is None else temp,
            usual.supply if supply is None else supply,
        )
        asked = problem.measurable()
        ((_, evaluation),) = problem.stream([(sizes, conditions)], asked=asked)
        if plot:
            draw_simulation(problem, sizes, conditions, plot)
    met = evaluation.meets(problem.specs)
    failures = evaluation.failures(problem.specs)
    if json:
        emit_json(
            {
                "circuit": problem.name,
                "technology": problem.technology.name,
                "conditions": str(conditions),
                "status": evaluation.status.value,
                "metrics": evaluation.metrics,
                "undefined": evaluation.undefined,
                "guards": {g.name: {"holds": g.holds, "detail": g.detail} for g in evaluation.guards},
                "feasible": met,
                "failures": failures,
            }
        )
    else:
        print(f"{problem.name} in {problem.technology.name}, {conditions}: {evaluation.status.value}")
        for name, metric in problem.testbench.metrics.items():
            value = evaluation.metrics.get(name)
            if value is not None or name in evaluation.undefined:  # others are of other circuits
                text = evaluation.undefined[name] if value is None else format_quantity(value, metric.unit)
                print(f"  {name:22} {text}")
        for guard in evaluation.guards:
            print(f"  guard {guard.name:16} {'holds' if guard.holds else 'FAILS'}: {guard.detail}")
        for failure in failures:
            print(f"missed: {failure}")
    raise typer.Exit(FAILED if not evaluation.simulated else DONE if met else MISSED)


def known_design(task: Path) -> dict[str, float]:
    """The design that the record of a task holds."""
    from eda.benchmark.calibration import read_record
    from eda.errors import InputError

    record = read_record(task)
    if record is None or not record["feasible"]:
        raise InputError(f"no design of {task.stem} is known. Find one: eda calibrate {task}")
    return dict(record["feasible"]["design"])


def parse_sizes(texts: list[str]) -> dict[str, float]:
    """Sizes from `name=value` texts with SPICE suffixes."""
    from eda.errors import InputError
    from eda.netlist import number

    sizes = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"a size reads like w1=20u, but got {text!r}")
        sizes[name.strip().lower()] = number(value.strip())
    return sizes
