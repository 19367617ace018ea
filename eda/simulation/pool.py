"""Worker processes that hold libngspice: a crash, hang or leak of one costs one evaluation, not the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import SimulatorError
from eda.simulation.batch import INSTALL_HINT
from eda.simulation.results import Simulation, Status
from eda.simulation.simulator import Job, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.simulation.deck import Deck

__all__ = ["WorkerPool"]

_START_SECONDS = 60.0  # importing numpy on a busy machine has taken more than ten
_RECYCLE = 2000  # evaluations; ngspice keeps 1 to 4 kB of each


@dataclass(slots=True)
class _Worker:
    """One process, its folder, and what it is doing."""

    process: subprocess.Popen[bytes]
    connection: Connection
    lifeline: int
    folder: Path
    version: str = ""
    loaded: Deck | None = None
    done: int = 0
    index: int | None = None
    deadline: float = 0.0
    closed: bool = field(default=False)

    def stop(self) -> None:
        """End the process at once and remove its folder."""
        if self.closed:
            return
        self.closed = True
        self.process.kill()
        self.process.wait()
        self.connection.close()
        os.close(self.lifeline)
        shutil.rmtree(self.folder, ignore_errors=True)


def _start() -> _Worker:
    ours, theirs = Pipe()
    watched, lifeline = os.pipe()
    shared_memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    base = shared_memory if os.access(shared_memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="eda-worker-", dir=base))
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    # HOME: the user's own .spiceinit must not change results; OMP_THREAD_LIMIT: Debian's build starts two threads
    environment = {**os.environ, "HOME": str(folder), "OMP_THREAD_LIMIT": "1", "PYTHONPATH": path}
    process = subprocess.Popen(
        [sys.executable, "-m", "eda.simulation.worker", str(theirs.fileno()), str(watched)],
        pass_fds=(theirs.fileno(), watched),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the parent, which then stops its workers
    )
    theirs.close()
    os.close(watched)
    return _Worker(process, ours, lifeline, folder)


def _greet(worker: _Worker) -> None:
    try:
        if not worker.connection.poll(_START_SECONDS):
            raise SimulatorError(f"a simulator process did not start within {_START_SECONDS:g} s; see `eda doctor`")
        kind, text = worker.connection.recv()
    except (EOFError, ConnectionError):
        worker.stop()
        raise SimulatorError("a simulator process ended before it was ready; see `eda doctor`") from None
    if kind == "missing":
        worker.stop()
        raise SimulatorError(f"ngspice's shared library cannot be loaded ({text}); {INSTALL_HINT}")
    worker.version = text


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop_all(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.stop()
    workers.clear()


class WorkerPool(Simulator):
    """libngspice in worker processes; each holds the deck it ran last and only alters parameters for the next.

    Args:
        workers: number of processes; the number of cores when it is `None`.
        timeout: seconds after which an evaluation is given up and its process ended.
    """

    def __init__(self, workers: int | None = None, *, timeout: float = 60.0) -> None:
        self.workers = workers or _cores()
        self.timeout = timeout
        self._alive: list[_Worker] = []
        weakref.finalize(self, _stop_all, self._alive)

    @property
    def version(self) -> str:
        """Name and version of the library."""
        self._ensure(1)
        return self._alive[0].version

    def close(self) -> None:
        """Stop every worker."""
        _stop_all(self._alive)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs on the workers; a job whose worker crashes is tried once more on a fresh one."""
        if not jobs:
            return
        self._ensure(min(self.workers, len(jobs)))
        waiting = deque(range(len(jobs)))
        retried: set[int] = set()
        try:
            while waiting or any(w.index is not None for w in self._alive):
                self._dispatch(jobs, waiting)
                for worker in self._finished():
                    index, result = self._collect(worker)
                    if result.status is Status.CRASHED and index not in retried:
                        retried.add(index)
                        waiting.appendleft(index)
                        continue
                    yield index, result
        finally:
            for worker in [w for w in self._alive if w.index is not None]:
                self._drop(worker)

    def _ensure(self, count: int) -> None:
        new = [_start() for _ in range(count - len(self._alive))]
        self._alive.extend(new)
        try:
            for worker in new:
                _greet(worker)
        except SimulatorError:
            self.close()
            raise

    def _dispatch(self, jobs: Sequence[Job], waiting: deque[int]) -> None:
        for worker in [w for w in self._alive if w.index is None][: len(waiting)]:
            fresh = worker
            if worker.done >= _RECYCLE:
                fresh = self._replace(worker)
            index = waiting.popleft()
            deck = jobs[index].deck
            request = (
                None if fresh.loaded is deck or fresh.loaded == deck else deck,
                dict(jobs[index].values),
            )
            fresh.index, fresh.deadline, fresh.loaded = index, time.monotonic() + self.timeout, deck
            with contextlib.suppress(ConnectionError):  # a dead worker is noticed when its answer is awaited
                fresh.connection.send(request)

    def _finished(self) -> list[_Worker]:
        busy = [w for w in self._alive if w.index is not None]
        patience = max(0.0, min(w.deadline for w in busy) - time.monotonic())
        ready = set(wait([w.connection for w in busy], patience))
        now = time.monotonic()
        return [w for w in busy if w.connection in ready or now >= w.deadline]

    def _collect(self, worker: _Worker) -> tuple[int, Simulation]:
        assert worker.index is not None
        index, timed_out = worker.index, not worker.connection.poll()
        worker.index = None
        worker.done += 1
        if timed_out:
            self._replace(worker)
            return index, Simulation(Status.TIMEOUT, seconds=self.timeout)
        try:
            result: Simulation = worker.connection.recv()
        except (EOFError, ConnectionError):
            self._replace(worker)
            return index, Simulation(Status.CRASHED)
        if result.status is not Status.OK:
            # after a failure the library may hold a broken circuit: load the deck again
            worker.loaded = None
        if worker.process.poll() is not None:
            self._replace(worker)
        return index, result

    def _replace(self, worker: _Worker) -> _Worker:
        self._drop(worker)
        self._ensure(len(self._alive) + 1)
        return self._alive[-1]

    def _drop(self, worker: _Worker) -> None:
        worker.stop()
        self._alive.remove(worker)
