"""Rewriting the text of expressions: names, numbers, functions, and the nodes and sources that they refer to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    _Change = Callable[[str], str] | None

__all__ = ["references", "rewrite"]

_PARTS: Final = re.compile(
    r"\b(?P<access>[vi])\s*\(\s*(?P<first>[^(),\s]+)\s*(?:,\s*(?P<second>[^(),\s]+)\s*)?\)"
    r"|(?P<number>(?<![\w.])(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?[a-zµμ%_]*+\d*+)"
    r"|(?P<function>[a-z_][\w.]*)(?=\s*\()"
    r"|(?P<name>[a-z_][\w.]*)",
    re.IGNORECASE,
)


def rewrite(
    text: str,
    *,
    name: _Change = None,
    number: _Change = None,
    function: _Change = None,
    node: _Change = None,
    source: _Change = None,
) -> str:
    """An expression with parts of it replaced.

    Args:
        text: the expression.
        name: new text of a parameter name.
        number: new text of a number.
        function: new name of a function.
        node: new name of a node in `v(node)`.
        source: new name of a source in `i(source)`.
    """
    changes = {"number": number, "function": function, "name": name}

    def change(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        if match["access"]:
            by = node if match["access"] in "vV" else source
            if by is None:
                return match[0]
            return f"{match['access']}({','.join(by(part) for part in match.group('first', 'second') if part)})"
        by = changes[kind]
        return by(match[0]) if by else match[0]

    return _PARTS.sub(change, text)


def references(text: str) -> tuple[list[str], list[str]]:
    """The nodes and the sources that an expression refers to, in order, repeated as they are."""
    nodes: list[str] = []
    sources: list[str] = []
    for match in _PARTS.finditer(text):
        if match["access"]:
            target = nodes if match["access"] in "vV" else sources
            target += [part for part in match.group("first", "second") if part]
    return nodes, sources
