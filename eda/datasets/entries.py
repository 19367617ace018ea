"""Data sets in formats of their own, read as circuits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.netlist import Circuit, Subcircuit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eda.netlist import Device, Location

__all__ = ["Entry", "Names", "one_block"]

# these separate words, quote or continue lines in one dialect or another
_UNFIT = re.compile(r"[\s'\"(){}=,;*\\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A circuit of a data set.

    Attributes:
        id: its name in the set.
        circuit: one subcircuit.
        label: its class in the words of the set, `None` when it has none.
        source: file of the set, and line.
    """

    id: str
    circuit: Circuit
    label: str | None
    source: Location


class Names:
    """Netlist names for the names of a source: lower case, fit for SPICE text, and as distinct as there.

    Two names that only differ in case would be one in SPICE, so the later of them gets a number.

    Args:
        fixed: names that are given already, by their source.

    Attributes:
        spelling: source spelling by name, for `Circuit.spelling`.
    """

    def __init__(self, fixed: Mapping[str, str] | None = None) -> None:
        self.spelling: dict[str, str] = {}
        self._of: dict[str, str] = dict(fixed or {})
        self._taken: set[str] = set()

    def of(self, source: str) -> str:
        """The name for `source`, the same at every call."""
        if source not in self._of:
            self._of[source] = self.new(source)
        return self._of[source]

    def new(self, source: str) -> str:
        """A name like `source` that was not given before."""
        stem = _UNFIT.sub("_", source)
        spelled, count = stem, 1
        while spelled.lower() in self._taken:
            count += 1
            spelled = f"{stem}_{count}"
        self._taken.add(spelled.lower())
        if spelled != spelled.lower():
            self.spelling[spelled.lower()] = spelled
        return spelled.lower()


def one_block(
    title: str,
    name: str,
    ports: Iterable[str],
    devices: Iterable[Device],
    *,
    spelling: dict[str, str],
    location: Location,
) -> Circuit:
    """A circuit of one subcircuit."""
    block = Subcircuit(name, tuple(ports), devices=tuple(devices), location=location)
    return Circuit(title=title, subcircuits=(block,), spelling=spelling)
