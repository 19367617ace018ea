"""The suite of the testbench room: truth, agreement, published decks, guards, and what a measurement costs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.benchmark.agreement import compare_measures
from eda.benchmark.analoggym_decks import analoggym_amplifiers, analoggym_design, analoggym_figures
from eda.benchmark.bagnet_decks import bagnet_design, bagnet_figures
from eda.benchmark.calibration import read_record
from eda.benchmark.guarding import accept_feasible, broken_designs, reject_broken
from eda.benchmark.library import find_tasks
from eda.benchmark.published import compare, own_figures
from eda.benchmark.schemes import Floor
from eda.benchmark.truth import compare_truths
from eda.errors import InputError, require_known
from eda.problem import load_task
from eda.simulation import BatchSimulator, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eda.problem import SizingProblem
    from eda.simulation import Simulator

__all__ = ["measure_testbenches"]

_FEWEST: Final = 4  # evaluations of a turn
_NEARBY: Final = 0.02  # of each variable's range: as far as designs of a trust region are from each other


@dataclass(frozen=True, slots=True)
class _Suite:
    """The tables with what they need."""

    folder: Path
    simulator: Simulator
    ordinary: tuple[str, ...]
    designs: int
    repeats: int
    seconds: float
    seed: int

    def truth(self) -> list[dict[str, Any]]:
        return compare_truths(self.simulator)

    def meas(self) -> list[dict[str, Any]]:
        with BatchSimulator() as batch:
            return compare_measures(batch)

    def published(self) -> list[dict[str, Any]]:
        rows = []
        for name in (*analoggym_amplifiers(), "two_stage_full"):
            sys.stderr.write(f"{name}: its own decks by plain ngspice\n")
            rows += [{"table": "published decks", **row} for row in _published(name, self.simulator)]
        return rows

    def guards(self) -> list[dict[str, Any]]:
        return [reject_broken(broken, self.simulator) for broken in broken_designs(self.folder / "broken")]

    def known(self) -> list[dict[str, Any]]:
        rows = (accept_feasible(path, self.simulator) for path in self.tasks().values())
        return [row for row in rows if row is not None]

    def gaming(self) -> list[dict[str, Any]]:
        """Random op-amps that meet every spec and do not work: by the records of the tasks, and by ordinary specs."""
        amplifiers = {
            path: record
            for path in self.tasks().values()
            if (record := read_record(path)) is not None and record["class"] in {"opamp", "fully_differential"}
        }
        rows = []
        for record in amplifiers.values():
            random = record["random"]
            met = random["specs met, guards ignored"]
            rows.append({"specs": "of the task", **_gamed(record["task"], random["designs"], met, random["all"])})
        for path in amplifiers:
            sys.stderr.write(f"{path.stem}: random designs, ordinary specs\n")
            rows.append({"specs": "; ".join(self.ordinary), **self._ordinary(path)})
        return [{"table": "specs without guards", **row} for row in [*rows, *_totals(rows)]]

    def _ordinary(self, path: Path) -> dict[str, Any]:
        """How many random designs of a task meet ordinary specs, and what the guards say of those."""
        problem = load_task(path, specs=self.ordinary, simulator=self.simulator).problem
        points = np.random.default_rng(self.seed).random((self.designs, problem.space.dimension))
        met, rejected = 0, Counter[str]()
        for _, found in problem.stream([(problem.space.decode(point), problem.conditions) for point in points]):
            if found.simulated and np.all(found.slacks(problem.specs)[:-1] >= 0):
                met += 1
                failing = [guard.name for guard in found.guards if not guard.holds]
                rejected.update(failing[:1])
        row = _gamed(path.stem, self.designs, met, met - rejected.total())
        return {**row, "first guard that fails": ", ".join(f"{name} {n}" for name, n in rejected.most_common())}

    def cost(self) -> list[dict[str, Any]]:
        """One task of each class that has a record."""
        chosen: dict[str, Path] = {}
        for path in self.tasks().values():
            if (record := read_record(path)) is not None and record["class"] not in chosen:
                load_task(path)  # a kit or a data set that is missing is told before anything is measured
                chosen[record["class"]] = path
        rows = []
        for path in chosen.values():
            sys.stderr.write(f"{path.stem}: cost of an evaluation\n")
            try:
                rows.append(_cost(path, self.repeats, self.seconds, self.seed))
            except BrokenProcessPool:  # ngspice ended in the process that has no one to start it again
                sys.stderr.write(f"{path.stem}: ngspice crashed where the floor is measured\n")
        return rows

    def tasks(self) -> dict[str, Path]:
        return find_tasks(self.folder.resolve().parent / "netlists")


def measure_testbenches(
    *,
    folder: Path,
    simulator: Simulator,
    tables: Sequence[str],
    ordinary: Sequence[str],
    designs: int,
    repeats: int,
    seconds: float,
    seed: int,
) -> list[dict[str, Any]]:
    """Check the testbenches and the library against what is known beside them.

    Args:
        folder: of the suite; `broken/` lies in it, `netlists/` of the project beside it.
        simulator: the backend.
        tables: which of `truth`, `.meas`, `published decks`, `guards`, `known designs`, `specs without guards`, `cost`.
        ordinary: specs that any op-amp may be asked for, in the table of specs without guards.
        designs: random designs of each op-amp in that table.
        repeats: turns of the cost table; medians are reported.
        seconds: that a turn takes about.
        seed: of the designs.

    Raises:
        InputError: there is no such table, or a data set is missing.
        TechnologyError: a kit is not installed.
    """
    suite = _Suite(folder, simulator, tuple(ordinary), designs, repeats, seconds, seed)
    available: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "truth": suite.truth,
        ".meas": suite.meas,
        "published decks": suite.published,
        "guards": suite.guards,
        "known designs": suite.known,
        "specs without guards": suite.gaming,
        "cost": suite.cost,
    }
    require_known("table", tables, available)
    rows = []
    for name in tables:
        sys.stderr.write(f"{name} ...\n")
        rows += available[name]()
    return rows


def _published(name: str, simulator: Simulator) -> Iterator[dict[str, Any]]:
    """Rows for an amplifier: its unaltered decks, and those that are aligned with ours."""
    own_deck = name == "two_stage_full"
    try:
        design = bagnet_design() if own_deck else analoggym_design(name)
    except InputError as error:  # one netlist is an empty file
        yield {"amplifier": name, "deck": "as published", "why": str(error)}
        return
    ours = own_figures(design, simulator)
    for aligned in (False, True):
        figures = bagnet_figures(aligned=aligned) if own_deck else analoggym_figures(name, aligned=aligned)
        for row in compare(figures, ours):
            yield {"deck": "aligned" if aligned else "as published", **row}


def _gamed(task: str, designs: int, met: int, good: int) -> dict[str, Any]:
    return {"task": task, "designs": designs, "meet all specs": met, "of them rejected": met - good}


def _totals(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The sums of all tasks, for each kind of specs."""
    for specs in dict.fromkeys(row["specs"] for row in rows):
        of_kind = [row for row in rows if row["specs"] == specs]
        counts = ("designs", "meet all specs", "of them rejected")
        yield {"specs": specs, "task": "all", **{name: sum(row[name] for row in of_kind) for name in counts}}


def _cost(path: Path, repeats: int, seconds: float, seed: int) -> dict[str, Any]:
    """Time of an evaluation by one fast worker, measuring and all, beside the time inside of ngspice's analyses.

    The analyses are timed twice: of the deck as it is written, which any user of ngspice would run, and of the lean one
    that a worker runs (`Deck.lean`).
    """
    record = read_record(path)
    assert record is not None
    with WorkerPool(1, mode="fast") as pool:
        problem = load_task(path, simulator=pool).problem
        design = (record["feasible"] or {}).get("design") or problem.circuit.defaults()
        deck = problem.deck(problem.conditions)
        spent, written, lean = [], [], []
        with Floor(deck) as floor_written, Floor(deck.lean()) as floor_lean:
            count = _FEWEST
            for turn in range(repeats + 1):
                designs = _near(problem, design, count, [seed, turn])
                parameters = [{f"dut_{name}": value for name, value in one.items()} for one in designs]
                start = time.perf_counter()
                problem.evaluate(designs)
                whole = time.perf_counter() - start
                parts = floor_written.seconds(parameters), floor_lean.seconds(parameters)
                if turn:
                    spent.append(whole / count)
                    written.append(parts[0] / count)
                    lean.append(parts[1] / count)
                else:  # processes have started, and circuits are loaded
                    count = max(_FEWEST, round(seconds * count / parts[1]))
    return {
        "table": "cost",
        "task": path.stem,
        "class": record["class"],
        "analyses": ", ".join(analysis.name for analysis in deck.analyses),
        "evaluations": repeats * count,
        "ms": 1e3 * median(spent),
        "ms inside the analyses": 1e3 * median(lean),
        "ms inside the analyses as written": 1e3 * median(written),
        "overhead %": _overhead(spent, lean),
        "overhead over those as written %": _overhead(spent, written),
    }


def _overhead(spent: Sequence[float], inside: Sequence[float]) -> float:
    """How much longer than the analyses evaluations take, per cent: the median over the turns."""
    return 100 * (median(whole / part for whole, part in zip(spent, inside, strict=True)) - 1)


def _near(problem: SizingProblem, design: dict[str, float], count: int, seed: Sequence[int]) -> list[dict[str, float]]:
    """Designs around one, within the bounds."""
    names = problem.space.names
    centre = problem.space.encode({name: design[name] for name in names})
    random = np.random.default_rng(seed)
    points = np.clip(centre + _NEARBY * random.uniform(-1, 1, (count, len(names))), 0, 1)
    return [problem.space.decode(point) for point in points]
