"""Ways to simulate one circuit at many points, side by side: time per evaluation, and whether the results are equal."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from eda.errors import InputError
from eda.simulation import BatchSimulator, Job, Mode, Op, PySpiceSimulator, Simulation, WorkerPool, started
from eda.simulation.circuits import Circuits, largest_difference
from eda.simulation.ngspice import NgSpice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.benchmark.opamp_decks import Specimen
    from eda.simulation import Deck

__all__ = ["Floor", "agreement", "memory_growth", "speed", "start_up"]

_SLOW = 4  # evaluations a turn of a scheme that takes most of a second
_BATCH = 30  # of one that starts a process for each
_ANALYSES = frozenset({"run", "op", "ac", "dc", "tran", "noise", "tf", "pz", "sens", "sp"})


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A way to evaluate, and how many evaluations a turn has."""

    name: str
    seconds: Callable[[Sequence[Mapping[str, float]]], float]
    evaluations: int


class _Timed(NgSpice):
    """The library, with the time that it spends in its analyses."""

    inside = 0.0

    def command(self, text: str) -> int:
        """Run one command."""
        start = time.perf_counter()
        result = super().command(text)
        if text.partition(" ")[0] in _ANALYSES:
            self.inside += time.perf_counter() - start
        return result


@cache
def _timed() -> tuple[_Timed, Circuits]:
    """Of the process that measures the floor: its library, and the circuits that stay in it."""
    spice = _Timed()
    return spice, Circuits(spice, Mode.FAST)


def _inside(deck: Deck, designs: Sequence[Mapping[str, float]]) -> float:
    """Seconds that ngspice spends in the analyses of designs; runs in a process of its own."""
    spice, circuits = _timed()
    spice.inside = 0.0
    for design in designs:
        circuits.run(deck, 0, design)
    return spice.inside


class Floor:
    """Tells how long ngspice spends in the analyses of a deck: what no way to call it can be faster than.

    Args:
        deck: the deck.
    """

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def __enter__(self) -> Self:
        shared = Path("/dev/shm")  # noqa: S108
        self._folder = tempfile.mkdtemp(prefix="eda-floor-", dir=shared if shared.is_dir() else None)
        spawn = get_context("spawn")
        self._executor = ProcessPoolExecutor(1, mp_context=spawn, initializer=_move, initargs=(self._folder,))
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def seconds(self, designs: Sequence[Mapping[str, float]]) -> float:
        """Seconds that ngspice spends in the analyses, for all designs together.

        Args:
            designs: values of the deck's parameters.

        Raises:
            BrokenProcessPool: ngspice ended the process.
        """
        return self._executor.submit(_inside, self._deck, designs).result()


def _move(folder: str) -> None:
    """Begin a process whose ngspice leaves its files in a folder."""
    os.chdir(folder)
    os.environ["HOME"] = folder


def speed(specimen: Specimen, *, where: str, repeats: int, evaluations: int, seed: int) -> list[dict[str, Any]]:
    """Every scheme on the same points, taking turns.

    Args:
        specimen: the circuit.
        where: `anywhere` between the bounds, `nearby` its centre, or `nearby, started`: with the search for the
            operating point begun at that of the nominal design, in every scheme.
        repeats: turns; medians are reported.
        evaluations: of a turn; schemes that need long take the first of them.
        seed: of the points.

    Returns:
        A row per scheme: milliseconds per evaluation, and times sooner than the reference in the same turn.
    """
    specimen, designs = _placed(specimen, where, repeats * evaluations, seed)
    turns = [designs[turn * evaluations : (turn + 1) * evaluations] for turn in range(repeats)]
    with ExitStack() as stack:
        schemes = _schemes(specimen, evaluations, stack)
        for scheme in schemes:  # processes started, circuits loaded
            scheme.seconds(turns[0][: min(scheme.evaluations, 2)])
        times: dict[str, list[float]] = {scheme.name: [] for scheme in schemes}
        for number, turn in enumerate(turns):
            sys.stderr.write(f"{specimen.name}, {where}: turn {number + 1} of {repeats}\n")
            for scheme in schemes:
                points = turn[: scheme.evaluations]
                times[scheme.name].append(scheme.seconds(points) / len(points))
    return [
        {
            "table": "speed",
            "circuit": specimen.name,
            "designs": where,
            "scheme": name,
            "ms": 1e3 * median(seconds),
            "times sooner": _ratio(times, schemes[0].name, name),
            "to the floor": _ratio(times, name, "inside the analyses"),
            "to one worker": _ratio(times, name.replace("2 workers", "1 worker"), name),
            "all ms": [1e3 * second for second in seconds],
        }
        for name, seconds in times.items()
    ]


def _ratio(times: Mapping[str, Sequence[float]], one: str, other: str) -> float:
    """How many times sooner the other scheme is, the median over the turns."""
    return median(a / b for a, b in zip(times[one], times[other], strict=True))


def _placed(specimen: Specimen, where: str, count: int, seed: int) -> tuple[Specimen, list[dict[str, float]]]:
    """The circuit as it is simulated there, and the points."""
    place, _, begun = where.partition(", ")
    if begun:
        with BatchSimulator() as plain:
            deck = started(specimen.deck, plain)
        full = replace(specimen.full, nodesets=deck.nodesets) if specimen.full else None
        specimen = replace(specimen, deck=deck, full=full)
    points: list[dict[str, float]] = getattr(specimen, place)(count, seed)
    return specimen, points


def _schemes(specimen: Specimen, evaluations: int, stack: ExitStack) -> list[_Scheme]:
    deck = specimen.deck

    def by(simulator: Any, what: Deck = deck) -> Callable[[Sequence[Mapping[str, float]]], float]:
        stack.enter_context(simulator)

        def seconds(points: Sequence[Mapping[str, float]]) -> float:
            jobs = [Job(what, point) for point in points]
            start = time.perf_counter()
            results = simulator.simulate(jobs)
            elapsed = time.perf_counter() - start
            if not any(result.ok for result in results):
                raise InputError(f"{specimen.name} cannot be simulated: {results[0].status.value}\n{results[0].log}")
            return elapsed

        return seconds

    schemes = []
    if specimen.full:
        schemes.append(_Scheme("ngspice -b, whole library", by(BatchSimulator(), specimen.full), _SLOW))
    schemes.append(_Scheme("ngspice -b", by(BatchSimulator()), min(evaluations, _BATCH)))
    if not specimen.full:
        with suppress(InputError):  # the extra is not installed
            schemes.append(_Scheme("PySpice, shared library", by(PySpiceSimulator()), min(evaluations, _BATCH)))
    for mode in Mode:
        for workers in (1, 2):
            name = f"{mode.value}, {workers} worker{'s' if workers > 1 else ''}"
            schemes.append(_Scheme(name, by(WorkerPool(workers, mode=mode)), evaluations))
    floor = stack.enter_context(Floor(deck.lean()))
    schemes.append(_Scheme("inside the analyses", floor.seconds, min(evaluations, 100)))
    return schemes


def agreement(
    specimen: Specimen, *, where: str, designs: int, batch: int, full: int, seed: int
) -> list[dict[str, Any]]:
    """Whether the schemes give the same.

    Args:
        specimen: the circuit.
        where: `anywhere` or `nearby`.
        designs: points on which `fast` is compared with `exact`.
        batch: points on which `exact` is compared with `ngspice -b` of the same deck.
        full: points on which it is compared with the whole library.
        seed: of the points.
    """
    specimen, points = _placed(specimen, where, designs, seed)
    jobs = [Job(specimen.deck, point) for point in points]
    with WorkerPool(mode="exact") as exact, WorkerPool(mode="fast") as fast, BatchSimulator() as plain:
        truth = exact.simulate(jobs)
        rows = [("fast, exact", truth, fast.simulate(jobs)), ("exact, ngspice -b", truth, plain.simulate(jobs[:batch]))]
        if specimen.full:
            whole = plain.simulate([Job(specimen.full, point) for point in points[:full]])
            rows.append(("compiled, whole library", truth, whole))
    return [
        {"table": "agreement", "circuit": specimen.name, "designs": where, "compared": name, **_compared(one, other)}
        for name, one, other in rows
    ]


def _compared(one: Sequence[Simulation], other: Sequence[Simulation]) -> dict[str, Any]:
    pairs = list(zip(one, other, strict=False))
    both = [(mine, theirs) for mine, theirs in pairs if mine.ok and theirs.ok]
    different = [largest_difference(mine, theirs) for mine, theirs in both]
    return {
        "points": len(pairs),
        "same status": sum(mine.status is theirs.status for mine, theirs in pairs),
        "equal to the last bit": sum(_equal(mine, theirs) for mine, theirs in both),
        "within 1e-6": sum(value <= 1e-6 for value in different),
        "largest difference": max(different, default=None),
    }


def _equal(one: Simulation, other: Simulation) -> bool:
    return all(
        np.array_equal(vector, other.analyses[kind].vectors[name])
        for kind, waves in one.analyses.items()
        for name, vector in waves.vectors.items()
    )


def start_up(specimen: Specimen, *, repeats: int) -> dict[str, Any]:
    """How long a deck takes until its first operating point: the whole library, and compiled cards."""
    assert specimen.full
    decks = [replace(deck, analyses=(Op(),)) for deck in (specimen.full, specimen.deck)]
    times: list[list[float]] = [[], []]
    with BatchSimulator() as plain:
        for _ in range(repeats):
            for deck, seconds in zip(decks, times, strict=True):
                start = time.perf_counter()
                plain.simulate([Job(deck)])
                seconds.append(time.perf_counter() - start)
    return {
        "table": "start-up",
        "circuit": specimen.name,
        "whole library, ms": 1e3 * median(times[0]),
        "compiled, ms": 1e3 * median(times[1]),
        "times sooner": median(whole / compiled for whole, compiled in zip(*times, strict=True)),
    }


def memory_growth(specimen: Specimen, *, evaluations: int, seed: int) -> list[dict[str, Any]]:
    """Resident memory of a worker before and after many evaluations."""
    rows = []
    for mode in Mode:
        for where in ("nearby", "anywhere"):
            points = getattr(specimen, where)(evaluations, seed)
            with WorkerPool(1, mode=mode) as pool:
                pool.simulate([Job(specimen.deck, point) for point in points[: evaluations // 10]])
                before, first = _resident(pool)
                pool.simulate([Job(specimen.deck, point) for point in points])
                after, last = _resident(pool)
            rows.append(
                {
                    "table": "memory",
                    "circuit": specimen.name,
                    "designs": where,
                    "mode": mode.value,
                    "evaluations": evaluations,
                    "before, MB": before / 1e6,
                    "growth, MB": (after - before) / 1e6,
                    "same process": first == last,
                }
            )
    return rows


def _resident(pool: WorkerPool) -> tuple[float, list[int]]:
    """Resident memory of the workers of a pool, bytes, and their process numbers."""
    pids = pool.processes
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE"), pids
