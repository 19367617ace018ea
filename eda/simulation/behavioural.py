"""Resistors and capacitors whose value is an expression of voltages, carried through flattening.

The netlist reader refuses them, but it knows behavioural sources: each is hidden in one for the time of flattening,
which places its nodes and parameters, and is written as what it was. ngspice evaluates it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.rewrite import rewrite

if TYPE_CHECKING:
    from eda.netlist import Circuit

__all__ = ["Behavioural"]

_ELEMENT: Final = re.compile(
    r"^(?P<name>[rc][\w.]*) +(?P<nodes>\S+ +\S+) +(?:(?P<model>[a-z_][\w.]*) +)?(?P<key>[rc]) *= *"
    r"(?:\{(?P<braced>[^{}]*)\}|'(?P<quoted>[^']*)')(?P<rest>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_VOLTAGE: Final = re.compile(r"\b[vi]\s*\(", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"(?:b\.(?P<path>.*\.))?behind__(?P<number>\d+)")


class Behavioural:
    """The behavioural resistors and capacitors of a deck.

    Attributes:
        lines: as they stand in the flat circuit, once they were taken out of it.
    """

    def __init__(self) -> None:
        self._elements: list[re.Match[str]] = []
        self._expressions: list[str] = []
        self.lines: list[str] = []

    def hidden(self, text: str) -> str:
        """A netlist with a behavioural source in place of each."""

        def hide(match: re.Match[str]) -> str:
            expression = match["braced"] or match["quoted"] or ""
            if not _VOLTAGE.search(expression):
                return match[0]
            self._elements.append(match)
            return f"behind__{len(self._elements) - 1} {match['nodes']} v={{{expression}}}"

        return _ELEMENT.sub(hide, text)

    def taken_out(self, flat: Circuit) -> Circuit:
        """A flat circuit without them.

        Raises:
            InputError: one has an expression beside the one of voltages.
        """
        kept = []
        for device in flat.devices:
            match = _HIDDEN.fullmatch(device.name)
            if match is None:
                kept.append(device)
                continue
            element = self._elements[int(match["number"])]
            if "{" in element["rest"] or "'" in element["rest"]:
                raise InputError(f"{element['name']} has an expression of voltages and another one")
            path = f"{element['name'][0]}.{match['path']}" if match["path"] else ""
            expression = (device.value or "").removeprefix("v=").strip("{}")
            self._expressions.append(expression)
            words = [path + element["name"], *device.nodes, element["model"] or "", f"{element['key']}='{expression}'"]
            self.lines.append(" ".join(filter(None, words)) + element["rest"])
        return replace(flat, devices=tuple(kept))

    def names(self) -> set[str]:
        """The parameters that their expressions name."""
        found: set[str] = set()
        for expression in self._expressions:
            rewrite(expression, name=lambda name: found.add(name.lower()) or name)  # type: ignore[func-returns-value]
        return found
