"""Circuits as graphs: a canonical hash, an exact test of isomorphism, tensors for learning, subgraphs.

The names that need torch load it when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from eda.graph.isomorphism import canonical_hash, is_isomorphic
from eda.graph.schema import DEVICE_COLUMNS, KINDS, NET_COLUMNS, QUANTITIES, Column, describe_schema
from eda.graph.subgraph import Neighbourhood, TerminalIndex

if TYPE_CHECKING:
    from eda.graph.cache import convert, load_graphs, save_graphs
    from eda.graph.encoding import from_graph, to_graph

__all__ = [
    "DEVICE_COLUMNS",
    "KINDS",
    "NET_COLUMNS",
    "QUANTITIES",
    "Column",
    "Neighbourhood",
    "TerminalIndex",
    "canonical_hash",
    "convert",
    "describe_schema",
    "from_graph",
    "is_isomorphic",
    "load_graphs",
    "save_graphs",
    "to_graph",
]

_LAZY = {
    **dict.fromkeys(("convert", "load_graphs", "save_graphs"), "eda.graph.cache"),
    **dict.fromkeys(("from_graph", "to_graph"), "eda.graph.encoding"),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'eda.graph' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
