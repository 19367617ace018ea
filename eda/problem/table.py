"""The table that every view of a design shows: a row per spec and per guard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.problem.evaluation import Evaluation
    from eda.problem.spec import Spec

__all__ = ["SpecRow", "format_table", "spec_rows"]


@dataclass(frozen=True, slots=True)
class SpecRow:
    """One requirement and how a design stands to it.

    Attributes:
        requirement: the spec or guard.
        value: what was measured, with its unit, or why there is nothing.
        margin: distance to the bound, positive on the good side.
        met: whether it is met; `None` for the objective.
    """

    requirement: str
    value: str
    margin: str
    met: bool | None


def spec_rows(evaluation: Evaluation, specs: Sequence[Spec]) -> list[SpecRow]:
    """Rows for the specs, then for the guards, of one evaluation."""
    if not evaluation.simulated:
        return [SpecRow(str(spec), evaluation.status.value, "", met=False) for spec in specs]
    rows = [_spec_row(evaluation, spec) for spec in specs]
    return rows + [SpecRow(f"guard: {g.name}", g.detail, "", g.holds) for g in evaluation.guards]


def _spec_row(evaluation: Evaluation, spec: Spec) -> SpecRow:
    name, unit = spec.metric.name, spec.metric.unit
    if name not in evaluation.metrics:
        return SpecRow(str(spec), f"undefined: {evaluation.undefined.get(name, 'not measured')}", "", met=False)
    value = evaluation.metrics[name]
    text = format_quantity(value, unit)
    if spec.bound is None:
        return SpecRow(str(spec), text, "", met=None)
    margin = (value - spec.bound) * (1 if spec.sense == ">=" else -1)
    return SpecRow(
        str(spec),
        text,
        f"{'+' if margin >= 0 else ''}{format_quantity(margin, unit, 3)}",
        spec.slack(value) >= 0,
    )


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain text columns, aligned."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
