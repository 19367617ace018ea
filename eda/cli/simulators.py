"""Where a command simulates: processes of this machine, or a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eda.simulation import Simulator

__all__ = ["ModeOption", "SchedulerOption", "TimeoutOption", "WorkersOption", "open_simulator"]

WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Simulator processes on this machine, such as 4; one a core by default.")
]
TimeoutOption = Annotated[
    float, typer.Option(min=0.001, help="Seconds after which an evaluation is given up, as one that failed.")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(help="Simulate on a cluster: the address of its Dask scheduler, such as tcp://login1:8786."),
]


ModeOption = Annotated[
    str,
    typer.Option(help="exact: as `ngspice -b`, to the last bit; fast: the same within 1e-6, sooner."),
]


def open_simulator(workers: int | None, scheduler: str | None, timeout: float, mode: str = "exact") -> Simulator:
    """The simulator that the options ask for; a context manager.

    Raises:
        InputError: workers and a scheduler are given, the mode is unknown, or Dask is not installed.
        SimulatorError: no scheduler answers.
    """
    from eda.errors import InputError
    from eda.simulation import WorkerPool, connect

    if scheduler is None:
        return WorkerPool(workers, timeout=timeout, mode=mode)
    if workers is not None:
        raise InputError("--workers is for this machine, and a cluster has its own: leave it out with --scheduler")
    return connect(scheduler, inner=WorkerPool(1, timeout=timeout, mode=mode))
