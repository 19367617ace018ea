"""What undefined masters stand for, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.netlist.conventions import polarity

if TYPE_CHECKING:
    from eda.netlist import Circuit

__all__ = ["masters_of"]

_MOS_PINS: Final = 4


def masters_of(circuit: Circuit) -> dict[str, str]:
    """Masters that the netlist does not define and that are called like MOS transistors, with four pins: letter `m`."""
    defined = {block.name for block in circuit.walk()}
    every = (*circuit.devices, *(device for block in circuit.walk() for device in block.devices))
    return {
        device.model: "m"
        for device in every
        if device.letter == "x" and device.model and device.model not in defined and len(device.nodes) == _MOS_PINS
        and "fet" in device.model and polarity(device.model)
    }  # fmt: skip
