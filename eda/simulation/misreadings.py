"""Where ngspice 39 reads a deck otherwise than our reader: told apart before anything is evaluated outside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.expressions import CONSTANTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from eda.netlist import Circuit, Device, Subcircuit

__all__ = ["has_nested_choice", "refuse_misread", "with_bare_values"]

_GROUP: Final = re.compile(r"\(([^()]*)\)")


def with_bare_values(circuit: Circuit, parameters: Collection[str]) -> Circuit:
    """The circuit with `c1 a b cload` read as ngspice does when `cload` is a parameter: as a value, not as a model."""
    known = {*parameters, *circuit.parameters} - {model.name for model in circuit.models}

    def value(device: Device, scope: Collection[str]) -> Device:
        if device.letter in "rcl" and device.value is None and device.model in scope:
            return replace(device, model=None, value=device.model)
        return device

    def block(inner: Subcircuit, outer: Collection[str]) -> Subcircuit:
        scope = {*outer, *inner.parameters, *inner.locals} - {model.name for model in inner.models}
        devices = tuple(value(device, scope) for device in inner.devices)
        return replace(inner, devices=devices, subcircuits=tuple(block(child, scope) for child in inner.subcircuits))

    devices = tuple(value(device, known) for device in circuit.devices)
    return replace(circuit, devices=devices, subcircuits=tuple(block(inner, known) for inner in circuit.subcircuits))


def refuse_misread(source: Circuit, parameters: Collection[str]) -> None:
    """Refuse what ngspice 39 reads otherwise than our reader.

    Args:
        source: the deck as our reader has it.
        parameters: names of the deck's parameters.

    Raises:
        InputError: a parameter has the name of a constant, or a multiplier stands in a multiplied block.
    """
    scopes = [parameters, source.parameters, *({**block.parameters, **block.locals} for block in source.walk())]
    if taken := next((name for name in CONSTANTS if any(name in scope for scope in scopes)), None):
        raise InputError(f"a parameter is called {taken!r}, as a constant is")
    blocks = {block.name: block for block in source.walk()}

    found: dict[str, bool] = {}

    def multiplies(name: str) -> bool:
        """Whether a block has a multiplier in it, however deep."""
        if name not in found:
            found[name] = False  # a block that calls itself is refused elsewhere
            found[name] = any(
                "m" in device.parameters
                or (device.letter == "x" and device.model in blocks and multiplies(device.model))
                for device in blocks[name].devices
            )
        return found[name]

    for device in (*source.devices, *(device for block in blocks.values() for device in block.devices)):
        if device.letter == "x" and "m" in device.parameters and device.model in blocks and multiplies(device.model):
            raise InputError(f"{device.name} multiplies what has an `m` of its own; ngspice forgets the inner one")


def has_nested_choice(text: str) -> bool:
    """Whether an expression has a `?:` in a branch of another without parentheses around it."""
    while "?" in text:
        groups = _GROUP.findall(text)
        if any(group.count("?") > 1 for group in groups):
            return True
        if not groups:
            return text.count("?") > 1
        text = _GROUP.sub("", text)
    return False
