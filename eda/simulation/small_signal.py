"""Analyses of small signals around the operating point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eda.simulation.sweeps import Variation, check_frequencies, last_frequency_reached, require, require_words

__all__ = ["Ac", "Noise", "Pz", "Sens", "Sp", "Tf"]


@dataclass(frozen=True, slots=True)
class Ac:
    """Small-signal frequency response.

    Attributes:
        start: first frequency, Hz.
        stop: last frequency, Hz.
        points: points per decade or octave, or of the whole sweep when it is linear.
        variation: `dec`, `oct` or `lin`.
        name: by which its results are found.

    Raises:
        InputError: frequencies that do not rise, or no points.
    """

    start: float = 1.0
    stop: float = 10e9
    points: int = 20
    variation: Variation = "dec"
    name: str = field(default="ac", kw_only=True)
    kind = "ac"

    def __post_init__(self) -> None:
        require_words(name=self.name)
        check_frequencies(self)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that frequency is complete: less than a step is missing."""
        return last_frequency_reached(self, last)

    def __str__(self) -> str:
        return f"ac {self.variation} {self.points} {self.start:.12g} {self.stop:.12g}"


@dataclass(frozen=True, slots=True)
class Sp:
    """Scattering parameters between the ports of the circuit.

    A port is a voltage source with `portnum N z0 R` behind its values, such as `v1 in 0 dc 0 ac 1 portnum 1 z0 50`.
    The results are `s_1_1`, `s_2_1` and so on, complex ratios. Nothing can be measured (`.meas`) in them. ngspice's own
    admittances and impedances are left out: it inverts one matrix for the other, and gives wrong numbers where that is
    singular.

    Attributes:
        start: first frequency, Hz.
        stop: last frequency, Hz.
        points: points per decade or octave, or of the whole sweep when it is linear.
        variation: `dec`, `oct` or `lin`.
        name: by which its results are found.

    Raises:
        InputError: frequencies that do not rise, or no points.
    """

    start: float = 1.0
    stop: float = 10e9
    points: int = 20
    variation: Variation = "dec"
    name: str = field(default="sp", kw_only=True)
    kind = "sp"

    def __post_init__(self) -> None:
        require_words(name=self.name)
        check_frequencies(self)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that frequency is complete: less than a step is missing."""
        return last_frequency_reached(self, last)

    def __str__(self) -> str:
        return f"sp {self.variation} {self.points} {self.start:.12g} {self.stop:.12g}"


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of an output, as spectral density and integrated over the swept frequencies.

    The results are `onoise_spectrum` (V/√Hz) and, referred to the source, `inoise_spectrum`; the integrals
    `onoise_total` and `inoise_total` (V rms) stand in `Waveforms.totals`.

    Attributes:
        output: the voltage, such as `v(out)` or `v(outp,outn)`.
        source: name of the source that the noise is referred to.
        start: first frequency, Hz.
        stop: last frequency, Hz.
        points: points per decade or octave, or of the whole sweep when it is linear.
        variation: `dec`, `oct` or `lin`.
        contributions: also give what each device adds, such as `onoise_r1` or `onoise_m1_1overf`.
        name: by which its results are found.

    Raises:
        InputError: frequencies that do not rise, no points, or a name that is none.
    """

    output: str
    source: str
    start: float = 1.0
    stop: float = 10e9
    points: int = 20
    variation: Variation = "dec"
    contributions: bool = False
    name: str = field(default="noise", kw_only=True)
    kind = "noise"

    def __post_init__(self) -> None:
        require_words(name=self.name, output=self.output, source=self.source)
        check_frequencies(self)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that frequency is complete: less than a step is missing."""
        return last_frequency_reached(self, last)

    def __str__(self) -> str:
        sweep = f"{self.variation} {self.points} {self.start:.12g} {self.stop:.12g}"
        return f"noise {self.output} {self.source} {sweep}{' 1' if self.contributions else ''}"


@dataclass(frozen=True, slots=True)
class Tf:
    """Transfer function of direct current.

    The results are `transfer_function`, `output_impedance` and `input_impedance` (Ω).

    Attributes:
        output: `v(out)`, `v(outp,outn)`, or the current through a voltage source, `i(vsense)`.
        source: name of the source that drives.
        name: by which its results are found.

    Raises:
        InputError: a name that is none.
    """

    output: str
    source: str
    name: str = field(default="tf", kw_only=True)
    kind = "tf"

    def __post_init__(self) -> None:
        require_words(name=self.name, output=self.output, source=self.source)

    def __str__(self) -> str:
        return f"tf {self.output} {self.source}"


@dataclass(frozen=True, slots=True)
class Pz:
    """Poles and zeros of a transfer function; the results `poles` and `zeros` are in rad/s, smallest magnitude first.

    The voltage source at the input must have an `ac` value: ngspice takes others for short circuits ("the input signal
    is shorted"). A circuit without any pole or zero, such as a divider of resistors, gives no result: a failure.

    Attributes:
        input_plus: node of the input.
        input_minus: its reference.
        output_plus: node of the output.
        output_minus: its reference.
        transfer: `vol` for output voltage by input voltage, `cur` for output voltage by input current.
        wanted: `pol` for poles, `zer` for zeros, `pz` for both.
        name: by which its results are found.

    Raises:
        InputError: a name that is none, or another word for `transfer` or `wanted`.
    """

    input_plus: str
    input_minus: str
    output_plus: str
    output_minus: str
    transfer: Literal["vol", "cur"] = "vol"
    wanted: Literal["pol", "zer", "pz"] = "pz"
    name: str = field(default="pz", kw_only=True)
    kind = "pz"

    def __post_init__(self) -> None:
        require_words(name=self.name, input_plus=self.input_plus, input_minus=self.input_minus)
        require_words(output_plus=self.output_plus, output_minus=self.output_minus)
        require(self.transfer in {"vol", "cur"}, "transfer is 'vol' or 'cur'", repr(self.transfer))
        require(self.wanted in {"pol", "zer", "pz"}, "wanted is 'pol', 'zer' or 'pz'", repr(self.wanted))

    def __str__(self) -> str:
        nodes = f"{self.input_plus} {self.input_minus} {self.output_plus} {self.output_minus}"
        return f"pz {nodes} {self.transfer} {self.wanted}"


@dataclass(frozen=True, slots=True)
class Sens:
    """Derivatives of an output by the parameters of devices and models, for direct current or over frequency.

    The results have ngspice's names: `r1` for the value of r1, `r1_m` for its multiplier, `m1:vto` for a parameter of
    the model of m1. Over frequency take `r1_ac` for a resistor: ngspice 39 gives zeros for `r1` after the first point.

    Attributes:
        output: `v(out)`, `v(outp,outn)`, or the current through a voltage source, `i(vsense)`.
        frequencies: the sweep over frequency; direct current when it is `None`.
        name: by which its results are found.

    Raises:
        InputError: a name that is none.
    """

    output: str
    frequencies: Ac | None = None
    name: str = field(default="sens", kw_only=True)
    kind = "sens"

    def __post_init__(self) -> None:
        require_words(name=self.name, output=self.output)

    def reached(self, last: float) -> bool:
        """Whether a result that ends at that frequency is complete: less than a step is missing."""
        return self.frequencies is None or self.frequencies.reached(last)

    def __str__(self) -> str:
        return f"sens {self.output}" if self.frequencies is None else f"sens {self.output} {self.frequencies}"
