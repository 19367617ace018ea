"""The program of a worker process: receives decks and jobs on a pipe, answers with simulations.

Started as `python -m eda.simulation.worker JOBS LIFELINE MODE` with two inherited pipe ends. When the lifeline closes,
the parent is gone: the worker removes its folder and leaves, also in the middle of a simulation.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from eda.simulation.circuits import Circuits, Mode
from eda.simulation.deck import Deck
from eda.simulation.ngspice import NgSpice
from eda.simulation.results import Status

__all__ = ["main"]

_GROWTH: Final = 200e6  # bytes; ngspice keeps 1 to 4 kB of each evaluation
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# after these ngspice goes on as if nothing had been; after others it may not
_HARMLESS: Final = frozenset({Status.OK, Status.NO_CONVERGENCE, Status.IMPOSSIBLE_SIZE})


def _leave(code: int) -> None:
    """Remove this process's folder and go at once: ngspice's own clean-up at exit has crashed before."""
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(code)


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    _leave(1)


def _serve(jobs: Connection, spice: NgSpice, mode: Mode) -> None:
    """Answer each job by its simulation, and whether this process is fit for another one."""
    decks: dict[int, Deck] = {}
    circuits = Circuits(spice, mode)
    limit = _memory() + _GROWTH
    while not spice.exited:
        message = jobs.recv()
        if isinstance(message[1], Deck):
            number, deck = message
            decks[number] = deck
            if deck.isolated:
                for command in deck.setup:
                    spice.command(command)
            continue
        number, values = message
        start = time.perf_counter()
        result = circuits.run(decks[number], number, values)
        result = replace(result, log=result.log[-4000:], seconds=time.perf_counter() - start)
        fit = result.status in _HARMLESS and not spice.exited and _memory() < limit
        jobs.send((result, fit))


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
            _serve(connection, spice, Mode(sys.argv[3]))
    _leave(0)


if __name__ == "__main__":
    main()
