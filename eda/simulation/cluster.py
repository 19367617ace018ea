"""A cluster by the address of its Dask scheduler; Dask is optional (`pip install "analog-eda[cluster]"`)."""

from __future__ import annotations

import gc
import logging
import socket
from concurrent.futures import Executor
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from eda.errors import InputError, SimulatorError
from eda.simulation.fanout import ExecutorSimulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from eda.simulation.simulator import Simulator

__all__ = ["connect"]

_logger = logging.getLogger(__name__)


def connect(
    address: str, *, chunk: int = 10, in_flight: int | None = None, timeout: float = 5.0, inner: Simulator | None = None
) -> ExecutorSimulator:
    """A simulator whose workers are those of a Dask scheduler.

    Args:
        address: of the scheduler, such as `tcp://login1:8786`.
        chunk: jobs that go out together at most.
        in_flight: chunks under way at a time; four a thread of the cluster, and 32 at least, when it is `None`.
        timeout: seconds in which the scheduler must answer.
        inner: what simulates in each worker; `WorkerPool(1)` when it is `None`.

    Raises:
        InputError: Dask is not installed, or that is no address.
        SimulatorError: no scheduler answers there.
    """
    client = _DaskExecutor(address, timeout)
    threads = client.threads()
    if not threads:
        _logger.warning("the scheduler at %s has no workers yet; simulations wait for the first one", address)
    opened = [client]  # the one that shows that somebody answers, and then others in its place

    def make() -> _DaskExecutor:
        return opened.pop() if opened else _DaskExecutor(address, timeout)

    simulator = ExecutorSimulator(make, chunk=chunk, in_flight=in_flight or max(32, 4 * threads), inner=inner)
    simulator.start()
    return simulator


class _DaskExecutor(Executor):
    """The executor of a client of its own, which ends with it."""

    def __init__(self, address: str, timeout: float) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 - an optional dependency
        except ImportError:
            message = 'Dask is not installed; it is an optional part: pip install "analog-eda[cluster]"'
            raise InputError(message) from None
        _knock(address, timeout)
        self._client = _open(Client, address, timeout)
        self._executor: Executor = self._client.get_executor(pure=False)

    def threads(self) -> int:
        """Threads of all workers that are there now."""
        return sum(self._client.nthreads().values())

    def submit(self, function: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:
        """Send a call to the cluster."""
        if self._client.status == "closed":  # by itself, when its scheduler is gone
            raise RuntimeError("the scheduler is gone")  # as of any executor that was shut down
        return self._executor.submit(function, *args, **keywords)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its name
        """Leave the cluster; calls under way are of no use any more."""
        del wait, cancel_futures
        with suppress(Exception):  # a client that closed itself cannot cancel any more, and need not
            self._executor.shutdown(wait=False)
        self._client.close()


def _knock(address: str, timeout: float) -> None:
    """See whether a scheduler is there, without a client: one that cannot connect lives on in Dask's threads."""
    try:
        place = urlsplit(f"//{address.rpartition('://')[2]}")
        host, port = place.hostname, place.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise InputError(f"the address of a scheduler reads like tcp://login1:8786, but got {address!r}")
    try:
        with socket.create_connection((host, port), timeout) as connection:
            if address.startswith("tcp://") and not connection.recv(1):  # a scheduler speaks first
                raise ConnectionResetError("it closed the connection")
    except OSError as error:
        raise SimulatorError(
            f"no Dask scheduler answers at {address} ({error}); is it running, and can this machine reach it? "
            "`dask scheduler` prints its address when it starts"
        ) from None


def _open(client: Callable[..., Any], address: str, timeout: float) -> Any:
    failure: InputError | SimulatorError
    try:
        return client(address, timeout=timeout, set_as_default=False)
    except ValueError as error:
        failure = InputError(f"the address of a scheduler reads like tcp://login1:8786, but got {address!r} ({error})")
    except OSError as error:
        failure = SimulatorError(f"what listens at {address} does not answer as a Dask scheduler ({error})")
    # collected here: when it happens in a thread of another client, Dask 2026.8 waits for itself
    gc.collect()
    raise failure
