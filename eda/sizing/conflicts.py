"""Why a run found nothing feasible: the specs that no design met, and those that were never met together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from eda.sizing.examination import PROVEN
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.problem import Evaluation, Spec

__all__ = ["conflicts"]


def conflicts(evaluations: Sequence[Evaluation], specs: tuple[Spec, ...]) -> list[str]:
    """What stands against specs, a sentence each, with how near designs came; nothing when a design is feasible.

    Only designs whose guards hold are looked at, where there are any. What is said is about designs that were tried:
    it proves nothing of others.

    Args:
        evaluations: of designs, each at its worst.
        specs: what was asked.
    """
    if any(one.feasible(specs) for one in evaluations):
        return []
    bounds = tuple(spec for spec in specs if not spec.is_objective)
    # that it was not simulated everywhere is no fault of a design: where it was, it missed something
    working = [one for one in evaluations if one.simulated and all(g.holds or g.name == PROVEN for g in one.guards)]
    if not working:
        return ["no design works: in each one a guard fails or the simulation does"]
    slacks = np.array([[_slack(one, spec) for spec in bounds] for one in working]).reshape(len(working), len(bounds))
    never = [place for place in range(len(bounds)) if slacks[:, place].max() < 0]
    found = [
        f"no design met '{bounds[place]}': the nearest has {_value(working, slacks, place, bounds[place])}"
        for place in never
    ]
    for one, other in itertools.combinations([place for place in range(len(bounds)) if place not in never], 2):
        if (slacks[:, [one, other]].min(axis=1) < 0).all():
            found.append(
                f"'{bounds[one]}' and '{bounds[other]}' were never met together: with the first "
                f"{_value(working, slacks, other, bounds[other], given=one)} is the nearest to the second, with the "
                f"second {_value(working, slacks, one, bounds[one], given=other)} to the first"
            )
    if bounds and not found and slacks.min(axis=1).max() < 0:
        found = ["every two of the specs were met together, but never all of them"]
    missed = -np.minimum(slacks, 0).sum(axis=1)
    unproven = [g for one, total in zip(working, missed, strict=True) if total == 0 for g in one.guards if not g.holds]
    if unproven:
        detail = max(unproven, key=lambda guard: guard.margin).detail
        return [f"a design met everything where it was simulated, but the budget ended too early: {detail}"]
    nearest = working[int(np.argmin(missed))]
    return [*found, f"the nearest design in all: {'; '.join(nearest.failures(specs))}"]


def _slack(evaluation: Evaluation, spec: Spec) -> float:
    return max(spec.slack(evaluation.metrics.get(spec.metric.name, float("nan"))), -1e9)


def _value(
    working: Sequence[Evaluation], slacks: NDArray[np.float64], place: int, spec: Spec, given: int | None = None
) -> str:
    """The value that comes nearest to a spec, among designs that meet another one where that is given."""
    rows = np.arange(len(working)) if given is None else np.flatnonzero(slacks[:, given] >= 0)
    best = working[rows[int(np.argmax(slacks[rows, place]))]]
    value = best.metrics.get(spec.metric.name)
    return "no value" if value is None else f"{spec.metric.name} = {format_quantity(value, spec.metric.unit)}"
