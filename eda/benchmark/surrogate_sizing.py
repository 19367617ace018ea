"""Sizing with a surrogate: simulations until bounds are met that it was not trained for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.benchmark.surrogate_data import trained
from eda.benchmark.trials import own_task, search
from eda.nn.threads import one_thread
from eda.problem import Spec
from eda.sizing import OPTIMIZERS
from eda.sizing.insight import InsightM
from eda.sizing.screened import Screened
from eda.surrogate import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.problem import SizingProblem
    from eda.sizing.optimizer import Optimizer
    from eda.surrogate import Surrogate

__all__ = ["drawn_bounds", "sized"]

_TIGHT: Final = 0.05  # in decades, or of the value: how much room a drawn bound leaves beside the design it is of


def sized(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Simulations of each method, for the task's own bounds and for drawn ones.

    Args:
        unit: `optimizers`, `targets`, `budget`, `seed`, `rounds`, `_task`, `_designs`, `_tests`, `_surrogates`.
    """
    problem = own_task(unit["_task"]).problem
    learned, tests = Samples.load(unit["_designs"]), Samples.load(unit["_tests"])
    with one_thread():
        folder = Path(unit["_surrogates"])
        surrogate = trained(problem, learned, rounds=unit["rounds"], seed=unit["seed"], folder=folder)
        own = [str(spec) for spec in problem.specs if not spec.is_objective]
        asked = {"the task's": own}
        generator = np.random.default_rng(unit["seed"])
        metrics = [spec.metric.name for spec in problem.specs if not spec.is_objective]
        if "power" not in metrics:
            metrics.append("power")
        for number in range(unit["targets"]):
            asked[f"drawn {number + 1}"] = drawn_bounds(problem, tests[tests.working], metrics, generator)
        rows = []
        for name, bounds in asked.items():
            asked_problem = problem.with_specs(bounds)
            for method, optimizer in _optimizers(unit, surrogate, asked_problem).items():
                trial = search(
                    asked_problem, optimizer, unit["budget"],
                    until=lambda one, specs=asked_problem.specs: one.meets(specs),  # type: ignore[misc]
                )  # fmt: skip
                rows.append({"bounds": name, "specs": bounds, "method": method, "simulations": trial.reached})
    return {"rows": rows}


def drawn_bounds(
    problem: SizingProblem, working: Samples, metrics: list[str], generator: np.random.Generator
) -> list[str]:
    """Bounds that one design of a run meets that nothing was learned from, with a little room.

    Args:
        problem: whose specs say which way metrics are good; `power` is good when it is small.
        working: designs of that run.
        metrics: to be bounded.
        generator: chooses the design.
    """
    known = problem.testbench.metrics
    row = int(generator.integers(len(working)))
    bounds = []
    senses = {spec.metric.name: spec.sense for spec in problem.specs if not spec.is_objective}
    for name in metrics:
        value = float(working.values[name][row])
        sense = senses.get(name, "<=")
        room = -1 if sense == ">=" else 1
        bound = value * 10 ** (room * _TIGHT) if known[name].logarithmic else value + room * _TIGHT * abs(value)
        bounds.append(str(Spec(known[name], sense, bound)))
    return bounds


def _optimizers(unit: Mapping[str, Any], surrogate: Surrogate, problem: SizingProblem) -> dict[str, Optimizer]:
    """InsightM, and others without the surrogate and screened by it."""
    seed = unit["seed"]
    found: dict[str, Optimizer] = {"insight": InsightM(surrogate, problem.specs, seed=seed)}
    for name in unit["optimizers"]:
        found[f"{name}, screened"] = Screened(OPTIMIZERS[name](seed), surrogate, problem.specs)
        found[name] = OPTIMIZERS[name](seed)
    return found
