"""The one form of circuit that graphs are made of: devices, nets and ports, no hierarchy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.netlist import evaluate, number
from eda.netlist.flatten import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit, Device

__all__ = ["FlatCircuit", "flat", "quantity"]


@dataclass(frozen=True, slots=True)
class FlatCircuit:
    """A circuit without hierarchy.

    Attributes:
        circuit: the netlist: devices only, or one block and no devices.
        devices: its elements; calls are of masters that the netlist does not define.
        ports: nets of its interface; empty for a deck.
        scope: values of the parameters that have one, SI.
    """

    circuit: Circuit
    devices: tuple[Device, ...]
    ports: tuple[str, ...]
    scope: Mapping[str, float]


def flat(circuit: Circuit) -> FlatCircuit:
    """A circuit as devices, nets and ports; one with hierarchy is flattened.

    Raises:
        InputError: it has several blocks and none of them is the top, or blocks beside devices that use none.
    """
    defined = {block.name for block in circuit.walk()}
    devices = (*circuit.devices, *(device for block in circuit.subcircuits for device in block.devices))
    if len(defined) > 1 or any(device.letter == "x" and device.model in defined for device in devices):
        circuit = flatten(circuit)
    if circuit.devices and circuit.subcircuits:
        raise InputError(
            "a graph is made of the devices of a deck, or of one block, but the netlist has "
            f"{len(circuit.devices)} devices beside the unused block {circuit.subcircuits[0].name!r}; "
            "remove one of them, or choose the block with circuit.with_top(name)"
        )
    if not circuit.subcircuits:
        return FlatCircuit(circuit, circuit.devices, (), _scope(circuit.parameters))
    top = circuit.top
    scope = _scope({**circuit.parameters, **top.parameters, **top.locals})
    return FlatCircuit(circuit, top.devices, top.ports, scope)


def _scope(parameters: Mapping[str, str]) -> dict[str, float]:
    """The values of parameters that have one, in whatever order they are defined."""
    values: dict[str, float] = {}
    for _ in parameters:  # each time at least one more, or none
        left = {name: quantity(text, values) for name, text in parameters.items() if name not in values}
        new = {name: value for name, value in left.items() if not math.isnan(value)}
        if not new:
            break
        values |= new
    return values


def quantity(text: str, scope: Mapping[str, float]) -> float:
    """The value of an expression, SI; NaN when it has none."""
    try:
        return number(text)
    except InputError:
        pass
    try:
        return evaluate(text, scope)
    except InputError:
        return math.nan
