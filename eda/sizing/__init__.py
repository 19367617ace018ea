"""Sizing: optimizers that ask and are told, a store that loses nothing, and the loop between them."""

from eda.sizing.bayesian import Bayesian
from eda.sizing.cma_es import CMAES
from eda.sizing.differential_evolution import DifferentialEvolution
from eda.sizing.environment import SizingEnv
from eda.sizing.genetic import NSGAII, GeneticAlgorithm
from eda.sizing.gm_id import gm_id_starts
from eda.sizing.nehvi import QLogNEHVI
from eda.sizing.optimizer import Optimizer, Outcome, Search
from eda.sizing.optimizers import OPTIMIZERS
from eda.sizing.random_search import RandomSearch
from eda.sizing.result import Result
from eda.sizing.size import load_run, size
from eda.sizing.sobol import Sobol
from eda.sizing.store import RunStore
from eda.sizing.turbo import SCBO, ExTuRBO, TuRBO

__all__ = [
    "CMAES",
    "NSGAII",
    "OPTIMIZERS",
    "SCBO",
    "Bayesian",
    "DifferentialEvolution",
    "ExTuRBO",
    "GeneticAlgorithm",
    "Optimizer",
    "Outcome",
    "QLogNEHVI",
    "RandomSearch",
    "Result",
    "RunStore",
    "Search",
    "SizingEnv",
    "Sobol",
    "TuRBO",
    "gm_id_starts",
    "load_run",
    "size",
]
