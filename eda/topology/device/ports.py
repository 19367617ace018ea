"""The ports of topologies, as one table: what they are called, how many there may be, and what they are for.

The words are AnalogGenie's (Gao et al., ICLR 2025). What follows the name of its family is a port's number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAMILIES", "PORTS", "Family", "family_of", "is_port", "number_of", "role_of"]


@dataclass(frozen=True, slots=True)
class Family:
    """Ports of one kind.

    Attributes:
        name: before the number.
        most: highest number; 0 of one that has none.
        role: `ground`, `supply`, `input`, `output`, `bias`, `level` (a constant voltage), `control`, `clock` or
            `oscillator`.
    """

    name: str
    most: int
    role: str

    @property
    def words(self) -> tuple[str, ...]:
        """Its ports."""
        return tuple(f"{self.name}{number}" for number in range(1, self.most + 1)) or (self.name,)


_ROWS: Final = (
    Family("vdd", 0, "supply"),
    Family("vss", 0, "ground"),
    Family("vin", 10, "input"),
    Family("vout", 6, "output"),
    Family("iin", 2, "input"),
    Family("iout", 4, "output"),
    Family("vb", 10, "bias"),
    Family("ib", 6, "bias"),
    Family("vref", 2, "level"),
    Family("iref", 2, "input"),
    Family("vcm", 2, "level"),
    Family("vcont", 6, "control"),
    Family("vclk", 8, "clock"),
    Family("vlo", 4, "oscillator"),
    Family("vrf", 2, "input"),
    Family("vif", 2, "output"),
    Family("vbb", 4, "input"),
    Family("logica", 2, "clock"),
    Family("logicb", 2, "clock"),
    Family("logicd", 2, "clock"),
    Family("logicf", 2, "clock"),
    Family("logicg", 2, "clock"),
    Family("logicq", 2, "output"),
    Family("logicqa", 1, "output"),
    Family("logicqb", 1, "output"),
    Family("vtrack", 2, "clock"),
    Family("vlatch", 2, "clock"),
    Family("vhold", 1, "clock"),
)

FAMILIES: Final[Mapping[str, Family]] = {row.name: row for row in _ROWS}
"""The rows by name."""

PORTS: Final = tuple(word for family in FAMILIES.values() for word in family.words)
"""All ports."""

_PORT: Final = re.compile(rf"({'|'.join(sorted(FAMILIES, key=len, reverse=True))})(\d*)")


def is_port(net: str) -> bool:
    """Whether a net is called like a port."""
    return _PORT.fullmatch(net) is not None


def family_of(port: str) -> str:
    """The name of a port less its number; empty for an inner net."""
    found = _PORT.fullmatch(port)
    return found[1] if found else ""


def number_of(port: str) -> int:
    """The number of a port; 1 where it has none."""
    found = _PORT.fullmatch(port)
    return int(found[2] or 1) if found else 1


def role_of(port: str) -> str:
    """What a port is for; empty for an inner net."""
    name = family_of(port)
    return FAMILIES[name].role if name else ""
