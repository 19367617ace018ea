"""Trust-region Bayesian optimisation with constraints, on BoTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["TuRBO"]


@dataclass(frozen=True, slots=True)
class TuRBO(Optimizer):
    """TuRBO with Gaussian-process constraints.

    D. Eriksson et al., "Scalable global optimization via local Bayesian optimization", NeurIPS 2019, with the
    constraints of D. Eriksson, M. Poloczek, "Scalable constrained Bayesian optimization", AISTATS 2021 (SCBO):
    Thompson samples of objective and slacks inside a trust region around the best design.

    Attributes:
        seed: of its random numbers.
        batch: designs a round.
        initial: designs of the first Sobol round; twice the dimension when 0.
        candidates: points in the trust region among which a Thompson sample chooses.

    Raises:
        InputError: a setting that cannot work.
    """

    seed: int = 0
    batch: int = 4
    initial: int = 0
    candidates: int = 1000

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1), initial=(self.initial, 0))
        require(candidates=(self.candidates, self.batch))

    def start(self, dimension: int) -> Search:
        """A new trust region."""
        return _TrustRegionSearch(self, dimension)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {
            "optimizer": "turbo",
            "seed": self.seed,
            "batch": self.batch,
            "initial": self.initial,
            "candidates": self.candidates,
        }


# lengths, and the relative improvement that counts as a success: TuRBO, supplementary material
_LENGTH, _SHORTEST, _LONGEST = 0.8, 0.5**7, 1.6
_PROGRESS = 1e-3


class _TrustRegionSearch(Search):
    """A trust region that follows the best design since the last restart."""

    def __init__(self, settings: TuRBO, dimension: int) -> None:
        self.settings, self.dimension = settings, dimension
        self.initial = settings.initial or 2 * dimension
        # TuRBO's failure tolerance, SCBO's success tolerance
        self.failures_allowed = math.ceil(max(4 / settings.batch, dimension / settings.batch))
        self.successes_needed = max(3, math.ceil(dimension / 10))
        self.restarts = self.told = 0
        self._restart()

    def _restart(self) -> None:
        self.length, self.successes, self.failures = _LENGTH, 0, 0
        self.known: Outcome | None = None

    def ask(self) -> NDArray[np.float64]:
        if self.known is None:
            generator = np.random.default_rng((self.settings.seed, self.restarts))
            sequence = qmc.Sobol(self.dimension, rng=generator)
            # drawn as a power of two, which keeps the sequence balanced
            return np.asarray(sequence.random_base2(int(np.ceil(np.log2(self.initial))))[: self.initial])
        from eda.sizing.thompson import propose  # noqa: PLC0415 - loads torch, two seconds that only this search needs

        centre = self.known.points[int(np.argmin(self.known.scores()))]
        return propose(
            self.known,
            centre,
            self.length,
            batch=self.settings.batch,
            candidates=self.settings.candidates,
            seed=int(np.random.SeedSequence((self.settings.seed, self.told)).generate_state(1)[0]),
        )

    def tell(self, outcome: Outcome) -> None:
        self.told += len(outcome.points)
        if self.known is None:
            self.known = outcome
            return
        improved = _better(outcome, self.known)
        self.successes, self.failures = (self.successes + 1, 0) if improved else (0, self.failures + 1)
        self.known = self.known.joined(outcome)
        if self.successes >= self.successes_needed:
            self.length, self.successes = min(2 * self.length, _LONGEST), 0
        elif self.failures >= self.failures_allowed:
            self.length, self.failures = self.length / 2, 0
        if self.length < _SHORTEST:
            self.restarts += 1
            self._restart()


def _better(outcome: Outcome, known: Outcome) -> bool:
    """Whether the best of a round is better than what is known, by more than a trifle."""
    (new_violation, new_cost), (old_violation, old_cost) = _best(outcome), _best(known)
    if new_violation or old_violation:
        return new_violation < old_violation * (1 - _PROGRESS)
    return new_cost < old_cost - _PROGRESS * abs(old_cost)


def _best(outcome: Outcome) -> tuple[float, float]:
    """Violation and cost of the best point."""
    best = int(np.argmin(outcome.scores()))
    return float(outcome.violations[best]), float(outcome.costs[best])
