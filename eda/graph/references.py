"""What the text of a behavioural source refers to: `v(a)`, `v(a,b)` and `i(vname)`."""

from __future__ import annotations

from dataclasses import dataclass

from eda.netlist.rewrite import rewrite

__all__ = ["References", "references"]


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
    """
    nodes: list[str] = []
    sources: list[str] = []

    def node(name: str) -> str:
        nodes.append(name)
        return "#"

    def source(name: str) -> str:
        sources.append(name)
        return "#"

    template = rewrite(text.lower(), node=node, source=source)
    return References(" ".join(template.split()), tuple(nodes), tuple(sources))
