"""What is shown of surrogates: accuracy, speed, transfer between topologies, and sizing with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.surrogate_accuracy import accuracy, conditioned, measured_speed
from eda.benchmark.surrogate_data import stored
from eda.benchmark.surrogate_sizing import sized
from eda.benchmark.surrogate_topologies import left_out
from eda.benchmark.units import run_units
from eda.errors import require_known
from eda.problem import load_task
from eda.simulation import WorkerPool
from eda.sizing import OPTIMIZERS
from eda.surrogate.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.benchmark.units import Work

__all__ = ["measure_surrogates"]

_TABLES: Final = ("accuracy", "autoregressive", "speed", "topologies", "sizing")
_SHOWN: Final = ("task", "left out", "simulations", "method", "seed")
_REPEATS: Final = 5
_TEST_SEED: Final = 1  # of the run that is tested with; that of learning is 0


def measure_surrogates(
    *,
    folder: Path,
    run_dir: Path,
    tasks: Sequence[str],
    cheap: Sequence[str],
    expensive: Sequence[str],
    tables: Sequence[str] = _TABLES,
    seeds: int = 3,
    simulations: int = 10_000,
    tested: int = 3000,
    rounds: int = 60,
    few: Mapping[str, int] | None = None,
    few_tasks: Sequence[str] = (),
    topologies: Mapping[str, Any] | None = None,
    optimizers: Sequence[str] = ("bayesian",),
    targets: int = 5,
    budget: int = 300,
    batches: Sequence[int] = (1, 1000, 100_000),
) -> list[dict[str, Any]]:
    """The tables of surrogates.

    Args:
        folder: whose neighbour `netlists` holds the tasks.
        run_dir: where simulations, networks in training and results are kept: the suite goes on where it was stopped.
        tasks: paths of op-amp tasks in `netlists`, without their ending.
        cheap: metrics of operating point and small signals, in the order in which they are predicted.
        expensive: metrics of transients.
        tables: which of them.
        seeds: seeds 0 to `seeds - 1`, of weights and draws; the simulations are the same.
        simulations: to learn from, of each task.
        tested: simulations of another run of each task, whose working designs are tested.
        rounds: of the training of ensembles.
        few: rounds of training by number of simulations, in the table of autoregressive prediction.
        few_tasks: that are in it.
        topologies: `designs` of each topology, `shape`, `rounds`, numbers of designs `few`, and which are `left_out` in
            turn, all without it.
        optimizers: sizing is compared with.
        targets: bounds that are drawn for each task and seed.
        budget: simulations that sizing may take.
        batches: designs that are predicted at once, to measure speed.

    Raises:
        InputError: a topology that is to be left out is none of the tasks.
    """
    netlists = folder.parent / "netlists"
    metrics = [*cheap, *expensive]
    known: dict[str, dict[str, Any]] = {}
    specs: dict[str, list[str]] = {}
    with WorkerPool(os.cpu_count() or 1) as pool:
        for name in tasks:
            path = netlists / f"{name}.toml"
            own = stored(path, metrics, simulations, 0, run_dir, pool)
            other = stored(path, metrics, tested, _TEST_SEED, run_dir, pool)
            specs[path.stem] = [str(one) for one in load_task(path).problem.specs]
            known[path.stem] = {
                "data": [own["data"], other["data"]], "_task": str(path), "_designs": own["_designs"],
                "_tests": other["_designs"], "_surrogates": str(run_dir / "surrogates"),
            }  # fmt: skip
    every = [(name, seed) for name in known for seed in range(seeds)]
    transfer = dict(topologies or {})
    left = transfer.pop("left_out", list(known))
    require_known("task to leave out", left, known)
    paths = {name: [one["_task"], one["_designs"], one["_tests"]] for name, one in known.items()}
    work: Mapping[str, tuple[Work, list[dict[str, Any]]]] = {
        "accuracy": (accuracy, [
            {"task": name, "method": method, "seed": seed, "rounds": rounds, **known[name]}
            for method in ("ensemble", "gradient boosting", "Gaussian process") for name, seed in every
        ]),
        "autoregressive": (conditioned, [
            {"task": name, "simulations": count, "seed": seed, "rounds": turns, "cheap": list(cheap),
             "expensive": list(expensive), **known[name]}
            for count, turns in ((int(count), turns) for count, turns in (few or {}).items())
            for name, seed in every if name in few_tasks
        ]),
        "topologies": (left_out, [
            {"left out": name, "seed": seed, "data": [one["data"] for one in known.values()], **transfer,
             "_tasks": paths, "_folder": str(run_dir / "topologies")}
            for name, seed in every if transfer and name in left
        ]),
        "sizing": (sized, [
            {"task": name, "specs": specs[name], "seed": seed, "rounds": rounds, "targets": targets, "budget": budget,
             "optimizers": {one: dict(OPTIMIZERS[one](seed).describe()) for one in optimizers}, **known[name]}
            for name, seed in every
        ]),
    }  # fmt: skip
    rows: list[dict[str, Any]] = []
    for table in tables:
        if table == "speed":
            for name, one in known.items():
                problem, learned = load_task(Path(one["_task"])).problem, Samples.load(one["_designs"])
                rows += [{"table": table, "task": name, **row}
                         for row in measured_speed(problem, learned, batches, _REPEATS)]  # fmt: skip
            continue
        do, units = work[table]
        found = run_units(do, units, run_dir=run_dir, name=f"surrogate {table}")
        rows += [
            {"table": table, **{key: unit[key] for key in _SHOWN if key in unit}, **row}
            for unit, result in zip(units, found, strict=True)
            for row in result["rows"]
        ]
    return rows
