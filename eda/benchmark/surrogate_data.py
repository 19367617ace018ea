"""Simulations that surrogates learn from and are tested with, stored once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.benchmark.units import fingerprint
from eda.problem import load_task
from eda.sizing.sampling import sampled
from eda.surrogate.quantities import identity, quantities_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem
    from eda.simulation import Simulator
    from eda.surrogate import Quantity

__all__ = ["Designs", "stored"]


@dataclass(frozen=True, slots=True)
class Designs:
    """Simulated designs of a task.

    Attributes:
        points: `n x d` points in the unit cube of its design space.
        values: by metric `n` values in its unit, NaN where undefined.
        margins: `n` least margins of the guards.
    """

    points: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]
    margins: NDArray[np.float64]

    @property
    def working(self) -> NDArray[np.bool_]:
        """`n` booleans: where every guard holds and every metric is defined."""
        defined = np.all([np.isfinite(column) for column in self.values.values()], axis=0)
        return np.asarray((self.margins >= 0) & defined)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Designs:
        return Designs(self.points[rows], {name: one[rows] for name, one in self.values.items()}, self.margins[rows])

    def __len__(self) -> int:
        return len(self.points)

    def ordered(self, metrics: Sequence[str]) -> Designs:
        """The same with some metrics, in this order."""
        return Designs(self.points, {name: self.values[name] for name in metrics}, self.margins)

    def quantities(self, problem: SizingProblem) -> list[Quantity]:
        """The metrics as they are predicted, by these designs."""
        return quantities_of(problem, self.values, self.margins >= 0)

    def scaled(self, quantities: Sequence[Quantity]) -> NDArray[np.float64]:
        """`n x c` values as they are predicted."""
        return np.column_stack([one.scaled(self.values[one.name]) for one in quantities])

    @classmethod
    def load(cls, path: str | Path) -> Designs:
        """Read what `stored` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            values = {name.removeprefix("value "): arrays[name] for name in arrays.files if name.startswith("value ")}
            return cls(arrays["points"], values, arrays["margins"])


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
        found = sampled(problem, metrics, simulations=simulations, seed=seed, run_dir=run_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            arrays = {f"value {name}": column for name, column in found.values.items()}
            arrays |= {"points": found.points, "margins": found.margins}
            np.savez(file, allow_pickle=False, **arrays)
        part.replace(path)
    return {"data": about, "_designs": str(path)}
