"""Circuits to ngspice text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.netlist.expressions import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from eda.netlist.circuit import Circuit, Device, Model, Subcircuit, Variable

__all__ = ["format_netlist", "write_netlist"]

_WIDTH = 110


def write_netlist(circuit: Circuit, path: Path) -> Path:
    """Write a circuit as an ngspice netlist file; returns its path.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.write_text(format_netlist(circuit), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the netlist {path}: {error.strerror}; choose a writable folder") from None
    return path


def format_netlist(circuit: Circuit) -> str:
    """A circuit as ngspice text; reading it back gives an equal circuit."""
    spelling = circuit.spelling
    lines = [f"* {circuit.title}".rstrip()]
    if circuit.globals:
        lines.append(_joined(".global", *(_spelled(node, spelling) for node in circuit.globals)))
    lines += _param_lines(circuit.parameters)
    lines += (_model_line(model) for model in circuit.models)
    for block in circuit.subcircuits:
        lines += ["", *_block_lines(block, spelling)]
    if circuit.devices:
        lines += ["", *(_device_line(device, spelling) for device in circuit.devices)]
    lines += circuit.statements
    return "\n".join(wrapped for line in lines for wrapped in _wrapped(line)) + "\n"


def _block_lines(block: Subcircuit, spelling: Mapping[str, str]) -> Iterator[str]:
    names = (_spelled(name, spelling) for name in (block.name, *block.ports))
    yield _joined(".subckt", *names, *_assignments(block.parameters))
    yield from (_variable_line(variable) for variable in block.variables)
    yield from _param_lines(block.locals)
    yield from (_model_line(model) for model in block.models)
    for inner in block.subcircuits:
        yield from _block_lines(inner, spelling)
    yield from (_device_line(device, spelling) for device in block.devices)
    yield f".ends {_spelled(block.name, spelling)}"


def _variable_line(variable: Variable) -> str:
    step = "" if variable.step is None else f" step {variable.step!r}"
    return f"*@ {variable.name} = {variable.low!r}..{variable.high!r} {variable.scale}{step}"


def _device_line(device: Device, spelling: Mapping[str, str]) -> str:
    names = (_spelled(name, spelling) for name in (device.name, *device.nodes, *device.controls))
    value = device.value
    if value is not None and device.letter not in "vib" and not _is_raw(device):
        value = _expression(value)
    parts = (*names, value, device.model) if device.letter != "x" else (*names, device.model, value)
    return _joined(*(part for part in parts if part), *_assignments(device.parameters))


def _is_raw(device: Device) -> bool:
    """Whether a controlled source is in one of its text forms (`value=`, `poly`, ...)."""
    return (device.letter in "eg" and len(device.nodes) == 2) or (device.letter in "fh" and not device.controls)


def _model_line(model: Model) -> str:
    return _joined(".model", model.name, model.type, *_assignments(model.parameters))


def _param_lines(parameters: Mapping[str, str]) -> list[str]:
    return [f".param {name}={_expression(text)}" for name, text in parameters.items()]


def _assignments(parameters: Mapping[str, str]) -> Iterator[str]:
    return (f"{name}={_expression(text)}" for name, text in parameters.items())


def _expression(text: str) -> str:
    try:
        number(text)
    except InputError:
        return f"{{{text}}}"
    return text


def _joined(*parts: str) -> str:
    return " ".join(parts)


def _spelled(name: str, spelling: Mapping[str, str]) -> str:
    return spelling.get(name, name)


def _wrapped(line: str) -> list[str]:
    if len(line) <= _WIDTH or line.startswith("*"):
        return [line]
    return textwrap.wrap(line, _WIDTH, subsequent_indent="+ ", break_long_words=False, break_on_hyphens=False)
