"""A deck: one circuit with stimuli and analyses, as a function of its parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.simulation.analyses import Ac, Op
from eda.simulation.elaboration import Elaboration, elaborate, printed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation.analyses import Analysis
    from eda.technology import ModelBin

__all__ = ["Deck"]

_SCALE: Final = re.compile(r"^\s*\.opt[^\n]*\bscale\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
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
        bins: model cards of which a design needs those that its sizes fall into.
        options: of ngspice, such as `wnflag=1`.
        deviates: parameters that a Monte Carlo sample sets; nominally 0.
        nodesets: voltages by node with which the search for the operating point starts, V.
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
    bins: tuple[ModelBin, ...] = ()
    options: tuple[str, ...] = ()
    deviates: tuple[str, ...] = ()
    nodesets: Mapping[str, float] = field(default_factory=dict)
    transistors: Mapping[str, str] = field(default_factory=dict, compare=False)
    title: str = field(default="eda", compare=False)

    @cached_property
    def elaboration(self) -> Elaboration | str:
        """The deck as devices; or the reason why ngspice alone can evaluate it."""
        return elaborate(self)

    def __getstate__(self) -> dict[str, object]:
        # functions cannot be sent to another process, which makes its own in milliseconds
        return {name: value for name, value in self.__dict__.items() if name != "elaboration"}

    def values(self, values: Mapping[str, float] | None = None) -> dict[str, float]:
        """Every parameter: those given, the others nominal."""
        return {name: float(value) for name, value in {**self.parameters, **(values or {})}.items()}

    def text(self, values: Mapping[str, float] | None = None) -> str:
        """The deck as ngspice text, as plain `ngspice -b` takes it.

        Where model cards have bins it is the flat circuit, each transistor with the bin that its size falls into:
        ngspice 39 takes sizes up to 1 nm outside a bin for sizes in it, and then the first card that it finds.

        Args:
            values: parameter values that replace the nominal ones.
        """
        merged = self.values(values)
        flat = self.flat(merged) if self.bins else None
        parameters = [f".param {name}={value!r}" for name, value in merged.items()]
        return self.framed([flat] if flat else [*parameters, self.models, *(one.text for one in self.bins), self.body])

    def flat(self, values: Mapping[str, float]) -> str | None:
        """The circuit as a flat one with numbers; `None` where only ngspice can tell what is wrong with it.

        Args:
            values: every parameter.
        """
        if isinstance(self.elaboration, str):
            return None
        try:
            numbers = self.elaboration.values(values)
        except InputError:
            return None
        chosen = self.elaboration.choose(numbers)
        return None if chosen is None else self.elaboration.text(printed(numbers), chosen, values)

    def framed(self, circuit: list[str], title: str = "") -> str:
        """A circuit with the title, temperature, options, saved vectors and analyses of the deck.

        Args:
            circuit: lines of the circuit and its models.
            title: in place of the deck's.
        """
        options = self.options
        analyses = self.analyses
        if self.keeps_operating_point:
            options = (*options, "keepopinfo")
            analyses = tuple(analysis for analysis in analyses if not isinstance(analysis, Op))
        lines = [f"* {title or self.title}", *circuit, f".temp {self.temperature:g}"]
        lines += [f".option {' '.join(options)}"] if options else []
        lines += [f".nodeset {' '.join(f'v({node})={value!r}' for node, value in self.nodesets.items())}"] if self.nodesets else []
        lines += [f".save {' '.join(group)}" for group in _groups(self.saved)]
        return "\n".join((*lines, *(f".{analysis}" for analysis in analyses), ".end", ""))

    @property
    def keeps_operating_point(self) -> bool:
        """Whether the operating point is the one that the frequency response starts from, computed once."""
        kinds = {type(analysis) for analysis in self.analyses}
        return {Op, Ac} <= kinds

    @property
    def isolated(self) -> bool:
        """Whether it leaves settings in ngspice that another deck would feel: set-up commands, `.option scale`."""
        texts = (self.models, self.body, *(f".option {option}" for option in self.options))
        return bool(self.setup) or any(_SCALE.search(text) for text in texts)

    def saved_by(self, kind: str) -> tuple[str, ...]:
        """The vectors that an analysis gives: quantities of devices (`@...`) only at the operating point."""
        return tuple(name for name in self.saved if kind == "op" or not name.startswith("@"))


def _groups(names: tuple[str, ...], size: int = 8) -> list[tuple[str, ...]]:
    """Names in groups that keep lines readable."""
    return [names[start : start + size] for start in range(0, len(names), size)]
