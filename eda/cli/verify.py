"""`eda verify`: a sized netlist over corners and temperatures."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.conditions import (
    CornersOption,
    MonteCarloOption,
    SuppliesOption,
    TemperaturesOption,
    VariationOption,
    asked_conditions,
)
from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.simulators import ModeOption, SchedulerOption, TimeoutOption, WorkersOption, open_simulator
from eda.cli.sources import TaskArgument  # noqa: TC001 - typer reads the annotations at run time

if TYPE_CHECKING:
    from eda.verification import MonteCarlo

__all__ = ["verify"]


def verify(
    task: TaskArgument,
    netlist: Annotated[Path, typer.Argument(help="The sized netlist.")],
    corners: CornersOption = None,
    temperatures: TemperaturesOption = None,
    supplies: SuppliesOption = None,
    technology: Annotated[str | None, typer.Option(help="In place of the task's.")] = None,
    spec: Annotated[list[str] | None, typer.Option(help="Specs in place of the task's.")] = None,
    monte_carlo: MonteCarloOption = 0,
    variation: VariationOption = "both",
    seed: Annotated[int, typer.Option(help="Seed of the samples.")] = 0,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    timeout: TimeoutOption = 60.0,
    mode: ModeOption = "exact",
    *,
    json: JsonOption = False,
) -> None:
    """Simulate a sized netlist over corners, temperatures and supplies; exit code 1 when one fails.

    Conditions and specs default to the task's [verification] table.

    Examples: `eda verify two_stage_miller sized.sp --corners all --temperatures=-40,27,125`,
    `eda verify task.toml sized.sp --monte-carlo 200 --variation mismatch --seed 1`,
    `eda verify task.toml sized.sp --scheduler tcp://login1:8786`
    """
    from eda.problem import load_task
    from eda.verification import verify as run

    with open_simulator(workers, scheduler, timeout, mode) as simulator:
        loaded = load_task(task, netlist=netlist, technology=technology, simulator=simulator)
        plan = loaded.verification
        outcome = run(
            loaded.problem,
            **asked_conditions(corners, temperatures, supplies, plan),
            specs=tuple(spec) if spec else plan.specs,
            monte_carlo=monte_carlo,
            variation=variation,
            seed=seed,
        )
    if json:
        rows = [
            {
                "corner": row.conditions.corner,
                "temperature": row.conditions.temperature,
                "supply": row.conditions.supply,
                "metrics": row.evaluation.metrics,
                "passed": row.evaluation.meets(outcome.specs),
                "failures": row.evaluation.failures(outcome.specs),
            }
            for row in outcome.rows
        ]
        data = {"circuit": outcome.name, "passed": outcome.passed, "specs": list(map(str, outcome.specs)), "rows": rows}
        emit_json(data | {"monte_carlo": _samples(outcome.monte_carlo)})
    else:
        print(outcome)
    raise typer.Exit(DONE if outcome.passed else MISSED)


def _samples(samples: MonteCarlo | None) -> dict[str, Any] | None:
    if samples is None:
        return None
    return {
        "variation": samples.conditions.variation.value,
        "seed": samples.conditions.seed,
        "conditions": str(samples.conditions.population),
        "samples": len(samples.evaluations),
        "yield": samples.yield_,
        "yield interval": samples.interval(),
        "statistics": samples.statistics(),
        "failing": {n: samples.evaluations[n].failures(samples.specs) for n in samples.failing},
    }
