"""Analyses as small typed records; `str()` of one is its ngspice command."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Ac", "Analysis", "Dc", "Op", "Tran"]

_ROUNDING = 1e-6  # of a step
_BEYOND = 1e-3  # of a step


@dataclass(frozen=True, slots=True)
class Op:
    """Operating point."""

    kind = "op"

    def reached(self, _last: float) -> bool:
        """Whether a result that ends at that point of the sweep is complete."""
        return True

    def __str__(self) -> str:
        return "op"


@dataclass(frozen=True, slots=True)
class Ac:
    """Small-signal frequency response.

    Attributes:
        start: first frequency, Hz.
        stop: last frequency, Hz.
        points: points per decade.
    """

    start: float = 1.0
    stop: float = 10e9
    points: int = 20
    kind = "ac"

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that frequency is complete: less than a step is missing."""
        return last > 0 and math.log10(self.stop / last) * self.points < 1 - _ROUNDING

    def __str__(self) -> str:
        return f"ac dec {self.points} {self.start:.12g} {self.stop:.12g}"


@dataclass(frozen=True, slots=True)
class Dc:
    """Sweep of one source.

    Attributes:
        source: name of the voltage or current source.
        start: first value, V or A.
        stop: last value.
        step: increment.
    """

    source: str
    start: float
    stop: float
    step: float
    kind = "dc"

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that value is complete: less than a step is missing."""
        return abs(self.stop - last) < abs(self.step) * (1 - _BEYOND)

    def __str__(self) -> str:
        # a little beyond: ngspice adds steps up, and rounding must not cost the last point
        return f"dc {self.source} {self.start:.12g} {self.stop + _BEYOND * self.step:.12g} {self.step:.12g}"


@dataclass(frozen=True, slots=True)
class Tran:
    """Transient response.

    Attributes:
        step: suggested time step, s.
        stop: end time, s.
    """

    step: float
    stop: float
    kind = "tran"

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that time is complete."""
        return last >= self.stop * (1 - _ROUNDING)

    def __str__(self) -> str:
        return f"tran {self.step:.12g} {self.stop:.12g}"


Analysis = Op | Ac | Dc | Tran
