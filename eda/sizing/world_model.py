"""A surrogate as the world that a search looks ahead in: what it expects of designs, in terms of specs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

from eda.errors import InputError
from eda.sizing.experience import Target, corrected
from eda.sizing.optimizer import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.problem import Spec
    from eda.sizing.experience import Predict
    from eda.surrogate import Surrogate

__all__ = ["WorldModel"]

_SURELY = -1e-3  # slack of what is believed to fail, if every single bound might be met


class WorldModel:
    """Slacks and objectives of designs, by a surrogate and by what was simulated since.

    Args:
        surrogate: of the problem.
        specs: of the problem.

    Raises:
        InputError: a spec is about a metric that the surrogate does not predict.
    """

    def __init__(self, surrogate: Surrogate, specs: Sequence[Spec]) -> None:
        quantities = surrogate.quantities
        names = [one.name for one in quantities]
        self.surrogate = surrogate
        self.target = Target.of(specs, quantities)
        self.objectives = [spec for spec in specs if spec.is_objective]
        for spec in self.objectives:
            if spec.metric.name not in names:
                raise InputError(
                    f"the surrogate predicts {', '.join(surrogate.metrics)}, but the spec '{spec}' is about another "
                    f"metric: train it with --metric {spec.metric.name}"
                )
        self._costs = [names.index(spec.metric.name) for spec in self.objectives]
        self._signs = np.array([1.0 if spec.sense == "minimize" else -1.0 for spec in self.objectives])
        self._predict: Predict = self._of_surrogate

    def correct(self, outcome: Outcome) -> None:
        """Put predictions right by all that was simulated.

        Args:
            outcome: of every design so far.
        """
        means, _ = self._of_surrogate(outcome.points)
        bounds = outcome.slacks.shape[1]
        known = np.concatenate((outcome.slacks, outcome.objectives[:, : means.shape[1] - bounds]), axis=1)
        # slacks end at -1 and 1: a prediction beyond the end that was found is not known to be wrong
        right = (np.abs(outcome.slacks) >= 1) & (outcome.slacks * means[:, :bounds] >= 1)
        # where a simulation gave no number there is nothing to learn of how large it is
        errors = np.where(np.isfinite(known), known - means, 0.0)
        errors[:, :bounds][right] = 0.0
        self._predict = corrected(self._of_surrogate, outcome.points, errors)

    def slacks(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations of the slacks, `n x c` each, in the order of `Outcome.slacks`."""
        means, deviations = self._predict(points)
        bounds = len(self.target.columns)
        return means[:, :bounds], deviations[:, :bounds]

    def costs(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means and standard deviations of the objectives, `n x m` each, to be made small; `m` may be 0."""
        means, deviations = self._predict(points)
        bounds = len(self.target.columns)
        return means[:, bounds:], deviations[:, bounds:]

    def log_probability(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """`n` logarithms of the probability that all bounds are met and the circuit works."""
        means, deviations = self.slacks(points)
        return np.asarray(log_ndtr(means / deviations).sum(axis=1))

    def outcome(self, points: NDArray[np.float64]) -> Outcome:
        """What is expected of designs that are believed to fail; none of them looks as if it met everything."""
        means, _ = self.slacks(points)
        slacks = np.clip(means, -1, 1)
        worst = slacks.argmin(axis=1)
        rows = np.arange(len(points))
        slacks[rows, worst] = np.minimum(slacks[rows, worst], _SURELY)
        costs, _ = self.costs(points)
        return Outcome(points, slacks, costs if costs.shape[1] else np.zeros((len(points), 1)))

    def _of_surrogate(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slacks, then objectives."""
        means, deviations = self.surrogate.scaled(points)
        target = self.target
        return (
            np.concatenate((target.slacks(means), self._signs * means[:, self._costs]), axis=1),
            np.concatenate((deviations[:, target.columns] / target.scales, deviations[:, self._costs]), axis=1),
        )
