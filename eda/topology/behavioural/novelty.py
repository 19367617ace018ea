"""When two behavioural op-amps are one: with their values, or but for them.

Main stages and branches are drawn from one table, inner nodes are numbered along the main path: so one circuit can be
written in several ways. Keys are made of what is between the nodes, the smaller one of both ways to number two inner
nodes; elements in parallel are not added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.topology.behavioural.opamp import BehaviouralOpAmp, Block

__all__ = ["sized_key", "structure_key"]

_Key = tuple[tuple[object, ...], ...]


def structure_key(opamp: BehaviouralOpAmp) -> _Key:
    """The same for op-amps that are one but for their values."""
    return min(_key(opamp, names, values=False) for names in _namings(opamp))


def sized_key(opamp: BehaviouralOpAmp) -> _Key:
    """The same for op-amps that are one with their values."""
    return min(_key(opamp, names, values=True) for names in _namings(opamp))


def _namings(opamp: BehaviouralOpAmp) -> list[dict[int, int]]:
    """Names of the nodes: 0 the input, 3 the output, 1 and 2 the inner ones in either order."""
    output = len(opamp.stages)
    inner = range(1, output)
    return [{0: 0, output: 3, **dict(zip(inner, order, strict=False))} for order in ((1, 2), (2, 1))]


def _key(opamp: BehaviouralOpAmp, names: Mapping[int, int], *, values: bool) -> _Key:
    return tuple(sorted(element for block in opamp.blocks for element in _elements(block, names, values=values)))


def _elements(block: Block, names: Mapping[int, int], *, values: bool) -> list[tuple[object, ...]]:
    source, target = names[block.source], names[block.target]
    found: list[tuple[object, ...]] = []
    if block.type.passive:
        sizes = (block.r, block.c) if values else ()
        found.append((block.type.passive, min(source, target), max(source, target), *sizes))
    if block.type.sign:
        control, driven = (target, source) if block.type.backward else (source, target)
        found.append((f"gm{block.type.sign:+d}", control, driven, *((block.gm,) if values else ())))
    return found
