"""How hard a task is: the share of random designs that meet each spec, and all of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.problem import load_task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.simulation import Simulator

__all__ = ["calibrate"]


def calibrate(
    *,
    folder: Path,
    run_dir: Path,  # noqa: ARG001 - nothing of it is worth keeping: a calibration takes a minute
    simulator: Simulator,
    tasks: Sequence[str],
    designs: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Simulate random designs of each task, uniform in the unit cube of its design space.

    Args:
        folder: what task paths are relative to.
        run_dir: unused.
        simulator: the backend.
        tasks: task files.
        designs: random designs a task.
        seed: of the random numbers.

    Returns:
        A row per task; `hits` has the count for each spec, for the guards, and for everything.
    """
    rows = []
    for path in tasks:
        task = load_task(folder / path, simulator=simulator)
        problem = task.problem
        sys.stderr.write(f"{task.name}: {designs} random designs\n")
        points = np.random.default_rng(seed).random((designs, problem.space.dimension))
        evaluations = problem.evaluate([problem.space.decode(point) for point in points])
        slacks = np.array([evaluation.slacks(problem.specs) for evaluation in evaluations])
        names = [*(str(spec) for spec in problem.specs if not spec.is_objective), "guards"]
        hits = {name: int(count) for name, count in zip(names, (slacks >= 0).sum(axis=0), strict=True)}
        feasible = sum(evaluation.feasible(problem.specs) for evaluation in evaluations)
        without_guards = int((slacks[:, :-1] >= 0).all(axis=1).sum())
        rows.append(
            {
                "task": task.name,
                "variables": problem.space.dimension,
                "designs": designs,
                "feasible": feasible,
                "feasible %": 100 * feasible / designs,
                "specs met, guards ignored": without_guards,
                "ms per evaluation": 1e3 * float(np.mean([evaluation.seconds for evaluation in evaluations])),
                "hits": hits,
            }
        )
    return rows
