"""The testbench of low-pass and band-pass filters, single-ended or differential, with or without a supply.

A filter has the ports `in out`, or `inp inn outp outn` in their place; `vdd vss` where it is active. A differential one
is driven by controlled sources around the common-mode level, and its output is the difference of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from eda.errors import InputError
from eda.simulation import Ac, Noise, Op, Tran
from eda.testbench.block import FLAT, TRANSIENT, BlockTestbench, Stimuli, beyond, require_design
from eda.testbench.filter_readings import FilterReadings
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Setting

__all__ = ["FilterTestbench"]

_POINTS: Final = 60  # a decade: with a spline 0.1 % at a quality factor of 10
_COARSE: Final = 20  # for what has no resonance, or of which only the phase counts
_NOISE_POINTS: Final = 20
_HIGHEST: Final = 100e9  # Hz; amplifiers that oscillate do so a decade below
_STOP_BAND: Final = 100.0  # upper edge by lower edge
_SINE_PERIODS: Final = 4  # the last one is analysed
_SINGLE: Final = ("in", "out")
_DIFFERENTIAL: Final = ("inp", "inn", "outp", "outn")
_SUPPLIES: Final = ("vdd", "vss")


class FilterTestbench(BlockTestbench):
    """Measures a filter with the ports `in out` or `inp inn outp outn`, and `vdd vss` where it has a supply.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: load capacitance at each output.
        vcm: level of the input; half of the supply when it is `None`, 0 V for a filter without one.
        level: where the output is asked to rest; as the input when it is `None`.
        gain: in the pass band that is asked for; a circuit that is 3 dB off does not work.
        passband: upper edge of the pass band.
        passband_low: its lower edge, which makes it a band-pass.
        stopband: lower edge of the upper stop band; ten times `passband` when it is `None`.
        stopband_low: upper edge of a band-pass' lower stop band; a tenth of `passband_low` when it is `None`.
        frequency: at which `output_noise` is read; when it is `None`, a tenth of `passband`, or a band-pass' centre.
        noise_low: lower end of the band of `integrated_noise`; a thousandth of `passband` when it is `None`.
        noise_high: upper end of it; ten times `passband` when it is `None`.
        step: of the input, peak to peak; when it is `None`, a tenth of the supply, divided by a gain above 0 dB.
        window: time for each direction of the step; ten periods of `passband` when it is `None`.
        tolerance: of `settling_time`, per cent of the step.
        sine_frequency: of the sine whose distortion is measured; when it is `None`, a fifth of `passband`, or a
            band-pass' centre.
        sine_amplitude: of it at the input, peak; as `step` when it is `None`.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; edges that do not rise.
    """

    kind = "filter"
    title = "the filter testbench"
    ports = ()  # one of two sets, checked when the circuit is known
    optional = (*_SINGLE, *_DIFFERENTIAL, *_SUPPLIES)
    guarded = ("op", "ac", "common_mode")
    readings = FilterReadings
    units: ClassVar[Mapping[str, str]] = {
        "load": "F",
        "vcm": "V",
        "level": "V",
        "gain": "dB",
        "passband": "Hz",
        "passband_low": "Hz",
        "stopband": "Hz",
        "stopband_low": "Hz",
        "frequency": "Hz",
        "noise_low": "Hz",
        "noise_high": "Hz",
        "step": "V",
        "window": "s",
        "tolerance": "%",
        "sine_frequency": "Hz",
        "sine_amplitude": "V",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        load: str | float = "1 pF",
        vcm: str | float | None = None,
        *,
        level: str | float | None = None,
        gain: str | float = "0 dB",
        passband: str | float = "1 MHz",
        passband_low: str | float | None = None,
        stopband: str | float | None = None,
        stopband_low: str | float | None = None,
        frequency: str | float | None = None,
        noise_low: str | float | None = None,
        noise_high: str | float | None = None,
        step: str | float | None = None,
        window: str | float | None = None,
        tolerance: str | float = "1 %",
        sine_frequency: str | float | None = None,
        sine_amplitude: str | float | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.load = self.positive("load", load, "F")
        self.vcm = None if vcm is None else parse_quantity(vcm, "V")
        self.level = None if level is None else parse_quantity(level, "V")
        self.gain = parse_quantity(gain, "dB")
        edge = self.passband = self.positive("passband", passband, "Hz")
        self.passband_low = None if passband_low is None else self.positive("passband_low", passband_low, "Hz")
        self.stopband = self.positive("stopband", 10 * edge if stopband is None else stopband, "Hz")
        self.stopband_low = None if stopband_low is None else self.positive("stopband_low", stopband_low, "Hz")
        if self.passband_low is not None and stopband_low is None:
            self.stopband_low = self.passband_low / 10
        centre = None if self.passband_low is None else self.reference
        self.frequency = self.positive("frequency", (centre or edge / 10) if frequency is None else frequency, "Hz")
        self.noise_low = self.positive("noise_low", edge / 1000 if noise_low is None else noise_low, "Hz")
        self.noise_high = self.positive("noise_high", 10 * edge if noise_high is None else noise_high, "Hz")
        self.step = None if step is None else self.positive("step", step, "V")
        self.window = self.positive("window", 10 / edge if window is None else window, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        self.sine_frequency = self.positive(
            "sine_frequency", (centre or edge / 5) if sine_frequency is None else sine_frequency, "Hz"
        )
        self.sine_amplitude = None if sine_amplitude is None else self.positive("sine_amplitude", sine_amplitude, "V")
        self._check_edges()

    def _check_edges(self) -> None:
        given = {name: getattr(self, name) for name in ("stopband_low", "passband_low", "passband", "stopband")}
        edges = {name: value for name, value in given.items() if value is not None}
        if self.stopband_low is not None and self.passband_low is None:
            raise InputError("a filter with `stopband_low` is a band-pass: give `passband_low` as well")
        pairs = (
            *zip(edges.items(), list(edges.items())[1:], strict=False),
            (("noise_low", self.noise_low), ("noise_high", self.noise_high)),
        )
        for (first, low), (second, high) in pairs:
            if low >= high:
                raise InputError(f"`{first} < {second}` must hold, but got {low:g} and {high:g} Hz")

    @property
    def reference(self) -> float:
        """The frequency that stands for the pass band, Hz."""
        return self.passband / 1000 if self.passband_low is None else float(np.sqrt(self.passband_low * self.passband))

    @property
    def band(self) -> tuple[float, float]:
        """The pass band, Hz."""
        return (self.reference if self.passband_low is None else self.passband_low), self.passband

    @property
    def stopbands(self) -> tuple[tuple[float, float], ...]:
        """The stop bands, Hz."""
        upper = (self.stopband, self.stopband * _STOP_BAND)
        return (upper,) if self.stopband_low is None else ((self.stopband_low / _STOP_BAND, self.stopband_low), upper)

    def edge(self, number: int) -> float:
        """When the step goes up (0) and down (1), s."""
        return self.window * (0.05 + number)

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:
        """Sources and loads for the ports that the circuit has."""
        differential = "inp" in circuit.ports
        require_design(circuit, _DIFFERENTIAL if differential else _SINGLE, _SUPPLIES, self.title)
        powered = "vdd" in circuit.ports
        centre = (supply / 2 if powered else 0.0) if self.vcm is None else self.vcm
        level = centre if self.level is None else self.level
        rest = 0.0 if differential else centre
        frequencies = (self.sweep_start, max(_HIGHEST, self.stopband * _STOP_BAND * 10), _POINTS)
        flat, moving = self._waveforms(rest, supply)
        outputs = ("v(outp)", "v(outn)") if differential else ()
        silent = {"@vdd[acmag]": 0, **({"@vcm[acmag]": 0} if differential else {})}
        others = ("vdd_ac",) * powered + ("common_mode",) * differential
        step = (Tran(self.window / 800, self.edge(2), name="step"),) if self.passband_low is None else ()
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r} ac 0
Vss vss 0 dc 0
Vlevel level 0 dc {level!r}
{_sources(differential, centre, self.load)}
""",
            analyses=(
                Op(),
                Ac(*frequencies),
                *(Ac(*frequencies[:2], _COARSE, name=name) for name in others),
                Noise("v(out)", "vin", *self._noise_band(), _NOISE_POINTS),
                *step,
                Tran(1 / (60 * self.sine_frequency), _SINE_PERIODS / self.sine_frequency, name="sine"),
            ),
            saved=("v(out)", *outputs, "v(drive)", "v(level)", "v(vdd)", "i(vdd)"),
            switched={"@vin[acmag]": 1, **silent, **flat},
            settings={
                "vdd_ac": {"@vin[acmag]": 0, "@vdd[acmag]": 1},
                "common_mode": {"@vin[acmag]": 0, "@vcm[acmag]": 1},
                **moving,
            },
            impossible={
                "vdd_ac": "it has no port vdd",
                "common_mode": "it is not differential",
                "step": "the response of a band-pass ends where it began",
            },
        )

    @property
    def sweep_start(self) -> float:
        """The lowest frequency of a sweep: below every band, and far below every pole, Hz."""
        return self.reference if self.stopband_low is None else self.stopband_low / _STOP_BAND

    def _noise_band(self) -> tuple[float, float]:
        low, high = min(self.noise_low, self.frequency), max(self.noise_high, self.frequency)
        return 0.9999 * low, beyond(high, _NOISE_POINTS)  # the command has twelve digits

    def _waveforms(self, rest: float, supply: float) -> tuple[dict[str, Setting], dict[str, dict[str, Setting]]]:
        """What the input source has, and what `step` and `sine` set."""
        usual = supply / 10 / max(10 ** (self.gain / 20), 1.0)
        half = (usual if self.step is None else self.step) / 2
        edge, window = self.window * 1e-4, self.window
        flat: dict[str, Setting] = {"@vin[pulse]": (rest, rest, *FLAT), "@vin[sin]": (rest, 0.0, self.sine_frequency)}
        pulse = (rest - half, rest + half, self.edge(0), edge, edge, window - edge, 3 * window)
        sine = (rest, usual if self.sine_amplitude is None else self.sine_amplitude, self.sine_frequency)
        return flat, {
            "step": {"reltol": TRANSIENT, "@vin[pulse]": pulse},
            "sine": {"reltol": TRANSIENT, "@vin[sin]": sine},
        }


def _sources(differential: bool, centre: float, load: float) -> str:  # noqa: FBT001 - which of two texts
    """The input sources and the loads; `drive` is what the input is driven with."""
    if not differential:
        return f"""Vin drive 0 dc {centre!r} ac 1 pulse({centre!r} {centre!r} 0 1p 1p 1 2)
Ein in 0 drive 0 1
Cload out 0 {load!r}"""
    return f"""Vcm cm 0 dc {centre!r} ac 0
Vin drive 0 dc 0 ac 1 pulse(0 0 0 1p 1p 1 2)
Einp inp cm drive 0 0.5
Einn inn cm drive 0 -0.5
Eout out 0 outp outn 1
Cloadp outp 0 {load!r}
Cloadn outn 0 {load!r}"""
