"""Op-amps as arrays: six places for blocks, each with a type, its ends and its values.

The first three places are the stages, in a row; the others the branches, sorted: equal circuits are equal arrays.
Nodes are 0, the input, 1 and 2, and 3, the output; an op-amp of two stages has no node 2.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import torch

from eda.topology.behavioural.opamp import BehaviouralOpAmp, Block
from eda.topology.behavioural.subgraphs import SUBGRAPHS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ENDS", "KINDS", "NODES", "PLACES", "STAGES", "decoded", "encoded"]

PLACES: Final = 6
"""For blocks."""
STAGES: Final = 3
"""Of the places, those of the stages."""
NODES: Final = 4
"""Of a circuit, ground aside."""
ENDS: Final = tuple(itertools.combinations(range(NODES), 2))
"""Pairs of nodes by their number."""
KINDS: Final = len(SUBGRAPHS) - 1
"""Numbers of types in the arrays: 0 for an empty place, those of the table less 1 for blocks."""

_OUTPUT: Final = NODES - 1


def encoded(opamps: Sequence[BehaviouralOpAmp]) -> torch.Tensor:
    """Op-amps as numbers.

    Args:
        opamps: `n` of them.

    Returns:
        `n x 6 x 5` integers: type (0 where a place is empty), number of the ends, and steps of gm, R and C.
    """
    rows = []
    for opamp in opamps:
        output = len(opamp.stages)
        stages = [_row(block, output) for block in opamp.stages]
        stages += [_EMPTY] * (STAGES - len(stages))
        branches = sorted(_row(block, output) for block in opamp.branches)
        rows.append([*stages, *branches, *[_EMPTY] * (PLACES - STAGES - len(branches))])
    return torch.tensor(rows, dtype=torch.long).reshape(len(opamps), PLACES, len(_EMPTY))


_EMPTY: Final = (0, 0, 0, 0, 0)


def _row(block: Block, output: int) -> tuple[int, int, int, int, int]:
    ends = (block.source, _OUTPUT if block.target == output else block.target)
    return block.kind - 1, ENDS.index(ends), block.gm, block.r, block.c


def decoded(rows: torch.Tensor) -> list[BehaviouralOpAmp]:
    """Op-amps of numbers.

    Args:
        rows: `n x 6 x 5` integers as `encoded` gives them.

    Raises:
        InputError: they are no op-amp.
    """
    return [_opamp(row) for row in rows.tolist()]


def _opamp(row: list[list[int]]) -> BehaviouralOpAmp:
    count = sum(kind > 0 for kind, *_ in row[:STAGES])
    stages = tuple(
        Block(kind + 1, number, number + 1, gm, r, c) for number, (kind, _, gm, r, c) in enumerate(row[:count])
    )
    branches = []
    for kind, ends, gm, r, c in row[STAGES:]:
        if kind:
            source, target = ENDS[ends]
            branches.append(Block(kind + 1, source, count if target == _OUTPUT else target, gm, r, c))
    return BehaviouralOpAmp(stages, tuple(branches))
