"""What the text of a behavioural source refers to: `v(a)`, `v(a,b)` and `i(vname)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["References", "references"]

_REFERENCE: Final = re.compile(r"\b(v|i)\(\s*([^\s(),]+)\s*(?:,\s*([^\s(),]+)\s*)?\)")


@dataclass(frozen=True, slots=True)
class References:
    """The text of a source with its references taken out.

    Attributes:
        template: the text, lower case, with `#` for each name.
        nodes: nodes of the voltages, in order, repeated as they are in the text.
        sources: devices of the currents, in order.
    """

    template: str
    nodes: tuple[str, ...]
    sources: tuple[str, ...]


def references(text: str) -> References:
    """Take the references out of the text of a source.

    Args:
        text: such as `v=2*v(a,b)+i(v1)`.

    Source:
        ngspice 39 manual, section 5.1 (B source).
    """
    nodes: list[str] = []
    sources: list[str] = []

    def take(match: re.Match[str]) -> str:
        kind, first, second = match.groups()
        if kind == "i":
            sources.append(first)
            return "i(#)"
        nodes.extend((first,) if second is None else (first, second))
        return "v(#)" if second is None else "v(#,#)"

    template = _REFERENCE.sub(take, text.lower())
    return References(" ".join(template.split()), tuple(nodes), tuple(sources))
