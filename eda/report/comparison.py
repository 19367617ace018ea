"""Runs of one problem side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.errors import InputError
from eda.problem.table import format_table
from eda.report import markup
from eda.report.figures import comparison_plot
from eda.report.markup import write_page
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.sizing import Result

__all__ = ["Comparison"]


class Comparison:
    """Runs with the same circuit and specs.

    Args:
        results: at least one.

    Raises:
        InputError: there is none, or they differ in circuit or specs.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        if not results:
            raise InputError("at least one run is needed")
        self.results = list(results)
        for key in ("circuit", "netlist_sha256", "testbench", "specs"):
            there = [result.about["problem"][key] for result in results]
            for result, value in zip(results, there, strict=True):
                if value != there[0]:
                    raise InputError(
                        f"runs that are compared have the same {key}, but {results[0].folder} has {_words(there[0])} "
                        f"and {result.folder} has {_words(value)}"
                    )
        names = [_name(result) for result in results]
        self.names = [
            name if names.count(name) == 1 else f"{name} ({result.folder.name})"
            for name, result in zip(names, results, strict=True)
        ]

    def rows(self) -> list[dict[str, Any]]:
        """A row for each run, JSON data."""
        rows = []
        for name, result in zip(self.names, self.results, strict=True):
            specs = result.problem.specs
            reached = result.best.metrics if result.feasible else {}
            best = {spec.metric.name: reached.get(spec.metric.name) for spec in specs if spec.is_objective}
            rows.append(
                {
                    "run": name,
                    "technology": result.problem.technology.name,
                    "conditions": max(len(result.conditions), 1),
                    "simulations": len(result.evaluations),
                    "first feasible": result.first_feasible,
                    "feasible": result.feasible,
                    "missed slack": result.best.violation(specs),
                    **{f"best {metric}": value for metric, value in best.items()},
                    "missed": result.best.failures(specs),
                    "folder": str(result.folder),
                }
            )
        return rows

    def _table(self) -> tuple[list[str], list[list[str]]]:
        units = {spec.metric.name: spec.metric.unit for spec in self.results[0].problem.specs}
        header = [key for key in self.rows()[0] if key not in {"missed", "folder"}]
        cells = [[_cell(row[key], units.get(key.removeprefix("best "), "")) for key in header] for row in self.rows()]
        return header, cells

    def __str__(self) -> str:
        return format_table(*self._table())

    def _repr_html_(self) -> str:
        header, cells = self._table()
        named = list(zip(self.names, self.results, strict=True))
        parts = {"Runs": markup.table(header, cells), "Convergence": comparison_plot(named)}
        asked = "; ".join(map(str, self.results[0].problem.specs))
        return markup.page(self.results[0].problem.name, f"<p>{markup.text(asked)}</p>", parts)

    def save(self, path: str | Path) -> Path:
        """Write it as an HTML file that needs no network to read.

        Raises:
            InputError: the file cannot be written.
        """
        return write_page(path, self.results[0].problem.name, self._repr_html_())


def _name(result: Result) -> str:
    optimizer, given = result.about["optimizer"], len(result.about.get("start", ()))
    started = f", from {given} given design{'s' if given > 1 else ''}" if given else ""
    return f"{optimizer['optimizer']}, seed {optimizer.get('seed', '-')}{started}"


def _words(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)


def _cell(value: Any, unit: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return format_quantity(value, unit) if isinstance(value, float) else str(value)
