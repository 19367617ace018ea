"""What optimizers cost: the share of a run that is not simulation."""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from eda.benchmark.trials import search
from eda.problem import load_task
from eda.simulation import Simulator, WorkerPool
from eda.sizing import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from eda.simulation import Job, Simulation

__all__ = ["measure_overhead"]


def measure_overhead(
    *,
    folder: Path,
    task: str,
    optimizers: Sequence[str],
    milliseconds: Sequence[float],
    seeds: int,
    budget: int,
) -> list[dict[str, Any]]:
    """Time optimizers beside simulations that take as long as they are told, one after the other.

    Results are those of ngspice; a simulation that is done sooner than its time waits for it, and what it takes longer
    is not counted.

    Args:
        folder: what the task's path is relative to.
        task: the task file.
        optimizers: names in `OPTIMIZERS`.
        milliseconds: what a simulation takes.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a run.
    """
    rows = []
    for name in optimizers:
        for each in milliseconds:
            sys.stderr.write(f"overhead: {name}, {each:g} ms a simulation\n")
            runs = [_run((folder / task).resolve(), name, seed, each / 1e3, budget) for seed in range(seeds)]
            rows.append(
                {
                    "table": "overhead",
                    "optimizer": name,
                    "ms per simulation": each,
                    "ms per design": median(1e3 * run["asking"] / budget for run in runs),
                    "share that is not simulation": median(run["asking"] / run["whole"] for run in runs),
                    "shares": [run["asking"] / run["whole"] for run in runs],
                }
            )
    return rows


def _run(path: Path, optimizer: str, seed: int, seconds: float, budget: int) -> Mapping[str, float]:
    with WorkerPool(1) as pool:
        timed = _Timed(pool, seconds)
        trial = search(load_task(path, simulator=timed).problem, OPTIMIZERS[optimizer](seed), budget)
    return {"asking": trial.asking, "whole": trial.asking + timed.spent}


class _Timed(Simulator):
    """A simulator whose jobs take a given time."""

    def __init__(self, inner: Simulator, seconds: float) -> None:
        self.inner, self.seconds, self.spent = inner, seconds, 0.0

    @property
    def version(self) -> str:
        return self.inner.version

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        for index, job in enumerate(jobs):
            begin = time.perf_counter()
            (simulation,) = self.inner.simulate([job])
            time.sleep(max(self.seconds - (time.perf_counter() - begin), 0))
            self.spent += self.seconds
            yield index, simulation

    def close(self) -> None:
        self.inner.close()
