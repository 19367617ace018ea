"""Fronts of several objectives: the hypervolume that feasible designs dominate, after so many simulations."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pymoo.indicators.hv import HV

from eda.benchmark.trials import known_task, median_needed, own_task
from eda.benchmark.units import run_units
from eda.errors import InputError
from eda.problem import load_task
from eda.sizing import OPTIMIZERS, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.problem import SizingProblem

__all__ = ["measure_pareto"]

_BUDGETS: Final = (100, 200, 300)


def measure_pareto(
    *, folder: Path, run_dir: Path, tasks: Sequence[str], optimizers: Sequence[str], seeds: int, budget: int
) -> list[dict[str, Any]]:
    """Search for the fronts of tasks with several objectives, each of which has a bound as well.

    Hypervolumes are between the front and these bounds, in the units of costs: decades where values differ by factors.

    Args:
        folder: what task paths are relative to.
        run_dir: where results and runs are kept, and found again.
        tasks: task files.
        optimizers: names in `OPTIMIZERS`.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a run.

    Raises:
        InputError: an objective has no bound.
    """
    for task in tasks:
        _reference(load_task((folder / task).resolve()).problem)
    units = [
        {
            **known_task((folder / task).resolve()),
            "optimizer": name,
            "settings": dict(OPTIMIZERS[name](seed).describe()),
            "seed": seed,
            "budget": budget,
            "_run_dir": str(run_dir),
        }
        for task in tasks
        for name in optimizers
        for seed in range(seeds)
    ]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for unit, result in zip(units, run_units(_run, units, run_dir=run_dir, name="pareto"), strict=True):
        groups.setdefault((unit["task"], unit["optimizer"]), []).append(result)
    return [_row(*key, found) for key, found in groups.items()]


def _reference(problem: SizingProblem) -> list[float]:
    """The costs of designs that just meet the bounds on the objectives."""
    worst = []
    for objective in problem.specs:
        if objective.is_objective:
            sense = "<=" if objective.sense == "minimize" else ">="
            bounds = [one.bound for one in problem.specs if (one.metric, one.sense) == (objective.metric, sense)]
            if not bounds or bounds[0] is None:
                raise InputError(f"the objective '{objective}' needs a bound, from which hypervolume is counted")
            worst.append(objective.cost(bounds[0]))
    return worst


def _run(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    optimizer = OPTIMIZERS[unit["optimizer"]](unit["seed"])
    result = size(problem, optimizer, budget=unit["budget"], run_dir=Path(unit["_run_dir"]), progress=False)
    specs = problem.specs
    volume = HV(ref_point=np.array(_reference(problem)))
    growth = {}
    for count in sorted({*(one for one in _BUDGETS if one <= unit["budget"]), unit["budget"]}):
        costs = np.array([one.costs(specs) for one in result.trace[:count] if one.meets(specs)])
        growth[str(count)] = float(volume(costs)) if len(costs) else 0.0
    front = [one.costs(specs).tolist() for one in result.pareto]
    return {"first": result.first_feasible, "hypervolume": growth, "front": front}


def _row(task: str, optimizer: str, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    volumes = {count: [one["hypervolume"][count] for one in found] for count in found[0]["hypervolume"]}
    last = volumes[max(volumes, key=int)]
    return {
        "table": "fronts",
        "task": task,
        "optimizer": optimizer,
        "median simulations to feasible": median_needed([one["first"] for one in found]),
        **{f"hypervolume at {count}": median(values) for count, values in volumes.items()},
        "least": min(last),
        "most": max(last),
        "designs on the front": median(len(one["front"]) for one in found),
        "hypervolumes": last,
        "fronts": [one["front"] for one in found],
    }
