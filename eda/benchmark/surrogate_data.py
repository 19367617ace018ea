"""What tables of surrogates share: simulations that are stored once, and surrogates that are trained once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.benchmark.units import fingerprint
from eda.problem import load_task
from eda.sizing.sampling import sampled
from eda.surrogate import Surrogate
from eda.surrogate.quantities import identity
from eda.surrogate.surrogate import FORMAT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.problem import SizingProblem
    from eda.simulation import Simulator
    from eda.surrogate import Samples

__all__ = ["stored", "trained"]


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


def trained(problem: SizingProblem, samples: Samples, *, rounds: int, seed: int, folder: Path) -> Surrogate:
    """The surrogate of some designs, read where it was trained before.

    Args:
        problem: that was simulated.
        samples: its designs.
        rounds: of training.
        seed: of weights and order.
        folder: where it is kept; a training that was stopped goes on there.
    """
    about = fingerprint([identity(problem), samples.digest(), FORMAT, rounds, seed])
    path, state = (folder / f"{about}{ending}" for ending in (".safetensors", ".state"))
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        Surrogate.fit(problem, samples, rounds=rounds, seed=seed, state=state).save(path)
        state.unlink(missing_ok=True)
    return Surrogate.load(path, problem)
