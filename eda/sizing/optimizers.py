"""Optimizers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.sizing.bayesian import Bayesian
from eda.sizing.cma_es import CMAES
from eda.sizing.differential_evolution import DifferentialEvolution
from eda.sizing.genetic import NSGAII, GeneticAlgorithm
from eda.sizing.nehvi import QLogNEHVI
from eda.sizing.random_search import RandomSearch
from eda.sizing.sobol import Sobol
from eda.sizing.turbo import SCBO, ExTuRBO, TuRBO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.sizing.optimizer import Optimizer

__all__ = ["OPTIMIZERS"]

OPTIMIZERS: Final[Mapping[str, Callable[[int], Optimizer]]] = {
    "bayesian": lambda seed: Bayesian(seed=seed),
    "scbo": lambda seed: SCBO(seed=seed),
    "turbo": lambda seed: TuRBO(seed=seed),
    "exturbo": lambda seed: ExTuRBO(seed=seed),
    "nehvi": lambda seed: QLogNEHVI(seed=seed),
    "cma": lambda seed: CMAES(seed=seed),
    "de": lambda seed: DifferentialEvolution(seed=seed),
    "ga": lambda seed: GeneticAlgorithm(seed=seed),
    "nsga2": lambda seed: NSGAII(seed=seed),
    "sobol": lambda seed: Sobol(seed=seed),
    "random": lambda seed: RandomSearch(seed=seed),
}
"""By the name that the command line and the suites use, each made from its seed."""
