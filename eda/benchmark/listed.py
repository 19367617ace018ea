"""The form in which a flat device of ngspice and one of ours are compared: numbers as numbers, one name a value."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist import evaluate, number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ListedDevice",
    "ListedModel",
    "Listing",
    "Value",
    "connection_form",
    "function_values",
    "number_or_text",
    "source_values",
    "table_values",
]

Value = float | str
"""A number, or a text that is none."""

_FUNCTIONS: Final = frozenset({"pulse", "sin", "exp", "pwl", "sffm", "am", "trnoise", "trrandom", "external"})
_NAME: Final = re.compile(r"[a-z_]\w*")
_TERM: Final = re.compile(r"[^\s(),=]+")
_TAIL: Final = re.compile(r"\s(m|tc1|tc2|temp|dtemp|noisy|reciproctc|reciprocm)\s*=\s*(\S+)")
_TABLE: Final = re.compile(r"table\s*(\{[^}]*\}|'[^']*'|\S+)\s*=?\s*(.*)", re.S)


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A flat device.

    Attributes:
        name: `m.xo.x1.m1`: element letter, path of calls, name.
        nodes: internal ones as `xo.x1.n1`.
        model: as `xo.x1:nch` when the model stands in a subcircuit.
        values: numbers, or text: `value`, instance parameters, `v` or `i` of a behavioural source, each part of an
            independent source (`dc`, `ac`, `pulse` ...); a word without a value, such as `off`, has the empty text.
        controls: controlling sources or coupled inductors.
        multipliers: every `m` that is given; ngspice 39 uses the last only.
    """

    name: str
    nodes: tuple[str, ...]
    model: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    multipliers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model card of a flat deck."""

    name: str
    type: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A flat deck: devices and models by name."""

    devices: Mapping[str, ListedDevice]
    models: Mapping[str, ListedModel]


def number_or_text(text: str) -> Value:
    """A number where the text has one, else the text without braces or quotes."""
    bare = " ".join(text.strip(" {}'\"").split())
    for reader in (number, evaluate):
        # a name such as `e` or `pi` is a word here, not a constant
        with suppress(InputError):
            return bare if _NAME.fullmatch(bare) else reader(bare)
    return bare


def source_values(text: str) -> dict[str, Value]:
    """The parts of a V or I source: what follows each key, a direct part without its key included."""
    groups: dict[str, list[Value]] = {}
    key = "dc"
    for word in _TERM.findall(text):
        term = number_or_text(word)
        if isinstance(term, str) and _NAME.fullmatch(term):
            groups[key := term] = []
        else:
            groups.setdefault(key, []).append(term)
    if "ac" in groups:
        magnitude, phase, *_ = groups["ac"] + [1.0, 0.0][len(groups["ac"]) :] + [0.0]
        groups["ac"] = [magnitude] if phase == 0.0 else [magnitude, phase]
    if not groups.keys() & _FUNCTIONS:
        groups.setdefault("dc", [0.0])
    return {key: terms[0] if len(terms) == 1 else " ".join(map(str, terms)) for key, terms in groups.items()}


def function_values(text: str) -> dict[str, Value]:
    """The function `v=...` or `i=...` of a behavioural source, and the parameters after it."""
    tail = {match[1]: number_or_text(match[2]) for match in _TAIL.finditer(text)}
    quantity, _, function = _TAIL.sub("", text).partition("=")
    return {quantity.strip(): function.strip(), **tail}


def table_values(text: str) -> dict[str, Value] | None:
    """The controlling function and the points of `table {v(a)} = (0,0) (1,2)`; `None` for another text."""
    match = _TABLE.fullmatch(text)
    if match is None:
        return None
    points = " ".join(str(number_or_text(term)) for term in _TERM.findall(match[2]))
    return {"table": match[1].strip("{}'"), "points": points}


def connection_form(text: str) -> str:
    """The connections of an XSPICE device without parentheses, which ngspice leaves out inside subcircuits."""
    return " ".join(text.replace("(", " ").replace(")", " ").split())
