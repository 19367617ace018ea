"""Beyond one pool of processes: any executor of `concurrent.futures`, here or on a cluster, as a simulator."""

from __future__ import annotations

import math
import pickle
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.simulation.chunks import split
from eda.simulation.pool import WorkerPool
from eda.simulation.results import Simulation, Status
from eda.simulation.simulator import Simulator
from eda.simulation.workforce import REFUSALS, Workforce, breaks, error_of, loses, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from eda.simulation.chunks import Answer, Chunk
    from eda.simulation.simulator import Job

    Errors = dict[Future[Answer], BaseException | None]

__all__ = ["ExecutorSimulator"]

_END_SECONDS: Final = 30.0


class ExecutorSimulator(Simulator):
    """Sends jobs in chunks to the workers of an executor; each worker keeps a simulator of its own.

    Results depend neither on the executor nor on the chunks. A chunk whose worker is lost is sent again. Before its
    jobs are given up they run one by one with nothing beside them, so that each is blamed for what it did itself.

    Args:
        executor: an executor, which stays open; or a function without arguments that makes one, which is shut down by
            `close()` and replaced when it breaks. A script starts processes under `if __name__ == "__main__":`.
        chunk: jobs that go out together at most; a run of few jobs is spread thinner, so that all workers have some.
        in_flight: chunks under way at a time; twice the number of workers is enough.
        attempts: times that a job is started before it is given up as crashed.
        inner: what simulates in each worker, sent there by pickle; `WorkerPool(1)` when it is `None`.

    Raises:
        InputError: it is no executor, or a number is not positive.
    """

    def __init__(
        self,
        executor: Executor | Callable[[], Executor],
        *,
        chunk: int = 10,
        in_flight: int = 32,
        attempts: int = 3,
        inner: Simulator | None = None,
    ) -> None:
        if min(chunk, in_flight, attempts) < 1:
            message = "`chunk >= 1`, `in_flight >= 1` and `attempts >= 1` must hold"
            raise InputError(f"{message}, but got {chunk}, {in_flight} and {attempts}")
        self.chunk, self.in_flight, self.attempts = chunk, in_flight, attempts
        self._workforce = Workforce(executor, pickle.dumps(WorkerPool(1) if inner is None else inner), attempts)

    @property
    def version(self) -> str:
        """Name and version of the simulator in the workers; waits until there is a worker."""
        return self._workforce.version

    def start(self) -> Executor:
        """Open the executor now instead of at the first job; the executor."""
        return self._workforce.open()

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs in the executor's workers.

        Raises:
            SimulatorError: the executor is broken and cannot be replaced, its workers cannot simulate at all, or they
                have different simulators. Every finished simulation was yielded before.
        """
        if jobs and self.version:
            yield from _Run(self._workforce, jobs, self.chunk, self.in_flight, self.attempts).results()

    def close(self) -> None:
        """Stop the simulators in the workers, and the executor if it was made here; waits for chunks that have begun.

        A worker that cannot be reached stops its simulator after a minute without work.
        """
        self._workforce.close()


class _Run:
    """One run: chunks under way, and those that were lost and wait for another try."""

    def __init__(self, workforce: Workforce, jobs: Sequence[Job], chunk: int, in_flight: int, attempts: int) -> None:
        self.workforce, self.jobs, self.chunk = workforce, jobs, chunk
        self.in_flight, self.attempts = in_flight, attempts
        self.taken = 0
        self.chunks: Iterator[Chunk] = iter(())
        self.again: deque[Chunk] = deque()
        self.suspects: deque[Chunk] = deque()  # of one job, started for the last time, alone
        self.busy: dict[Future[Answer], Chunk] = {}

    def results(self) -> Iterator[tuple[int, Simulation]]:
        """Simulations with the places of their jobs, as chunks finish."""
        try:
            while self._fill():
                errors = self._wait()
                yield from self._finished(errors)
                yield from self._lost(errors)
        finally:
            self.workforce.abandon(self.busy)

    def _fill(self) -> bool:
        """Send chunks until enough are under way; whether any is."""
        while len(self.busy) < self.in_flight and (chunk := self._next()):
            try:
                self.busy[self.workforce.submit(chunk)] = chunk
            except REFUSALS as error:
                self.again.appendleft(chunk)
                if self.busy:  # their errors follow
                    break
                self.workforce.replace(error)
        return bool(self.busy)

    def _next(self) -> Chunk | None:
        if self.again:
            return self.again.popleft()
        chunk = next(self.chunks, None)
        if chunk is None and (new := len(self.jobs) - self.taken):
            self.chunks = split(self.jobs, min(self.chunk, math.ceil(new / self.in_flight)), first=self.taken)
            self.taken += new
            chunk = next(self.chunks)
        return self.suspects.popleft() if chunk is None and self.suspects and not self.busy else chunk

    def _wait(self) -> Errors:
        """Wait for chunks; what each ended with."""
        errors = {future: error_of(future) for future in wait(self.busy, return_when=FIRST_COMPLETED).done}
        end = next((error for error in errors.values() if breaks(error)), None)
        if end is not None:  # then all of them end soon, but for one that a pool of Python 3.11 took while it broke
            done = wait(self.busy, _END_SECONDS).done
            errors = {future: error_of(future) if future in done else end for future in self.busy}
        return errors

    def _finished(self, errors: Errors) -> Iterator[tuple[int, Simulation]]:
        for future in [future for future, error in errors.items() if error is None]:
            answer, chunk = future.result(), self.busy.pop(future)
            self.workforce.learn(answer)
            yield from zip(chunk.indices, answer.simulations, strict=True)

    def _lost(self, errors: Errors) -> Iterator[tuple[int, Simulation]]:
        """Put lost chunks back in the queue; those that were lost too often are crashes."""
        lost = {future: error for future, error in errors.items() if error is not None}
        for error in lost.values():
            if not loses(error):
                raise unusable(error) from error
        chunks = [(self.busy.pop(future).lost(), error) for future, error in lost.items()]
        for error in [error for error in lost.values() if breaks(error)][:1]:
            self.workforce.replace(error)
        for chunk, error in chunks:
            if chunk.losses >= self.attempts:
                log = (
                    f"error: the worker was lost {chunk.losses} times, the last time by {type(error).__name__}: {error}"
                )
                yield from ((index, Simulation(Status.CRASHED, log=log)) for index in chunk.indices)
            elif chunk.losses == self.attempts - 1:
                self.suspects.extend(chunk.singly())
            else:
                self.again.append(chunk)
