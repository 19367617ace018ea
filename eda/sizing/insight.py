"""INSIGHT-M: search in a surrogate, and simulate only to verify and to correct it.

Source: S. Poddar et al., "INSIGHT: universal neural simulator for analog circuits harnessing autoregressive
transformers", 2024, whose INSIGHT-M is a reinforcement learner with the surrogate as its world model. Changed: a
prediction costs microseconds, so that the surrogate is searched afresh for each proposal, from designs all over the
space; what simulations say corrects it near them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from scipy.stats import norm

from eda.sizing.experience import climb
from eda.sizing.optimizer import End, Optimizer, Outcome, Search, require
from eda.sizing.sobol import first_points
from eda.sizing.world_model import WorldModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Spec
    from eda.surrogate import Surrogate

__all__ = ["InsightM"]

_LOOKED_AT: Final = 8192  # designs all over the space, once for each search
_PARENTS: Final = 60
_CLIMBS: Final = 2
_TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class InsightM(Optimizer):
    """Sizes a circuit that a surrogate knows.

    Attributes:
        surrogate: of the problem, see `eda train surrogate`.
        specs: of the problem.
        seed: of its random numbers.
        batch: designs a round.

    Raises:
        InputError: a setting that cannot work, or a spec that the surrogate knows nothing of.
    """

    end: ClassVar[End] = End.OPTIMUM

    surrogate: Surrogate
    specs: tuple[Spec, ...]
    seed: int = 0
    batch: int = 1

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1))
        WorldModel(self.surrogate, self.specs)

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:
        """A new search."""
        return _Insight(self, space, known)

    def describe(self) -> Mapping[str, object]:
        """Name and settings; the surrogate by its contents."""
        return {"optimizer": "insight", "seed": self.seed, "batch": self.batch, "surrogate": self.surrogate.digest()}


class _Insight(Search):
    def __init__(self, settings: InsightM, space: DesignSpace, known: Outcome | None) -> None:
        self.settings, self.space = settings, space
        self.world = WorldModel(settings.surrogate, settings.specs)
        self.known: Outcome | None = None
        self.probability = 1.0
        generator = np.random.default_rng((settings.seed, 0))
        self.anywhere = space.snap(first_points(_LOOKED_AT, space.dimension, generator))
        self._proposal: NDArray[np.float64] | None = None
        if known is not None:
            self.tell(known)

    def ask(self) -> NDArray[np.float64]:
        if self._proposal is None:
            self._proposal = self._propose()
        return self._proposal.copy()

    def tell(self, outcome: Outcome) -> None:
        self.known = outcome if self.known is None else self.known.joined(outcome)
        self.world.correct(self.known)
        self._proposal = None

    def findings(self) -> Mapping[str, Any]:
        """What is believed: the probability that the next design meets the specs."""
        return {"probability": self.probability}

    def _propose(self) -> NDArray[np.float64]:
        """The designs with most to gain, none of which was simulated."""
        told = 0 if self.known is None else len(self.known.points)
        generator = np.random.default_rng((self.settings.seed, 1, told))
        starts = self.anywhere[np.argsort(-self._worth(self.anywhere), kind="stable")[:_PARENTS]]
        if self.known is not None:
            starts = np.concatenate((self.known.points[np.argsort(self.known.scores(), kind="stable")[:10]], starts))
        seen = set() if self.known is None else {point.tobytes() for point in self.known.points}
        for _ in range(_CLIMBS):
            starts, _ = climb(starts, self._worth, self.space, generator)
            starts = starts[: 4 * _PARENTS]
        new = [point for point in starts if point.tobytes() not in seen][: self.settings.batch]
        while len(new) < self.settings.batch:  # all that the grid has near is known
            new.append(self.space.snap(generator.random((1, self.space.dimension)))[0])
        found = np.array(new)
        self.probability = float(np.exp(max(self.world.log_probability(found[:1])[0], -700.0)))
        return found

    def _worth(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The logarithm of the probability that a design meets the specs, and of what it should gain then."""
        worth = self.world.log_probability(points)
        if not self.world.objectives or self.known is None or not (self.known.violations == 0).any():
            return worth
        best = self.known.costs[self.known.violations == 0].min()
        means, deviations = (values[:, 0] for values in self.world.costs(points))
        score = (best - means) / deviations
        gain = deviations * (score * norm.cdf(score) + norm.pdf(score))
        return np.asarray(worth + np.log(np.maximum(gain, _TINY)))
