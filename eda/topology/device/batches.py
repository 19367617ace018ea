"""Batches of texts to learn from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import torch

from eda.nn.decoder import IGNORED
from eda.topology.device.language import NETS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from eda.topology.device.corpus import Example
    from eda.topology.device.language import Language

__all__ = ["batches", "drawn"]

_BALANCE: Final = 0.5  # a type with a hundredth of the circuits is drawn a tenth as often


def drawn(examples: Sequence[Example], count: int, rng: random.Random, language: Language = NETS) -> list[list[int]]:
    """Texts of circuits drawn at random, those of rare types more often than their number.

    Args:
        examples: the circuits.
        count: of texts.
        rng: decides what is drawn, and how it is written.
        language: that it is written in.
    """
    number = Counter(example.kind for example in examples)
    weights = [number[example.kind] ** (_BALANCE - 1) for example in examples]
    return [language.write(one.topology, one.kind, rng) for one in rng.choices(examples, weights, k=count)]


def batches(texts: list[list[int]], most: int, rng: random.Random) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Texts as words and the words that follow them, those of like length together.

    Args:
        texts: numbers of words.
        most: words in a batch.
        rng: decides the order of the batches.

    Yields:
        `n x t` words and `n x t` targets, `IGNORED` behind the end of a text.
    """
    texts = sorted(texts, key=len)
    groups: list[list[list[int]]] = []
    while texts:
        count = max(1, most // len(texts[-1]))
        groups.append(texts[-count:])
        del texts[-count:]
    rng.shuffle(groups)
    for group in groups:
        length = max(map(len, group))
        words = torch.zeros(len(group), length - 1, dtype=torch.long)
        targets = torch.full_like(words, IGNORED)
        for row, text in enumerate(group):
            words[row, : len(text) - 1] = torch.tensor(text[:-1])
            targets[row, : len(text) - 1] = torch.tensor(text[1:])
        yield words, targets
