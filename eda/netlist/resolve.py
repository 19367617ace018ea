"""What can only be told when the whole netlist is known: order of named pins, kinds of instances, bare parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import NetlistError, did_you_mean
from eda.netlist.devices import DEVICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist.circuit import Circuit, Device, Model, Subcircuit

__all__ = ["with_kinds", "with_ordered_pins", "with_parameter_values"]

_KIND_OF_TYPE: Final = {
    **dict.fromkeys(("nmos", "pmos"), "m"),
    **dict.fromkeys(("npn", "pnp"), "q"),
    **dict.fromkeys(("njf", "pjf"), "j"),
    "d": "d",
    "r": "r",
    "c": "c",
}


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


def with_kinds(circuit: Circuit, masters: Mapping[str, str]) -> Circuit:
    """The circuit with instances of models turned from calls into devices: Spectre writes both alike.

    Args:
        circuit: as read from Spectre.
        masters: element letters of models that are defined elsewhere.
    """

    def changed(devices: tuple[Device, ...], scope: Mapping[str, str]) -> tuple[Device, ...]:
        return tuple(_typed(device, scope.get(device.model or "")) for device in devices)

    def inner(block: Subcircuit, scope: Mapping[str, str]) -> Subcircuit:
        own = {**scope, **_letters(block.models)}
        nested = tuple(inner(child, own) for child in block.subcircuits)
        return replace(block, devices=changed(block.devices, own), subcircuits=nested)

    letters = {**masters, **_letters(circuit.models)}
    blocks = tuple(inner(child, letters) for child in circuit.subcircuits)
    return replace(circuit, devices=changed(circuit.devices, letters), subcircuits=blocks)


def _letters(models: tuple[Model, ...]) -> dict[str, str]:
    return {model.name: _KIND_OF_TYPE[model.type] for model in models if model.type in _KIND_OF_TYPE}


def _typed(device: Device, letter: str | None) -> Device:
    if letter is None or device.letter != "x":
        return device
    grammar = DEVICE_TYPES[letter]
    if not len(grammar.pins) - grammar.optional <= len(device.nodes) <= len(grammar.pins):
        message = f"{device.name} is a {grammar.noun} and needs the nodes {', '.join(grammar.pins)}"
        place = device.location
        raise NetlistError(message, file=place.file if place else "", line=place.line if place else 0)
    kind = "" if device.name[0] == letter else letter
    parameters = dict(device.parameters)
    value = parameters.pop(letter, None) if letter in "rcl" else None
    return replace(device, kind=kind, value=value, parameters=parameters)


def with_parameter_values(circuit: Circuit) -> Circuit:
    """The circuit with bare words that name a parameter as values: `c1 a b cc` is no capacitor of a model `cc`.

    A word that names a model where it stands is one; what names neither is taken for a model that is not here.
    """
    doubtful = [*circuit.devices, *(device for block in circuit.walk() for device in block.devices)]
    if not any(map(_doubtful, doubtful)):
        return circuit
    callers: dict[str, list[Subcircuit]] = {}
    for block in circuit.walk():
        for name in {device.model for device in block.devices if device.letter == "x"}:
            callers.setdefault(name or "", []).append(block)

    def changed(block: Subcircuit, models: frozenset[str]) -> Subcircuit:
        own = models | {model.name for model in block.models}
        scope = _visible(block, callers) | circuit.parameters.keys()
        devices = tuple(_valued(device, scope - own) for device in block.devices)
        return replace(block, devices=devices, subcircuits=tuple(changed(child, own) for child in block.subcircuits))

    models = frozenset(model.name for model in circuit.models)
    outside = frozenset(circuit.parameters) - models
    return replace(
        circuit,
        devices=tuple(_valued(device, outside) for device in circuit.devices),
        subcircuits=tuple(changed(block, models) for block in circuit.subcircuits),
    )


def _visible(block: Subcircuit, callers: Mapping[str, list[Subcircuit]]) -> frozenset[str]:
    """Parameters of a block and of those that call it."""
    names: set[str] = set()
    seen: set[str] = set()
    stack = [block]
    while stack:
        current = stack.pop()
        if current.name not in seen:
            seen.add(current.name)
            names |= {*current.parameters, *current.locals}
            stack += callers.get(current.name, ())
    return frozenset(names)


def _doubtful(device: Device) -> bool:
    return device.letter in "rcl" and device.value is None and device.model is not None


def _valued(device: Device, parameters: frozenset[str]) -> Device:
    if _doubtful(device) and device.model in parameters:
        return replace(device, model=None, value=device.model)
    return device
