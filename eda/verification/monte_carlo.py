"""What Monte Carlo says of a design: yield with its uncertainty, and the spread of every metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eda.problem.table import format_table
from eda.technology import Variation
from eda.units import format_quantity

if TYPE_CHECKING:
    from eda.problem import Evaluation, Spec
    from eda.testbench import Conditions

__all__ = ["MonteCarlo", "wilson_interval"]

_NORMAL_95 = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """Samples of one design.

    Attributes:
        conditions: corner, temperature, supply, what varies, and the seed; sample 0.
        specs: the bounds that must hold.
        evaluations: one per sample, in their order.
    """

    conditions: Conditions
    specs: tuple[Spec, ...]
    evaluations: tuple[Evaluation, ...]

    @property
    def failing(self) -> tuple[int, ...]:
        """Numbers of the samples in which something is missed."""
        return tuple(n for n, evaluation in enumerate(self.evaluations) if not evaluation.meets(self.specs))

    @property
    def passed(self) -> bool:
        """Whether every sample meets every bound and guard."""
        return not self.failing

    @property
    def yield_(self) -> float:
        """Share of the samples that pass."""
        return 1 - len(self.failing) / len(self.evaluations)

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the yield (Wilson 1927)."""
        return wilson_interval(len(self.evaluations) - len(self.failing), len(self.evaluations))

    def statistics(self) -> dict[str, dict[str, float]]:
        """By metric that a bound asks for: mean, standard deviation, extremes, and the samples that have it."""
        found = {}
        for spec in self.specs:
            name = spec.metric.name
            values = np.array([e.metrics[name] for e in self.evaluations if name in e.metrics])
            if len(values):
                found[name] = {
                    "mean": float(values.mean()),
                    "sigma": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
                    "min": float(values.min()),
                    "max": float(values.max()),
                    "samples": len(values),
                }
        return found

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Header and rows, one a metric that a bound asks for."""
        units = {spec.metric.name: spec.metric.unit for spec in self.specs}
        keys = ("mean", "sigma", "min", "max")
        rows = [
            (name, *(format_quantity(row[key], units[name]) for key in keys), str(row["samples"]))
            for name, row in self.statistics().items()
        ]
        return ("metric", *keys, "samples"), rows

    def verdict(self) -> str:
        """What was drawn where, and how many samples pass."""
        low, high = self.interval()
        count = len(self.evaluations)
        lost = sum(not one.simulated for one in self.evaluations)
        nominal = replace(self.conditions.population, variation=Variation.NONE)
        return (
            f"{self.conditions.variation.value}, seed {self.conditions.seed}, at {nominal}: "
            f"{count - len(self.failing)} of {count} samples pass, a yield of {100 * self.yield_:.4g} % "
            f"(95 % interval {100 * low:.4g} to {100 * high:.4g} %)"
            f"{f'; {lost} of those that fail could not be simulated' if lost else ''}"
        )

    def failures(self) -> list[str]:
        """What is missed in the first ten samples that fail."""
        return [
            f"sample {number}: {'; '.join(self.evaluations[number].failures(self.specs))}"
            for number in self.failing[:10]
        ]

    def __str__(self) -> str:
        fails = [f"FAILS in {failure}" for failure in self.failures()]
        return "\n".join([f"Monte Carlo, {self.verdict()}", format_table(*self.table()), *fails])


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.

    Args:
        successes: of `count` trials.
        count: at least 1.
    """
    z2 = _NORMAL_95**2
    share = successes / count
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _NORMAL_95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)
