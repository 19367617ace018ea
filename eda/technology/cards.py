"""Model cards as a deck takes them: text, bins to choose from, and the deviates of Monte Carlo."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - dataclasses are pickled with their annotations resolved
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Cards", "ModelBin"]

_NEAR: Final = 1e-9  # m
_ULPS: Final = 100 * 2.0**-52  # what is nearer to an edge than this is at the edge


@dataclass(frozen=True, slots=True)
class ModelBin:
    """One bin of a family of model cards, with the sizes that it is for.

    Attributes:
        family: the name by which transistors call it.
        text: the card.
        lengths: smallest and largest length, m.
        widths: smallest and largest width, of a finger, m.
    """

    family: str
    text: str
    lengths: tuple[float, float]
    widths: tuple[float, float]

    def contains(self, length: float, width: float) -> bool:
        """Whether a size in metres is in it: from its lower limits, to below its upper ones."""
        sizes = ((length, self.lengths), (width, self.widths))
        return all(low * (1 - _ULPS) <= size < high * (1 - _ULPS) for size, (low, high) in sizes)

    def admits(self, length: float, width: float) -> bool:
        """Whether ngspice 39 by itself may take it for a size in metres: also at and 1 nm beyond its limits."""
        sizes = ((length, self.lengths), (width, self.widths))
        return all(low - _NEAR < size < high + _NEAR for size, (low, high) in sizes)


@dataclass(frozen=True, slots=True)
class Cards:
    """Model cards for a deck.

    Attributes:
        text: subcircuits, and models without bins.
        bins: models with bins, of which a deck needs those that its sizes fall into.
        deviates: global parameters in the cards that a Monte Carlo sample sets, nominally 0.
        mismatch: by block, the parameters of its calls that a Monte Carlo sample sets, nominally 0.
        options: of ngspice, which the cards need.
        setup: commands of ngspice, which they need before they are read.
    """

    text: str
    bins: tuple[ModelBin, ...] = ()
    deviates: tuple[str, ...] = ()
    mismatch: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
