"""One surrogate for all topologies: what it knows of one that it has not seen, and how much a few simulations help."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.benchmark.surrogate_accuracy import boosted
from eda.benchmark.units import fingerprint
from eda.nn.pin_network import PinShape
from eda.nn.threads import one_thread
from eda.problem import load_task
from eda.surrogate import Surrogate
from eda.surrogate.quantities import determination, quantities_of
from eda.surrogate.samples import Samples
from eda.surrogate.topologies import SizedCircuits, TopologySurrogate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import SizingProblem

__all__ = ["left_out", "working_designs"]

_TESTED: Final = 500
_FINE_ROUNDS: Final = 60  # with a few designs
_SCRATCH_ROUNDS: Final = 150


def left_out(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Learn from all topologies but one, and go on with a few designs of that one.

    Args:
        unit: `left out` (a task), `seed`, `designs` of each topology, `shape`, `rounds`, `few` (numbers of designs),
            `_folder`, and by task `_tasks`: paths of task, designs and tests.
    """
    seed = unit["seed"]
    generator = np.random.default_rng(seed)
    problems = {name: load_task(Path(paths[0])).problem for name, paths in unit["_tasks"].items()}
    learned = {
        name: working_designs(Samples.load(paths[1]), unit["designs"], generator)
        for name, paths in unit["_tasks"].items()
    }
    target = unit["left out"]
    problem = problems[target]
    tests = working_designs(Samples.load(unit["_tasks"][target][2]), _TESTED, generator)
    others = {name: one for name, one in learned.items() if name != target}
    every = {key: np.concatenate([one.values[key] for one in learned.values()]) for key in tests.values}
    quantities = quantities_of(problem, every, np.ones(len(next(iter(every.values()))), dtype=bool))
    asked = SizedCircuits.of(problem, tests.points)
    shape = PinShape(**unit["shape"])
    folder = Path(unit["_folder"])
    folder.mkdir(parents=True, exist_ok=True)
    about = fingerprint({key: unit[key] for key in unit if key[0] != "_" and key != "few"})
    rows = []

    def row(method: str, simulations: int, scores: Mapping[str, float], seconds: float) -> None:
        told = {f"R2 {name}": round(score, 4) for name, score in scores.items()}
        mean = round(float(np.mean(list(scores.values()))), 4)
        rows.append({"method": method, "simulations": simulations, "R2, mean": mean, **told,
                     "s of training": round(seconds)})  # fmt: skip

    with one_thread():
        begin = time.process_time()
        known = [(SizedCircuits.of(problems[name], one.points), one.values) for name, one in others.items()]
        general = TopologySurrogate.fit(
            known, quantities, shape=shape, rounds=unit["rounds"], seed=seed, state=folder / f"{target} {about}.state"
        )
        row("all other topologies", 0, general.determinations(asked, tests.values), time.process_time() - begin)
        for few in unit["few"]:
            own = learned[target][:few]
            mine = [(SizedCircuits.of(problem, own.points), own.values)]
            begin = time.process_time()
            tuned = TopologySurrogate.fit(mine, quantities, rounds=_FINE_ROUNDS, seed=seed, begin=general)
            row("all other topologies, then this one", few, tuned.determinations(asked, tests.values),
                time.process_time() - begin)  # fmt: skip
            begin = time.process_time()
            fresh = TopologySurrogate.fit(mine, quantities, shape=shape, rounds=_SCRATCH_ROUNDS, seed=seed)
            row("this one, same network", few, fresh.determinations(asked, tests.values), time.process_time() - begin)
            for method, by in (("this one, ensemble", _by_ensemble), ("this one, gradient boosting", _by_boosting)):
                begin = time.process_time()
                scores = by(problem, own, tests, quantities, seed)
                row(method, few, scores, time.process_time() - begin)
    return {"rows": rows}


def working_designs(designs: Samples, count: int, generator: np.random.Generator) -> Samples:
    """Some of the designs that work, drawn at random."""
    working = np.flatnonzero(designs.working)
    return designs[generator.permutation(working)[:count]]


def _by_ensemble(
    problem: SizingProblem, own: Samples, tests: Samples, quantities: list[Any], seed: int
) -> dict[str, float]:
    """An ensemble on the design variables; with fewer designs than it asks for they are repeated."""
    repeated = own[np.arange(max(len(own), 50)) % len(own)]
    surrogate = Surrogate.fit(problem, repeated, rounds=15, seed=seed)
    found = surrogate.predict(tests.points).values
    return _scores(tests, quantities, {one.name: one.scaled(found[one.name]) for one in quantities})


def _by_boosting(
    problem: SizingProblem,  # noqa: ARG001 - as by an ensemble
    own: Samples,
    tests: Samples,
    quantities: list[Any],
    seed: int,
) -> dict[str, float]:
    found = {
        one.name: boosted(own.points, one.scaled(own.values[one.name]), tests.points, seed)[0] for one in quantities
    }
    return _scores(tests, quantities, found)


def _scores(tests: Samples, quantities: list[Any], found: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    return {
        one.name: determination(torch.as_tensor(one.scaled(tests.values[one.name])), torch.as_tensor(found[one.name]))
        for one in quantities
    }
