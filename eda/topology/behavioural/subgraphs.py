"""The 26 subgraphs that behavioural op-amps are made of, as one table.

Source: Dong et al., "CktGNN: Circuit graph neural network for electronic design automation", ICLR 2023, table of the
Open Circuit Benchmark. A transconductor has a sign and a direction (forward, or back from the later node to the earlier
one), and may have passive elements in parallel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["C_STEP", "GM_STEP", "INPUT", "LARGEST", "OUTPUT", "R_STEP", "SUBGRAPHS", "Subgraph"]

GM_STEP: Final = 1e-4
"""Of a transconductance, S."""
R_STEP: Final = 1e5
"""Of a resistance, ohm."""
C_STEP: Final = 1e-14
"""Of a capacitance, F."""
LARGEST: Final = 101
"""The most steps of a value; the fewest are 1."""
INPUT: Final = 0
"""Number of the input."""
OUTPUT: Final = 1
"""Number of the output."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One type of subgraph.

    Attributes:
        number: in the benchmark.
        name: in the benchmark.
        sign: of the transconductance, 1 or -1; 0 where there is none.
        backward: whether the transconductor is controlled by the later node.
        passive: what is in parallel: `R`, `C`, `R-C` in series, `R||C`, or nothing.
    """

    number: int
    name: str
    sign: int = 0
    backward: bool = False
    passive: str = ""

    @property
    def has_r(self) -> bool:
        """Whether it has a resistor of its own."""
        return "R" in self.passive

    @property
    def has_c(self) -> bool:
        """Whether it has a capacitor of its own."""
        return "C" in self.passive


def _rows() -> tuple[Subgraph, ...]:
    rows = [Subgraph(0, "In"), Subgraph(1, "Out")]
    rows += [Subgraph(2 + n, name, passive=passive) for n, (name, passive) in enumerate(_PASSIVE.items())]
    for prefix, passive in _BESIDE.items():
        for sign, backward in ((1, False), (-1, False), (1, True), (-1, True)):
            name = f"{prefix}{'+' if sign > 0 else '-'}gm{'-' if backward else '+'}"
            rows.append(Subgraph(len(rows), name, sign, backward, passive))
    return tuple(rows)


_PASSIVE: Final = {"R": "R", "C": "C", "R-C series": "R-C", "R||C": "R||C"}
_BESIDE: Final = {"": "", "C||": "C", "R||": "R", "R||C||": "R||C", "RCseries||": "R-C"}

SUBGRAPHS: Final = _rows()
"""The rows by number."""
