"""Simulations to learn from, stored once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.sizing.exploration import Exploration
from eda.sizing.size import size
from eda.surrogate.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.problem import SizingProblem

__all__ = ["sampled"]


def sampled(
    problem: SizingProblem,
    metrics: Sequence[str],
    *,
    simulations: int = 10_000,
    seed: int = 0,
    run_dir: str | Path = "runs",
    progress: bool = True,
) -> Samples:
    """Simulate designs all over the design space, most of them where circuits work: see `Exploration`.

    The simulations are a run like any other: the same call resumes it, and costs nothing when it is done.

    Args:
        problem: circuit, technology, testbench and design space; its specs do not matter.
        metrics: to measure.
        simulations: how many; more of them continue the run.
        seed: of the points.
        run_dir: where the run is stored.
        progress: whether to show progress on stderr.

    Raises:
        InputError: there is no such metric, or none.
        RunStoreError: the run's folder cannot be written, or is in use.
    """
    known = problem.testbench.metrics
    for name in metrics:
        if name not in known:
            raise InputError(f"the testbench measures no {name!r}. {did_you_mean(name, known)}")
    if not metrics:
        raise InputError(f"at least one metric is needed, of {', '.join(known)}")
    asked = problem.with_specs([f"minimize {name}" for name in dict.fromkeys(metrics)])
    found = size(asked, Exploration(seed), budget=simulations, run_dir=run_dir, progress=progress).evaluations
    points = problem.space.snap(np.array([problem.space.encode(one.design) for one in found]))
    values = {name: np.array([one.metrics.get(name, np.nan) for one in found]) for name in dict.fromkeys(metrics)}
    return Samples(points, values, np.array([one.margin for one in found]))
