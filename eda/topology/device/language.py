"""Ways to write topologies as words: which words there are, how a topology becomes a text, and what may follow.

A decoder learns one of them. Walks over devices and nets are what `eda generate` uses; walks over pins, AnalogGenie's,
are there to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from eda.topology.device.grammar import Grammar
from eda.topology.device.pins import PIN_WORDS, pin_walk_of, read_pin_walk
from eda.topology.device.vocabulary import VOCABULARY
from eda.topology.device.walk import read_walk, walk_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.topology.device.topology import Topology

__all__ = ["LANGUAGES", "NETS", "PINS", "STOP", "AnyWord", "Language", "Rules"]

STOP: Final = 0
"""The word that ends a text, in all of them."""


class Rules(Protocol):
    """What may follow the words that were said so far."""

    words: list[int]

    @property
    def finished(self) -> bool:
        """Whether the text has ended."""

    def append(self, word: int) -> None:
        """Take one more word."""

    def mask(self) -> NDArray[np.bool_]:
        """The words that may follow, as truth values by number; none where no end can be reached."""


class AnyWord:
    """No rules but for the length: any word may follow any other.

    Args:
        count: of the words there are.
        limit: of the words of a text.
    """

    def __init__(self, count: int, limit: int) -> None:
        self.words: list[int] = []
        self._count, self._limit = count, limit

    @property
    def finished(self) -> bool:
        """Whether the last word is the stop word."""
        return bool(self.words) and self.words[-1] == STOP

    def append(self, word: int) -> None:
        """Take one more word."""
        self.words.append(word)

    def mask(self) -> NDArray[np.bool_]:
        """All words, until there are too many."""
        return np.full(self._count, len(self.words) < self._limit)


@dataclass(frozen=True, slots=True)
class Language:
    """A way to write topologies.

    Attributes:
        name: as cards have it.
        words: by number; the first one is the stop word.
        limit: of the words of a text; the longest of AnalogGenie's circuits need 554 and 534.
        write: a text for a topology of a class.
        read: the topology of a text; raises `InputError` where it is none.
        rules: new ones for a text, by its limit.
    """

    name: str
    words: tuple[str, ...]
    limit: int
    write: Callable[[Topology, str, random.Random], list[int]]
    read: Callable[[Sequence[int]], Topology]
    rules: Callable[[int], Rules]

    def begun(self, words: Iterable[int], limit: int) -> Rules:
        """The rules for a text that has begun.

        Args:
            words: said so far.
            limit: of the words of the text.
        """
        rules = self.rules(limit)
        for word in words:
            rules.append(word)
        return rules


NETS: Final = Language("walks over devices and nets", VOCABULARY.words, 560, walk_of, read_walk, Grammar)
"""What the generator of the package uses."""

PINS: Final = Language("walks over pins", PIN_WORDS, 640, pin_walk_of, read_pin_walk, partial(AnyWord, len(PIN_WORDS)))
"""AnalogGenie's."""

LANGUAGES: Final[Mapping[str, Language]] = {one.name: one for one in (NETS, PINS)}
"""By name."""
