"""From behavioural op-amps to transistors: each transconductor becomes a cell, passive elements stay what they are.

The input is a differential pair with a mirror and a tail; later stages are common-source transistors with a current
source as their load, behind a mirror where they must not invert; further transconductors are the same cells without a
load. A transistor is n- or p-channel by the level at which its gate rests: near the supply behind the mirror of the
pair, lower behind a p-channel stage. Topologies: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed.
2012, chapter 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.topology.device import Part, Topology

if TYPE_CHECKING:
    from eda.topology.behavioural import BehaviouralOpAmp, Block

__all__ = ["realised"]

_TAIL, _N_LOAD, _P_LOAD = "vb1", "vb2", "vb3"


def realised(opamp: BehaviouralOpAmp) -> Topology:
    """The transistors of a behavioural op-amp, with the inputs `vin1` and `vin2` and the output `vout1`.

    Args:
        opamp: its stages and branches.

    Returns:
        A topology that amplifies from `vin1`, inverting or not as the op-amp does from its input.
    """
    return Topology(tuple(_Builder(opamp).parts()))


class _Builder:
    def __init__(self, opamp: BehaviouralOpAmp) -> None:
        self._opamp = opamp
        self._made: list[Part] = []
        self._n_type = {0: True}  # by node: whether a gate there is that of an n-channel transistor
        self._count = 0

    def parts(self) -> list[Part]:
        """All devices."""
        for stage in self._opamp.stages:
            self._transconductor(stage)
            self._n_type[stage.target] = stage.source > 0 and not self._n_type[stage.source]
            if stage.source > 0:
                self._load(stage)
        for branch in self._opamp.branches:
            if branch.type.sign:
                self._transconductor(branch)
        for block in self._opamp.blocks:
            self._passive(block)
        return self._made

    def _node(self, number: int) -> str:
        return "vin1" if number == 0 else "vout1" if number == len(self._opamp.stages) else f"n{number}"

    def _inner(self) -> str:
        self._count += 1
        return f"x{self._count}"

    def _transconductor(self, block: Block) -> None:
        control, output = (block.target, block.source) if block.type.backward else (block.source, block.target)
        if output == 0:  # into the source that drives the input: it changes nothing
            return
        inverts = block.type.sign > 0  # a positive current out of the node
        if control == 0:
            self._pair(self._node(output), inverts=inverts)
        elif inverts:
            self._source_stage(self._node(control), self._node(output), n_type=self._n_type[control])
        else:
            self._mirrored_stage(self._node(control), self._node(output), n_type=self._n_type[control])

    def _pair(self, output: str, *, inverts: bool) -> None:
        mirror, tail = self._inner(), self._inner()
        first, second = ("vin2", "vin1") if inverts else ("vin1", "vin2")
        self._made += [
            Part("nmos", (mirror, first, tail, "vss")),
            Part("nmos", (output, second, tail, "vss")),
            Part("pmos", (mirror, mirror, "vdd", "vdd")),
            Part("pmos", (output, mirror, "vdd", "vdd")),
            Part("nmos", (tail, _TAIL, "vss", "vss")),
        ]

    def _source_stage(self, control: str, output: str, *, n_type: bool) -> None:
        self._made.append(_transistor(output, control, n_type=n_type))

    def _mirrored_stage(self, control: str, output: str, *, n_type: bool) -> None:
        mirror = self._inner()
        self._made += [
            _transistor(mirror, control, n_type=n_type),
            _transistor(mirror, mirror, n_type=not n_type),
            _transistor(output, mirror, n_type=not n_type),
        ]

    def _load(self, stage: Block) -> None:
        """A current source against what a stage delivers."""
        pulls_down = self._n_type[stage.source] == (stage.type.sign > 0)
        output = self._node(stage.target)
        self._made.append(_transistor(output, _P_LOAD if pulls_down else _N_LOAD, n_type=not pulls_down))

    def _passive(self, block: Block) -> None:
        source, target = self._node(block.source), self._node(block.target)
        if block.type.passive == "R-C":
            middle = self._inner()
            self._made += [Part("resistor", (source, middle)), Part("capacitor", (middle, target))]
            return
        if block.type.has_r:
            self._made.append(Part("resistor", (source, target)))
        if block.type.has_c:
            self._made.append(Part("capacitor", (source, target)))


def _transistor(drain: str, gate: str, *, n_type: bool) -> Part:
    """A common-source transistor."""
    rail = "vss" if n_type else "vdd"
    return Part("nmos" if n_type else "pmos", (drain, gate, rail, rail))
