"""Behavioural op-amps: two or three transconductors in a row, and branches around them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist import Circuit, Device, Subcircuit
from eda.simulation.linear import Element
from eda.topology.behavioural.subgraphs import C_STEP, GM_STEP, LARGEST, R_STEP, SUBGRAPHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.topology.behavioural.subgraphs import Subgraph

__all__ = ["MAIN", "MOST_BRANCHES", "BehaviouralOpAmp", "Block"]

MAIN: Final = (6, 7, 10, 11)
"""Types that the stages of the main path may have: forward, alone or with a capacitor across."""
MOST_BRANCHES: Final = 3
"""Branches of an op-amp."""

_OUTPUT_R: Final = 1e6  # ohm, from the output of every transconductor to ground
_OUTPUT_C: Final = 50e-15  # F


@dataclass(frozen=True, slots=True)
class Block:
    """A subgraph with its values, between two nodes.

    Attributes:
        kind: number of its type.
        source: earlier node: 0 is the input, then one a stage.
        target: later node; the last one is the output.
        gm: transconductance in steps of 0.1 mS; 0 where it has none.
        r: resistance in steps of 0.1 Mohm; 0 where it has none.
        c: capacitance in steps of 10 fF; 0 where it has none.

    Raises:
        InputError: it has a value that its type lacks, or lacks one, or one is out of range; it goes nowhere.
    """

    kind: int
    source: int
    target: int
    gm: int = 0
    r: int = 0
    c: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.kind < len(SUBGRAPHS):
            raise InputError(f"the type of a block must be 2 to {len(SUBGRAPHS) - 1}, but got {self.kind}")
        row = self.type
        for name, value, has in (("gm", self.gm, row.sign), ("r", self.r, row.has_r), ("c", self.c, row.has_c)):
            if not (1 <= value <= LARGEST if has else value == 0):
                must = f"be 1 to {LARGEST} steps" if has else "be 0, as its type has none"
                raise InputError(f"{name} of a block {row.name!r} must {must}, but got {value}")
        if not 0 <= self.source < self.target:
            raise InputError(f"a block goes from a node to a later one, but got {self.source} and {self.target}")

    @property
    def type(self) -> Subgraph:
        """The row of its type."""
        return SUBGRAPHS[self.kind]


@dataclass(frozen=True, slots=True)
class BehaviouralOpAmp:
    """Stages in a row from input to output, and branches.

    Attributes:
        stages: two or three blocks, from each node to the next.
        branches: at most three blocks, between any two nodes.

    Raises:
        InputError: another number of stages or branches; stages that are not in a row; a branch beyond the output.
    """

    stages: tuple[Block, ...]
    branches: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        if len(self.stages) not in {2, 3} or len(self.branches) > MOST_BRANCHES:
            raise InputError(
                f"a behavioural op-amp has 2 or 3 stages and at most {MOST_BRANCHES} branches, "
                f"but got {len(self.stages)} and {len(self.branches)}"
            )
        for number, stage in enumerate(self.stages):
            if (stage.source, stage.target) != (number, number + 1) or stage.kind not in MAIN:
                raise InputError(
                    f"stage {number + 1} must be a forward transconductor from node {number} to {number + 1}, "
                    f"but it is {stage.type.name!r} from {stage.source} to {stage.target}"
                )
        for branch in self.branches:
            if branch.target > len(self.stages):
                raise InputError(f"a branch goes to the output, node {len(self.stages)}, at most, not {branch.target}")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Stages and branches."""
        return (*self.stages, *self.branches)

    def node(self, number: int) -> str:
        """Name of a node in netlists."""
        return "in" if number == 0 else "out" if number == len(self.stages) else f"n{number}"

    def elements(self) -> list[Element]:
        """Its resistors, capacitors and sources, between nodes `in`, `out`, inner ones and `0`."""
        return list(self._elements())

    def _elements(self) -> Iterator[Element]:
        for number, block in enumerate(self.blocks):
            source, target = self.node(block.source), self.node(block.target)
            kind, r, c = block.type, block.r * R_STEP, block.c * C_STEP
            if kind.passive == "R-C":
                yield Element("R", source, f"x{number}", r)
                yield Element("C", f"x{number}", target, c)
            else:
                if kind.has_r:
                    yield Element("R", source, target, r)
                if kind.has_c:
                    yield Element("C", source, target, c)
            if kind.sign:
                control, output = (target, source) if kind.backward else (source, target)
                yield Element("G", output, "0", kind.sign * block.gm * GM_STEP, control)
                yield Element("R", output, "0", _OUTPUT_R)
                yield Element("C", output, "0", _OUTPUT_C)

    def circuit(self, name: str = "behavioural_opamp", title: str = "") -> Circuit:
        """As a netlist of one block with the ports `in out`, the ground being node 0.

        Args:
            name: of the block.
            title: of the netlist.
        """
        number: Counter[str] = Counter()
        devices = []
        for element in self._elements():
            letter = element.letter.lower()
            number[letter] += 1
            nodes = (element.plus, element.minus, *((element.control, "0") if letter == "g" else ()))
            devices.append(Device(f"{letter}{number[letter]}", nodes, value=f"{element.value:.6g}"))
        return Circuit(title=title, subcircuits=(Subcircuit(name, ("in", "out"), devices=tuple(devices)),))
