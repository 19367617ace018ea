"""How hard a task is: what random designs reach, what a fixed optimizer needs, and a design that works.

The record of a task stands beside it (`NAME.record.json`): it makes a table of the library, and its design is what
shows that the task can be solved.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError
from eda.sizing import OPTIMIZERS, size
from eda.sizing.store import Record, RunStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.netlist import Circuit, Subcircuit
    from eda.problem import Evaluation, SizingProblem, Task

__all__ = ["REFERENCE", "Calibration", "calibrate", "read_record", "record_path"]

REFERENCE: Final = "de"
"""Differential evolution as it is by default here: it stays as it is while other optimizers are improved."""
_FIRST_BUDGET: Final = 125  # simulations; doubled until a design is feasible


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of the difficulty of a task.

    Attributes:
        task: the task.
        data: as it is recorded.
    """

    task: Task
    data: dict[str, Any]

    def write(self) -> Path:
        """Record it beside the task.

        Raises:
            InputError: the file cannot be written.
        """
        path = record_path(self.task.path)
        try:
            path.write_text(json.dumps(self.data, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None
        return path


def record_path(task: Path) -> Path:
    """Where the record of a task is."""
    return task.with_suffix(".record.json")


def read_record(task: Path) -> dict[str, Any] | None:
    """The record of a task; `None` when it has none.

    Raises:
        InputError: it cannot be read.
    """
    path = record_path(task)
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"the record {path} cannot be read: {error}. Make it again: eda calibrate {task}") from None
    return data


def calibrate(task: Task, *, designs: int, seeds: int, budget: int, seed: int, run_dir: Path) -> Calibration:
    """Simulate random designs of a task, uniform in the unit cube of its design space, and size it by the reference.

    Args:
        task: the task, with its simulator.
        designs: random designs.
        seeds: runs of the reference optimizer, with the seeds 0, 1 ...
        budget: simulations that a run may spend.
        seed: of the random designs.
        run_dir: where runs are stored, and found again.

    Raises:
        InputError: there are no designs, seeds or simulations to spend.
    """
    for name, value in (("designs", designs), ("seeds", seeds), ("budget", budget)):
        if value < 1:
            raise InputError(f"`{name} >= 1` must hold, but got {value}")
    problem, run_dir = task.problem, run_dir / "calibration"  # apart from the runs that users compare
    random = _random_designs(problem, designs, seed, run_dir)
    runs = [_reference(problem, number, budget, run_dir) for number in range(seeds)]
    found = [best for _, best in runs if best.meets(problem.specs)]
    found += [one for one in random if one.meets(problem.specs)]
    best = min(found, key=lambda one: one.rank(problem.specs), default=None)
    transistors = len(problem.deck(problem.conditions).transistors)
    data = {
        "task": task.name,
        "class": problem.testbench.describe()["kind"],
        "technology": problem.technology.name,
        "devices": _devices(problem.source.top, problem.source),
        "transistors": transistors,
        "variables": problem.space.dimension,
        "specs": [str(spec) for spec in problem.specs],
        "random": {"designs": designs, "seed": seed, **_statistics(problem, random)},
        "reference": {
            "optimizer": REFERENCE,
            "budget": budget,
            "simulations to feasible": [first for first, _ in runs],
        },
        "ms per evaluation": round(1e3 * float(np.median([one.seconds for one in random])), 3),
        "feasible": None if best is None else {"design": dict(best.design), "metrics": dict(best.metrics)},
        "versions": {
            "simulator": problem.simulator.version,
            **{name: version(name) for name in ("analog-eda", "numpy", "scipy")},
        },
        "command": f"eda calibrate {task.name} --designs {designs} --seeds {seeds} --budget {budget} --seed {seed}",
    }
    return Calibration(task, data)


def _devices(block: Subcircuit, circuit: Circuit) -> int:
    """Devices of a block, those of the blocks that it calls included."""
    known = {inner.name: inner for inner in (*circuit.subcircuits, *block.subcircuits)}
    return sum(
        _devices(known[device.model], circuit) if device.letter == "x" and device.model in known else 1
        for device in block.devices
    )


def _random_designs(problem: SizingProblem, designs: int, seed: int, run_dir: Path) -> list[Evaluation]:
    """Random designs, kept on disk: what is there is not simulated again, also for specs with other bounds."""
    metrics = sorted({spec.metric.name for spec in problem.specs})
    about = {**problem.describe(), "specs": metrics, "random": seed}
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:10]
    points = np.random.default_rng(seed).random((designs, problem.space.dimension))
    with RunStore(run_dir / f"{problem.name}-random-{key}", about) as store:
        found = {record.number: record.evaluation for record in store.records()}
        missing = [number for number in range(designs) if number not in found]
        for index, evaluation in problem.stream(
            [(problem.space.decode(points[n]), problem.conditions) for n in missing]
        ):
            number = missing[index]
            store.add(Record(number, 0, 0, tuple(points[number].tolist()), evaluation))
            found[number] = evaluation
            if len(found) % max(designs // 4, 1) == 0:
                sys.stderr.write(f"{problem.name}: {len(found)} of {designs} random designs\n")
    return [found[number] for number in range(designs)]


def _reference(problem: SizingProblem, seed: int, budget: int, run_dir: Path) -> tuple[int | None, Evaluation]:
    """Simulations to the first feasible design, `None` where the budget does not suffice; and the best design."""
    spent = min(_FIRST_BUDGET, budget)
    while True:
        result = size(problem, OPTIMIZERS[REFERENCE](seed), budget=spent, run_dir=run_dir, progress=False)
        if result.first_feasible is not None or spent >= budget:
            sys.stderr.write(f"{problem.name}: reference, seed {seed}: {result.first_feasible or 'none'} in {spent}\n")
            return result.first_feasible, result.best
        spent = min(2 * spent, budget)


def _statistics(problem: SizingProblem, evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """How many designs meet each spec, the guards and everything, and the ranges of the metrics."""
    slacks = np.array([evaluation.slacks(problem.specs) for evaluation in evaluations])
    names = [*(str(spec) for spec in problem.specs if not spec.is_objective), "guards"]
    hits = {name: int(count) for name, count in zip(names, (slacks >= 0).sum(axis=0), strict=True)}
    ranges = {}
    for spec in problem.specs:
        values = [e.metrics[spec.metric.name] for e in evaluations if spec.metric.name in e.metrics]
        ends = np.quantile(values, (0, 0.5, 1)).tolist() if values else (None, None, None)
        ranges[spec.metric.name] = {"defined": len(values), **dict(zip(("low", "median", "high"), ends, strict=True))}
    return {
        "hits": hits,
        "all": int(sum(evaluation.meets(problem.specs) for evaluation in evaluations)),
        "specs met, guards ignored": int((slacks[:, :-1] >= 0).all(axis=1).sum()),
        "ranges": ranges,
    }
