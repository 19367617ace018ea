"""Comment lines that carry something, the same in every dialect: bounds of variables, directions of ports, masters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.circuit import Variable
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.netlist.builder import Builder
    from eda.netlist.lines import Line

__all__ = ["parse_variable", "read_carried"]

_VARIABLE: Final = re.compile(
    r"\s*(?P<name>\w+)\s*=\s*(?P<low>[^\s.]\S*?)\s*\.\.\s*(?P<high>\S+)"
    r"(?:\s+(?P<scale>log|lin|linear))?(?:\s+step\s+(?P<step>\S+))?\s*",
    re.IGNORECASE,
)


def parse_variable(text: str) -> Variable:
    """Read the bounds of a design variable, as they stand behind `*@`: `w1 = 1u..100u log step 10n`.

    Raises:
        InputError: they are not understood, or not in order.
    """
    match = _VARIABLE.fullmatch(text)
    if match is None:
        raise InputError(f"bounds read like w1 = 1u..100u log step 5n, but got {text.strip()!r}")
    scale = "log" if (match["scale"] or "").lower() == "log" else "linear"
    step = number(match["step"]) if match["step"] else None
    return Variable(match["name"].lower(), number(match["low"]), number(match["high"]), scale, step)


def read_carried(line: Line, builder: Builder, node: Callable[[str], str]) -> bool:
    """Read a comment line into the builder.

    Args:
        line: it begins with `*`.
        builder: the circuit that grows.
        node: folds the name of a node as the dialect does.

    Returns:
        Whether it is one of those that every dialect has.

    Raises:
        NetlistError: it is, and is not understood.
    """
    if line.text.startswith("*@"):
        _variable(line, builder)
        return True
    card, _, rest = line.text[1:].lower().partition(" ")
    if card not in {".pininfo", ".masters"}:
        return False
    pairs = [word.rpartition(":") for word in line.text.split()[1:]]
    if any(not name or not kind.isascii() for name, _, kind in pairs):
        example = "inp:I out:O" if card == ".pininfo" else "nch:m rpoly:r"
        raise line.error(f"*{card.upper()} needs pairs like {example}, but got {rest!r}")
    if card == ".pininfo":
        builder.directions({node(name): kind.lower() for name, _, kind in pairs})
        return True
    for name, _, letter in pairs:
        if letter.lower() not in DEVICE_TYPES:
            raise line.error(f"{letter!r} is no element letter")
        builder.masters[name.replace("\\", "").lower()] = letter.lower()
    return True


def _variable(line: Line, builder: Builder) -> None:
    if not builder.depth:
        raise line.error("bounds are understood inside a .subckt only", 0, "move them below its .subckt line")
    try:
        variable = parse_variable(line.text.removeprefix("*@"))
    except InputError as error:
        raise line.error(str(error)) from None
    builder.variable(variable, line)
