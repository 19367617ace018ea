"""Amortised sizing: simulate much once, then answer any bounds on the same metrics with a simulation or two.

The promise is that of INSIGHT-M (S. Poddar et al., "INSIGHT: universal neural simulator for analog circuits harnessing
autoregressive transformers", 2024) and the task that of AutoCkt (K. Settaluri et al., DATE 2020): new targets for a
circuit that is known. Here an ensemble predicts metrics, its inverse is sought by local search over the grid, and what
simulation says is put right before the next try.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from eda.sizing.experience import Experience, Target, corrected, invert
from eda.sizing.optimizer import End, Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Spec
    from eda.sizing.experience import Predict

__all__ = ["Amortised"]

_NEAR = 40  # known designs whose errors of prediction correct others near them
_HOPELESS = math.log(0.01)


@dataclass(frozen=True, slots=True)
class Amortised(Optimizer):
    """Answers bounds from experience; with the first design that meets them, for it knows nothing of an objective.

    Attributes:
        experience: what `practise` returned, or `Experience.load`.
        specs: of the problem that is to be answered.
        seed: of its random numbers.
        batch: designs a round.

    Raises:
        InputError: a setting that cannot work, or a spec that the experience knows nothing of.
    """

    end: ClassVar[End] = End.FEASIBLE

    experience: Experience
    specs: tuple[Spec, ...]
    seed: int = 0
    batch: int = 1

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0), batch=(self.batch, 1))
        Target.of(self.specs, self.experience.ensemble.outputs)

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it has experience
        """A new answer."""
        return _Answer(self, space)

    def describe(self) -> Mapping[str, object]:
        """Name and settings; the experience by what its card says of it, and by its contents."""
        trained = {**self.experience.ensemble.card.get("training", {}), "experience": self.experience.digest()}
        return {"optimizer": "amortised", "seed": self.seed, "batch": self.batch, "training": trained}


class _Answer(Search):
    def __init__(self, settings: Amortised, space: DesignSpace) -> None:
        self.settings, self.space = settings, space
        self.target = Target.of(settings.specs, settings.experience.ensemble.outputs)
        self.points = settings.experience.points
        self.slacks = self.target.slacks(settings.experience.scaled)
        self.told = 0
        self._proposal: NDArray[np.float64] | None = None
        self.probability = 1.0

    def ask(self) -> NDArray[np.float64]:
        if self._proposal is None:
            self._proposal = self._propose()
        return self._proposal.copy()

    def tell(self, outcome: Outcome) -> None:
        """Simulated slacks replace those of the experience at the same points, and join it at others."""
        old = np.array([point.tobytes() not in {new.tobytes() for new in outcome.points} for point in self.points])
        self.points = np.concatenate((outcome.points, self.points[old]))
        self.slacks = np.concatenate((outcome.slacks, self.slacks[old]))
        self.told += len(outcome.points)
        self._proposal = None

    def findings(self) -> Mapping[str, Any]:
        """What is believed of the target: the probability that the next design meets it."""
        return {"probability": self.probability, "believed infeasible": math.log(self.probability) < _HOPELESS}

    def _propose(self) -> NDArray[np.float64]:
        """Designs of the experience that meet the target, the one with most room first; else those that should."""
        met = np.flatnonzero(self.slacks.min(axis=1) >= 0)
        if not self.told and len(met):
            best = met[np.argsort(-self.slacks[met].min(axis=1), kind="stable")]
            return self.points[best[: self.settings.batch]]
        generator = np.random.default_rng((self.settings.seed, self.told))
        found, probability = invert((self.points, self.slacks), self._corrected(), self.space, generator)
        self.probability = float(np.exp(max([*probability[:1], -700.0])))
        if not len(found):  # all that the grid has near is known
            found = self.space.snap(generator.random((self.settings.batch, self.space.dimension)))
        return found[: self.settings.batch]

    def _corrected(self) -> Predict:
        """The ensemble's slacks, put right near designs whose slacks are known."""
        nearest = np.argsort(-np.minimum(self.slacks, 0).sum(axis=1), kind="stable")[:_NEAR]
        chosen = np.union1d(np.arange(self.told), nearest)  # what was told stands first
        points = self.points[chosen]
        means, _ = self._predict(points)
        return corrected(self._predict, points, self.slacks[chosen] - means)

    def _predict(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        means, deviations = self.settings.experience.ensemble.predict(points)
        return self.target.slacks(means), deviations[:, self.target.columns] / self.target.scales
