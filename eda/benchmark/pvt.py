"""Sizing for corners, supplies and temperatures: simulations to the first design that is proven under all of them."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from eda.benchmark.trials import budgets_of, known_task, median_needed, own_task, reached_by
from eda.benchmark.units import run_units
from eda.problem import load_task
from eda.sizing import OPTIMIZERS, size
from eda.verification import verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["measure_pvt"]

_NOMINAL = "nominal only"
"""Sized without the others in view, and verified under them when it is done: the way that needs no such method."""


def measure_pvt(
    *,
    folder: Path,
    run_dir: Path,
    tasks: Sequence[str],
    optimizers: Sequence[str],
    screenings: Sequence[str],
    seeds: int,
    budget: int,
) -> list[dict[str, Any]]:
    """Size tasks for the conditions of their verification.

    Args:
        folder: what task paths are relative to.
        run_dir: where results and runs are kept, and found again.
        tasks: task files with a [verification] table.
        optimizers: names in `OPTIMIZERS`.
        screenings: names in `Screening`, compared for each optimizer.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a run, every condition counted.

    Returns:
        A row for each task, optimizer and screening, and one for sizing at the nominal conditions only.
    """
    units = [
        {
            **_known((folder / task).resolve()),
            "optimizer": name,
            "settings": dict(OPTIMIZERS[name](seed).describe()),
            "screening": screening,
            "seed": seed,
            "budget": budget,
            "_run_dir": str(run_dir),
        }
        for name in optimizers
        for task in tasks
        for screening in (*screenings, _NOMINAL)
        for seed in range(seeds)
    ]
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for unit, result in zip(units, run_units(_run, units, run_dir=run_dir, name="pvt"), strict=True):
        groups.setdefault((unit["task"], unit["optimizer"], unit["screening"]), []).append(result)
    return [_row(*key, found, groups, budget) for key, found in groups.items()]


def _known(path: Path) -> dict[str, Any]:
    plan = load_task(path).verification
    return known_task(path, [list(map(str, one)) for one in (plan.corners, plan.supplies, plan.temperatures)])


def _run(unit: Mapping[str, Any]) -> dict[str, Any]:
    task = own_task(unit["_path"])
    plan, screening = task.verification, unit["screening"]
    everywhere: dict[str, Any] = {"corners": plan.corners, "temperatures": plan.temperatures, "supplies": plan.supplies}
    asked = {} if screening == _NOMINAL else {**everywhere, "screening": screening}
    optimizer = OPTIMIZERS[unit["optimizer"]](unit["seed"])
    run_dir = Path(unit["_run_dir"])
    result = size(task.problem, optimizer, budget=unit["budget"], run_dir=run_dir, progress=False, **asked)
    first, spent = result.first_feasible, len(result.evaluations)
    designs = spent if screening == _NOMINAL else result.places.count(0)
    proven = None
    if result.feasible:
        # once more: nominal, and everywhere else
        proven = verify(result).passed and verify(result, **everywhere).passed
    return {"first": first, "simulations": spent, "designs": designs, "passes everywhere": proven}


def _row(
    task: str,
    optimizer: str,
    screening: str,
    found: Sequence[Mapping[str, Any]],
    groups: Mapping[tuple[str, str, str], Sequence[Mapping[str, Any]]],
    budget: int,
) -> dict[str, Any]:
    # what counts is what holds under all conditions, also where only nominal ones were looked at
    firsts = [one["first"] if one["passes everywhere"] else None for one in found]
    middle = median_needed(firsts)
    exhaustive = groups.get((task, optimizer, "none"))
    everything = median_needed([one["first"] for one in exhaustive]) if exhaustive else None
    return {
        "table": "all conditions",
        "task": task,
        "optimizer": optimizer,
        "screening": screening,
        "success": sum(first is not None for first in firsts) / len(firsts),
        "passes everywhere": sum(bool(one["passes everywhere"]) for one in found),
        "median simulations": middle,
        "fewest": min((first for first in firsts if first is not None), default=None),
        "most": max((first for first in firsts if first is not None), default=None) if None not in firsts else None,
        "fewer than all conditions": everything / middle if everything and middle and screening != _NOMINAL else None,
        "median designs": median(one["designs"] for one in found),
        **reached_by(firsts, budgets_of(budget)),
        "simulations": [one["first"] for one in found],
    }
