"""The device grammar of SPICE as one table: a row an element letter.

Source: ngspice 39 manual, chapters 3 to 7 (general form of each element).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEVICE_TYPES", "FLAGGED", "FLAGS", "DeviceType"]


@dataclass(frozen=True, slots=True)
class DeviceType:
    """How an element line is read.

    Attributes:
        letter: first letter of the instance name.
        noun: what it is, for messages.
        pins: terminal roles in their order on the line; empty when the model decides how many there are.
        optional: how many of the last pins may be left out.
        controls: names of controlling sources (K: inductors) that follow the pins; -1 for two or more.
        model: `"required"`, `"optional"` (a value may stand instead) or `"none"`.
        value: the value after the pins is `"expression"` (one), `"text"` (the rest of the line) or `"none"`.
        blocked: terminals that pass no direct current.
    """

    letter: str
    noun: str
    pins: tuple[str, ...]
    optional: int = 0
    controls: int = 0
    model: str = "none"
    value: str = "none"
    blocked: tuple[str, ...] = ()


_TWO = ("plus", "minus")
_FOUR = ("plus", "minus", "control_plus", "control_minus")
_LINE = ("plus_1", "minus_1", "plus_2", "minus_2")
_SENSING = ("control_plus", "control_minus")

_ROWS = (
    DeviceType("r", "resistor", _TWO, model="optional", value="expression"),
    DeviceType("c", "capacitor", _TWO, model="optional", value="expression", blocked=_TWO),
    DeviceType("l", "inductor", _TWO, model="optional", value="expression"),
    DeviceType("v", "voltage source", _TWO, value="text"),
    DeviceType("i", "current source", _TWO, value="text"),
    DeviceType("e", "voltage-controlled voltage source", _FOUR, value="expression", blocked=_SENSING),
    DeviceType("g", "voltage-controlled current source", _FOUR, value="expression", blocked=_FOUR),
    DeviceType("f", "current-controlled current source", _TWO, controls=1, value="expression", blocked=_TWO),
    DeviceType("h", "current-controlled voltage source", _TWO, controls=1, value="expression"),
    DeviceType("b", "behavioural source", _TWO, value="text"),
    DeviceType("d", "diode", ("anode", "cathode"), model="required"),
    DeviceType("q", "bipolar transistor", ("collector", "base", "emitter", "substrate"), 1, model="required"),
    DeviceType("j", "junction FET", ("drain", "gate", "source"), model="required"),
    DeviceType("m", "MOS transistor", ("drain", "gate", "source", "bulk"), model="required", blocked=("gate", "bulk")),
    DeviceType("z", "MESFET", ("drain", "gate", "source"), model="required", blocked=("gate",)),
    DeviceType("s", "voltage-controlled switch", _FOUR, model="required", blocked=_SENSING),
    DeviceType("w", "current-controlled switch", _TWO, controls=1, model="required"),
    DeviceType("k", "coupling of inductors", (), controls=-1, value="expression"),
    DeviceType("t", "transmission line", _LINE),
    DeviceType("o", "lossy transmission line", _LINE, model="required"),
    DeviceType("y", "single lossy transmission line", _LINE, model="required"),
    DeviceType("u", "distributed RC line", ("plus", "minus", "reference"), model="required"),
    DeviceType("p", "coupled transmission lines", (), model="required"),
    DeviceType("n", "Verilog-A device", (), model="required"),
    DeviceType("a", "XSPICE device", (), model="required", value="text"),
    DeviceType("x", "subcircuit", (), model="required"),
)

DEVICE_TYPES: Mapping[str, DeviceType] = {row.letter: row for row in _ROWS}
"""The rows by element letter."""

FLAGS: Final = frozenset({"on", "off"})
"""Words that stand alone behind the model of an element of `FLAGGED`: its state at the first operating point."""
FLAGGED: Final = "dqjsw"
