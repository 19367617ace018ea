"""A decoder-only transformer over words: the next word from those before it.

Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017; J. Su et al., "RoFormer", 2021 (rotary positions);
B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

__all__ = ["IGNORED", "Cache", "Decoder", "DecoderShape"]

IGNORED = -100
"""The target where a text has ended."""

_BASE = 10_000.0  # of the rotary angles
_ROOM = 64  # words for which a cache grows at a time


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """The size of a decoder.

    Attributes:
        words: in the vocabulary.
        width: of the hidden state; `heads` divides it.
        layers: blocks of attention and feed-forward network.
        heads: of the attention.
        context: the most words of a text.
        dropout: share of hidden values that training leaves out.
    """

    words: int
    width: int = 192
    layers: int = 6
    heads: int = 6
    context: int = 640
    dropout: float = 0.1


class Cache:
    """Keys and values of the words that were read, so that the next word costs one step.

    Args:
        shape: of the decoder.
        texts: how many are read side by side.
    """

    def __init__(self, shape: DecoderShape, texts: int) -> None:
        self.length = 0
        self._layers = [torch.empty(2, texts, shape.heads, 0, shape.width // shape.heads) for _ in range(shape.layers)]

    def layer(self, number: int, end: int) -> torch.Tensor:
        """`2 x texts x heads x end x size` keys and values of a layer, room for new words included."""
        kept = self._layers[number]
        if kept.shape[3] < end:
            room = torch.empty(*kept.shape[:3], end + _ROOM - kept.shape[3], kept.shape[4])
            self._layers[number] = kept = torch.cat((kept, room), dim=3)
        return kept[:, :, :, :end]

    def keep(self, texts: torch.Tensor) -> None:
        """Go on with some of the texts only.

        Args:
            texts: their numbers, `m` integers.
        """
        self._layers = [kept[:, texts] for kept in self._layers]


class Decoder(nn.Module):
    """The transformer.

    Args:
        shape: its size.
    """

    def __init__(self, shape: DecoderShape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.words, shape.width)
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        angles = _angles(shape.context, shape.width // shape.heads)
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)

    def forward(self, words: torch.Tensor, cache: Cache | None = None) -> torch.Tensor:
        """Logits of the word that follows each word.

        Args:
            words: `n x t` numbers of words; with a cache those that follow what it has read.
            cache: extended by these words.

        Returns:
            `n x t x words` logits.
        """
        start = cache.length if cache else 0
        end = start + words.shape[1]
        rotation = self.get_buffer("cosine")[start:end], self.get_buffer("sine")[start:end]
        hidden = functional.dropout(self.embedding(words), self.shape.dropout, self.training)
        for number, block in enumerate(self.blocks):
            kept = None if cache is None else cache.layer(number, end)
            hidden = block(hidden, rotation, kept)
        if cache:
            cache.length = end
        return functional.linear(self.norm(hidden), self.embedding.weight)

    def loss(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """What training makes small, a scalar: the mean cross entropy of the words that follow.

        Args:
            batch: `n x t` numbers of words, and of the words that follow them, `IGNORED` behind the end of a text.
        """
        words, targets = batch
        logits = self(words).float()
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


class _Block(nn.Module):
    def __init__(self, shape: DecoderShape) -> None:
        super().__init__()
        self.heads, self.dropout = shape.heads, shape.dropout
        self.before_attention, self.before_network = nn.RMSNorm(shape.width), nn.RMSNorm(shape.width)
        self.into = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.up = nn.Linear(shape.width, 4 * shape.width, bias=False)
        self.down = nn.Linear(4 * shape.width, shape.width, bias=False)
        for layer in (self.into, self.up):
            nn.init.normal_(layer.weight, std=0.02)
        for layer in (self.out, self.down):  # what is added to the hidden state, twice a layer
            nn.init.normal_(layer.weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def forward(
        self, hidden: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor], kept: torch.Tensor | None
    ) -> torch.Tensor:
        hidden = hidden + self._dropped(self._attend(self.before_attention(hidden), rotation, kept))
        return hidden + self._dropped(self.down(functional.gelu(self.up(self.before_network(hidden)))))

    def _attend(
        self, hidden: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor], kept: torch.Tensor | None
    ) -> torch.Tensor:
        texts, length, width = hidden.shape
        split = self.into(hidden).view(texts, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = _rotated(split[0], *rotation), _rotated(split[1], *rotation), split[2]
        if kept is not None:
            kept[0, :, :, -length:], kept[1, :, :, -length:] = key, value
            key, value = kept[0], kept[1]
        found = _attended(query, key, value)
        out: torch.Tensor = self.out(found.transpose(1, 2).reshape(texts, length, width))
        return out

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        return functional.dropout(values, self.dropout, self.training)


def _attended(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Attention in so many words: on CPUs its gradient takes a quarter of the time that PyTorch's own takes.

    A word that follows a cache sees all before it; several at once are read only into an empty one.
    """
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    length = query.shape[-2]
    if length > 1:
        scores = scores + scores.new_full((length, length), -torch.inf).triu(1)
    found: torch.Tensor = scores.softmax(-1) @ value
    return found


def _angles(context: int, size: int) -> torch.Tensor:
    """`context x size/2` angles by which positions turn pairs of values."""
    speeds = _BASE ** (-torch.arange(0, size, 2) / size)
    return torch.arange(context)[:, None] * speeds


def _rotated(values: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    first, second = values.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), dim=-1)
