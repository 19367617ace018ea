"""Circuits as JSON data, described by the JSON Schema `eda.circuit.schema.json` beside this file."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from jsonschema import Draft202012Validator

from eda.errors import InputError, NetlistError
from eda.netlist.circuit import Circuit, Device, Include, Model, Subcircuit, Variable
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import names
from eda.netlist.reader import parse_netlist
from eda.netlist.sources import parse_source
from eda.netlist.words import LISTS
from eda.netlist.writer import format_netlist

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["circuit_from_json", "circuit_to_json", "schema"]

_FORMAT: Final = "eda.circuit/1"


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of the form."""
    text = files("eda.netlist").joinpath("eda.circuit.schema.json").read_text(encoding="utf-8")
    data: Mapping[str, Any] = json.loads(text)
    return data


def circuit_to_json(circuit: Circuit) -> dict[str, Any]:
    """A circuit as JSON data; `circuit_from_json` gives an equal circuit. Locations are left out."""
    return _filled(
        format=_FORMAT,
        title=circuit.title,
        dialect=circuit.dialect,
        globals=list(circuit.globals),
        parameters=dict(circuit.parameters),
        models=[_model(model) for model in circuit.models],
        subcircuits=[_block(block) for block in circuit.subcircuits],
        devices=[_device(device) for device in circuit.devices],
        statements=list(circuit.statements),
        includes=[_filled(path=include.path, section=include.section) for include in circuit.includes],
        spelling=dict(circuit.spelling),
    )


def circuit_from_json(data: Any, *, name: str = "JSON", control: Literal["refuse", "keep"] = "refuse") -> Circuit:
    """The circuit of JSON data.

    Args:
        data: what `json.load` gives.
        name: what to call it in messages.
        control: `"keep"` lets `.control` blocks among the statements in; they are never run.

    Raises:
        NetlistError: the data does not fit the schema, or is no circuit that its dialect can write and read again;
            with the place in it.
    """
    try:
        found = sorted(Draft202012Validator(schema()).iter_errors(data), key=lambda error: list(map(str, error.path)))
    except RecursionError:
        raise NetlistError("this JSON is nested too deep", file=name) from None
    if found:
        first = found[0]
        place = "/".join(map(str, first.absolute_path)) or "the top"
        hint = f"the schema is eda.circuit.schema.json; {len(found)} faults in all"
        raise NetlistError(f"at {place}: {first.message[:200]}", file=name, hint=hint)
    try:
        circuit = _circuit(data)
    except (InputError, RecursionError) as error:
        raise NetlistError(str(error), file=name) from None
    _require_netlist(circuit, name, control)
    return circuit


def _require_netlist(circuit: Circuit, name: str, control: Literal["refuse", "keep"]) -> None:
    """Check a circuit by writing it in its dialect and reading that: so JSON says no more than a netlist can."""
    hint = "write it as a netlist and convert that: eda convert netlist.sp netlist.json"
    try:
        text = format_netlist(circuit, dialect=circuit.dialect)
        text.encode()
        back = parse_netlist(text, name=name, dialect=circuit.dialect, includes="keep", control=control)
    except (InputError, UnicodeEncodeError) as error:
        raise NetlistError(f"this is no {circuit.dialect} netlist: {error}", file=name, hint=hint) from None
    except NetlistError as error:
        message = f"as {circuit.dialect} it cannot be read: {error.message}"
        raise NetlistError(
            message, file=name, line=error.line, column=error.column, text=error.text, hint=hint
        ) from None
    except (StopIteration, RuntimeError):  # more places than nodes in the form of a device
        raise NetlistError("a device has another number of nodes than its form", file=name, hint=hint) from None
    titled = circuit.dialect in {"cdl", "spectre"}
    wanted = replace(circuit, title=back.title) if titled and circuit.title.isprintable() else circuit
    if back != wanted:
        parts = (part.name for part in fields(Circuit) if getattr(back, part.name) != getattr(wanted, part.name))
        differing = ", ".join(parts)
        raise NetlistError(f"as a {circuit.dialect} netlist it reads differently: {differing}", file=name, hint=hint)


def _filled(**fields: Any) -> dict[str, Any]:
    """The fields that are not empty."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def _model(model: Model) -> dict[str, Any]:
    return _filled(name=model.name, type=model.type, parameters=dict(model.parameters))


def _device(device: Device) -> dict[str, Any]:
    return {
        "name": device.name,
        "nodes": list(device.nodes),
        **_filled(
            kind=device.kind,
            model=device.model,
            value=device.value,
            parameters=dict(device.parameters),
            controls=list(device.controls),
        ),
    }


def _block(block: Subcircuit) -> dict[str, Any]:
    return {
        "name": block.name,
        "ports": list(block.ports),
        **_filled(
            parameters=dict(block.parameters),
            locals=dict(block.locals),
            models=[_model(model) for model in block.models],
            subcircuits=[_block(child) for child in block.subcircuits],
            devices=[_device(device) for device in block.devices],
            directions=dict(block.directions),
            variables=[
                _filled(name=v.name, low=v.low, high=v.high, scale=v.scale, step=v.step) for v in block.variables
            ],
        ),
    }


def _circuit(data: Mapping[str, Any]) -> Circuit:
    return Circuit(
        title=data.get("title", ""),
        subcircuits=_blocks(data.get("subcircuits", [])),
        devices=_devices(data.get("devices", []), "the netlist"),
        models=_models(data.get("models", [])),
        parameters=_expressions(data.get("parameters", {}), "the netlist"),
        globals=tuple(data.get("globals", [])),
        statements=tuple(data.get("statements", [])),
        includes=tuple(Include(row["path"], row.get("section")) for row in data.get("includes", [])),
        dialect=data.get("dialect", "ngspice"),
        spelling=data.get("spelling", {}),
    )


def _blocks(rows: Iterable[Mapping[str, Any]]) -> tuple[Subcircuit, ...]:
    blocks = tuple(
        Subcircuit(
            row["name"],
            tuple(row["ports"]),
            _expressions(row.get("parameters", {}), row["name"]),
            _expressions(row.get("locals", {}), row["name"]),
            _devices(row.get("devices", []), row["name"]),
            _models(row.get("models", [])),
            _blocks(row.get("subcircuits", [])),
            tuple(Variable(**variable) for variable in row.get("variables", [])),
            directions=row.get("directions", {}),
        )
        for row in rows
    )
    _distinct([block.name for block in blocks], "subcircuits")
    for block in blocks:
        _distinct(block.ports, f"the ports of {block.name}")
    return blocks


def _models(rows: Iterable[Mapping[str, Any]]) -> tuple[Model, ...]:
    models = tuple(
        Model(row["name"], row["type"], _expressions(row.get("parameters", {}), row["name"])) for row in rows
    )
    _distinct([model.name for model in models], "models")
    return models


def _devices(rows: Iterable[Mapping[str, Any]], where: str) -> tuple[Device, ...]:
    devices = []
    for row in rows:
        device = Device(
            row["name"],
            tuple(row["nodes"]),
            row.get("model"),
            row.get("value"),
            _expressions(row.get("parameters", {}), row["name"]),
            tuple(row.get("controls", [])),
            kind=row.get("kind", ""),
        )
        grammar = DEVICE_TYPES.get(device.letter)
        if grammar is None:
            raise InputError(f"the device {device.name!r} begins with no element letter, and has no kind")
        if grammar.model == "required" and device.model is None:
            raise InputError(f"{device.name!r}: a {grammar.noun} needs a model")
        least, most = len(grammar.pins) - grammar.optional, len(grammar.pins)
        if grammar.pins and device.letter not in "efgh" and not least <= len(device.nodes) <= most:
            raise InputError(f"{device.name!r}: a {grammar.noun} has {most} nodes, but got {len(device.nodes)}")
        _require_value(device)
        devices.append(device)
    _distinct([device.name for device in devices], f"the devices of {where}")
    return tuple(devices)


def _require_value(device: Device) -> None:
    value = device.value
    if value is None:
        return
    if device.letter in "vi":
        parse_source(value)
    elif device.letter == "b" and not value.startswith(("v=", "i=")):
        raise InputError(f"{device.name!r}: the value of a behavioural source begins with v= or i=")
    elif device.letter in "rclk":
        _require_expression(value, f"the value of {device.name!r}")


def _expressions(found: Mapping[str, str], where: str) -> Mapping[str, str]:
    for key, text in found.items():
        if key not in LISTS and key[0] != "$" and text[0] not in {'"', "["}:
            _require_expression(text, f"{key} of {where}")
    return found


def _require_expression(text: str, what: str) -> None:
    try:
        names(text)
    except InputError as error:
        raise InputError(f"{what}: {error}") from None


def _distinct(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"the name {name!r} stands twice among {what}")
        seen.add(name)
