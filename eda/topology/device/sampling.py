"""Walks drawn from a trained decoder, side by side, under the grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from eda.nn.decoder import Cache
from eda.nn.threads import one_thread
from eda.topology.device.grammar import Grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.nn.decoder import Decoder

__all__ = ["LIMIT", "walks"]

LIMIT: Final = 480
"""Words of a walk at most; the longest of AnalogGenie's circuits take 482."""

_TOGETHER: Final = 256  # walks side by side: more need memory, fewer leave the cores idle
_FEW: Final = 0.7  # of the walks side by side: when only they are left, the others are put away


def walks(
    network: Decoder,
    beginning: Sequence[int],
    count: int,
    *,
    seed: int,
    temperature: float = 1.0,
    limit: int = LIMIT,
) -> Iterator[list[int]]:
    """Draw walks that begin in a given way.

    Args:
        network: gives the logits of the next word.
        beginning: words that all begin with: the type, and what is to be completed.
        count: how many are drawn.
        seed: of the draws.
        temperature: below 1 for likelier words, above 1 for rarer ones.
        limit: of the words of a walk; near it the grammar lets it come to its end.

    Yields:
        `count` walks; one that cannot come to an end within the limit lacks the stop word. None where the beginning
        leaves no room.
    """
    generator = torch.Generator().manual_seed(seed)
    limit = min(limit, network.shape.context)
    while count > 0 and len(beginning) < limit:
        together = min(count, _TOGETHER)
        started = [Grammar(limit).extend(beginning) for _ in range(together)]
        with one_thread():
            _finish(network, started, generator, temperature)
        yield from (grammar.words for grammar in started)  # in the order of their beginning: short ones end first
        count -= together


def _finish(network: Decoder, rows: list[Grammar], generator: torch.Generator, temperature: float) -> None:
    """Draw words until every walk has stopped, or can go no further."""
    cache = Cache(network.shape, len(rows))
    words = torch.tensor([grammar.words for grammar in rows])
    live = list(range(len(rows)))
    while live:
        with torch.inference_mode():
            logits = network(words, cache)[:, -1]
        masks = np.stack([rows[row].mask() for row in live])
        stuck = [not mask.any() for mask in masks]
        masks[stuck] = True
        chosen = (logits[live] / temperature).masked_fill(~torch.from_numpy(masks), -torch.inf)
        drawn = torch.multinomial(torch.softmax(chosen, dim=-1), 1, generator=generator)
        words = words.new_zeros(len(rows), 1)
        words[live] = drawn
        for row, word, lost in zip(live, drawn[:, 0].tolist(), stuck, strict=True):
            if not lost:
                rows[row].append(word)
        ended = [rows[row].finished or lost for row, lost in zip(live, stuck, strict=True)]
        live = [row for row, end in zip(live, ended, strict=True) if not end]
        if live and len(live) < _FEW * len(rows):
            kept = torch.tensor(live)
            cache.keep(kept)
            words, rows, live = words[kept], [rows[row] for row in live], list(range(len(live)))
