"""The workers of an executor: opened, replaced when they break, and left as they were found."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from eda.errors import EDAError, InputError, SimulatorError
from eda.simulation.chunks import Answer, Chunk, Place, empty_shelf, run_chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.process import BaseProcess

__all__ = ["REFUSALS", "Workforce", "breaks", "error_of", "loses", "unusable"]

REFUSALS: Final = (RuntimeError, OSError, ValueError)
"""What an executor raises that is broken; the last two a pool of Python 3.11 that breaks while it starts a process."""
_RELEASE_ROUNDS = 20  # a call may find a worker that was asked already
_RELEASE_SECONDS = 2.0  # a round; workers that are busy with other things stop their simulators by themselves later
_ADVICE = (
    "give a function that makes the executor in place of the executor, such as `partial(ProcessPoolExecutor, 2, "
    'mp_context=get_context("spawn"))`, so that a broken one can be replaced'
)


class Workforce:
    """An executor whose workers run chunks.

    Args:
        executor: an executor, or a function that makes one.
        recipe: the pickled simulator that each worker keeps.
        attempts: times that an executor is made anew before it is taken for unusable.

    Raises:
        InputError: it is no executor.
    """

    def __init__(self, executor: Executor | Callable[[], Executor], recipe: bytes, attempts: int) -> None:
        if not isinstance(executor, Executor) and not callable(executor):
            raise InputError(f"an executor, or a function that makes one, was expected, but got {executor!r}")
        self._make = None if isinstance(executor, Executor) else executor
        self._executor = executor if isinstance(executor, Executor) else None
        self._recipe, self._attempts = recipe, attempts
        self._version = ""
        self._places: set[Place] = set()  # that hold a simulator of ours
        self._abandoned: set[Future[Answer]] = set()

    @property
    def version(self) -> str:
        """Name and version of the simulator in the workers; waits until there is a worker."""
        if not self._version:
            self._greet()
        return self._version

    def open(self) -> Executor:
        """The executor, made now if there is none."""
        if self._executor is None:
            assert self._make is not None, "an executor that was given stays"
            self._executor = self._make()
        return self._executor

    def submit(self, chunk: Chunk | None) -> Future[Answer]:
        """Send a chunk; one of `REFUSALS` when the executor is broken or shut down."""
        return self.open().submit(run_chunk, self._recipe, chunk, uuid4().hex)

    def learn(self, answer: Answer) -> None:
        """Note where an answer came from.

        Raises:
            SimulatorError: its simulator is another one than that of the answers before.
        """
        self._places.add(answer.place)
        if self._version and answer.version != self._version:
            message = f"the simulators of the workers differ: {answer.version} on {answer.place[0]}"
            raise SimulatorError(f"{message}, {self._version} elsewhere; install the same everywhere")
        self._version = answer.version

    def replace(self, error: BaseException) -> None:
        """Put a new executor in the place of a broken one, and see whether it works.

        Raises:
            SimulatorError: it was given as it is, or a new one breaks as well.
        """
        self._give_up(error)
        self._greet()

    def abandon(self, futures: Iterable[Future[Answer]]) -> None:
        """Cancel what has not begun; what has begun is awaited by `close`."""
        self._abandoned |= {future for future in futures if not future.cancel()}

    def close(self) -> None:
        """Stop the simulators in the workers, and the executor if it was made here."""
        wait(self._abandoned)
        self._abandoned.clear()
        if self._executor is not None and self._places:
            with suppress(Exception):  # a broken executor has no workers left
                self._release(len(self._places))
        self._forget()

    def _greet(self) -> None:
        """Ask a worker for its version: no job is to blame for an executor that cannot even do this."""
        for _ in range(self._attempts):
            try:
                return self.learn(self.submit(None).result())
            except EDAError:
                raise
            except (*REFUSALS, CancelledError) as error:
                broken: BaseException = error
                self._give_up(error)
            except Exception as error:
                raise unusable(error) from error
        raise SimulatorError(
            f"the executor broke {self._attempts} times before it ran anything ({_sentence(broken)}); a script must "
            'start it under `if __name__ == "__main__":`, and its workers need memory to start'
        ) from broken

    def _give_up(self, error: BaseException) -> None:
        if self._make is None:
            raise SimulatorError(f"the executor is broken ({_sentence(error)}); {_ADVICE}") from error
        version = self._version
        self._forget(broken=True)
        self._version = version  # the new workers must have the same

    def _forget(self, *, broken: bool = False) -> None:
        self._places.clear()
        self._version = ""
        if self._make is not None and self._executor is not None:
            executor, self._executor = self._executor, None
            for process in _processes(executor) if broken else ():
                process.terminate()
            executor.shutdown(wait=True)

    def _release(self, calls: int) -> None:
        """Ask until every worker that has a simulator of ours was asked, or none of the rest can be found."""
        for _ in range(_RELEASE_ROUNDS):
            asked = [self.open().submit(empty_shelf, uuid4().hex) for _ in range(calls)]
            done, late = wait(asked, _RELEASE_SECONDS)
            self._places -= {future.result() for future in done}
            if late or not self._places:
                break
        for future in late:
            future.cancel()


def _processes(executor: Executor) -> list[BaseProcess]:
    """The processes of a pool: in Python 3.11 one that was started while the pool broke is not ended by it."""
    return list((getattr(executor, "_processes", None) or {}).values())


def error_of(future: Future[Answer]) -> BaseException | None:
    """What a future that is done ended with, if not with an answer."""
    return CancelledError() if future.cancelled() else future.exception()


def breaks(error: BaseException | None) -> bool:
    """Whether an error is the end of its executor: a process of a pool died, or a scheduler is gone."""
    return isinstance(error, BrokenExecutor | CancelledError)


def loses(error: BaseException | None) -> bool:
    """Whether an error says that a worker was lost, not what a job did: those of Dask are known by their home."""
    return breaks(error) or type(error).__module__.partition(".")[0] == "distributed"


def unusable(error: BaseException) -> EDAError:
    """The error for whatever else keeps a worker from running a chunk."""
    if isinstance(error, EDAError):
        return error
    message = f"a worker of the executor cannot run simulations ({_sentence(error)})"
    return SimulatorError(f"{message}; it needs the same version of eda and Python as this process")


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
