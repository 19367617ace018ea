"""`eda verify`: a sized netlist over corners and temperatures."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.simulators import SchedulerOption, WorkersOption, open_simulator

__all__ = ["numbers", "verify"]


def verify(
    task: Annotated[Path, typer.Argument(help="The task that the netlist was sized for.")],
    netlist: Annotated[Path, typer.Argument(help="The sized netlist.")],
    corners: Annotated[str | None, typer.Option(help="'all', or names such as 'tt,ss'.")] = None,
    temperatures: Annotated[str | None, typer.Option(help="Degrees Celsius, such as ' -40,27,125'.")] = None,
    supplies: Annotated[str | None, typer.Option(help="Factors on the supply, such as '0.9,1,1.1'.")] = None,
    technology: Annotated[str | None, typer.Option(help="In place of the task's.")] = None,
    spec: Annotated[list[str] | None, typer.Option(help="Specs in place of the task's.")] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    *,
    json: JsonOption = False,
) -> None:
    """Simulate a sized netlist over corners, temperatures and supplies; exit code 1 when one fails.

    Conditions and specs default to the task's [verification] table.

    Examples: `eda verify netlists/opamp/two_stage_miller.toml sized.sp --corners all --temperatures=-40,27,125`,
    `eda verify task.toml sized.sp --workers 4`, `eda verify task.toml sized.sp --scheduler tcp://login1:8786`
    """
    from eda.problem import load_task
    from eda.verification import verify as run

    with open_simulator(workers, scheduler) as simulator:
        loaded = load_task(task, netlist=netlist, technology=technology, simulator=simulator)
        plan = loaded.verification
        outcome = run(
            loaded.problem,
            corners=plan.corners if corners is None else [c.strip() for c in corners.split(",")],
            temperatures=plan.temperatures if temperatures is None else numbers(temperatures, "--temperatures"),
            supplies=plan.supplies if supplies is None else numbers(supplies, "--supplies"),
            specs=tuple(spec) if spec else plan.specs,
        )
    if json:
        rows = [
            {
                "corner": row.conditions.corner,
                "temperature": row.conditions.temperature,
                "supply": row.conditions.supply,
                "metrics": row.evaluation.metrics,
                "passed": row.evaluation.feasible(outcome.specs),
                "failures": row.evaluation.failures(outcome.specs),
            }
            for row in outcome.rows
        ]
        emit_json(
            {"circuit": outcome.name, "passed": outcome.passed, "specs": list(map(str, outcome.specs)), "rows": rows}
        )
    else:
        print(outcome)
    raise typer.Exit(DONE if outcome.passed else MISSED)


def numbers(text: str, option: str) -> tuple[float, ...]:
    """Numbers from a list with commas."""
    from eda.errors import InputError

    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{option} takes numbers such as 0.9,1,1.1, but got {text!r}") from None
