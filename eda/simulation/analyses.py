"""Analyses as small typed records; `str()` of one is its ngspice command.

Every analysis has a `kind`, which tells what it is, and a `name` by which its results are found: the kind when none is
given, so that only a deck with two transients has to name them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from eda.simulation.small_signal import Ac, Noise, Pz, Sens, Sp, Tf
from eda.simulation.sweeps import BEYOND, Sweep, require, require_words

__all__ = ["Ac", "Analysis", "Dc", "Fourier", "Noise", "Op", "Pz", "Sens", "Sp", "Sweep", "Tf", "Tran"]

_ROUNDING = 1e-6  # of a step


@dataclass(frozen=True, slots=True)
class Op:
    """Operating point.

    Attributes:
        name: by which its results are found.
    """

    name: str = field(default="op", kw_only=True)
    kind = "op"

    def __post_init__(self) -> None:
        require_words(name=self.name)

    def __str__(self) -> str:
        return "op"


@dataclass(frozen=True, slots=True)
class Dc:
    """Sweep of a source, a resistor or the temperature, for each value of an outer sweep if one is given.

    Attributes:
        source: name of the voltage source, current source or resistor, or `temp`.
        start: first value, V, A, Ω or degrees Celsius.
        stop: last value.
        step: increment.
        outer: a second sweep; the first one runs once for each of its values.
        name: by which its results are found.

    Raises:
        InputError: a step that does not lead from `start` to `stop`, or a name that is none.
    """

    source: str
    start: float
    stop: float
    step: float
    outer: Sweep | None = None
    name: str = field(default="dc", kw_only=True)
    kind = "dc"

    def __post_init__(self) -> None:
        require_words(name=self.name)
        _ = self.inner

    @property
    def inner(self) -> Sweep:
        """The first sweep as a record of its own."""
        return Sweep(self.source, self.start, self.stop, self.step)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that value is complete: less than a step is missing."""
        return abs(self.stop - last) < abs(self.step) * (1 - BEYOND)

    def __str__(self) -> str:
        return f"dc {self.inner}" if self.outer is None else f"dc {self.inner} {self.outer}"


@dataclass(frozen=True, slots=True)
class Tran:
    """Transient response.

    Attributes:
        step: suggested time step, s.
        stop: end time, s.
        start: time before which nothing is kept, s; the first point may lie a step behind it.
        max_step: largest time step of the integration, s; ngspice's own choice when it is `None`.
        use_initial_conditions: start from `.ic` and `ic=` values, without an operating point.
        name: by which its results are found.

    Raises:
        InputError: times that do not rise, or a step that is not positive.
    """

    step: float
    stop: float
    start: float = 0.0
    max_step: float | None = None
    use_initial_conditions: bool = False
    name: str = field(default="tran", kw_only=True)
    kind = "tran"

    def __post_init__(self) -> None:
        require_words(name=self.name)
        require(self.step > 0, "step > 0", self.step)
        require(0 <= self.start < self.stop < math.inf, "0 <= start < stop", (self.start, self.stop))
        require(self.max_step is None or self.max_step > 0, "max_step > 0", self.max_step)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that time is complete."""
        return last >= self.stop * (1 - _ROUNDING)

    def __str__(self) -> str:
        times = [self.step, self.stop]
        if self.max_step is not None:
            times += [self.start, self.max_step]
        elif self.start:
            times.append(self.start)
        return " ".join(("tran", *(f"{time:.12g}" for time in times), *(["uic"] * self.use_initial_conditions)))


@dataclass(frozen=True, slots=True)
class Fourier:
    """Harmonics of an output in the last period of a transient that stands before it in the deck.

    Attributes:
        fundamental: the lowest frequency, Hz.
        output: a saved vector, such as `v(out)`.
        harmonics: how many, the fundamental included.
        transient: name of the transient.
        name: by which its results are found.

    Raises:
        InputError: a frequency that is not positive, no harmonics, or a name that is none.
    """

    fundamental: float
    output: str
    harmonics: int = 9
    transient: str = "tran"
    name: str = field(default="fourier", kw_only=True)
    kind = "fourier"

    def __post_init__(self) -> None:
        require_words(name=self.name, output=self.output, transient=self.transient)
        require(0 < self.fundamental < math.inf, "fundamental > 0", self.fundamental)
        require(self.harmonics >= 1, "harmonics >= 1", self.harmonics)

    def __str__(self) -> str:
        return f"four {self.fundamental:.12g} {self.output}"


Analysis = Op | Ac | Dc | Tran | Noise | Tf | Pz | Sens | Sp | Fourier
