"""Designs under several conditions: which to simulate next, and what a search is told of a design at its worst.

Most designs fail where all are simulated first, at the nominal conditions, and cost one simulation. The others are
simulated where they are most likely to fail, by what designs near them did there, until one condition says no. What was
not simulated is told to the search as it is expected, so that it looks for designs that hold everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.problem import Evaluation
from eda.simulation import Status
from eda.sizing.optimizer import Outcome
from eda.testbench import Guard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import Spec
    from eda.testbench import Conditions

__all__ = ["PROVEN", "Examination", "Screening", "at_worst"]

PROVEN: Final = "all conditions"
"""The guard that holds when a design was simulated under all conditions."""

_NEAR: Final = 0.15  # distance, by the root of the dimension, within which designs change alike from place to place
_FAR: Final = 1e-3  # weight of those beyond


class Screening(Enum):
    """How designs are examined under several conditions."""

    LEARNED = "learned"
    """Nominal first, then where a design is most likely to fail; stop at the first failure."""
    ORDERED = "ordered"
    """Nominal first, then the others as they are given; stop at the first failure. The search knows no more."""
    NONE = "none"
    """Every design is simulated under all conditions."""


class Examination:
    """What is known of the designs of a run.

    Args:
        specs: what must hold everywhere.
        conditions: where; the nominal ones first.
        screening: which of them are simulated.
    """

    def __init__(self, specs: tuple[Spec, ...], conditions: Sequence[Conditions], screening: Screening) -> None:
        self.specs, self.conditions, self.screening = specs, conditions, screening
        self.points: list[NDArray[np.float64]] = []
        self.found: list[dict[int, Evaluation]] = []
        self.studied: int | None = None
        """The first design that met everything at the nominal conditions: it is simulated under all of them."""
        self._scored: dict[tuple[int, int], NDArray[np.float64]] = {}
        self._changes: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None

    @property
    def revises(self) -> bool:
        """Whether what is told of a design may change later."""
        return len(self.conditions) > 1 and self.screening is Screening.LEARNED

    def begin(self, points: NDArray[np.float64]) -> range:
        """Take in new designs, `n x d` in the unit cube; their numbers."""
        first = len(self.points)
        self.points += list(points)
        self.found += [{} for _ in points]
        return range(first, len(self.points))

    def add(self, design: int, place: int, evaluation: Evaluation) -> None:
        """Learn what came of a design under the conditions at a place."""
        self.found[design][place] = evaluation
        self._changes = None if len(self.found[design]) > 1 else self._changes
        self._scored[design, place] = np.concatenate((evaluation.slacks(self.specs), evaluation.costs(self.specs)))

    def wanted(self, designs: range) -> list[tuple[int, int]]:
        """What is to be simulated next: designs and places; nothing when enough is known of all of them."""
        return [(design, place) for design in designs for place in self._places(design)]

    def _places(self, design: int) -> list[int]:
        found, places = self.found[design], range(len(self.conditions))
        missing = [place for place in places if place not in found]
        if self.screening is Screening.NONE:
            return missing
        if not found:
            return [0]
        if self._ruled_out(design):
            return []
        if self.screening is Screening.ORDERED:
            return missing[:1]
        if self.studied in {None, design}:
            self.studied = design
            return missing
        expected = self._expected(design)
        if expected[:, self._slacks :].max() >= self._least_cost():
            return []  # it would hold at best, and be no better
        margins = expected[:, : self._slacks].min(axis=1)
        # in ever larger groups, the likeliest failures first: few are in vain, and every core has work
        return sorted(missing, key=lambda place: float(margins[place]))[: len(found)]

    def _ruled_out(self, design: int) -> bool:
        """Whether it failed somewhere, or is no better than one that holds everywhere."""
        rows = np.array([self._scored[design, place] for place in self.found[design]])
        if design == self.studied:
            return False
        failed = bool((rows[:, : self._slacks] < 0).any())
        return failed or bool(rows[:, self._slacks :].max() >= self._least_cost())

    @property
    def _slacks(self) -> int:
        return len([spec for spec in self.specs if not spec.is_objective]) + 1

    def _least_cost(self) -> float:
        """Of a design that holds everywhere; infinite without one, or with several objectives or none."""
        if len([spec for spec in self.specs if spec.is_objective]) != 1:
            return np.inf
        return min((self.at_worst(n).cost(self.specs) for n in range(len(self.found)) if self.holds(n)), default=np.inf)

    def holds(self, design: int) -> bool:
        """Whether it was simulated under all conditions, and meets everything."""
        found = self.found[design]
        return len(found) == len(self.conditions) and all(one.meets(self.specs) for one in found.values())

    def at_worst(self, design: int) -> Evaluation:
        """See `at_worst`."""
        return at_worst(self.found[design], self.conditions, self.specs)

    def _expected(self, design: int) -> NDArray[np.float64]:
        """By place, slacks and costs: as simulated, or as nominally with the usual change from there."""
        rows = np.tile(self._scored[design, 0], (len(self.conditions), 1))
        if self.screening is Screening.LEARNED:
            rows += self._usual_change(design)
        for place in self.found[design]:
            rows[place] = self._scored[design, place]
        return rows

    def _usual_change(self, design: int) -> NDArray[np.float64]:
        """By place, what slacks and costs of other designs changed from nominal, those near by foremost."""
        if self._changes is None:
            examined = [number for number, found in enumerate(self.found) if len(found) > 1]
            table = np.full((len(examined), len(self.conditions), len(self._scored[design, 0])), np.nan)
            for row, number in enumerate(examined):
                for place in self.found[number]:
                    with np.errstate(invalid="ignore"):
                        change = self._scored[number, place] - self._scored[number, 0]
                    table[row, place] = np.where(np.isfinite(change), change, 0.0)  # nothing of undefined costs
            self._changes = np.array(examined), table
        numbers, table = self._changes
        others = numbers != design
        if not others.any():
            return np.zeros(table.shape[1:])
        points = np.array([self.points[number] for number in numbers[others]])
        reach = _NEAR * np.sqrt(points.shape[1])
        weights = _FAR + np.exp(-((points - self.points[design]) ** 2).sum(axis=1) / (2 * reach**2))
        known = np.isfinite(table[others])
        weighted = weights[:, None, None] * known
        total = weighted.sum(axis=0)
        summed = (weighted * np.where(known, table[others], 0.0)).sum(axis=0)
        return np.asarray(np.divide(summed, total, out=np.zeros_like(summed), where=total > 0))

    def outcome(self, designs: Sequence[int]) -> Outcome:
        """What a search is told of designs: the worst slacks and costs that are known or expected."""
        rows = []
        for design in designs:
            known = self._expected(design)
            if self.screening is not Screening.LEARNED:
                known = known[list(self.found[design])]
            rows.append(np.concatenate((known[:, : self._slacks].min(axis=0), known[:, self._slacks :].max(axis=0))))
        worst = np.array(rows).reshape(len(rows), -1)
        told = [_told(self.found[design][0]) for design in designs]
        names = dict.fromkeys(name for one in told for name in one)
        return Outcome(
            np.array([self.points[design] for design in designs]),
            worst[:, : self._slacks],
            worst[:, self._slacks :],
            {name: np.array([one.get(name, np.nan) for one in told]) for name in names},
        )


def _told(evaluation: Evaluation) -> dict[str, float]:
    """Metrics, and the parts of guards."""
    parts = {f"{guard.name} {name}": part for guard in evaluation.guards for name, part in guard.parts.items()}
    return {**evaluation.metrics, **parts}


def at_worst(found: Mapping[int, Evaluation], conditions: Sequence[Conditions], specs: tuple[Spec, ...]) -> Evaluation:
    """A design at its worst: of each spec the value with the least slack, of each guard the least margin.

    One that was not simulated under all conditions has a guard that says so: nothing counts that is not proven.

    Args:
        found: evaluations of one design by the place of their conditions.
        conditions: all of them.
        specs: what must hold.
    """
    if len(conditions) == 1:
        return found[0]
    broken = next((one for one in found.values() if not one.simulated), None)
    if broken is not None:
        return broken
    values, undefined = {**found[min(found)].metrics}, {}
    for name in dict.fromkeys(spec.metric.name for spec in specs):
        lacking = next((place for place, one in found.items() if name not in one.metrics), None)
        if lacking is None:
            asked = [spec for spec in specs if spec.metric.name == name]
            values[name] = min((one.metrics[name] for one in found.values()), key=lambda value: _merit(value, asked))
        else:
            values.pop(name, None)
            undefined[name] = f"{found[lacking].undefined.get(name, 'not measured')} (at {conditions[lacking]})"
    status = Status.UNDEFINED_METRIC if undefined else Status.OK
    seconds = sum(one.seconds for one in found.values())
    guards = (*_worst_guards(found, conditions), _proven(found, conditions))
    return Evaluation(found[min(found)].design, status, values, undefined, guards, seconds=seconds)


def _merit(value: float, specs: Sequence[Spec]) -> tuple[float, float]:
    """How good a value is for specs on one metric: by its least slack, an objective within its bounds by its cost."""
    costs = [-spec.cost(value) for spec in specs if spec.is_objective]
    slack = min((spec.slack(value) for spec in specs if not spec.is_objective), default=0.0)
    return (min(slack, 0.0), costs[0]) if costs else (slack, 0.0)


def _worst_guards(found: Mapping[int, Evaluation], conditions: Sequence[Conditions]) -> list[Guard]:
    worst: dict[str, Guard] = {}
    for place, one in found.items():
        for guard in one.guards:
            if guard.name not in worst or not guard.margin >= worst[guard.name].margin:
                worst[guard.name] = replace(guard, detail=f"{guard.detail} (at {conditions[place]})")
    return list(worst.values())


def _proven(found: Mapping[int, Evaluation], conditions: Sequence[Conditions]) -> Guard:
    missing = len(conditions) - len(found)
    detail = f"simulated under {len(found)} of {len(conditions)} conditions"
    return Guard(PROVEN, -missing / len(conditions) if missing else 1.0, detail)
