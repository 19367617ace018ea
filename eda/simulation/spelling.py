"""Numbers spelled as ngspice spells them, so that a flat deck gives the same to the last bit."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist import number
from eda.netlist.expressions import bare
from eda.netlist.rewrite import rewrite
from eda.netlist.sources import parse_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.netlist import Circuit, Device, Subcircuit

__all__ = ["NOT_EVALUATED", "VALUES", "Marks"]

VALUES: Final = {
    "r": "resistance",
    "c": "capacitance",
    "l": "inductance",
    "e": "gain",
    "f": "gain",
    "g": "gain",
    "h": "gain",
}
"""Elements whose value is one number, and what `alter` calls it."""
NOT_EVALUATED: Final = frozenset({"ic", "off", "version"})
"""Parameters of devices that are no single number."""
_SUFFIXED: Final = re.compile(r"([\d.]+(?:e[-+]?\d+)?)([a-zµμ]+)", re.IGNORECASE)


class Marks:
    """Names in place of numbers, so that a flat deck spells each as ngspice does.

    A number of the deck's text stays as it is; one that comes of an expression is printed with 16 digits.

    Attributes:
        texts: what each name stands for.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def literal(self, circuit: Circuit) -> Circuit:
        """A hierarchical circuit with names for the numbers of its elements; those of calls are parameters."""

        def block(inner: Subcircuit) -> Subcircuit:
            return replace(
                inner,
                parameters=_multiplied(inner.parameters),
                locals=_multiplied(inner.locals),
                devices=self._marked(inner.devices, self._raw),
                subcircuits=tuple(map(block, inner.subcircuits)),
            )

        return replace(
            circuit,
            parameters=_multiplied(circuit.parameters),
            devices=self._marked(circuit.devices, self._raw),
            subcircuits=tuple(map(block, circuit.subcircuits)),
        )

    def spelled(self, circuit: Circuit) -> Circuit:
        """A flat circuit with names for the numbers that flattening evaluated."""
        return replace(circuit, devices=self._marked(circuit.devices, self._printed))

    def _marked(self, devices: tuple[Device, ...], mark: Callable[[str], str]) -> tuple[Device, ...]:
        return tuple(
            replace(device, parameters=_multiplied(device.parameters))
            if device.letter == "x"
            else _mapped(device, mark)
            for device in devices
        )

    def _raw(self, text: str) -> str:
        try:
            number(text)
        except InputError:
            return suffixes_multiplied(text)
        return self._name(text)

    def _printed(self, text: str) -> str:
        try:
            return self._name(f"{float(text):.15e}")
        except ValueError:
            return text

    def _name(self, text: str) -> str:
        name = f"number__{len(self.texts)}"
        self.texts[name] = text
        return name


def _mapped(device: Device, change: Callable[[str], str]) -> Device:
    """A device with its plain values changed; values of another form stay."""
    value = device.value
    if value is not None and device.letter in "vi":
        source = parse_source(value)
        value = replace(source.mapped(change), others=source.others).text(_braced)
    elif value is not None and device.letter in VALUES:
        value = change(value)
    parameters = {
        k: text if k in NOT_EVALUATED or k[0] == "$" else change(text) for k, text in device.parameters.items()
    }
    return replace(device, value=value, parameters=parameters)


def _multiplied(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: suffixes_multiplied(text) for key, text in texts.items()}


def suffixes_multiplied(text: str) -> str:
    """An expression with each number as the double that ngspice's expressions make of it: digits times suffix."""

    def change(text: str) -> str:
        match = _SUFFIXED.fullmatch(text)
        return repr(float(match[1]) * number(f"1{match[2]}")) if match else text

    return rewrite(text, number=change)


def _braced(text: str) -> str:
    return f"{{{bare(text)}}}"
