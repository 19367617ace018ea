"""Sizing: optimizers that ask and are told, a store that loses nothing, and the loop between them."""

from eda.sizing.differential_evolution import DifferentialEvolution
from eda.sizing.optimizer import Optimizer, Outcome, Search
from eda.sizing.optimizers import OPTIMIZERS
from eda.sizing.result import Result
from eda.sizing.size import load_run, size
from eda.sizing.sobol import Sobol
from eda.sizing.store import RunStore
from eda.sizing.turbo import TuRBO

__all__ = [
    "OPTIMIZERS",
    "DifferentialEvolution",
    "Optimizer",
    "Outcome",
    "Result",
    "RunStore",
    "Search",
    "Sobol",
    "TuRBO",
    "load_run",
    "size",
]
