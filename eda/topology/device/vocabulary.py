"""The words of topologies: counts, circuit types, nets, edges (sets of terminals) and devices.

Source: the words are those of AnalogToBi (Kim et al., arXiv 2603.08720, 2026), less the numbers of devices, which a
walk that visits each device once has no use for, and with counts and the ports of clocked circuits.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLASSES", "DEVICES", "INNER_NETS", "VOCABULARY", "Edge", "Vocabulary"]

CLASSES: Final[Mapping[str, str]] = {
    "opamp": "Opamp",
    "ldo": "LDO",
    "bandgap": "Bandgap",
    "oscillator": "Oscillator",
    "comparator": "Comparator",
    "mirror": "Mirror",
    "filter": "Filter",
    "power_converter": "PowerConv",
    "power_amplifier": "PowerAmp",
    "mixer": "Mixer",
    "pll": "PLL",
    "voltage_regulator": "VReg",
    "switched_capacitor": "SwitchedCap",
    "data_converter": "ADCDAC",
    "general": "General",
}
"""Circuit types by name, and what AnalogGenie labels them."""

INNER_NETS: Final = 64
"""How many inner nets a topology may have; AnalogGenie's have 49 at most."""

DEVICES: Final = 80
"""How many devices a topology may have; AnalogGenie's have 72 at most."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Terminals of a device that are on one net.

    Attributes:
        device: the `edge` of its kind.
        terminals: their letters, in the order of the kind.
    """

    device: str
    terminals: str

    def __str__(self) -> str:
        return f"{self.device}_{self.terminals}"


def _edges() -> tuple[Edge, ...]:
    found = {}
    for kind in KINDS.values():
        if kind.alike:
            found[kind.edge, kind.terminals[0]] = Edge(kind.edge, kind.terminals[0])
            continue
        most = len(kind.terminals) - 1  # all on one net: a device that does nothing
        for count in range(1, most + 1):
            for letters in itertools.combinations(kind.terminals, count):
                found[kind.edge, "".join(letters)] = Edge(kind.edge, "".join(letters))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and their numbers: the stop word, counts, circuit types, ports, inner nets, edges, devices, in this order.

    The number of a count is the count, and that of the stop word is 0.

    Attributes:
        words: by number.
        edges: in the order of their numbers.
        number: of each word.
    """

    words: tuple[str, ...]
    edges: tuple[Edge, ...]
    number: Mapping[str, int] = field(repr=False)

    @classmethod
    def make(cls) -> Vocabulary:
        """The words of this version."""
        edges = _edges()
        words = (
            "stop",
            *map(str, range(1, DEVICES + 1)),
            *CLASSES,
            *PORTS,
            *(f"net{index}" for index in range(1, INNER_NETS + 1)),
            *map(str, edges),
            *KINDS,
        )
        return cls(words, edges, {word: index for index, word in enumerate(words)})

    def __len__(self) -> int:
        return len(self.words)


VOCABULARY: Final = Vocabulary.make()
"""The words of this version."""
