"""Mismatch in a circuit: a parameter of the top block for every deviate of every device in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit, Device, Subcircuit

__all__ = ["with_deviates"]


def with_deviates(circuit: Circuit, mismatch: Mapping[str, tuple[str, ...]]) -> tuple[Circuit, tuple[str, ...]]:
    """A circuit whose top block passes deviates down to each of its devices.

    A device `xm1` with the deviate `z_vth` in a block that `x2` calls has the parameter `z_vth_xm1_x2` of the top
    block, nominally 0.

    Args:
        circuit: bound to a technology.
        mismatch: by subcircuit of the kit, the parameters of a call that are deviates.

    Returns:
        The circuit, and the names of the new parameters of its top block.
    """
    changed: dict[str, tuple[Subcircuit, tuple[str, ...]]] = {}
    blocks = {block.name: block for block in circuit.walk()}

    def exposed(name: str) -> tuple[Subcircuit, tuple[str, ...]]:
        if name not in changed:
            block = blocks[name]
            changed[name] = block, ()  # a block that calls itself is refused elsewhere
            devices, names = [], list[str]()
            for device in block.devices:
                given = {key: _unique(name, names) for key, name in _given(device).items()}
                devices.append(replace(device, parameters={**device.parameters, **given}) if given else device)
                names += given.values()
            parameters = {**block.parameters, **dict.fromkeys(names, "0")}
            inner = tuple(exposed(child.name)[0] for child in block.subcircuits)
            changed[name] = (
                replace(block, devices=tuple(devices), parameters=parameters, subcircuits=inner),
                tuple(names),
            )
        return changed[name]

    def _given(device: Device) -> dict[str, str]:
        if device.letter != "x" or device.model is None:
            return {}
        inner = mismatch.get(device.model) or (exposed(device.model)[1] if device.model in blocks else ())
        return {name: f"{name}_{device.name}" for name in inner}

    subcircuits = tuple(exposed(block.name)[0] for block in circuit.subcircuits)
    return replace(circuit, subcircuits=subcircuits), exposed(circuit.top.name)[1]


def _unique(name: str, taken: list[str]) -> str:
    """The name, longer where `m1_x2` and `m1` in `x2` would share it."""
    while name in taken:
        name += "_"
    return name
