"""Optimizers side by side on sizing tasks: success, simulations to the first feasible design, best objective."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.stats import rankdata

from eda.benchmark.calibration import read_record
from eda.benchmark.library import find_tasks
from eda.benchmark.trials import budgets_of, known_task, median_needed, own_task, quartiles_needed, reached_by, search
from eda.benchmark.units import run_units
from eda.errors import require_known
from eda.problem import Evaluation
from eda.sizing import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Runs = Sequence[Mapping[str, Any]]

__all__ = ["compare_optimizers"]

_UNKNOWN: Final = 1e3  # ms, for tasks without a record: they come last


def compare_optimizers(
    *,
    folder: Path,
    run_dir: Path,
    tasks: Sequence[str],
    optimizers: Sequence[str],
    seeds: int,
    budget: int,
    until_feasible: bool,
    left_out: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Run every optimizer on every task with every seed.

    Args:
        folder: what task paths are relative to.
        run_dir: where results are kept, and found again.
        tasks: task files, or folders of them.
        optimizers: names in `OPTIMIZERS`.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a run.
        until_feasible: whether a run ends with its first feasible design.
        left_out: names of tasks that an optimizer was tuned on, and is not to be judged by.

    Returns:
        A row for each task and optimizer, and one for each optimizer over all tasks.

    Raises:
        InputError: a task that is to be left out is none of them.
    """
    units = [
        {
            **known,
            "optimizer": name,
            "settings": dict(OPTIMIZERS[name](seed).describe()),
            "seed": seed,
            "budget": budget,
            "until feasible": until_feasible,
        }
        for known in _tasks(folder, tasks, left_out)
        for name in optimizers
        for seed in range(seeds)
    ]
    results = run_units(_run, units, run_dir=run_dir, name="sizing")
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for unit, result in zip(units, results, strict=True):
        runs.setdefault((unit["task"], unit["optimizer"]), []).append(result)
    rows = [_task_row(task, name, found, budget, until_feasible=until_feasible) for (task, name), found in runs.items()]
    return [*_summary(runs, budget, until_feasible=until_feasible), *rows]


def _tasks(folder: Path, named: Sequence[str], left_out: Sequence[str]) -> list[dict[str, Any]]:
    """The tasks, those that simulate fastest first: what is interrupted has done most of them."""
    paths: list[Path] = []
    for name in named:
        path = (folder / name).resolve()
        paths += find_tasks(path).values() if path.is_dir() else [path]
    require_known("task to leave out,", left_out, [path.stem for path in paths])
    paths = [path for path in paths if path.stem not in left_out]
    paths.sort(key=lambda path: (read_record(path) or {}).get("ms per evaluation", _UNKNOWN))
    return [known_task(path) for path in paths]


def _run(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    until = partial(Evaluation.meets, specs=problem.specs) if unit["until feasible"] else None
    trial = search(problem, OPTIMIZERS[unit["optimizer"]](unit["seed"]), unit["budget"], until=until)
    spec = next((spec for spec in problem.specs if spec.is_objective), None)
    return {**trial.as_data(), "objective": None if spec is None else str(spec)}


def _task_row(task: str, optimizer: str, runs: Runs, budget: int, *, until_feasible: bool) -> dict[str, Any]:
    costs = [run["cost"] for run in runs if run["cost"] is not None]
    reached = {
        "objective": runs[0]["objective"],
        "median best cost": median(costs) if costs else None,
        "best costs": [run["cost"] for run in runs],
    }
    return {
        "table": "tasks",
        "task": task,
        "optimizer": optimizer,
        **_needed(runs, budget),
        **({} if until_feasible else reached),
        "median minutes": median(run["asking"] + run["simulating"] for run in runs) / 60,
        "simulations to feasible": [run["first"] for run in runs],
    }


def _needed(runs: Runs, budget: int) -> dict[str, Any]:
    """Success by budget, strictly and with AutoCkt's slack, and how many simulations it took."""
    firsts = [run["first"] for run in runs]
    low, high = quartiles_needed(firsts)
    return {
        **reached_by(firsts, budgets_of(budget)),
        **{f"with 2 % slack {k}": v for k, v in reached_by([r["first_with_slack"] for r in runs], (budget,)).items()},
        "median simulations to feasible": median_needed(firsts),
        "first quartile": low,
        "third quartile": high,
    }


def _summary(runs: Mapping[tuple[str, str], Runs], budget: int, *, until_feasible: bool) -> list[dict[str, Any]]:
    """Over all tasks: ranks (in each task and seed), success, simulations, time per proposal."""
    tasks = list(dict.fromkeys(task for task, _ in runs))
    optimizers = list(dict.fromkeys(name for _, name in runs))
    keys = {pair: [_key(run, until_feasible=until_feasible) for run in found] for pair, found in runs.items()}
    ranks = np.array(
        [rankdata(np.array([keys[task, name] for name in optimizers]), axis=0).mean(axis=1) for task in tasks]
    )
    solved = np.array([[np.isfinite(keys[task, name]).any() for name in optimizers] for task in tasks])
    rows = []
    for place, name in enumerate(optimizers):
        found = [run for task in tasks for run in runs[task, name]]
        spent = sum(run["simulations"] for run in found)
        rows.append(
            {
                "table": "all tasks",
                "optimizer": name,
                "tasks": len(tasks),
                "mean rank": float(ranks[:, place].mean()),
                "best of all in": int(np.sum(np.isclose(ranks[:, place], ranks.min(axis=1)) & solved[:, place])),
                "without a design in": int(np.sum(~solved[:, place])),
                **_needed(found, budget),
                "ms per proposal": 1e3 * sum(run["asking"] for run in found) / spent,
                "ms per simulation": 1e3 * sum(run["simulating"] for run in found) / spent,
            }
        )
    return rows


def _key(run: Mapping[str, Any], *, until_feasible: bool) -> float:
    """What runs of one task are ordered by: the simulations to a feasible design, or the cost where runs go on."""
    if run["first"] is None:
        return float("inf")
    return float(run["first"] if until_feasible or run["objective"] is None else run["cost"])
