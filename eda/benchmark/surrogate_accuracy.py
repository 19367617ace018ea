"""How well surrogates of one task predict: an ensemble, a transformer, and the baselines."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.benchmark.regressors import REGRESSORS, boosted, gaussian
from eda.benchmark.surrogate_data import trained
from eda.benchmark.trials import own_task
from eda.nn.threads import one_thread
from eda.surrogate import Autoregressive, Samples, Surrogate
from eda.surrogate.quantities import determination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import SizingProblem
    from eda.surrogate import Quantity

    Predicted = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]  # by metric values and halves of intervals

__all__ = ["accuracy", "conditioned", "measured_speed"]

_COVERAGE: Final = 0.9
_HELD_OUT: Final = 0.1
_NORMAL: Final = 1.645


def accuracy(unit: Mapping[str, Any]) -> dict[str, Any]:
    """R2 and coverage of a method on working designs of another run, and the seconds of a processor that it took.

    Args:
        unit: `method`, `seed`, `rounds`, `_task`, `_designs` to learn from, `_tests`, and `_surrogates`, where
            those are kept that are trained.
    """
    problem = own_task(unit["_task"]).problem
    learned, tests = Samples.load(unit["_designs"]), Samples.load(unit["_tests"])
    quantities = learned.quantities(problem)
    tests = tests[tests.working]
    with one_thread():
        found, seconds = _METHODS[unit["method"]](problem, learned, quantities, tests.points, unit)
    row: dict[str, Any] = {}
    for quantity in quantities:
        wanted = quantity.scaled(tests.values[quantity.name])
        value, half = found[quantity.name]
        row[f"R2 {quantity.name}"] = _r2(wanted, value)
        row[f"in 90 % {quantity.name}"] = round(float((np.abs(wanted - value) <= half).mean()), 3)
    return {"rows": [{"tested": len(tests), **row, "s of training": round(seconds)}]}


def _ensemble(
    problem: SizingProblem,
    learned: Samples,
    quantities: Sequence[Quantity],  # noqa: ARG001 - the surrogate has its own
    points: NDArray[np.float64],
    unit: Mapping[str, Any],
) -> tuple[Predicted, float]:
    folder = Path(unit["_surrogates"])
    surrogate = trained(problem, learned, rounds=unit["rounds"], seed=unit["seed"], folder=folder)
    means, deviations = surrogate.scaled(points)
    columns = zip(surrogate.quantities, means.T, _NORMAL * deviations.T, strict=True)
    found = {one.name: (mean, half) for one, mean, half in columns}
    return found, surrogate.card["seconds of a processor"]


def _boosting(
    problem: SizingProblem,  # noqa: ARG001 - as the others
    learned: Samples,
    quantities: Sequence[Quantity],
    points: NDArray[np.float64],
    unit: Mapping[str, Any],
) -> Predicted:
    learned = learned[learned.working]
    order = np.random.default_rng(unit["seed"]).permutation(len(learned))
    held, own = np.split(order, [max(10, round(_HELD_OUT * len(order)))])
    found = {}
    for one in quantities:
        values = one.scaled(learned.values[one.name])
        model = boosted(learned.points[own], values[own], unit["seed"])
        errors = np.abs(model.predict(learned.points[held]) - values[held])
        half = np.quantile(errors, min(1.0, _COVERAGE * (1 + 1 / len(held))))
        found[one.name] = (model.predict(points), np.full(len(points), half))
    return found


def _gaussian(
    problem: SizingProblem,  # noqa: ARG001 - as the others
    learned: Samples,
    quantities: Sequence[Quantity],
    points: NDArray[np.float64],
    unit: Mapping[str, Any],
) -> Predicted:
    learned = learned[learned.working]
    return {
        one.name: gaussian(learned.points, one.scaled(learned.values[one.name]), points, unit["seed"])
        for one in quantities
    }


def _timed(method: Callable[..., Predicted], *arguments: Any) -> tuple[Predicted, float]:
    """What a method predicts, and the seconds of a processor that it took."""
    begin = time.process_time()
    found = method(*arguments)
    return found, time.process_time() - begin


_METHODS: Final[Mapping[str, Callable[..., tuple[Predicted, float]]]] = {
    "ensemble": _ensemble,
    "gradient boosting": partial(_timed, _boosting),
    "Gaussian process": partial(_timed, _gaussian),
}


def conditioned(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Expensive metrics from a few simulations, with and without cheap ones that were measured.

    Args:
        unit: `simulations`, `seed`, `rounds`, `cheap` and `expensive` metrics, `_task`, `_designs`, `_tests`,
            `_surrogates`.
    """
    problem = own_task(unit["_task"]).problem
    cheap, expensive = unit["cheap"], unit["expensive"]
    every = Samples.load(unit["_designs"]).ordered([*cheap, *expensive])
    quantities = every.quantities(problem)
    rows = np.sort(np.random.default_rng(unit["seed"]).permutation(len(every))[: unit["simulations"]])
    learned, tests = every[rows], Samples.load(unit["_tests"])
    tests = tests[tests.working]
    named = {one.name: one.endless for one in quantities}
    measured = {name: tests.values[name] for name in cheap}

    def row(method: str, found: Mapping[str, NDArray[np.float64]], seconds: float) -> dict[str, Any]:
        told = {
            f"R2 {name}": _r2(named[name].scaled(tests.values[name]), found[name]) for name in expensive
        }  # fmt: skip
        return {"method": method, **told, "s of training": round(seconds)}

    settings = {"rounds": unit["rounds"], "seed": unit["seed"]}
    found = []
    with one_thread():
        direct = trained(problem, learned, **settings, folder=Path(unit["_surrogates"]))
        means, _ = direct.scaled(tests.points)
        places = [one.name for one in direct.quantities]
        seconds = direct.card["seconds of a processor"]
        found.append(row("direct, ensemble", {name: means[:, places.index(name)] for name in expensive}, seconds))
        begin = time.process_time()
        network = Autoregressive.fit(problem, learned, **settings)
        seconds = time.process_time() - begin
        for method, known in (("autoregressive", {}), ("autoregressive, cheap ones measured", measured)):
            values = network.predict(tests.points, known)
            found.append(row(method, {name: named[name].scaled(values[name]) for name in expensive}, seconds))
        good = learned[learned.working]
        for baseline, by in REGRESSORS.items():
            for ending, more in (("", []), (", cheap ones measured", cheap)):
                begin = time.process_time()
                inputs, asked = (
                    np.column_stack([one.points, *(_of_unit(named[name], one, good) for name in more)])
                    for one in (good, tests)
                )
                values = {
                    name: by(inputs, named[name].scaled(good.values[name]), asked, unit["seed"]) for name in expensive
                }
                found.append(row(baseline + ending, values, time.process_time() - begin))
    return {"rows": found}


def _of_unit(quantity: Quantity, asked: Samples, known: Samples) -> NDArray[np.float64]:
    """Values of a metric, as wide as the unit cube for known designs: one more variable."""
    low, high = np.quantile(quantity.scaled(known.values[quantity.name]), (0, 1))
    return np.asarray((quantity.scaled(asked.values[quantity.name]) - low) / (high - low or 1.0))


def measured_speed(
    problem: SizingProblem, learned: Samples, sizes: Sequence[int], repeats: int
) -> list[dict[str, Any]]:
    """Microseconds per design, in batches; how well it is trained does not matter.

    Args:
        problem: that was simulated.
        learned: designs.
        sizes: of the batches.
        repeats: of each, of which the median counts.
    """
    surrogate = Surrogate.fit(problem, learned, rounds=1)
    generator = np.random.default_rng(0)
    rows = []
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            for size in sizes:
                points = generator.random((size, learned.points.shape[1]))
                surrogate.predict(points[:100])
                took = []
                for _ in range(repeats):
                    begin = time.perf_counter()
                    surrogate.predict(points)
                    took.append(time.perf_counter() - begin)
                each = round(float(np.median(took)) / size * 1e6, 2)
                rows.append({"threads": threads, "designs": size, "us each": each})
        finally:
            torch.set_num_threads(before)
    return rows


def _r2(wanted: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    return round(determination(torch.as_tensor(wanted), torch.as_tensor(found)), 5)
