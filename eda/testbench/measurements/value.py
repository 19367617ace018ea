"""What a measurement returns: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Undefined", "Value", "both", "worst"]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A metric that a waveform does not define.

    Attributes:
        reason: why, in a sentence.
    """

    reason: str


Value = float | Undefined


def both(first: Value, second: Value) -> tuple[float, float] | Undefined:
    """Two values, or the reason why one of them is none."""
    if isinstance(first, Undefined):
        return first
    return second if isinstance(second, Undefined) else (first, second)


def worst(first: Value, second: Value) -> Value:
    """The larger one of two values, such as the settling times of both directions."""
    pair = both(first, second)
    return pair if isinstance(pair, Undefined) else max(pair)
