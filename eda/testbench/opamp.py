"""The testbench of single-ended op-amps: from one circuit the open loop, the follower, rejection, noise and ranges.

The output feeds the inverting input through a source and an inductor of 1 TH, and a capacitor of 1 kF holds that input
for alternating current: the loop is closed for the operating point and open from 0.1 Hz (loop gain below 1e-13 of
the open-loop gain). The source shifts the level between them, so a sweep of it drives the output over its range while
the inputs stay at their common-mode level. For steps and sines a resistor closes the loop instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from eda.errors import InputError
from eda.simulation import Ac, Dc, Noise, Op, Tran
from eda.testbench import measurements as measure
from eda.testbench.amplifier import SINE_PERIODS, AmplifierReadings
from eda.testbench.block import FLAT, BlockTestbench, Stimuli, beyond
from eda.testbench.guards import output_level
from eda.testbench.measurements import Undefined
from eda.testbench.metric import metric
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Analysis, Setting, Waveforms
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value
    from eda.testbench.testbench import Curve

__all__ = ["OPEN", "SILENT", "AmplifierTestbench", "OpAmpTestbench"]

_SWEEP_POINTS = 72
_FREQUENCIES = (0.1, 100e9, 20)  # Hz, Hz, points a decade; the last one is not judged for stability
_NOISE_POINTS = 10  # a decade; spectra have no resonances
_EDGE = 1e-4  # of the window: rise and fall times of a step


SILENT: Final[Mapping[str, Setting]] = {"@vdd[acmag]": 0, "@vss[acmag]": 0}
"""Supplies without alternating voltage."""
OPEN: Final[Mapping[str, Setting]] = {"@rfb[resistance]": 1e15, "@cfb[capacitance]": 1e3}
"""A loop that is closed for direct current only."""
_CLOSED: Final[dict[str, Setting]] = {"@rfb[resistance]": 1e-3, "@cfb[capacitance]": 1e-21}


class AmplifierTestbench(BlockTestbench):
    """What the testbenches of op-amps share: their settings, and the analyses that follow from them.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: load capacitance at each output.
        vcm: input common-mode voltage; half of the supply when it is `None`.
        frequency: at which `gain_at_frequency` and `input_noise` are read.
        step: of the output in a closed loop with unity gain, peak to peak; a tenth of the supply when it is `None`.
        window: time for each direction of the step.
        tolerance: of `settling_time`, per cent of the step.
        noise_low: lower end of the band of `integrated_noise`.
        noise_high: upper end of it.
        sine_frequency: of the sine whose distortion is measured.
        sine_amplitude: of it at the output, peak; a tenth of the supply when it is `None`.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    guarded: ClassVar[tuple[str, ...]] = ("op", "ac")
    units: ClassVar[Mapping[str, str]] = {
        "load": "F",
        "vcm": "V",
        "frequency": "Hz",
        "step": "V",
        "window": "s",
        "tolerance": "%",
        "noise_low": "Hz",
        "noise_high": "Hz",
        "sine_frequency": "Hz",
        "sine_amplitude": "V",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        load: str | float = "2 pF",
        vcm: str | float | None = None,
        *,
        frequency: str | float = "1 kHz",
        step: str | float | None = None,
        window: str | float = "2 us",
        tolerance: str | float = "1 %",
        noise_low: str | float = "1 Hz",
        noise_high: str | float = "1 MHz",
        sine_frequency: str | float = "10 kHz",
        sine_amplitude: str | float | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.load = self.positive("load", load, "F")
        self.vcm = None if vcm is None else parse_quantity(vcm, "V")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.step = None if step is None else self.positive("step", step, "V")
        self.window = self.positive("window", window, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        self.noise_low = self.positive("noise_low", noise_low, "Hz")
        self.noise_high = self.positive("noise_high", noise_high, "Hz")
        self.sine_frequency = self.positive("sine_frequency", sine_frequency, "Hz")
        self.sine_amplitude = None if sine_amplitude is None else self.positive("sine_amplitude", sine_amplitude, "V")
        if self.noise_low >= self.noise_high:
            raise InputError(
                f"`noise_low < noise_high` must hold, but got {self.noise_low:g} and {self.noise_high:g} Hz"
            )

    def edge(self, number: int) -> float:
        """When the step goes up (0) and down (1), s."""
        return self.window * (0.05 + number)

    def swept(self, supply: float, source: str, name: str, low: float) -> Dc:
        """A sweep of a source over as much as the supply."""
        return Dc(source, low, low + supply, supply / _SWEEP_POINTS, name=name)

    def alternating(self, output: str, source: str) -> tuple[Analysis, ...]:
        """The analyses of small signals."""
        noise = Noise(
            output,
            source,
            min(self.noise_low, self.frequency),
            beyond(max(self.noise_high, self.frequency), _NOISE_POINTS),
            _NOISE_POINTS,
        )
        names = ("ac", "common_mode", "vdd_ac", "vss_ac")
        return (*(Ac(*_FREQUENCIES, name=name) for name in names), noise)

    def curves(self, analysis: str, waves: Waveforms) -> Mapping[str, Curve]:
        """Output and input; the other input follows the output where the loop is closed."""
        curves = super().curves(analysis, waves)
        return {name: curve for name, curve in curves.items() if name != "v(inn)"}

    def transients(self) -> tuple[Analysis, ...]:
        """The analyses over time."""
        period = 1 / self.sine_frequency
        step = Tran(self.window / 40, self.edge(2), name="step")
        return (step, Tran(period / 100, SINE_PERIODS * period, name="sine"))

    def waveforms(
        self, source: str, rest: float, supply: float
    ) -> tuple[dict[str, Setting], dict[str, dict[str, Setting]]]:
        """Waveforms that a source has, and what `step` and `sine` set: waveforms, and the loop closed.

        Args:
            source: its name.
            rest: its level otherwise, V.
            supply: supply voltage, V.
        """
        half = self.amplitude("step", supply) / 2
        edge, window = self.window * _EDGE, self.window
        pulse = (rest - half, rest + half, self.edge(0), edge, edge, window - edge, 3 * window)
        flat: dict[str, Setting] = {
            f"@{source}[pulse]": (rest, rest, *FLAT),
            f"@{source}[sin]": (rest, 0.0, self.sine_frequency),
        }
        sine = (rest, self.amplitude("sine_amplitude", supply), self.sine_frequency)
        return flat, {"step": _CLOSED | {f"@{source}[pulse]": pulse}, "sine": _CLOSED | {f"@{source}[sin]": sine}}

    def amplitude(self, name: str, supply: float) -> float:
        """A setting that follows from the supply when it is not given, V."""
        value: float | None = getattr(self, name)
        return supply / 10 if value is None else value


class OpAmpReadings(AmplifierReadings):
    """Metrics and guards of a single-ended op-amp."""

    def level_guards(self) -> tuple[Guard, ...]:
        """The output rests at the common-mode level."""
        return (output_level(self.point.value("v(out)"), self.centre, self.point.value("v(vdd)")),)

    @metric("V", "input_range")
    def common_mode_low(self) -> Value:
        """Lowest input level that a unity-gain follower follows with 90 % of its mid-range slope, however slowly."""
        return self._range(0)

    @metric("V", "input_range")
    def common_mode_high(self) -> Value:
        """Highest input level that a unity-gain follower follows with 90 % of its mid-range slope, however slowly."""
        return self._range(1)

    @metric("V", "input_range")
    def common_mode_range(self) -> Value:
        """Range of input levels that a unity-gain follower follows (Allen & Holberg 2012, section 6.6)."""
        low, high = self._range(0), self._range(1)
        if isinstance(low, Undefined):
            return low
        return high if isinstance(high, Undefined) else high - low

    def _range(self, end: int) -> Value:
        output = np.real(self.output("input_range"))
        found = measure.linear_range(self.analyses["input_range"].scale, output, self.centre, 0.9)
        return found if isinstance(found, Undefined) else found[end]


class OpAmpTestbench(AmplifierTestbench):
    """Measures a single-ended op-amp with the ports `inp inn out vdd vss`.

    Its settings are those of `AmplifierTestbench`.
    """

    kind = "opamp"
    title = "the op-amp testbench"
    ports = ("inp", "inn", "out", "vdd", "vss")
    readings = OpAmpReadings

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every op-amp has the same ones
        """Sources, load and the loop that is closed for direct current."""
        centre = supply / 2 if self.vcm is None else self.vcm
        flat, moving = self.waveforms("vinp", centre, supply)
        still: dict[str, Setting] = {"@vinp[acmag]": 0, "@vheld[acmag]": 0}
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r} ac 0
Vss vss 0 dc 0 ac 0
Vinp inp 0 dc {centre!r} ac 0.5 pulse({centre!r} {centre!r} 0 1p 1p 1 2)
Vshift out fb dc 0
Lfb fb inn 1e12
Rfb fb inn 1e15
Cfb inn held 1e3
Vheld held 0 dc 0 ac -0.5
Cload out 0 {self.load!r}
""",
            analyses=(
                Op(),
                *self.alternating("v(out)", "vinp"),
                self.swept(supply, "vshift", "swing", -centre),
                self.swept(supply, "vinp", "input_range", 0.0),
                *self.transients(),
            ),
            saved=("v(out)", "v(inp)", "v(inn)", "v(vdd)", "i(vdd)"),
            switched={"@vinp[acmag]": 0.5, "@vheld[acmag]": -0.5, **SILENT, **OPEN, **flat},
            settings={
                "common_mode": {"@vinp[acmag]": 1, "@vheld[acmag]": 1},
                "vdd_ac": {**still, "@vdd[acmag]": 1},
                "vss_ac": {**still, "@vss[acmag]": 1},
                **moving,
            },
            nodesets={"out": centre},  # more of them lead the search astray more often than they help it
        )
