"""The program of a worker process: receives one deck and then jobs on a pipe, answers with simulations.

Started as `python -m eda.simulation.worker JOBS LIFELINE` with two inherited pipe ends. When the lifeline closes, the
parent is gone: the worker removes its folder and leaves, also in the middle of a simulation.
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
from typing import TYPE_CHECKING

from eda.simulation.ngspice import NgSpice
from eda.simulation.results import Simulation, failure_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation.deck import Deck

__all__ = ["main"]


def _leave(code: int) -> None:
    """Remove this process's folder and go at once: ngspice's own clean-up at exit has crashed before."""
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(code)


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    _leave(1)


def _serve(jobs: Connection, spice: NgSpice) -> None:
    deck: Deck = jobs.recv()
    spice.load(deck)
    while not spice.exited:
        values: Mapping[str, float] = jobs.recv()
        start = time.perf_counter()
        result = spice.run(deck, values)
        jobs.send(replace(result, log=result.log[-4000:], seconds=time.perf_counter() - start))
    jobs.recv()
    jobs.send(Simulation(failure_status(spice.log), log=spice.log[-4000:]))


def main() -> None:
    """Serve the jobs of one deck until the other end closes."""
    connection, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            spice = NgSpice()
        except OSError as error:
            connection.send(("missing", str(error)))
        else:
            connection.send(("ready", spice.version))
            _serve(connection, spice)
    _leave(0)


if __name__ == "__main__":
    main()
