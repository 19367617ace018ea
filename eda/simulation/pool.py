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
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import InputError, SimulatorError
from eda.simulation.batch import INSTALL_HINT
from eda.simulation.results import Simulation, Status
from eda.simulation.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

    from eda.simulation.deck import Deck
    from eda.simulation.simulator import Job

__all__ = ["WorkerPool"]

_START_SECONDS = 60.0  # importing numpy on a busy machine has taken more than ten
_RECYCLE = 2000  # evaluations; ngspice keeps 1 to 4 kB of each
_RESIDENT = 8  # idle workers that keep their deck; each takes about 60 MB


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, its folder, and the deck that it holds for life."""

    process: subprocess.Popen[bytes]
    connection: Connection
    lifeline: int
    folder: Path
    deck: Deck | None = None
    done: int = 0

    def greet(self) -> str:
        """Wait until the process is ready; the version of its library.

        Raises:
            SimulatorError: it did not start, or has no library.
        """
        try:
            if not self.connection.poll(_START_SECONDS):
                raise SimulatorError(f"a simulator process did not start within {_START_SECONDS:g} s; see `eda doctor`")
            kind, text = self.connection.recv()
        except (EOFError, ConnectionError):
            raise SimulatorError("a simulator process ended before it was ready; see `eda doctor`") from None
        if kind == "missing":
            raise SimulatorError(f"ngspice's shared library cannot be loaded ({text}); {INSTALL_HINT}")
        return str(text)

    def start(self, job: Job) -> None:
        """Send a job; the deck goes with the first one."""
        with contextlib.suppress(ConnectionError):  # a dead worker is noticed when its answer is awaited
            if self.deck is None:
                self.deck = job.deck
                self.connection.send(job.deck)
            self.connection.send(dict(job.values))

    def answer(self) -> Simulation:
        """The result of the job that was started last, which has arrived."""
        self.done += 1
        try:
            result: Simulation = self.connection.recv()
        except (EOFError, ConnectionError):
            return Simulation(Status.CRASHED)
        return result

    def stop(self) -> None:
        """End the process at once and remove its folder."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        os.close(self.lifeline)
        shutil.rmtree(self.folder, ignore_errors=True)


def _spawn() -> _Worker:
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


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop_all(workers: list[_Worker]) -> None:
    while workers:
        workers.pop().stop()


@dataclass(frozen=True, slots=True)
class _Task:
    """A job under way: its index, and when it is given up."""

    index: int
    deadline: float


class WorkerPool(Simulator):
    """libngspice in worker processes. Each holds one deck and only alters parameters from job to job.

    A worker never gets a second deck: what the first one left in the library could change the results. Workers stay
    for the next run with their deck, the most recently used ones longest.

    Args:
        workers: how many simulate at a time; the number of cores when it is `None`.
        timeout: seconds after which an evaluation is given up and its process ended.

    Raises:
        InputError: a number that is not positive.
    """

    def __init__(self, workers: int | None = None, *, timeout: float = 60.0) -> None:
        self.workers = _cores() if workers is None else workers
        self.timeout = timeout
        if self.workers < 1 or timeout <= 0:
            raise InputError(f"`workers >= 1` and `timeout > 0` must hold, but got {workers} and {timeout:g}")
        self._alive: list[_Worker] = []  # all, for stopping them
        self._idle: list[_Worker] = []  # the most recently used last
        self._version = ""
        weakref.finalize(self, _stop_all, self._alive)

    def __reduce__(self) -> tuple[object, ...]:
        # a copy, or one sent to another process, starts workers of its own
        return partial(WorkerPool, self.workers, timeout=self.timeout), ()

    @property
    def version(self) -> str:
        """Name and version of the library."""
        if not self._version:
            self._idle.insert(0, self._new())
        return self._version

    def close(self) -> None:
        """Stop every worker."""
        self._idle.clear()
        _stop_all(self._alive)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs on the workers; a job whose worker crashes is tried once more on a fresh one."""
        waiting = deque(range(len(jobs)))
        busy: dict[_Worker, _Task] = {}
        retried: set[int] = set()
        try:
            while waiting or busy:
                while waiting and len(busy) < self.workers:
                    index = waiting.popleft()
                    worker = self._worker_for(jobs[index].deck)
                    busy[worker] = _Task(index, time.monotonic() + self.timeout)
                    worker.start(jobs[index])
                for worker in _finished(busy):
                    task = busy.pop(worker)
                    result = self._result(worker)
                    if result.status is Status.CRASHED and task.index not in retried:
                        retried.add(task.index)
                        waiting.appendleft(task.index)
                    else:
                        yield task.index, result
        finally:
            for worker in busy:
                self._drop(worker)

    def _worker_for(self, deck: Deck) -> _Worker:
        """An idle worker that holds the deck, or none yet, or a new one."""
        for worker in reversed(self._idle):
            if worker.deck is None or worker.deck is deck or worker.deck == deck:
                self._idle.remove(worker)
                return worker
        if len(self._idle) >= _RESIDENT:
            self._drop(self._idle.pop(0))
        return self._new()

    def _new(self) -> _Worker:
        try:
            worker = _spawn()
        except OSError as error:
            raise SimulatorError(f"a simulator process cannot be started: {error}") from None
        self._alive.append(worker)
        try:
            self._version = worker.greet()
        except SimulatorError:
            self.close()
            raise
        return worker

    def _result(self, worker: _Worker) -> Simulation:
        """What a worker answers; it stays for the next job unless something went wrong."""
        if not worker.connection.poll():
            self._drop(worker)
            return Simulation(Status.TIMEOUT, seconds=self.timeout)
        result = worker.answer()
        if result.ok and worker.done < _RECYCLE:
            self._idle.append(worker)
        else:
            self._drop(worker)
        return result

    def _drop(self, worker: _Worker) -> None:
        if worker in self._alive:  # close() may have been first
            self._alive.remove(worker)
            worker.stop()


def _finished(busy: Mapping[_Worker, _Task]) -> list[_Worker]:
    """Wait for the first answer or deadline; the workers that have one behind them."""
    patience = max(0.0, min(task.deadline for task in busy.values()) - time.monotonic())
    ready = set(wait([worker.connection for worker in busy], patience))
    now = time.monotonic()
    return [worker for worker, task in busy.items() if worker.connection in ready or now >= task.deadline]
