"""The devices that topologies are made of, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of device.

    Attributes:
        name: `nmos`, `resistor` ...
        letter: of its element in SPICE.
        terminals: a letter each, in the order of SPICE; two that are alike have the same letter.
        conducting: terminals that pass direct current.
        edge: what the edges to its nets begin with; kinds with one `edge` share them.
    """

    name: str
    letter: str
    terminals: str
    conducting: str
    edge: str

    @property
    def alike(self) -> bool:
        """Whether its two terminals can be swapped."""
        return len(set(self.terminals)) < len(self.terminals)


_ROWS: Final = (
    Kind("nmos", "m", "dgsb", "ds", "m"),
    Kind("pmos", "m", "dgsb", "ds", "m"),
    Kind("npn", "q", "cbe", "cbe", "q"),
    Kind("pnp", "q", "cbe", "cbe", "q"),
    Kind("resistor", "r", "tt", "tt", "r"),
    Kind("capacitor", "c", "tt", "", "c"),
    Kind("inductor", "l", "tt", "tt", "l"),
    Kind("diode", "d", "pn", "pn", "d"),
)

KINDS: Final[Mapping[str, Kind]] = {row.name: row for row in _ROWS}
"""The rows by name."""
