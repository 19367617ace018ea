"""Random behavioural op-amps, by the scheme of the Open Circuit Benchmark."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from eda.topology.behavioural.opamp import MAIN, BehaviouralOpAmp, Block
from eda.topology.behavioural.subgraphs import LARGEST, SUBGRAPHS

if TYPE_CHECKING:
    import random

__all__ = ["random_opamp"]

_THREE_STAGES: Final = 0.8
_BRANCH: Final = 0.6  # a place for a branch has one
_FORMS: Final = [[2], [3], [4], [5], *([first + n for n in range(4)] for first in range(6, 26, 4))]


def random_opamp(rng: random.Random) -> BehaviouralOpAmp:
    """An op-amp of two or three stages with up to three branches; values are uniform over their steps.

    Of the three places for branches the second one leads from an inner node to the output, the others between any two
    nodes. Nine forms of branches are equally likely: four passive ones, and transconductors with none or one of these
    beside them, whose sign and direction are drawn.

    Args:
        rng: decides.

    Source:
        Dong et al., ICLR 2023, appendix on the Open Circuit Benchmark; frequencies as in data of its scheme.
    """
    count = 3 if rng.random() < _THREE_STAGES else 2
    stages = tuple(_block(rng.choice(MAIN), number, number + 1, rng) for number in range(count))
    branches = []
    for place in range(3):
        if rng.random() >= _BRANCH:
            continue
        pairs = list(itertools.combinations(range(count + 1), 2))
        if place == 1:
            pairs = [(node, count) for node in range(1, count)]
        branches.append(_block(rng.choice(rng.choice(_FORMS)), *rng.choice(pairs), rng))
    return BehaviouralOpAmp(stages, tuple(branches))


def _block(kind: int, source: int, target: int, rng: random.Random) -> Block:
    row = SUBGRAPHS[kind]
    gm, r, c = (rng.randint(1, LARGEST) if has else 0 for has in (row.sign, row.has_r, row.has_c))
    return Block(kind, source, target, gm, r, c)
