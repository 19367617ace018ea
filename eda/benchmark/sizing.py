"""Optimizers side by side on sizing tasks: success, simulations to the first feasible design, best objective."""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from eda.errors import InputError, did_you_mean
from eda.problem import load_task
from eda.sizing import OPTIMIZERS, size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.simulation import Simulator
    from eda.sizing import Result

__all__ = ["compare_optimizers"]


def compare_optimizers(
    *,
    folder: Path,
    run_dir: Path,
    simulator: Simulator,
    tasks: Sequence[str],
    optimizers: Sequence[str],
    seeds: int,
    budget: int,
) -> list[dict[str, Any]]:
    """Run every optimizer on every task with every seed.

    Args:
        folder: what task paths are relative to.
        run_dir: where runs are stored, and found again.
        simulator: the backend.
        tasks: task files.
        optimizers: names in `OPTIMIZERS`.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a run.

    Returns:
        A row per task and optimizer.
    """
    for name in optimizers:
        if name not in OPTIMIZERS:
            raise InputError(f"there is no optimizer {name!r}. {did_you_mean(name, OPTIMIZERS)}")
    rows = []
    for path in tasks:
        task = load_task(folder / path, simulator=simulator)
        for name in optimizers:
            results = []
            for seed in range(seeds):
                sys.stderr.write(f"{task.name}: {name}, seed {seed}\n")
                results.append(size(task.problem, OPTIMIZERS[name](seed), budget=budget, run_dir=run_dir))
            rows.append(_row(task.name, name, results))
    return rows


def _row(task: str, optimizer: str, results: list[Result]) -> dict[str, Any]:
    firsts = [result.first_feasible for result in results]
    objective = next((spec.metric.name for spec in results[0].problem.specs if spec.is_objective), None)
    best = [result.best.metrics[objective] if objective and result.feasible else None for result in results]
    found = [value for value in best if value is not None]
    # a run without a feasible design counts as one that would have needed more than the budget
    needed = median(first if first is not None else float("inf") for first in firsts)
    return {
        "task": task,
        "optimizer": optimizer,
        "success": sum(first is not None for first in firsts) / len(results),
        "median simulations to feasible": needed if needed < float("inf") else None,
        "objective": objective,
        "median best": median(found) if found else None,
        "simulations to feasible": firsts,
        "best": best,
    }
