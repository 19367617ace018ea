"""Models of slacks and cost that learn from everything a simulation tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import rankdata

from eda.sizing.feature_process import FeatureProcess, Mixture, Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.sizing.optimizer import Outcome

__all__ = ["SlackLearner"]

_REFIT: Final = 1.1  # parameters are learned anew when there is a tenth more data
_FIRST, _NEXT = 50, 15  # iterations of a fit from nothing, and of one that begins where another ended
_LEARNED: Final = 120  # designs that parameters are learned from: the best ones and the latest
_MODELLED: Final = 200  # likewise that predictions are made from
_COMPANIONS: Final = 12  # quantities modelled beside slacks and cost
_DEFINED: Final = 0.8  # least share of designs that have a companion
_ALIKE: Final = 0.95  # rank correlation above which one is no news


class SlackLearner:
    """Fits to a growing set of designs, each beginning where the last one ended.

    Beside slacks and cost it models *companions*: other quantities that the simulations told, such as signed offsets
    and levels, and the margins of single transistors. On both sides of a ridge a slack only says that a design is not
    on it; a companion's sign says on which side it is, and so leads the shared features to the ratios that matter.

    Args:
        members: fits that are taken together.
    """

    def __init__(self, members: int) -> None:
        self.members = members
        self.names: list[str] = []
        self.parameters: list[Parameters] = []
        self.fitted = 0

    def learn(self, known: Outcome, generator: np.random.Generator) -> None:
        """Learn parameters anew when there is enough news.

        Args:
            known: all outcomes so far.
            generator: of random numbers.
        """
        count = len(known.points)
        known = _kept(known, _LEARNED)
        predicted = _predicted(known)
        if count < self.fitted * _REFIT and predicted.keys() <= set(self.names):
            return
        columns = {**predicted, **_companions(known)}
        values = np.column_stack(list(columns.values()))
        places = [self.names.index(name) if name in self.names else None for name in columns]
        missing = self.members - len(self.parameters)
        starts = [(one.rows(places), _NEXT) for one in self.parameters]
        # beside those that go on one begins anew, in the place of the worst: features may have gone astray
        starts += [
            (Parameters.start(len(columns), known.points.shape[1], generator), _FIRST) for _ in range(max(missing, 1))
        ]
        fits = [
            FeatureProcess.fit(known.points, values, start, iterations=iterations, predicted=0)
            for start, iterations in starts
        ]
        fits = sorted(fits, key=lambda fit: fit.loss)[: self.members]
        self.parameters, self.names, self.fitted = [fit.parameters for fit in fits], list(columns), count

    def conditioned(self, known: Outcome, supposed: Outcome | None = None) -> Mixture:
        """A model of the slacks and, once a design is feasible, of the costs, with the parameters last learned.

        Args:
            known: outcomes.
            supposed: outcomes of designs that are being simulated, of which only slacks and costs are told.
        """
        known = _kept(known, _MODELLED)
        known = known if supposed is None else known.joined(supposed)
        predicted = {name: values for name, values in _predicted(known).items() if name in self.names}
        values = np.column_stack(list(predicted.values()))
        places = [self.names.index(name) for name in predicted]
        return Mixture(
            tuple(FeatureProcess.fit(known.points, values, one.rows(places)) for one in self.parameters),
        )


def _predicted(known: Outcome) -> dict[str, NDArray[np.float64]]:
    """The slacks; with a feasible design and objectives also the costs, where undefined the worst ones."""
    columns = {f"slack {place}": values for place, values in enumerate(known.slacks.T)}
    costs = known.objectives.T
    finite = np.isfinite(costs)
    if known.violations.min() > 0 or all(np.ptp(row[there]) == 0 for row, there in zip(costs, finite, strict=True)):
        return columns
    for place, (row, there) in enumerate(zip(costs, finite, strict=True)):
        columns[f"cost {place}"] = np.where(there, row, row[there].max())
    return columns


def _companions(known: Outcome) -> Mapping[str, NDArray[np.float64]]:
    """Quantities that tell something else than the slacks, and than each other."""
    taken = list(_ranks(known.slacks).T)
    columns: dict[str, NDArray[np.float64]] = {}
    for name, values in known.measured.items():
        defined = np.isfinite(values)
        if len(columns) == _COMPANIONS or defined.mean() < _DEFINED or np.ptp(values[defined]) == 0:
            continue
        column = _moderate(np.where(defined, values, np.median(values[defined])))
        ranks = _ranks(column[:, None])[:, 0]
        if all(abs(float(np.mean(ranks * other))) < _ALIKE for other in taken):
            taken.append(ranks)
            columns[name] = column
    return columns


def _moderate(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values in decades where they differ by factors, and none far from the others."""
    if values.min() > 0 and values.max() > 10 * values.min():
        values = np.log10(values)
    low, high = np.percentile(values, (10, 90))
    return np.asarray(np.clip(values, low - (high - low), high + (high - low)))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`n x k` ranks of the columns, with mean 0 and deviation 1."""
    ranks = rankdata(values, axis=0)
    return np.asarray((ranks - ranks.mean(axis=0)) / np.maximum(ranks.std(axis=0), 1e-12))


def _kept(known: Outcome, count: int) -> Outcome:
    """At most so many designs: the best ones and the latest, half and half."""
    if len(known.points) <= count:
        return known
    best = np.argsort(known.scores(), kind="stable")[: count // 2]
    latest = np.setdiff1d(np.arange(len(known.points)), best)[-(count - len(best)) :]
    return known.chosen(np.sort(np.concatenate((best, latest))))
