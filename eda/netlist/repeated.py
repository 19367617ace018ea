"""A quick way for element lines made of words that were read before; most lines of a large netlist are such.

It knows little of the grammar: it repeats what `read_element` made of the same words, and gives up on anything new.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.netlist.circuit import Device, Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist.lines import Line
    from eda.netlist.words import Words

__all__ = ["Repeated"]

_MOST: Final = 2**17  # remembered words; an extracted netlist has as many values as elements
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NODE: Final = re.compile(r"[A-Za-z0-9_.]+")
# numbers that certainly are finite
_NUMBER: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{0,16})?(?:e[+-]?[0-9]{1,2})?(?:meg|[kunpf])?")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.=+\- \t]+")


class Repeated:
    """Devices from lines like those that were read before.

    Args:
        words: of the reader; it says what is ground in the dialect.
    """

    def __init__(self, words: Words) -> None:
        self._ground = words.dialect.ground
        self._spelling = words.spelling
        self._nodes: dict[str, str] = {}
        self._models: set[str] = set()
        self._tails: dict[str, tuple[str, Mapping[str, str]]] = {}

    def learn(self, line: Line, device: Device) -> None:
        """Remember what was read from a line."""
        if device.letter != "m" or len(line.pieces) > 1 or not _PLAIN.fullmatch(line.text):
            return
        parts = line.text.split(None, 5)
        model = device.model
        if len(parts) < 6 or self._placed(parts[1:5]) != device.nodes or parts[5].split()[0].lower() != model:
            return
        if len(self._tails) < _MOST:
            self._tails[parts[5]] = model, device.parameters
            self._models.add(parts[5].split()[0])

    def device(self, line: Line) -> Device | None:
        """The device of a line, or `None` when something in it is new."""
        text = line.text
        first = text[0]
        if first in "mM":
            parts = text.split(None, 5)
            if len(parts) != 6:
                return None
            tail = self._tails.get(parts[5]) or self._plain_tail(parts[5])
            if tail is None:
                return None
            nodes = self._placed(parts[1:5])
            name = self._name(parts[0]) if nodes is not None else None
            if name is None or nodes is None:
                return None
            return Device(name, nodes, tail[0], None, tail[1], (), self._location(line))
        if first in "rclRCL":
            parts = text.split()
            if len(parts) != 4 or not _NUMBER.fullmatch(parts[3]):
                return None
            nodes = self._placed(parts[1:3])
            name = self._name(parts[0]) if nodes is not None else None
            if name is None or nodes is None:
                return None
            return Device(name, nodes, None, parts[3], _NOTHING, (), self._location(line))
        return None

    @staticmethod
    def _location(line: Line) -> Location:
        _, number, column, _ = line.pieces[0]
        return Location(line.file, number, column + 1)

    def _name(self, text: str) -> str | None:
        """The name of a device, if it is plain."""
        if not _NAME.fullmatch(text):
            return None
        folded = text.lower()
        if folded != text:
            self._spelling.setdefault(folded, text)
        return folded

    def _plain_tail(self, text: str) -> tuple[str, Mapping[str, str]] | None:
        """A known model with plain numbers as parameters."""
        spelled, *pairs = text.split()
        model = spelled.lower()
        if spelled not in self._models:
            return None
        parameters: dict[str, str] = {}
        for pair in pairs:
            key, _, value = pair.partition("=")
            key = key.lower()
            if not _NAME.fullmatch(key) or key in parameters or not _NUMBER.fullmatch(value):
                return None
            parameters[key] = value
        tail = model, parameters
        if len(self._tails) < _MOST:
            self._tails[text] = tail
        return tail

    def _placed(self, names: list[str]) -> tuple[str, ...] | None:
        """The nodes of some words, if all of them are plain."""
        known = self._nodes
        nodes = []
        for name in names:
            node = known.get(name)
            if node is None:
                if not _NODE.fullmatch(name):
                    return None
                folded = name.lower()
                if folded != name:
                    self._spelling.setdefault(folded, name)
                node = known[name] = "0" if folded in self._ground else folded
            nodes.append(node)
        return tuple(nodes)


_NOTHING: Final[Mapping[str, str]] = {}
