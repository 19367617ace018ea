"""The testbenches of voltage and current references: over temperature and supply, in noise, and when the supply rises.

What is referred to is the voltage `v(read)`: of the output of a voltage reference, or one volt for each ampere that a
current reference gives or takes at an output that a source holds. The supply is swept downwards, so that a reference
that works is followed to where it ends; whether it starts is what the ramp of the supply from 0 V shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eda.errors import InputError
from eda.simulation import Ac, Dc, Noise, Op, Tran
from eda.testbench.block import BlockTestbench, Stimuli, beyond
from eda.testbench.reference_readings import CurrentReferenceReadings, ReferenceReadings
from eda.testbench.testbench import ACCURATE
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from eda.netlist import Circuit
    from eda.simulation import Analysis, Setting

__all__ = ["CurrentReferenceTestbench", "ReferenceTestbench"]

_FREQUENCIES = (0.1, 1e9, 20)  # Hz, Hz, points a decade
_NOISE_POINTS = 10  # a decade; spectra have no resonances
_SUPPLY_POINTS = 60
_SWEPT = 0.4  # of the supply: where its sweep ends, above the level at which most references fold up
_HIGHEST = 1.1  # of the supply
_LOWEST = 0.9  # of the supply: of the default range of line regulation
_ROOM = 27.0  # degrees Celsius: where the sweeps of temperature begin
_TEMPERATURES = 6  # steps to either end; a parabola's top is found to 1 % of its height
_NARROWEST = 1.0  # K
_COMPLIANCE_POINTS = 100
_OPTIONS = (*ACCURATE, "itl2=100")
"""Sweeps search for their first point as long as operating points do."""
_EXACT: Mapping[str, Setting] = {"abstol": 1e-12, "chgtol": 1e-14}
_RISING: Mapping[str, Setting] = {"reltol": 1e-3, "abstol": 1e-9, "chgtol": 1e-13}
"""Tolerances while the supply rises: a circuit without current takes a minute to be followed with those of ngspice."""


class SourceTestbench(BlockTestbench):
    """What the testbenches of references share.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        cold: lower end of the range of temperature.
        hot: upper end of it.
        lowest: supply down to which `minimum_supply` is sought; 40 % of the supply when it is `None`.
        line_low: lower end of the supply range of `line_regulation`; 90 % of the supply when it is `None`.
        line_high: upper end of it; 110 % of the supply when it is `None`.
        frequency: at which rejection and noise density are read.
        noise_low: lower end of the band of `integrated_noise`.
        noise_high: upper end of it.
        ramp: time in which the supply rises from 0.
        window: time that is looked at after it.
        tolerance: of `start_up_time`, per cent of the nominal value.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, not positive, or a range that does not rise.
    """

    ports = ("out", "vdd", "vss")
    guarded: ClassVar[tuple[str, ...]] = ("op", "start")
    units: ClassVar[Mapping[str, str]] = {
        "cold": "degC",
        "hot": "degC",
        "lowest": "V",
        "line_low": "V",
        "line_high": "V",
        "frequency": "Hz",
        "noise_low": "Hz",
        "noise_high": "Hz",
        "ramp": "s",
        "window": "s",
        "tolerance": "%",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        *,
        cold: str | float = "-40 °C",
        hot: str | float = "125 °C",
        lowest: str | float | None = None,
        line_low: str | float | None = None,
        line_high: str | float | None = None,
        frequency: str | float = "1 kHz",
        noise_low: str | float = "0.1 Hz",
        noise_high: str | float = "10 Hz",
        ramp: str | float = "10 us",
        window: str | float = "100 us",
        tolerance: str | float = "1 %",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.cold, self.hot = parse_quantity(cold, "degC"), parse_quantity(hot, "degC")
        self.lowest = None if lowest is None else self.positive("lowest", lowest, "V")
        self.line_low = None if line_low is None else self.positive("line_low", line_low, "V")
        self.line_high = None if line_high is None else self.positive("line_high", line_high, "V")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.noise_low = self.positive("noise_low", noise_low, "Hz")
        self.noise_high = self.positive("noise_high", noise_high, "Hz")
        self.ramp = self.positive("ramp", ramp, "s")
        self.window = self.positive("window", window, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        if self.hot - self.cold < 2 * _NARROWEST:
            raise InputError(f"`cold + {2 * _NARROWEST:g} K <= hot` must hold, but got {self.cold} and {self.hot} degC")
        if self.noise_low >= self.noise_high:
            raise InputError(
                f"`noise_low < noise_high` must hold, but got {self.noise_low:g} and {self.noise_high:g} Hz"
            )

    def line(self, supply: float) -> tuple[float, float]:
        """The supply range of `line_regulation`, V.

        Raises:
            InputError: it does not rise.
        """
        low = _LOWEST * supply if self.line_low is None else self.line_low
        high = _HIGHEST * supply if self.line_high is None else self.line_high
        if low >= high:
            raise InputError(f"`line_low < line_high` must hold, but got {low:g} and {high:g} V")
        return low, high

    def supplies(self, supply: float) -> str:
        """The sources of the supply."""
        still = " ".join(repr(number) for number in self._pulse(supply, supply))
        return f"Vdd vdd 0 dc {supply!r} ac 1 pulse({still})\nVss vss 0 dc 0"

    def rising(self, supply: float) -> tuple[dict[str, Setting], dict[str, dict[str, Setting]]]:
        """The supply's waveform, and what `start` sets: that it rises from 0 V.

        Only there, because ngspice takes the waveform where it finds an operating point by a transient.
        """
        target = "@vdd[pulse]"
        return {target: self._pulse(supply, supply), **_EXACT}, {"start": {target: self._pulse(0.0, supply), **_RISING}}

    def _pulse(self, low: float, high: float) -> tuple[float, ...]:
        period = 10 * (self.ramp + self.window)
        return (low, high, 0.0, self.ramp, self.ramp, period, 2 * period)

    def sweeps(self, supply: float, *others: Analysis) -> tuple[Analysis, ...]:
        """Analyses that every reference allows, and other sweeps."""
        low, high = min(self.noise_low, self.frequency), beyond(max(self.noise_high, self.frequency), _NOISE_POINTS)
        line = self.line(supply)
        top, bottom = (
            max(_HIGHEST * supply, line[1]),
            min(_SWEPT * supply if self.lowest is None else self.lowest, line[0]),
        )
        span = self.ramp + self.window
        # sweeps stand before the transient, whose charges ngspice 39 counts in those behind it; the supply's, in which
        # an operating point may be found by a transient, behind the others
        return (
            Op(),
            Noise("v(read)", "vdd", low, high, _NOISE_POINTS),
            *others,
            *self._temperatures(),
            Dc("vdd", top, bottom, (bottom - top) / _SUPPLY_POINTS, name="supply"),
            Tran(span / 50, span, name="start"),
        )

    def _temperatures(self) -> tuple[Analysis, ...]:
        """Sweeps to both ends from where the operating point is most easily found: a cold start may find another."""
        room = float(np.clip(_ROOM, self.cold + _NARROWEST, self.hot - _NARROWEST))
        ends = (("cooling", self.cold), ("heating", self.hot))
        return tuple(Dc("temp", room, end, (end - room) / _TEMPERATURES, name=name) for name, end in ends)


class ReferenceTestbench(SourceTestbench):
    """Measures a voltage reference with the ports `out vdd vss`.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: capacitance at the output.
        settings: see `SourceTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    kind = "reference"
    title = "the testbench of voltage references"
    readings = ReferenceReadings
    units: ClassVar[Mapping[str, str]] = {**SourceTestbench.units, "load": "F"}

    def __init__(self, vdd: str | float | None = None, *, load: str | float = "1 pF", **settings: Any) -> None:
        super().__init__(vdd, **settings)
        self.load = self.positive("load", load, "F")

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every reference has the same ones
        """The supply and a load."""
        first, *others = self.sweeps(supply)
        still, moving = self.rising(supply)
        return Stimuli(
            text=f"{self.supplies(supply)}\nCload out 0 {self.load!r}\nEread read 0 out 0 1",
            analyses=(first, Ac(*_FREQUENCIES, name="vdd_ac"), *others),
            saved=("v(read)", "v(out)", "v(vdd)", "i(vdd)"),
            switched=still,
            settings=moving,
            options=_OPTIONS,
        )


class CurrentReferenceTestbench(SourceTestbench):
    """Measures a current reference with the ports `out vdd vss`, whose current flows into or out of `out`.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        output: voltage at which the output is held; half of the supply when it is `None`.
        settings: see `SourceTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    kind = "current_reference"
    title = "the testbench of current references"
    readings = CurrentReferenceReadings
    units: ClassVar[Mapping[str, str]] = {**SourceTestbench.units, "output": "V"}

    def __init__(self, vdd: str | float | None = None, *, output: str | float | None = None, **settings: Any) -> None:
        super().__init__(vdd, **settings)
        self.output = None if output is None else self.positive("output", output, "V")

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every reference has the same ones
        """The supply, and a source that holds the output; one volt at `read` for each ampere into the source."""
        held = supply / 2 if self.output is None else self.output
        compliance = Dc("vout", 0.0, supply, supply / _COMPLIANCE_POINTS, name="compliance")
        still, moving = self.rising(supply)
        return Stimuli(
            text=f"{self.supplies(supply)}\nVout out 0 dc {held!r}\nHread read 0 vout 1",
            analyses=self.sweeps(supply, compliance),
            saved=("v(read)", "v(out)", "v(vdd)", "i(vdd)"),
            switched=still,
            settings=moving,
            options=_OPTIONS,
        )
