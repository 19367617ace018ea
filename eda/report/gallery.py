"""Generated circuits side by side: drawn, with their rungs and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.generation import Rung
from eda.netlist import format_netlist
from eda.report import markup
from eda.report.markup import Cell, text, write_page
from eda.report.schematic import schematic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.generation import Generated

__all__ = ["Gallery"]


class Gallery:
    """Generated circuits.

    Args:
        circuits: as `eda.generation.generated` gives them.
        title: of the page.
        about: how they were made, in a sentence.
    """

    def __init__(self, circuits: Sequence[Generated], title: str, about: str = "") -> None:
        self.circuits, self.title, self.about = list(circuits), title, about

    def _repr_html_(self) -> str:
        sections = {"Circuits": self._table(), **{one.name: _card(one) for one in self.circuits}}
        return markup.page(self.title, f"<p>{text(self.about)}</p>", sections)

    def save(self, path: str | Path) -> Path:
        """Write the page as one file that loads nothing.

        Raises:
            InputError: the file cannot be written.
        """
        return write_page(path, self.title, self._repr_html_())

    def _table(self) -> str:
        rows: list[list[str | Cell]] = [
            [one.name, str(len(one.climb.topology.parts)), _rungs(one), one.climb.reason, one.verdict or "-"]
            for one in self.circuits
        ]
        return markup.table(["circuit", "devices", "rungs", "found", "under its testbench"], rows)


def _rungs(one: Generated) -> Cell:
    """The rungs, those that were passed full."""
    marks = "".join(
        f'<span class="rung{" met" if rung in one.climb.passed else ""}" title="{text(rung.value)}"></span>'
        for rung in Rung
    )
    return Cell(f'{marks} <span class="{"met" if one.climb.works else "missed"}">{_highest(one)}</span>')


def _highest(one: Generated) -> str:
    return text(one.climb.passed[-1].value) if one.climb.passed else "none"


def _card(one: Generated) -> str:
    renamed = ", ".join(f"{own} is {name}" for own, name in one.ports.items() if own != name)
    ports = f" In the netlist {text(renamed)}; sources of biases are not drawn." if renamed else ""
    netlist = f"<details><summary>netlist</summary><pre>{text(format_netlist(one.circuit))}</pre></details>"
    return f"<p>{text(str(one))}.{ports}</p><figure>{schematic(one.climb.topology)}</figure>{netlist}"
