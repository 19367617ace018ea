"""Simulated designs: what surrogates learn from and are tested with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from eda.nn.weights import digest
from eda.surrogate.quantities import quantities_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem
    from eda.surrogate.quantities import Quantity

__all__ = ["Samples"]


@dataclass(frozen=True, slots=True)
class Samples:
    """Designs of one task, and what was measured of them.

    Attributes:
        points: `n x d` points in the unit cube of its design space.
        values: by metric `n` values in its unit, NaN where undefined.
        margins: `n` least margins of the guards; below 0 where a circuit does not work as it should.
    """

    points: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]
    margins: NDArray[np.float64]

    @property
    def guarded(self) -> NDArray[np.bool_]:
        """`n` booleans: where every guard holds."""
        return np.asarray(self.margins >= 0)

    @property
    def working(self) -> NDArray[np.bool_]:
        """`n` booleans: where every guard holds and every metric is defined."""
        defined = np.all([np.isfinite(column) for column in self.values.values()], axis=0)
        return np.asarray(self.guarded & defined)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Samples:
        return Samples(self.points[rows], {name: one[rows] for name, one in self.values.items()}, self.margins[rows])

    def __len__(self) -> int:
        return len(self.points)

    def ordered(self, metrics: Sequence[str]) -> Samples:
        """The same with some metrics, in this order."""
        return Samples(self.points, {name: self.values[name] for name in metrics}, self.margins)

    def quantities(self, problem: SizingProblem) -> list[Quantity]:
        """The metrics as they are predicted, by these designs.

        Raises:
            InputError: hardly any design works and has a metric.
        """
        return quantities_of(problem, self.values, self.guarded)

    def scaled(self, quantities: Sequence[Quantity]) -> NDArray[np.float64]:
        """`n x c` values as they are predicted, NaN where undefined."""
        return np.column_stack([one.scaled(self.values[one.name]) for one in quantities])

    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell them from others."""
        columns = {"points": self.points, "margins": self.margins}
        columns |= {f"value {name}": column for name, column in self.values.items()}
        return digest({name: torch.as_tensor(column) for name, column in columns.items()})

    def save(self, path: Path) -> None:
        """Write them to a file (`.npz`), whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        values = {f"value {name}": column for name, column in self.values.items()}
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, points=self.points, margins=self.margins, **values)
        part.replace(path)

    @classmethod
    def load(cls, path: str | Path) -> Samples:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            values = {name.removeprefix("value "): arrays[name] for name in arrays.files if name.startswith("value ")}
            return cls(arrays["points"], values, arrays["margins"])
