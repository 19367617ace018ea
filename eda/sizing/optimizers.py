"""Optimizers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.sizing.differential_evolution import DifferentialEvolution
from eda.sizing.sobol import Sobol
from eda.sizing.turbo import TuRBO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.sizing.optimizer import Optimizer

__all__ = ["OPTIMIZERS"]

OPTIMIZERS: Mapping[str, Callable[[int], Optimizer]] = {
    "turbo": lambda seed: TuRBO(seed=seed),
    "de": lambda seed: DifferentialEvolution(seed=seed),
    "sobol": lambda seed: Sobol(seed=seed),
}
"""Optimizers by the name that the command line and the suites use."""
