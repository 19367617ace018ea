"""PySpice as a backend, to compare with; an optional part (`pip install "analog-eda[pyspice]"`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import InputError, SimulatorError
from eda.simulation.batch import INSTALL_HINT
from eda.simulation.results import LONGEST, Simulation, Status, timed_out
from eda.simulation.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from eda.simulation.deck import Deck
    from eda.simulation.simulator import Job

__all__ = ["PySpiceSimulator"]

_KNOWN = ("op", "ac", "dc", "tran")
_START_SECONDS = 60.0  # importing PySpice takes one or two on an idle machine
_RECYCLE = 2000  # jobs; of each ngspice keeps a few kB (350 kB and more without the `remcirc` of our worker)


class PySpiceSimulator(Simulator):
    """Runs each job by PySpice's shared ngspice, one after the other, in an expendable process.

    Every analysis is loaded and run by itself, as PySpice's own simulators do. A result counts when every vector is
    there in full length: PySpice takes notes of ngspice for errors, and misses others.

    Args:
        timeout: seconds after which an evaluation is given up and its process ended.
        strict: whether to take PySpice at its word: whatever it raises is a failure, with its words in the log.

    Raises:
        InputError: the timeout is not positive; when it is first used: PySpice is not installed.
    """

    def __init__(self, *, timeout: float = 60.0, strict: bool = False) -> None:
        if timeout <= 0:
            raise InputError(f"`timeout > 0` must hold, but got {timeout:g}")
        self.timeout, self.strict = timeout, strict
        self._alive: list[_Child] = []  # one at most
        weakref.finalize(self, _stop_all, self._alive)

    def __reduce__(self) -> tuple[object, ...]:
        # a copy, or one sent to another process, starts a process of its own
        return _make, (self.timeout, self.strict)

    @property
    def version(self) -> str:
        """Versions of PySpice and of the library."""
        if not self._alive:
            self._alive.append(_start(strict=self.strict))
        return f"PySpice {version('PySpice')} with {self._alive[0].version}"

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs one after the other; one whose process crashes is tried once more."""
        for index, job in enumerate(jobs):
            if job.deck.settings:
                raise InputError(
                    "PySpice runs each analysis of a circuit as it is written, but this testbench changes values "
                    f"between analyses ({', '.join(job.deck.settings)}); ask for fewer metrics, or use WorkerPool()"
                )
            others = [one.kind for one in job.deck.analyses if one.kind not in _KNOWN]
            if others or job.deck.measures:
                what = ", ".join([*others, *(["measurements"] if job.deck.measures else [])])
                raise InputError(f"PySpice is asked for {', '.join(_KNOWN)} alone, not for {what}; use WorkerPool()")
            result = self._one(job)
            yield index, self._one(job) if result.status is Status.CRASHED else result

    def close(self) -> None:
        """Stop the process."""
        _stop_all(self._alive)

    def _one(self, job: Job) -> Simulation:
        child = self._child_for(job.deck)
        try:
            result = child.simulate(job, self.timeout)
        except BaseException:  # its answer would be taken for that of the next job
            self.close()
            raise
        if not result.ok or child.done >= _RECYCLE:
            self.close()
        return result

    def _child_for(self, deck: Deck) -> _Child:
        """The process, if it has this deck or none yet; else a new one."""
        if self._alive and self._alive[0].deck is not None and self._alive[0].deck != deck:
            self.close()
        if not self._alive:
            self._alive.append(_start(strict=self.strict))
        return self._alive[0]


def _make(timeout: float, strict: bool) -> PySpiceSimulator:  # noqa: FBT001 - pickle passes by position
    return PySpiceSimulator(timeout=timeout, strict=strict)


@dataclass(slots=True, eq=False)
class _Child:
    """One process, its folder, and the deck that it has for life."""

    process: subprocess.Popen[bytes]
    connection: Connection
    lifeline: int
    folder: Path
    version: str = ""
    deck: Deck | None = None
    done: int = 0

    def simulate(self, job: Job, timeout: float) -> Simulation:
        """Run a job; the deck goes with the first one."""
        self.done += 1
        try:
            if self.deck is None:
                self.deck = job.deck
                self.connection.send(job.deck)
            self.connection.send(dict(job.values))
            if not self.connection.poll(min(timeout, LONGEST)):
                return timed_out(timeout)
            result: Simulation = self.connection.recv()
        except (EOFError, OSError):
            return Simulation(Status.CRASHED, log="error: PySpice's process ended in the middle of a job")
        return result

    def stop(self) -> None:
        """End the process at once and remove its folder."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        os.close(self.lifeline)
        shutil.rmtree(self.folder, ignore_errors=True)


def _stop_all(children: list[_Child]) -> None:
    while children:
        children.pop().stop()


def _start(*, strict: bool) -> _Child:
    """A process that has loaded PySpice and the library.

    Raises:
        InputError: PySpice is not installed.
        SimulatorError: the library is missing, or the process did not start.
    """
    if find_spec("PySpice") is None:
        raise InputError('PySpice is not installed; it is an optional part: pip install "analog-eda[pyspice]"')
    child = _spawn(strict=strict)
    try:
        kind, child.version = child.connection.recv() if child.connection.poll(_START_SECONDS) else ("late", "")
    except (EOFError, ConnectionError):
        kind = "ended"
    if kind == "ready":
        return child
    child.stop()
    reason = f"ngspice's shared library cannot be loaded by PySpice ({child.version}); {INSTALL_HINT}"
    raise SimulatorError(reason if kind == "missing" else f"PySpice's process did not start ({kind})")


def _spawn(*, strict: bool) -> _Child:
    ours, theirs = Pipe()
    watched, lifeline = os.pipe()
    folder = Path(tempfile.mkdtemp(prefix="eda-pyspice-"))
    path = os.pathsep.join(filter(None, (str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH"))))
    # HOME: the user's own .spiceinit must not change results; OMP_THREAD_LIMIT: Debian's build starts two threads
    environment = {**os.environ, "HOME": str(folder), "OMP_THREAD_LIMIT": "1", "PYTHONPATH": path}
    words = [str(theirs.fileno()), str(watched), "strict" if strict else "lenient"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eda.simulation.pyspice_worker", *words],
        pass_fds=(theirs.fileno(), watched),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the parent, which then stops it
    )
    theirs.close()
    os.close(watched)
    return _Child(process, ours, lifeline, folder)
