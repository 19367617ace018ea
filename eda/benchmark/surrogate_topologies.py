"""One surrogate for all topologies: what it knows of one that it has not seen, and how much a few simulations help."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.benchmark.regressors import REGRESSORS
from eda.benchmark.units import fingerprint
from eda.nn.pin_network import PinShape
from eda.nn.threads import one_thread
from eda.problem import load_task
from eda.surrogate.quantities import determination, quantities_of
from eda.surrogate.samples import Samples
from eda.surrogate.topologies import SizedCircuits, TopologySurrogate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.surrogate import Quantity

    Values = Mapping[str, NDArray[np.float64]]

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
    every = {key: np.concatenate([one.values[key] for one in others.values()]) for key in tests.values}
    quantities = quantities_of(problem, every, np.ones(len(next(iter(every.values()))), dtype=bool))
    asked, wanted = SizedCircuits.of(problem, tests.points), _scaled(quantities, tests.values)
    shape = PinShape(**unit["shape"])
    folder = Path(unit["_folder"])
    folder.mkdir(parents=True, exist_ok=True)
    about = fingerprint({key: unit[key] for key in unit if key[0] != "_" and key != "few"})
    rows = []

    def row(method: str, designs: int, found: Values, seconds: float) -> None:
        scores = {name: determination(torch.as_tensor(wanted[name]), torch.as_tensor(found[name])) for name in wanted}
        told = {f"R2 {name}": round(score, 4) for name, score in scores.items()}
        mean = round(float(np.mean(list(scores.values()))), 4)
        rows.append({"method": method, "working designs": designs, "R2, mean": mean, **told,
                     "s of training": round(seconds)})  # fmt: skip

    with one_thread():
        known = [(SizedCircuits.of(problems[name], one.points), one.values) for name, one in others.items()]
        general = TopologySurrogate.fit(
            known, quantities, shape=shape, rounds=unit["rounds"], seed=seed, state=folder / f"{target} {about}.state"
        )
        seconds = general.card["seconds of a processor"]
        row("all other topologies", 0, _scaled(quantities, general.predict(asked)), seconds)
        for few in unit["few"]:
            own = learned[target][:few]
            mine = [(SizedCircuits.of(problem, own.points), own.values)]
            tuned = TopologySurrogate.fit(mine, quantities, rounds=_FINE_ROUNDS, seed=seed, begin=general)
            seconds = tuned.card["seconds of a processor"]
            row("all other topologies, then this one", few, _scaled(quantities, tuned.predict(asked)), seconds)
            alone = own.quantities(problem)
            fresh = TopologySurrogate.fit(mine, alone, shape=shape, rounds=_SCRATCH_ROUNDS, seed=seed)
            seconds = fresh.card["seconds of a processor"]
            row("this one, same network", few, _scaled(quantities, fresh.predict(asked)), seconds)
            for method, by in REGRESSORS.items():
                begin = time.process_time()
                targets = _scaled(quantities, own.values)
                values = {name: by(own.points, column, tests.points, seed) for name, column in targets.items()}
                row(f"this one, {method}", few, values, time.process_time() - begin)
    return {"rows": rows}


def working_designs(designs: Samples, count: int, generator: np.random.Generator) -> Samples:
    """Some of the designs that work, drawn at random."""
    working = np.flatnonzero(designs.working)
    return designs[generator.permutation(working)[:count]]


def _scaled(quantities: Sequence[Quantity], values: Values) -> dict[str, NDArray[np.float64]]:
    """Values as they are predicted, none of them cut off."""
    return {one.name: one.endless.scaled(values[one.name]) for one in quantities}
