"""Batches of walks to learn from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import torch

from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from eda.topology.device.corpus import Example

__all__ = ["IGNORED", "batches", "drawn"]

IGNORED: Final = -100
"""The target where a text has ended."""

_BALANCE: Final = 0.5  # a type with a hundredth of the circuits is drawn a tenth as often


def drawn(examples: Sequence[Example], count: int, rng: random.Random) -> list[list[int]]:
    """Walks over circuits drawn at random, those of rare types more often than their number.

    Args:
        examples: the circuits.
        count: of walks.
        rng: decides what is drawn, and how the walks turn.
    """
    number = Counter(example.kind for example in examples)
    weights = [number[example.kind] ** (_BALANCE - 1) for example in examples]
    return [walk_of(example.topology, example.kind, rng) for example in rng.choices(examples, weights, k=count)]


def batches(walks: list[list[int]], most: int, rng: random.Random) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Walks as words and the words that follow them, those of like length together.

    Args:
        walks: numbers of words.
        most: words in a batch.
        rng: decides the order of the batches.

    Yields:
        `n x t` words and `n x t` targets, `IGNORED` behind the end of a walk.
    """
    walks = sorted(walks, key=len)
    groups: list[list[list[int]]] = []
    while walks:
        count = max(1, most // len(walks[-1]))
        groups.append(walks[-count:])
        del walks[-count:]
    rng.shuffle(groups)
    for group in groups:
        length = max(map(len, group))
        words = torch.zeros(len(group), length - 1, dtype=torch.long)
        targets = torch.full_like(words, IGNORED)
        for row, walk in enumerate(group):
            words[row, : len(walk) - 1] = torch.tensor(walk[:-1])
            targets[row, : len(walk) - 1] = torch.tensor(walk[1:])
        yield words, targets
