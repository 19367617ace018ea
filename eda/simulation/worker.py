"""The program of a worker process: receives jobs on a pipe, answers with simulations.

Started as `python -m eda.simulation.worker JOBS LIFELINE` with two inherited pipe ends. When the lifeline closes, the
parent is gone: the worker removes its folder and leaves, also in the middle of a simulation.
"""

from __future__ import annotations

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


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(1)


def _serve(jobs: Connection, spice: NgSpice) -> None:
    loaded: Deck | None = None
    while True:
        request: tuple[Deck | None, Mapping[str, float]] | None = jobs.recv()
        if request is None:
            return
        start = time.perf_counter()
        deck, values = request
        if deck is not None:
            loaded = deck
            spice.load(deck)
        assert loaded is not None
        refused = Simulation(failure_status(spice.log), log=spice.log)
        result = refused if spice.exited else spice.run(loaded, values)
        jobs.send(replace(result, log=result.log[-4000:], seconds=time.perf_counter() - start))
        if spice.exited:
            return


def main() -> None:
    """Serve jobs until told to stop."""
    connection, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    try:
        spice = NgSpice()
    except OSError as error:
        connection.send(("missing", str(error)))
        return
    connection.send(("ready", spice.version))
    try:
        _serve(connection, spice)
    except (EOFError, BrokenPipeError):
        return
    finally:
        sys.stdout.flush()
    # ngspice's own clean-up at exit has crashed before: the process holds nothing worth it
    os._exit(0)


if __name__ == "__main__":
    main()
