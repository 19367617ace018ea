"""Why a run found nothing feasible: the specs that no design met, and those that were never met together."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from eda.sizing.examination import PROVEN
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.problem import Evaluation, Spec
    from eda.testbench import Guard

__all__ = ["conflicts"]


def conflicts(evaluations: Sequence[Evaluation], specs: tuple[Spec, ...]) -> list[str]:
    """What stands against specs, a sentence each, with how near designs came; nothing when a design is feasible.

    Only designs that work are looked at, those whose guards hold; where none does, what is said is which guards fail.
    All of it is about designs that were tried: it proves nothing of others.

    Args:
        evaluations: of designs, each at its worst.
        specs: what was asked.
    """
    if any(one.meets(specs) for one in evaluations):
        return []
    bounds = tuple(spec for spec in specs if not spec.is_objective)
    # that it was not simulated everywhere is no fault of a design: where it was, it missed something
    working = [one for one in evaluations if one.simulated and not any(map(_fails, one.guards))]
    if not working:
        return [_nothing_works(evaluations)]
    design = "design" if len(working) == len(evaluations) else "design that works"
    slacks = np.array([[_slack(one, spec) for spec in bounds] for one in working]).reshape(len(working), len(bounds))
    never = [place for place in range(len(bounds)) if slacks[:, place].max() < 0]
    found = [
        f"no {design} met '{bounds[place]}': the nearest has {_value(working, slacks, place, bounds[place])}"
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
    return [*found, f"the nearest {design} in all: {'; '.join(nearest.failures(specs))}"]


def _fails(guard: Guard) -> bool:
    return not guard.holds and guard.name != PROVEN


def _nothing_works(evaluations: Sequence[Evaluation]) -> str:
    """Which guards fail in every design, or else most often."""
    simulated = [one for one in evaluations if one.simulated]
    if not simulated:
        return "no design works: none could be simulated"
    failed = Counter(guard.name for one in simulated for guard in one.guards if _fails(guard))
    count = len(simulated)
    always = [name for name, times in failed.items() if times == count]
    names = always or [failed.most_common(1)[0][0]]
    detail = next(guard.detail for one in simulated for guard in one.guards if guard.name == names[0] and _fails(guard))
    often = f"{', '.join(names)} fail{'s' if len(names) == 1 else ''} in"
    share = (
        f"each of the {count} that were simulated"
        if always
        else f"{failed[names[0]]} of {count}, another in each of the others"
    )
    return f"no design works: the guard{'s' if len(names) > 1 else ''} {often} {share} (such as: {detail})"


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
