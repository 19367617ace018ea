"""A file of `.model` cards: read strictly, so that a slip in it is told with its line before anything is simulated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, NetlistError, TechnologyError
from eda.netlist import evaluate, parse_netlist

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eda.netlist import Circuit, Model

__all__ = ["guessed_node", "guessed_supply", "read_card"]

# of MOS models, those of 0 to 80 that ngspice 39.3 of Debian loads a card of
_LEVELS: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 14, 49, 54, 55, 56, 57, 58, 60, 68, 73})
_HINTS: Final = {53: "HSPICE's level 53 is BSIM3, level 49 here", 72: "BSIM-CMG is a Verilog-A model, which needs OSDI"}
_TEXTS: Final = frozenset({"version"})  # 4.8.2 is no number
# usual nominal supply by node, V; a guess, where the card states none
_SUPPLIES: Final = {350: 3.3, 250: 2.5, 180: 1.8, 130: 1.3, 90: 1.2, 65: 1.1, 45: 1.0, 32: 0.9, 22: 0.8, 16: 0.7}
_NODE: Final = re.compile(r"(?<![\d.])(\d{1,3})(nm|n(?![a-z])|(?![\da-z.]))")
_STATED: Final = re.compile(r"nominal\s+vdd\s*=\s*([\d.]+)\s*v", re.IGNORECASE)


def read_card(path: Path) -> tuple[Model, ...]:
    """The MOS models of a card file.

    Raises:
        TechnologyError: it cannot be read, holds no MOS model, or a card in it is not understood; with file and line.
    """
    try:
        circuit = parse_netlist(f"* cards\n{_text(path)}", name=str(path), dialect="ngspice")
    except NetlistError as error:
        error.line -= error.line > 0  # the title that was put before
        raise TechnologyError(f"{error}") from None
    for device in circuit.devices:
        place = f"{path}:{device.location.line - 1}" if device.location else path
        raise TechnologyError(f"{place}: {device.name!r} is no model card; the file must hold `.model` cards only")
    for block in circuit.subcircuits:
        raise TechnologyError(f"{path}: the subcircuit {block.name!r} is no model card")
    models = tuple(model for model in circuit.models if model.type in {"nmos", "pmos"})
    if not models:
        raise TechnologyError(f"{path} holds no `.model NAME nmos` or `.model NAME pmos`")
    for model in models:
        _check(model, circuit, path)
    return models


def guessed_node(cards: Sequence[Path]) -> float | None:
    """The technology node in the name of a file, m: `ptm_45nm.pm`, `90n_bulk.txt`, `ptm_130.txt`."""
    for card in cards:
        found = [(int(size), unit) for size, unit in _NODE.findall(card.stem.lower())]
        for size, unit in found:
            if size and (unit or size in _SUPPLIES):
                return size / 1e9
    return None


def guessed_supply(cards: Sequence[Path]) -> float | None:
    """The supply that a card states (`nominal Vdd = 1.1V`), or that is usual at its node, V."""
    for card in cards:
        if stated := _STATED.search(_text(card)):
            return float(stated[1])
    node = guessed_node(cards)
    return None if node is None else _SUPPLIES.get(round(node * 1e9))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TechnologyError(f"cannot read the card {path}: {error.strerror}") from None


def _check(model: Model, circuit: Circuit, path: Path) -> None:
    """Check that every value of a card is a number, and its level one of ngspice's."""
    numbers: dict[str, float] = {}
    for name, text in model.parameters.items():
        if name in _TEXTS:
            continue
        try:
            numbers[name] = evaluate(text, _globals(circuit))
        except InputError as error:
            raise TechnologyError(f"{_place(model, name, path)}: {error}") from None
    level = numbers.get("level", 1)
    if level not in _LEVELS:
        hint = _HINTS.get(int(level), f"it has {', '.join(map(str, sorted(_LEVELS)))}")
        raise TechnologyError(f"{_place(model, 'level', path)}: ngspice has no MOS model of level {level:g}; {hint}")


def _globals(circuit: Circuit) -> Mapping[str, float]:
    scope: dict[str, float] = {}
    for name, text in circuit.parameters.items():
        scope[name] = evaluate(text, scope)
    return scope


def _place(model: Model, name: str, path: Path) -> str:
    """File and line of a parameter of a card."""
    first = model.location.line - 2 if model.location else 0  # from 0, and without the title that was put before
    for number, line in enumerate(_text(path).splitlines()[first:], start=first + 1):
        if re.search(rf"(?<![\w.]){re.escape(name)}\s*=", line, re.IGNORECASE):
            return f"{path}:{number}"
    return str(path)
