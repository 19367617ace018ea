"""Worker processes that hold libngspice: a crash, hang or leak of one costs one evaluation, not the run."""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import InputError, SimulatorError
from eda.simulation.batch import INSTALL_HINT
from eda.simulation.circuits import Mode, parse_mode
from eda.simulation.results import Simulation, Status, timed_out
from eda.simulation.simulator import Simulator
from eda.simulation.wire import PROGRESS_BYTES, Unpacker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from eda.simulation.deck import Deck
    from eda.simulation.simulator import Job

__all__ = ["WorkerPool"]

_START_SECONDS = 60.0  # importing numpy on a busy machine has taken more than ten
_PATIENCE = 3600.0  # seconds of one wait, which is then repeated
_STARTS = 3  # a process that is killed before it is ready is started again; one that never is, is an error
_RECYCLE = 20_000  # evaluations; a worker that has grown leaves before
_RESIDENT = 8  # idle workers that keep their circuits; each takes about 60 MB
_AHEAD = 16  # jobs that a worker has at a time, at most
_BYTES_AHEAD = 32_768  # a worker that sends an answer reads nothing: what waits for it must fit into the socket


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, its folder, the decks that it knows, and the jobs that it has been given."""

    process: subprocess.Popen[bytes]
    connection: Connection
    lifeline: int
    progress: mmap.mmap
    folder: Path
    decks: list[Deck] = field(default_factory=list)
    tasks: deque[int] = field(default_factory=deque)
    unpacker: Unpacker = field(default_factory=Unpacker)
    done: int = 0
    begun: int = 0
    deadline: float = 0.0

    def greet(self) -> str:
        """Wait until the process is ready; the version of its library.

        Raises:
            EOFError, ConnectionError: it ended before it was ready.
            SimulatorError: it did not start in time, or has no library.
        """
        if not self.connection.poll(_START_SECONDS):
            raise SimulatorError(f"a simulator process did not start within {_START_SECONDS:g} s; see `eda doctor`")
        kind, text = self.connection.recv()
        if kind == "missing":
            raise SimulatorError(f"ngspice's shared library cannot be loaded ({text}); {INSTALL_HINT}")
        return str(text)

    def knows(self, deck: Deck) -> bool:
        """Whether it has been given a deck."""
        return any(known is deck for known in self.decks)

    def takes(self, deck: Deck) -> bool:
        """Whether it may simulate a deck: decks that leave settings in ngspice have a process of their own."""
        if not self.decks or self.knows(deck):
            return True
        if deck.isolated or self.decks[0].isolated:
            return self.decks[0] == deck
        return True

    def start(self, indices: Sequence[int], jobs: Sequence[Job], timeout: float) -> None:
        """Send jobs by their indices; a deck goes before the first one of it."""
        if not self.tasks:
            self._expect(timeout)
        self.tasks.extend(indices)
        with contextlib.suppress(OSError):  # a dead worker is noticed when its answer is awaited
            self.connection.send([(self._number(jobs[index].deck), dict(jobs[index].values)) for index in indices])

    def _number(self, deck: Deck) -> int:
        for number, known in enumerate(self.decks):
            if known is deck:
                return number
        for number, known in enumerate(self.decks):
            if known == deck:
                return number
        self.decks.append(deck)
        self.connection.send((len(self.decks) - 1, deck))
        return len(self.decks) - 1

    def answers(self, timeout: float) -> tuple[list[tuple[int, Simulation]], bool]:
        """Results that have arrived, by the index of the job, and whether the process is fit for others.

        A process that is gone, or hangs, has one: of the job that was under way.
        """
        if not self.connection.poll():
            begun = self._begun()
            if begun > self.begun:  # what it does takes long, but it is no longer the same job
                self.begun, self.deadline = begun, time.monotonic() + timeout
                return [], True
            return self._culprit(timed_out(timeout)), False
        try:
            packed, fit = pickle.loads(self.connection.recv_bytes())  # noqa: S301 - of our own process
        except (EOFError, OSError):
            return self._culprit(Simulation(Status.CRASHED)), False
        self.done += len(packed)
        self._expect(timeout)
        return [(self.tasks.popleft(), self.unpacker.unpack(one)) for one in packed], fit and self.done < _RECYCLE

    def _expect(self, timeout: float) -> None:
        """Give the job after those that are done its time."""
        self.begun, self.deadline = self.done + 1, time.monotonic() + timeout

    def _begun(self) -> int:
        (begun,) = struct.unpack_from("q", self.progress, 0)
        return int(begun)

    def _culprit(self, result: Simulation) -> list[tuple[int, Simulation]]:
        """The job that was under way, taken out of those that are to be done elsewhere; none if it was idle.

        A process that ends before its first job has that one on its account: its deck must not end others for ever.
        """
        place = self._begun() - self.done - 1
        if self.done == 0:
            place = max(place, 0)
        if not 0 <= place < len(self.tasks):
            return []
        index = self.tasks[place]
        del self.tasks[place]
        return [(index, result)]

    def stop(self) -> None:
        """End the process at once and remove its folder."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.progress.close()
        os.close(self.lifeline)
        shutil.rmtree(self.folder, ignore_errors=True)


_POOLS: weakref.WeakSet[WorkerPool] = weakref.WeakSet()
_FOREIGN: list[_Worker] = []  # of a parent; kept, because what is dropped is stopped


def _leave_to_parent() -> None:
    """In a process that was forked: its pools have no workers, those that they had are the parent's."""
    for pool in _POOLS:
        for worker in pool._alive:  # noqa: SLF001 - of this module
            os.close(worker.lifeline)
            _FOREIGN.append(worker)
        pool._alive.clear()  # noqa: SLF001
        pool._idle.clear()  # noqa: SLF001


os.register_at_fork(after_in_child=_leave_to_parent)


def _spawn(mode: Mode, base: Path | None) -> _Worker:
    shared_memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    if base is None and os.access(shared_memory, os.W_OK):
        base = shared_memory
    folder = Path(tempfile.mkdtemp(prefix="eda-worker-", dir=base))
    ours, theirs = Pipe()
    watched, lifeline = os.pipe()
    shared = _shared_memory(folder)
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    # HOME: the user's own .spiceinit must not change results; OMP_THREAD_LIMIT: Debian's build starts two threads
    environment = {**os.environ, "HOME": str(folder), "OMP_THREAD_LIMIT": "1", "PYTHONPATH": path}
    try:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "eda.simulation.worker",
                str(theirs.fileno()),
                str(watched),
                mode.value,
                str(shared),
            ],
            pass_fds=(theirs.fileno(), watched, shared),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops its workers
        )
        progress = mmap.mmap(shared, PROGRESS_BYTES)
    except OSError:
        ours.close()
        os.close(lifeline)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        theirs.close()
        os.close(watched)
        os.close(shared)
    return _Worker(process, ours, lifeline, progress, folder)


def _shared_memory(folder: Path) -> int:
    """A descriptor of memory that a child process can have as well."""
    if hasattr(os, "memfd_create"):  # not in the folder: its file system may be full
        descriptor = os.memfd_create("eda-progress")
    else:
        descriptor = os.open(folder / "progress", os.O_RDWR | os.O_CREAT)
    os.ftruncate(descriptor, PROGRESS_BYTES)
    return descriptor


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stop_all(workers: list[_Worker]) -> None:
    while workers:
        workers.pop().stop()


class WorkerPool(Simulator):
    """libngspice in worker processes, which hold circuits and only change their values from job to job.

    Workers stay for the next run with their circuits, the most recently used ones longest. A worker that crashes, hangs
    or grows is replaced; what it had not answered is given to another one.

    Args:
        workers: how many simulate at a time; the number of cores when it is `None`.
        timeout: seconds after which an evaluation is given up and its process ended.
        mode: `"exact"` gives what a fresh `ngspice -b` gives, to the last bit; `"fast"` alters the devices of
            resident circuits, equal within 1e-6 (checked on the first result of each deck), and sooner.
        folder: where workers have their private folders; in memory (`/dev/shm`) where there is such a place.

    Raises:
        InputError: a number that is not positive, or an unknown mode.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        timeout: float = 60.0,
        mode: Mode | str = Mode.EXACT,
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        self.workers = _cores() if workers is None else workers
        self.timeout = timeout
        self.mode = parse_mode(mode)
        if self.workers < 1 or timeout <= 0:
            raise InputError(f"`workers >= 1` and `timeout > 0` must hold, but got {workers} and {timeout:g}")
        self._alive: list[_Worker] = []  # all, for stopping them
        self._idle: list[_Worker] = []  # the most recently used last
        self._version = ""
        weakref.finalize(self, _stop_all, self._alive)
        _POOLS.add(self)

    def __reduce__(self) -> tuple[object, ...]:
        # a copy, or one sent to another process, starts workers of its own
        return partial(WorkerPool, self.workers, timeout=self.timeout, mode=self.mode, folder=self.folder), ()

    @property
    def version(self) -> str:
        """Name and version of the library, and the mode when it is not `exact`."""
        if not self._version:
            self._idle.insert(0, self._new())
        return self._version if self.mode is Mode.EXACT else f"{self._version}, {self.mode.value}"

    @property
    def processes(self) -> list[int]:
        """Process numbers of the workers."""
        return [worker.process.pid for worker in self._alive]

    @property
    def folders(self) -> list[Path]:
        """Private folders of the workers."""
        return [worker.folder for worker in self._alive]

    def close(self) -> None:
        """Stop every worker."""
        self._idle.clear()
        _stop_all(self._alive)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs on the workers; a job whose worker crashes is tried once more on a fresh one."""
        waiting: deque[int] = deque()
        taken, grows = 0, False
        busy: list[_Worker] = []
        crashed: set[int] = set()
        try:
            while waiting or busy or taken < len(jobs):
                grows = grows or 0 < taken < len(jobs)
                waiting.extend(range(taken, len(jobs)))
                taken = len(jobs)
                self._hand_out(jobs, waiting, busy, least=2 if grows else 0)
                for worker in _finished(busy):
                    results, fit = worker.answers(self.timeout)
                    if not fit:
                        waiting.extendleft(reversed(worker.tasks))
                        worker.tasks.clear()
                        self._drop(worker)
                    if not worker.tasks:
                        busy.remove(worker)
                        self._idle.extend([worker] if fit else [])
                    for index, result in results:
                        if result.status is Status.CRASHED and index not in crashed:
                            crashed.add(index)
                            waiting.appendleft(index)
                        else:
                            yield index, result
        finally:
            for worker in busy:
                self._drop(worker)

    def _hand_out(self, jobs: Sequence[Job], waiting: deque[int], busy: list[_Worker], least: int) -> None:
        """Give waiting jobs to workers, some ahead of need, so that none waits for its next.

        Of jobs that become more, each has at least so many: who adds them may take longer than a simulation.
        """
        while waiting and len(busy) < self.workers:
            worker = self._worker_for(jobs[waiting[0]].deck)
            busy.append(worker)
            worker.start([waiting.popleft()], jobs, self.timeout)
        for worker in busy:
            # towards the end ever fewer, so that the workers end together
            share = min(_AHEAD, max(len(waiting) // len(busy), least), _RECYCLE - worker.done) - len(worker.tasks)
            if share < _AHEAD // 2 and len(worker.tasks) > 1:
                continue
            # a new deck is sent to an idle worker only: one that is sending a long answer could not read it
            given: list[int] = []
            while waiting and len(given) < share and worker.knows(deck := jobs[waiting[0]].deck):
                if (len(worker.tasks) + len(given) + 1) * deck.job_bytes > _BYTES_AHEAD:
                    break
                given.append(waiting.popleft())
            if given:
                worker.start(given, jobs, self.timeout)

    def _worker_for(self, deck: Deck) -> _Worker:
        """An idle worker that holds the deck, or may have it, or a new one."""
        takers = [worker for worker in self._idle if worker.takes(deck)]
        if takers:
            worker = next((worker for worker in reversed(takers) if worker.knows(deck)), takers[-1])
            self._idle.remove(worker)
            return worker
        if len(self._idle) >= _RESIDENT:
            self._drop(self._idle.pop(0))
        return self._new()

    def _new(self) -> _Worker:
        for _ in range(_STARTS):
            try:
                worker = _spawn(self.mode, self.folder)
            except OSError as error:
                raise SimulatorError(f"a simulator process cannot be started: {error}") from None
            self._alive.append(worker)
            try:
                self._version = worker.greet()
            except (EOFError, OSError):
                self._drop(worker)
            except SimulatorError:
                self.close()
                raise
            else:
                return worker
        self.close()
        raise SimulatorError(f"{_STARTS} simulator processes ended before they were ready; see `eda doctor`")

    def _drop(self, worker: _Worker) -> None:
        if worker in self._alive:  # close() may have been first
            self._alive.remove(worker)
            worker.stop()


def _finished(busy: Sequence[_Worker]) -> list[_Worker]:
    """Wait for the first answer or deadline; the workers that have one behind them."""
    patience = min(max(0.0, min(worker.deadline for worker in busy) - time.monotonic()), _PATIENCE)
    ready = set(wait([worker.connection for worker in busy], patience))
    now = time.monotonic()
    return [worker for worker in busy if worker.connection in ready or now >= worker.deadline]
