"""What analyses sweep: sources, temperatures and frequencies; and the checks that their records share."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from eda.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BEYOND", "Sweep", "Variation", "check_frequencies", "last_frequency_reached", "require", "require_words"]

Variation = Literal["dec", "oct", "lin"]

BEYOND = 1e-3  # of a step
_ROUNDING = 1e-6  # of a step
_WORD = re.compile(r"[^\s;\"'{}`]+")


def require(holds: bool, what: str, got: object) -> None:  # noqa: FBT001 - reads as a sentence
    """Refuse an argument.

    Raises:
        InputError: what must hold does not.
    """
    if not holds:
        raise InputError(f"`{what}` must hold, but got {got}")


def require_words(**names: str) -> None:
    """Refuse names that are more than one word of a netlist.

    Raises:
        InputError: a name that is empty, or has blanks or quotes in it.
    """
    for argument, name in names.items():
        require(bool(_WORD.fullmatch(name)), f"{argument} is a name without blanks", repr(name))


@dataclass(frozen=True, slots=True)
class Sweep:
    """Values of a source, a resistor or the temperature.

    Attributes:
        source: name of the voltage source, current source or resistor, or `temp`.
        start: first value, V, A, Ω or degrees Celsius.
        stop: last value.
        step: increment.

    Raises:
        InputError: a step that does not lead from `start` to `stop`, or a name that is none.
    """

    source: str
    start: float
    stop: float
    step: float

    def __post_init__(self) -> None:
        require_words(source=self.source)
        require(self.step != 0 and math.isfinite(self.step), "step != 0", self.step)
        steps = (self.stop - self.start) / self.step
        got = (self.start, self.stop, self.step)
        require(0 <= steps < np.inf, "the step leads from start to stop", got)

    def values(self) -> NDArray[np.float64]:
        """The values, as many as ngspice steps through."""
        steps = math.floor((self.stop - self.start) / self.step + BEYOND)
        return self.start + self.step * np.arange(steps + 1.0)

    def __str__(self) -> str:
        # a little beyond: ngspice adds steps up, and rounding must not cost the last point
        return f"{self.source} {self.start:.12g} {self.stop + BEYOND * self.step:.12g} {self.step:.12g}"


class Frequencies(Protocol):
    """An analysis over frequency."""

    @property
    def start(self) -> float:
        """First frequency, Hz."""

    @property
    def stop(self) -> float:
        """Last frequency, Hz."""

    @property
    def points(self) -> int:
        """Points per decade or octave, or of the whole sweep when it is linear."""

    @property
    def variation(self) -> Variation:
        """How the points are spaced."""


def check_frequencies(sweep: Frequencies) -> None:
    """Refuse a sweep over frequency that has no points, or whose frequencies do not rise.

    Raises:
        InputError: what must hold, and what was got.
    """
    require(sweep.variation in {"dec", "oct", "lin"}, "variation is 'dec', 'oct' or 'lin'", repr(sweep.variation))
    require(sweep.points >= 1, "points >= 1", sweep.points)
    got = f"({sweep.start:g}, {sweep.stop:g})"
    if sweep.variation == "lin":
        single = sweep.points == 1 and 0 <= sweep.start == sweep.stop
        require(single or 0 <= sweep.start < sweep.stop < np.inf, "0 <= start < stop", got)
    else:
        require(0 < sweep.start < sweep.stop < np.inf, "0 < start < stop", got)


def last_frequency_reached(sweep: Frequencies, last: float) -> bool:
    """Whether a result that ends at that frequency is complete: less than a step is missing."""
    if sweep.variation == "lin":
        step = (sweep.stop - sweep.start) / max(sweep.points - 1, 1)
        return sweep.stop - last < step * (1 - BEYOND) or last >= sweep.stop
    base = 10 if sweep.variation == "dec" else 2
    return last > 0 and math.log(sweep.stop / last, base) * sweep.points < 1 - _ROUNDING
