"""Analyses as small typed records; `str()` of one is its ngspice command."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Ac", "Analysis", "Dc", "Op", "Tran"]


@dataclass(frozen=True, slots=True)
class Op:
    """Operating point."""

    kind = "op"

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

    def __str__(self) -> str:
        return f"dc {self.source} {self.start:.12g} {self.stop:.12g} {self.step:.12g}"


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

    def __str__(self) -> str:
        return f"tran {self.step:.12g} {self.stop:.12g}"


Analysis = Op | Ac | Dc | Tran
