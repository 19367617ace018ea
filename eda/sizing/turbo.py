"""Trust-region Bayesian optimisation on BoTorch: TuRBO, SCBO and ExTuRBO."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from eda.sizing.optimizer import Optimizer, Outcome, Search, require
from eda.sizing.sobol import first_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace

__all__ = ["SCBO", "ExTuRBO", "TuRBO"]


@dataclass(frozen=True, slots=True)
class _TrustRegion(Optimizer):
    """Settings of a trust region that follows the best design.

    Attributes:
        seed: of its random numbers.
        batch: designs a round.
        initial: designs of the first round; the dimension and five when 0, as of `Bayesian`.
        candidates: points in the trust region among which a Thompson sample chooses; TuRBO's 100 a dimension, and 2000
            at most, when 0.

    Raises:
        InputError: a setting that cannot work.
    """

    name: ClassVar[str]
    constrained: ClassVar[bool] = True
    """Whether slacks are modelled one by one; else the score that ranks designs is."""
    local: ClassVar[bool] = False
    """Whether the first round lies around the best known design."""

    seed: int = 0
    batch: int = 1
    initial: int = 0
    candidates: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1), initial=(self.initial, 0))
        require(candidates=(self.candidates, self.batch if self.candidates else 0))

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new trust region; known designs are part of its data."""
        return _TrustRegionSearch(self, space, known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings."""
        return {"optimizer": self.name, **asdict(self)}


@dataclass(frozen=True, slots=True)
class TuRBO(_TrustRegion):
    """TuRBO: Thompson samples inside a trust region around the best design.

    D. Eriksson et al., "Scalable global optimization via local Bayesian optimization", NeurIPS 2019. It has one
    objective and no constraints: here the score that ranks designs, feasible ones by cost before the others by
    violation. Changed: hyperparameters are fitted to the latest 200 designs, and again after a tenth more; candidates
    lie on the grid, and are new. Settings as of `_TrustRegion`.
    """

    name: ClassVar[str] = "turbo"
    constrained: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class SCBO(_TrustRegion):
    """TuRBO with a Gaussian process for each constraint.

    D. Eriksson, M. Poloczek, "Scalable constrained Bayesian optimization", AISTATS 2021. Changed as `TuRBO`, and the
    objective is standardized in place of the paper's Gaussian copula. Settings as of `_TrustRegion`.
    """

    name: ClassVar[str] = "scbo"


@dataclass(frozen=True, slots=True)
class ExTuRBO(_TrustRegion):
    """SCBO that begins around given designs, and explains itself.

    The idea is that of VLM-CAD ("ExTuRBO", explainable trust-region Bayesian optimisation): a warm start from seeds,
    and sensitivities at two granularities, of each variable over the whole region (from length scales) and at its
    centre (from local slopes). Changed: the engine is SCBO, which has constraints. Settings as of `_TrustRegion`.
    """

    name: ClassVar[str] = "exturbo"
    local: ClassVar[bool] = True


# lengths, and the relative improvement that counts as a success: TuRBO, supplementary material
_LENGTH, _SHORTEST, _LONGEST = 0.8, 0.5**7, 1.6
_PROGRESS = 1e-3


class _TrustRegionSearch(Search):
    """A trust region that follows the best design since the last restart."""

    def __init__(self, settings: _TrustRegion, space: DesignSpace, given: Outcome | None) -> None:
        self.settings, self.space, self.given = settings, space, given
        self.dimension = space.dimension
        self.initial = settings.initial or self.dimension + 5
        # TuRBO's failure tolerance, SCBO's success tolerance
        self.failures_allowed = math.ceil(max(4 / settings.batch, self.dimension / settings.batch))
        self.successes_needed = max(3, math.ceil(self.dimension / 10))
        self.restarts = self.told = 0
        self._restart()

    def _restart(self) -> None:
        self.length, self.successes, self.failures = _LENGTH, 0, 0
        self.known: Outcome | None = None
        from eda.sizing.botorch_models import LearnedModels  # noqa: PLC0415 - loads torch, two seconds

        self.models = LearnedModels(constrained=self.settings.constrained)

    def ask(self) -> NDArray[np.float64]:
        if self.known is None:
            return self._first()
        from eda.sizing.thompson import propose  # noqa: PLC0415

        return propose(
            self.models,
            self.space,
            self.known,
            self._centre(self.known),
            self.length,
            batch=self.settings.batch,
            candidates=self.settings.candidates or max(min(100 * self.dimension, 2000), self.settings.batch),
            seed=int(np.random.SeedSequence((self.settings.seed, self.told)).generate_state(1)[0]),
        )

    def _first(self) -> NDArray[np.float64]:
        generator = np.random.default_rng((self.settings.seed, self.restarts))
        points = first_points(self.initial, self.dimension, generator)
        if not (self.settings.local and self.given is not None and self.restarts == 0):
            return self.space.snap(points)
        return self.space.snap(np.clip(self._centre(self.given) + self.length / 2 * (points - 0.5), 0, 1))

    @staticmethod
    def _centre(known: Outcome) -> NDArray[np.float64]:
        best: NDArray[np.float64] = known.points[int(np.argmin(known.scores()))]
        return best

    def findings(self) -> Mapping[str, Any]:
        """Sensitivities at two granularities; see `eda.sizing.thompson.sensitivities`."""
        if not self.settings.local or self.known is None or len(self.known.points) < self.dimension:
            return {}
        from eda.sizing.thompson import sensitivities  # noqa: PLC0415 - loads torch

        found = sensitivities(self.known, self._centre(self.known), self.length)
        return {
            granularity: {name: dict(zip(self.space.names, row, strict=True)) for name, row in rows.items()}
            for granularity, rows in found.items()
        }

    def tell(self, outcome: Outcome) -> None:
        self.told += len(outcome.points)
        if self.known is None:
            given = self.given if self.restarts == 0 else None
            self.known = outcome if given is None else given.joined(outcome)
        else:
            improved = _better(outcome, self.known)
            self.known = self.known.joined(outcome)
            self._resize(improved=improved)
        if self.known is not None:  # else it starts again elsewhere
            # here and not in `ask`: a search that is resumed is only told
            self.models.learn(self.known)

    def revise(self, known: Outcome) -> bool:
        if self.known is not None:  # what it knows is the latest part of all
            first = len(known.points) - len(self.known.points)
            self.known = known.chosen(np.arange(first, len(known.points)))
        return True

    def _resize(self, *, improved: bool) -> None:
        """Grow the region after successes, shrink it after failures, and leave one that has collapsed."""
        self.successes, self.failures = (self.successes + 1, 0) if improved else (0, self.failures + 1)
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
