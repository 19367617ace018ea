"""Simulations that surrogates learn from and are tested with, stored once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.benchmark.units import fingerprint
from eda.problem import load_task
from eda.sizing.sampling import sampled
from eda.surrogate.quantities import identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.simulation import Simulator

__all__ = ["stored"]


def stored(
    task: Path, metrics: Sequence[str], simulations: int, seed: int, run_dir: Path, simulator: Simulator
) -> dict[str, Any]:
    """Simulate designs of a task, and keep them where units of work find them.

    Args:
        task: its file.
        metrics: to measure.
        simulations: how many.
        seed: of the designs.
        run_dir: where the run is stored; the same call goes on there.
        simulator: that is used.

    Returns:
        What a unit is told of it: `data`, by which it is known again, and `_designs`, the path.
    """
    problem = load_task(task, simulator=simulator).problem
    about = fingerprint([identity(problem), list(metrics), simulations, seed])
    path = run_dir / "designs" / f"{task.stem} {about}.npz"
    if not path.exists():
        sampled(problem, metrics, simulations=simulations, seed=seed, run_dir=run_dir).save(path)
    return {"data": about, "_designs": str(path)}
