"""Texts drawn from a trained decoder, side by side, under the rules of its language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from eda.nn.decoder import Cache
from eda.nn.threads import one_thread
from eda.topology.device.language import NETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.nn.decoder import Decoder
    from eda.topology.device.language import Language, Rules

__all__ = ["texts"]

_FEW: Final = 0.7  # of the texts side by side: when only they are left, the others are put away


def texts(
    network: Decoder,
    beginnings: Sequence[Sequence[int]],
    *,
    seed: int,
    temperature: float = 1.0,
    language: Language = NETS,
    limit: int | None = None,
) -> list[list[int]]:
    """Draw texts that begin in a given way, side by side.

    Args:
        network: gives the logits of the next word.
        beginnings: words that each text begins with, as many in all of them: the type, and what is to be completed.
        seed: of the draws.
        temperature: below 1 for likelier words, above 1 for rarer ones.
        language: that the network has learned.
        limit: of the words of a text, if not that of the language; near it a grammar lets it come to its end.

    Returns:
        The texts; one that cannot come to an end within the limit lacks the stop word. None where the beginnings leave
        no room.
    """
    generator = torch.Generator().manual_seed(seed)
    limit = min(limit or language.limit, network.shape.context)
    started = [language.begun(beginning, limit) for beginning in beginnings if len(beginning) < limit]
    if started:
        with one_thread():
            _finish(network, started, generator, temperature)
    return [rules.words for rules in started]


def _finish(network: Decoder, rows: list[Rules], generator: torch.Generator, temperature: float) -> None:
    """Draw words until every text has ended, or can go no further."""
    cache = Cache(network.shape, len(rows))
    words = torch.tensor([rules.words for rules in rows])
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
