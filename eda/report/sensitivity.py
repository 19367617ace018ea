"""Sensitivities of a design by simulation: what each metric does when one size changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Variable
    from eda.problem import Evaluation, SizingProblem

__all__ = ["Sensitivity", "sensitivities"]

_CHANGE: Final = 0.1  # of a size, up and down


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What changes with one size.

    Attributes:
        variable: its name.
        low: the lesser value that was simulated, SI.
        high: the greater one.
        metrics: by metric of a spec, its values there; only of those that have both.
        slacks: by the spec as text, what its slack gains from the lesser to the greater value.
    """

    variable: str
    low: float
    high: float
    metrics: Mapping[str, tuple[float, float]]
    slacks: Mapping[str, float]


def sensitivities(problem: SizingProblem, design: Mapping[str, float]) -> list[Sensitivity]:
    """Simulate a design with each size a tenth smaller and larger, as far as bounds and grid allow.

    Args:
        problem: circuit, testbench, specs.
        design: values by variable name, SI.
    """
    pairs = {variable.name: _around(variable, design[variable.name]) for variable in problem.space.variables}
    asked = [{**design, name: value} for name, pair in pairs.items() for value in pair]
    found = iter(problem.evaluate(asked))
    return [_sensitivity(problem, name, pair, next(found), next(found)) for name, pair in pairs.items()]


def _around(variable: Variable, value: float) -> tuple[float, float]:
    step = max(_CHANGE * abs(value), variable.step or 0.0) or _CHANGE * (variable.high - variable.low)
    if variable.step is not None:
        step = max(round(step / variable.step), 1) * variable.step
    low, high = max(value - step, variable.low), min(value + step, variable.high)
    return float(f"{low:.12g}"), float(f"{high:.12g}")


def _sensitivity(
    problem: SizingProblem, name: str, pair: tuple[float, float], low: Evaluation, high: Evaluation
) -> Sensitivity:
    names = dict.fromkeys(spec.metric.name for spec in problem.specs)
    metrics = {
        one: (low.metrics[one], high.metrics[one]) for one in names if {one} <= low.metrics.keys() & high.metrics.keys()
    }
    slacks = {
        str(spec): float(
            np.clip(spec.slack(metrics[spec.metric.name][1]), -1, 1)
            - np.clip(spec.slack(metrics[spec.metric.name][0]), -1, 1)
        )
        for spec in problem.specs
        if not spec.is_objective and spec.metric.name in metrics
    }
    return Sensitivity(name, *pair, metrics, slacks)
