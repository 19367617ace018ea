"""A deck: one circuit with stimuli and analyses, as a function of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation.analyses import Analysis

__all__ = ["Deck"]


@dataclass(frozen=True, slots=True)
class Deck:
    """What ngspice simulates; sizes go in as parameters, never by editing text.

    Attributes:
        models: text of the model cards.
        body: text of the circuit and its stimuli.
        parameters: top-level parameters with their nominal values, SI.
        analyses: analyses to run, at most one of each kind.
        saved: vectors to keep, such as `v(out)`, `i(vdd)`, `@m.xdut.m1[gm]`.
        temperature: degrees Celsius.
        setup: ngspice commands that must run before the deck is loaded.
        transistors: ngspice paths of the MOS transistors, by the names that a user knows.
        title: first line of the text.
    """

    models: str
    body: str
    parameters: Mapping[str, float]
    analyses: tuple[Analysis, ...]
    saved: tuple[str, ...]
    temperature: float = 27.0
    setup: tuple[str, ...] = ()
    transistors: Mapping[str, str] = field(default_factory=dict, compare=False)
    title: str = field(default="eda", compare=False)

    def text(self, values: Mapping[str, float] | None = None, *, analyses: bool = True) -> str:
        """The deck as ngspice text.

        Args:
            values: parameter values that replace the nominal ones.
            analyses: whether the analyses stand in it, as plain `ngspice -b` needs them.
        """
        merged = {**self.parameters, **(values or {})}
        lines = [f"* {self.title}", *(f".param {name}={float(value)!r}" for name, value in merged.items())]
        lines += [f".temp {self.temperature:g}", self.models, self.body]
        lines += [f".save {' '.join(group)}" for group in _groups(self.saved)]
        if analyses:
            lines += [f".{analysis}" for analysis in self.analyses]
        return "\n".join((*lines, ".end", ""))

    def saved_by(self, kind: str) -> tuple[str, ...]:
        """The vectors that an analysis gives: quantities of devices (`@...`) only at the operating point."""
        return tuple(name for name in self.saved if kind == "op" or not name.startswith("@"))


def _groups(names: tuple[str, ...], size: int = 8) -> list[tuple[str, ...]]:
    """Names in groups that keep lines readable."""
    return [names[start : start + size] for start in range(0, len(names), size)]
