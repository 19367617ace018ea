"""What surrogates predict: metrics within what working circuits reach, in decades where they differ by factors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import SizingProblem

__all__ = ["GUARDS", "Quantity", "determination", "identity", "quantities_of", "unscaled"]

GUARDS: Final = "guards"
"""The quantity that is the least margin of the guards: below 0 the circuit does not work as it should."""

_OF_SPECS: Final = frozenset({"specs", "deck_sha256"})
_TINY: Final = 1e-300
_BEYOND: Final = 0.5  # of the range of working designs: what lies further is not told apart


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is predicted of a design.

    Attributes:
        name: of the metric, or `GUARDS`.
        unit: its unit.
        low: values below are not told apart.
        high: values above are not told apart.
        logarithmic: whether it is predicted in decades.
    """

    name: str
    unit: str
    low: float
    high: float
    logarithmic: bool = False

    @property
    def endless(self) -> Quantity:
        """The same without ends: all values are told apart."""
        return replace(self, low=_TINY if self.logarithmic else -math.inf, high=math.inf)

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values as they are predicted: clipped, in decades where logarithmic; NaN stays."""
        clipped = np.clip(values, self.low, self.high)
        return np.log10(clipped) if self.logarithmic else clipped


def quantities_of(
    problem: SizingProblem, values: Mapping[str, NDArray[np.float64]], working: NDArray[np.bool_]
) -> list[Quantity]:
    """The metrics of a problem as they are predicted.

    Args:
        problem: that was simulated.
        values: by metric `n` values in its unit, NaN where undefined.
        working: `n` booleans.

    Raises:
        InputError: hardly any design works and has a metric.
    """
    metrics = problem.testbench.metrics
    return [
        _quantity(name, metrics[name].unit, column[working], logarithmic=metrics[name].logarithmic)
        for name, column in values.items()
    ]


def _quantity(name: str, unit: str, values: NDArray[np.float64], *, logarithmic: bool) -> Quantity:
    """A metric within what working designs reach, and half as far beyond."""
    known = values[np.isfinite(values)]
    if logarithmic:
        known = known[known > 0]
    if len(known) < 5:
        raise InputError(
            f"{len(known)} of the simulated designs work and have a {name}, but five are needed to learn from; "
            "simulate more, or widen the bounds of the variables"
        )
    known = np.log10(known) if logarithmic else known
    low, high = known.min(), known.max()
    room = max(_BEYOND * (high - low), 1e-12)
    first, last = (float(10**end if logarithmic else end) for end in (low - room, high + room))
    return Quantity(name, unit, first, last, logarithmic)


def unscaled(quantities: Sequence[Quantity], values: torch.Tensor) -> torch.Tensor:
    """Predicted values in their units.

    Args:
        quantities: that are predicted.
        values: `... x c`.
    """
    decades = torch.tensor([one.logarithmic for one in quantities])
    return torch.where(decades, torch.exp(values * math.log(10)), values)


def identity(problem: SizingProblem) -> dict[str, Any]:
    """What the metrics of a design depend on: circuit, technology, testbench, conditions and space, as texts."""
    return {key: str(value) for key, value in problem.definition().items() if key not in _OF_SPECS}


def determination(values: torch.Tensor, found: torch.Tensor) -> float:
    """R2 where the values are known; NaN where they do not vary.

    Args:
        values: `n`, NaN where unknown.
        found: what was predicted.
    """
    known = ~torch.isnan(values)
    values, found = values[known].double(), found[known].double()
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    return 1 - float(((values - found) ** 2).sum()) / total if total > 0 else math.nan
