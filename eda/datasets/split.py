"""Splits by topology: circuits that are the same one never stand on both sides."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, TypeVar

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["split"]

T = TypeVar("T")


def split(
    entries: Iterable[T], key: Callable[[T], str], fractions: Mapping[str, float], *, seed: int
) -> dict[str, list[T]]:
    """Divide entries into parts so that all with one key are in one part.

    The groups of equal keys are shuffled, and each goes to the part that lacks most of its share.

    Args:
        entries: what to divide.
        key: the topology of an entry, such as `lambda entry: canonical_hash(entry.circuit, ports="renumbered")`; what
            shares parts of its topology, as compositions of blocks do, needs a key of these parts.
        fractions: share of the entries by name of the part, above 0, together 1: `{"train": 0.8, "test": 0.2}`.
        seed: of the shuffle; with the same seed the order of the entries does not matter for their part.

    Returns:
        The entries by name of the part, in the order in which they came. Shares are met as well as the sizes of the
        groups allow.

    Raises:
        InputError: the fractions are not above 0, or are not 1 together.
    """
    if not fractions or min(fractions.values()) <= 0 or not math.isclose(sum(fractions.values()), 1):
        raise InputError(f"the fractions must be above 0 and together 1, but they are {dict(fractions)!r}")
    keyed = [(key(entry), entry) for entry in entries]
    sizes: dict[str, int] = {}
    for name, _ in keyed:
        sizes[name] = sizes.get(name, 0) + 1
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    lack = {part: share * len(keyed) for part, share in fractions.items()}
    part_of = {}
    for name in order:
        part_of[name] = max(lack, key=lack.__getitem__)
        lack[part_of[name]] -= sizes[name]
    parts: dict[str, list[T]] = {part: [] for part in fractions}
    for name, entry in keyed:
        parts[part_of[name]].append(entry)
    return parts
