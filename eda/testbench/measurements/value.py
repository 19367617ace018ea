"""What a measurement returns: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Undefined", "Value"]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A metric that a waveform does not define.

    Attributes:
        reason: why, in a sentence.
    """

    reason: str


Value = float | Undefined
