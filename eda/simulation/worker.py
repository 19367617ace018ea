"""The program of a worker process: receives decks and jobs on a pipe, answers with simulations.

Started as `python -m eda.simulation.worker JOBS LIFELINE MODE PROGRESS` with two inherited pipe ends and a piece of
shared memory, in which it counts the jobs that it has begun. When the lifeline closes, the parent is gone: the worker
removes its folder and leaves, also in the middle of a simulation.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import shutil
import struct
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.simulation.circuits import Circuits, Mode
from eda.simulation.ngspice import NgSpice
from eda.simulation.results import Simulation, Status
from eda.simulation.wire import PROGRESS_BYTES, Packer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation.deck import Deck

__all__ = ["main"]

_PATIENCE: Final = 0.02  # seconds that a result waits for others to go with
_GROWTH: Final = 200e6  # bytes; ngspice keeps 1 to 4 kB of each evaluation
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# after these ngspice goes on as if nothing had been; after others it may not
_HARMLESS: Final = frozenset({Status.OK, Status.NO_CONVERGENCE, Status.IMPOSSIBLE_SIZE})


def _leave(code: int) -> None:
    """Remove this process's folder and go at once: ngspice's own clean-up at exit has crashed before."""
    with contextlib.suppress(OSError):  # somebody may have removed it
        shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(code)


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    _leave(1)


class _Server:
    """Answers jobs, several at a time where they are quick."""

    def __init__(self, connection: Connection, spice: NgSpice, mode: Mode, progress: mmap.mmap) -> None:
        self.connection, self.spice, self.progress = connection, spice, progress
        self.circuits = Circuits(spice, mode)
        self.packer = Packer()
        self.decks: dict[int, Deck] = {}
        self.begun = 0
        self.limit = _memory() + _GROWTH

    def serve(self) -> None:
        """Take decks and lists of jobs, until ngspice has asked to end the process."""
        while not self.spice.exited:
            message = self.connection.recv()
            if isinstance(message, list):
                self.answer(message)
            else:
                self.take(*message)

    def take(self, number: int, deck: Deck) -> None:
        """Remember a deck."""
        self.decks[number] = deck.lean()
        if deck.isolated:
            for command in deck.setup:
                self.spice.command(command)

    def answer(self, jobs: list[tuple[int, Mapping[str, float]]]) -> None:
        """Send the results of jobs, and whether this process is fit for others."""
        results: list[Any] = []
        sent, fit = time.perf_counter(), True
        for number, values in jobs:
            result = self.run(number, values)
            results.append(self.packer.pack(result))
            fit = result.status in _HARMLESS and not self.spice.exited
            if not fit or time.perf_counter() - sent > _PATIENCE:
                fit = fit and _memory() < self.limit
                self.send(results, fit=fit)
                sent, results = time.perf_counter(), []
            if not fit:
                return
        if results:
            self.send(results, fit=_memory() < self.limit)

    def run(self, number: int, values: Mapping[str, float]) -> Simulation:
        """One job; that it is under way is noted where the other side sees it also after a crash."""
        self.begun += 1
        struct.pack_into("q", self.progress, 0, self.begun)
        start = time.perf_counter()
        result = self.circuits.run(self.decks[number], number, values)
        return replace(result, log=result.log[-4000:], seconds=time.perf_counter() - start)

    def send(self, results: list[Any], *, fit: bool) -> None:
        """Send results."""
        self.connection.send_bytes(pickle.dumps((results, fit), pickle.HIGHEST_PROTOCOL))


def _memory() -> int:
    """Resident memory of this process, bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a pseudo file, read for every job
            return int(file.read().split()[1]) * _PAGE
    except OSError:
        return 0


def main() -> None:
    """Serve jobs until the other end closes."""
    connection, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            spice = NgSpice()
        except OSError as error:
            connection.send(("missing", str(error)))
        else:
            connection.send(("ready", spice.version))
            progress = mmap.mmap(int(sys.argv[4]), PROGRESS_BYTES)
            _Server(connection, spice, Mode(sys.argv[3]), progress).serve()
    _leave(0)


if __name__ == "__main__":
    main()
