"""Jobs in chunks, and the functions that run them in the workers of an executor.

A worker of an executor is a thread or a process that somebody else started, here or on another machine. It keeps its
simulator from chunk to chunk on the shelf of its process, and the simulator keeps libngspice in a child of its own.
"""

from __future__ import annotations

import os
import pickle
import socket
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eda.simulation.simulator import Job

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.simulation.deck import Deck
    from eda.simulation.results import Simulation
    from eda.simulation.simulator import Simulator

__all__ = ["Answer", "Chunk", "Place", "empty_shelf", "run_chunk", "split"]

Place = tuple[str, int]  # name of the machine, number of the process

_IDLE_SECONDS = 60.0  # longer than an optimiser thinks between two rounds; a start takes half a second


@dataclass(frozen=True, slots=True)
class Chunk:
    """Jobs of one deck, which travels once for all of them.

    Attributes:
        deck: the deck.
        indices: places of the jobs in the run.
        values: parameter values of each job, SI.
        losses: how many times the worker that had it was lost.
    """

    deck: Deck
    indices: tuple[int, ...]
    values: tuple[Mapping[str, float], ...]
    losses: int = 0

    def lost(self) -> Chunk:
        """The chunk, lost once more."""
        return replace(self, losses=self.losses + 1)

    def singly(self) -> list[Chunk]:
        """Its jobs, each in a chunk of its own."""
        pairs = zip(self.indices, self.values, strict=True)
        return [replace(self, indices=(index,), values=(values,)) for index, values in pairs]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker sends back.

    Attributes:
        place: where it ran.
        version: name and version of the simulator there.
        simulations: one for each job, in their order.
    """

    place: Place
    version: str
    simulations: list[Simulation]


def split(jobs: Sequence[Job], size: int, *, first: int = 0) -> Iterator[Chunk]:
    """Chunks of at most `size` jobs of one deck, from a first one on; decks in the order in which they first occur."""
    groups: dict[int, list[int]] = {}
    for index in range(first, len(jobs)):
        groups.setdefault(id(jobs[index].deck), []).append(index)
    for indices in groups.values():
        for start in range(0, len(indices), size):
            part = tuple(indices[start : start + size])
            yield Chunk(jobs[part[0]].deck, part, tuple(dict(jobs[index].values) for index in part))


class _Shelf:
    """The simulators of this process that are idle, each with the recipe that it was made by.

    Emptied when nobody has come for a while: who asked may be gone without a word.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[bytes, Simulator]] = []
        self._emptied = self._used = 0.0
        self._watched = False

    def take(self, recipe: bytes) -> Simulator:
        """One of this recipe, the most recently used; a new one when there is none."""
        with self._lock:
            for position in reversed(range(len(self._idle))):
                if self._idle[position][0] == recipe:
                    return self._idle.pop(position)[1]
        simulator: Simulator = pickle.loads(recipe)  # noqa: S301 - made by `ExecutorSimulator`, like the call itself
        return simulator

    def put(self, recipe: bytes, simulator: Simulator, taken: float) -> None:
        """Put one back that was taken at some time; it is closed when the shelf was emptied since."""
        with self._lock:
            self._used = time.monotonic()
            kept = taken > self._emptied
            if kept:
                self._idle.append((recipe, simulator))
                if not self._watched:
                    self._watch(_IDLE_SECONDS)
        if not kept:
            simulator.close()

    def empty(self) -> None:
        """Close every idle simulator, and those that are in use as soon as they are put back."""
        with self._lock:
            self._emptied = time.monotonic()
            idle, self._idle = self._idle, []
        for _, simulator in idle:
            simulator.close()

    def _watch(self, seconds: float) -> None:
        self._watched = True
        timer = threading.Timer(seconds, self._look)
        timer.daemon = True
        timer.start()

    def _look(self) -> None:
        with self._lock:
            left = self._used + _IDLE_SECONDS - time.monotonic()
            self._watched = False
            if left > 0:
                self._watch(left)
                return
        self.empty()


_shelves: dict[int, _Shelf] = {}  # by process: a forked child must not touch the simulators of its parent


def _shelf() -> _Shelf:
    return _shelves.setdefault(os.getpid(), _Shelf())


def _place() -> Place:
    return socket.gethostname(), os.getpid()


def run_chunk(recipe: bytes, chunk: Chunk | None, _ticket: str) -> Answer:
    """Run the jobs of a chunk here.

    Args:
        recipe: a pickled simulator; it, or one of the same recipe that is there from before, runs the jobs.
        chunk: the jobs; `None` asks for the version only.
        _ticket: a word of its own for every call: Dask takes equal calls for one.

    Raises:
        SimulatorError: ngspice is missing here, or cannot be started.
    """
    jobs = [Job(chunk.deck, values) for values in chunk.values] if chunk else []
    shelf = _shelf()
    taken = time.monotonic()
    simulator = shelf.take(recipe)
    try:
        answer = Answer(_place(), simulator.version, simulator.simulate(jobs))
    except BaseException:
        simulator.close()
        raise
    shelf.put(recipe, simulator, taken)
    return answer


def empty_shelf(_ticket: str) -> Place:
    """Close the simulators of this process, and stay a moment, so that the next call finds another worker."""
    _shelf().empty()
    time.sleep(0.02)
    return _place()
