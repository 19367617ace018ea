"""What a circuit has beside its devices, as JSON text: name, ports, parameters, models, statements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from eda.netlist import Circuit, Include, Model, Subcircuit, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.netlist import Device

__all__ = ["fill_frame", "frame_of"]


def frame_of(circuit: Circuit) -> str:
    """A flat circuit without its devices as JSON text; places in files are left out."""
    blocks = tuple(replace(block, devices=()) for block in circuit.subcircuits)
    return json.dumps(_plain(replace(circuit, devices=(), subcircuits=blocks)), sort_keys=True)


def fill_frame(text: str, devices: tuple[Device, ...]) -> Circuit:
    """The circuit that has these devices in the frame that `frame_of` wrote."""
    frame = json.loads(text)
    blocks = frame.pop("subcircuits")
    circuit = Circuit(**_with(frame, models=Model, includes=Include), devices=() if blocks else devices, subcircuits=())
    made = tuple(
        Subcircuit(**(_with(block, models=Model, variables=Variable) | {"devices": devices})) for block in blocks
    )
    return replace(circuit, subcircuits=made)


def _plain(value: object) -> object:
    if is_dataclass(value):
        names = (field.name for field in fields(value) if field.name != "location")
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _with(frame: dict[str, Any], **kinds: Callable[..., object]) -> dict[str, Any]:
    """The fields of a record, lists made tuples, and of the named ones the items made records."""
    frame.pop("devices")
    return {
        name: tuple(kinds[name](**item) if name in kinds else item for item in value)
        if isinstance(value, list)
        else value
        for name, value in frame.items()
    }
