"""Calls of subcircuits by the names of their pins (CDL's `$PINS`), put in order once the subcircuit is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.errors import NetlistError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist.circuit import Circuit, Device, Subcircuit

__all__ = ["with_ordered_pins"]


def with_ordered_pins(circuit: Circuit) -> Circuit:
    """The circuit with the nodes of every call by pin names in the order of the called subcircuit's ports.

    Raises:
        NetlistError: the subcircuit is not defined, or a pin is missing or unknown.
    """
    blocks = {block.name: block for block in circuit.subcircuits}

    def ordered(devices: tuple[Device, ...]) -> tuple[Device, ...]:
        return tuple(_ordered(device, blocks) if _by_name(device) else device for device in devices)

    calls = [*circuit.devices, *(device for block in circuit.walk() for device in block.devices)]
    if not any(map(_by_name, calls)):
        return circuit
    changed = tuple(replace(block, devices=ordered(block.devices)) for block in circuit.subcircuits)
    return replace(circuit, devices=ordered(circuit.devices), subcircuits=changed)


def _by_name(device: Device) -> bool:
    return device.letter == "x" and device.value is not None


def _ordered(device: Device, blocks: Mapping[str, Subcircuit]) -> Device:
    def error(message: str) -> NetlistError:
        place = device.location
        return NetlistError(message, file=place.file if place else "", line=place.line if place else 0, column=1)

    block = blocks.get(device.model or "")
    if block is None:
        known = did_you_mean(device.model or "", blocks)
        raise error(f"{device.name} names the pins of {device.model!r}, which is not defined. {known}")
    pins = dict(pair.split("=") for pair in (device.value or "").split())
    if pins.keys() != set(block.ports) or len(pins) != len((device.value or "").split()):
        listed = ", ".join(block.ports)
        raise error(f"{device.name} must connect every port of {block.name!r} once: {listed}; got {device.value!r}")
    return replace(device, nodes=tuple(pins[port] for port in block.ports), value=None)
