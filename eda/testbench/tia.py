"""The testbench of transimpedance amplifiers: a photodiode's current and capacitance in front, a load behind.

A current source drives the input, so the output voltage is the transimpedance in `ac`; in `output`, the current goes
into the output instead. `step` steps the input current to both sides of its mean, `overload` sweeps it.

Source of the metrics: E. Säckinger, "Analysis and Design of Transimpedance Amplifiers for Optical Receivers", 2017,
chapter 5.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eda.errors import InputError
from eda.simulation import Ac, Dc, Noise, Op, Tran
from eda.testbench import measurements as measure
from eda.testbench.block import FLAT, BlockTestbench, Stimuli, SuppliedReadings, beyond
from eda.testbench.guards import Guard, biased, defined, stable, within
from eda.testbench.measurements import Undefined, worst
from eda.testbench.measurements.tia import current_range, group_delay_variation, resonant_peaking, rise_time
from eda.testbench.metric import metric
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.netlist import Circuit
    from eda.simulation import Setting
    from eda.testbench.measurements import Value

__all__ = ["TransimpedanceTestbench"]

_FREQUENCIES = (10.0, 100e9, 20)  # Hz, Hz, points a decade
_NOISE_POINTS = 10  # a decade
_LOW_BAND = 0.01  # of the bandwidth, from which the group delay counts: below it is flat, and the phase near 0
_SWEEP_POINTS = 80
_REACH = 10  # steps to which the input current is swept when nothing is said
_EDGE = 1e-4  # of the window: rise and fall times of a step
_LEAST_GAIN = 1.5  # of the output over the input; a circuit of resistors has one at the most
_RAIL = 0.05  # of the supply, which the output keeps away from both rails


class TransimpedanceReadings(SuppliedReadings):
    """Metrics and guards of a transimpedance amplifier."""

    @cached_property
    def frequency(self) -> NDArray[np.float64]:
        """Of the small-signal response, Hz."""
        return self.analyses["ac"].scale

    @cached_property
    def response(self) -> NDArray[np.complex128]:
        """Output voltage by input current, Ohm."""
        return self.analyses["ac"]["v(out)"]

    @cached_property
    def _gain(self) -> float:
        """Transimpedance at the lowest frequency with its sign, Ohm."""
        return float(np.real(self.response[0]))

    @cached_property
    def _resistance(self) -> float:
        return float(abs(self.analyses["ac"]["v(in)"][0]))

    @cached_property
    def _bandwidth(self) -> Value:
        return measure.bandwidth(self.frequency, self.response)

    def guards(self) -> tuple[Guard, ...]:
        """Bias, levels, gain that no passive circuit has, stability; whether a step settles."""
        supply = self.point.value("v(vdd)")
        level, inside = self.point.value("v(out)"), _RAIL * supply
        found = (
            *biased(self.point, self.transistors, self.bench.regions),
            within("output level", level, inside, supply - inside, "the output rests at {} V"),
            within("input level", self.point.value("v(in)"), 0.0, supply, "the input rests at {} V"),
            _amplifies(abs(self._gain), self._resistance),
            stable(measure.excess_phase(self.frequency, self._upright)),
        )
        if "step" not in self.analyses:
            return found
        return (
            *found,
            defined("settles", self.settling_time(), "the output settles after a step"),
        )

    @property
    def _upright(self) -> NDArray[np.complex128]:
        """The response without its sign."""
        start = complex(self.response[0])
        return self.response * (start.conjugate() / abs(start)) if start else self.response

    # frequency response

    @metric("Ohm", "ac", logarithmic=True)
    def transimpedance(self) -> Value:
        """Magnitude of output voltage by input current at 10 Hz (Säckinger 2017, section 5.1)."""
        return float(abs(self.response[0]))

    @metric("dB", "ac")
    def transimpedance_db(self) -> Value:
        """Transimpedance at 10 Hz in decibels above 1 Ohm."""
        return measure.dc_gain(self.response)

    @metric("Hz", "ac", logarithmic=True)
    def bandwidth(self) -> Value:
        """Frequency at which the transimpedance is 3 dB below that at 10 Hz."""
        return self._bandwidth

    @metric("dB", "ac")
    def peaking(self) -> Value:
        """How far the transimpedance rises above that at 10 Hz."""
        return resonant_peaking(self.frequency, self.response)

    @metric("s", "ac", logarithmic=True)
    def group_delay_variation(self) -> Value:
        """Largest less smallest group delay from a hundredth of the bandwidth to it (Säckinger 2017, section 5.1)."""
        if isinstance(self._bandwidth, Undefined):
            return self._bandwidth
        low = max(_LOW_BAND * self._bandwidth, float(self.frequency[0]))
        return group_delay_variation(self.frequency, self.response, low, self._bandwidth)

    @metric("Ohm", "ac", logarithmic=True)
    def input_resistance(self) -> Value:
        """Magnitude of the impedance of the input at 10 Hz."""
        return self._resistance

    @metric("Ohm", "output", logarithmic=True)
    def output_resistance(self) -> Value:
        """Magnitude of the impedance of the output at 10 Hz."""
        return float(abs(self.analyses["output"]["v(out)"][0]))

    # operating point

    @metric("V", "op")
    def output_level(self) -> Value:
        """Output voltage at the mean input current."""
        return self.point.value("v(out)")

    @metric("V", "op")
    def input_level(self) -> Value:
        """Input voltage at the mean input current: what is left to bias the photodiode."""
        return self.point.value("v(in)")

    # noise

    @metric("A/√Hz", "noise", logarithmic=True)
    def input_noise(self) -> Value:
        """Input-referred noise current density at the testbench's `frequency`."""
        return self.noise_density("inoise")

    @metric("A", "noise", "ac", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Output noise from `noise_low` to `noise_high`, root mean square, by the transimpedance at 10 Hz.

        This is Säckinger's (2017, section 5.2) total input-referred noise current: integrating the input-referred
        density itself would depend on where above the bandwidth one stops.
        """
        output = self.noise_in_band("onoise")
        if isinstance(output, Undefined):
            return output
        return output / abs(self._gain) if self._gain else Undefined("there is no transimpedance")

    # large signals

    @metric("A", "overload", logarithmic=True)
    def input_range(self) -> Value:
        """Range of input currents around the mean one with at least half of its transimpedance, within `sweep`."""
        found = self._range()
        return found if isinstance(found, Undefined) else found[1] - found[0]

    @metric("A", "overload", logarithmic=True)
    def overload(self) -> Value:
        """Largest change of the input current that leaves half of the transimpedance at the mean one, within `sweep`.

        In the direction of `input_current`, which is that of the photodiode; the smaller one of both where it is zero
        (Säckinger 2017, section 5.3).
        """
        found, mean = self._range(), self.bench.input_current
        if isinstance(found, Undefined):
            return found
        sides = (found[1] - mean, mean - found[0])
        return min(sides) if mean == 0 else float(sides[0 if mean > 0 else 1])

    def _range(self) -> tuple[float, float] | Undefined:
        sweep = self.analyses["overload"]
        return current_range(sweep.scale, np.real(sweep["v(out)"]), self.bench.input_current, 0.5)

    # steps

    @metric("s", "step", logarithmic=True)
    def settling_time(self) -> Value:
        """Time from a step of the input current to the last moment outside of `tolerance`, the longer direction."""
        return worst(self._settling(0), self._settling(1))

    @metric("%", "step")
    def overshoot(self) -> Value:
        """How far the output goes beyond its final value after a step of the input current, the larger direction."""
        return worst(*(measure.overshoot(*self._edge(edge)) for edge in (0, 1)))

    @metric("s", "step", logarithmic=True)
    def rise_time(self) -> Value:
        """Time from 10 % to 90 % of the output's response to a step of the input current, the longer direction."""
        return worst(*(rise_time(*self._edge(edge)) for edge in (0, 1)))

    def _edge(self, edge: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        start, waves = self.bench.edge(edge), self.analyses["step"]
        return waves.scale, np.real(waves["v(out)"]), start, start + self.bench.window

    def _settling(self, edge: int) -> Value:
        half = self._gain * self.bench.step / 2
        target = self.point.value("v(out)") + (half if edge == 0 else -half)
        return measure.settling_time(*self._edge(edge), tolerance=self.bench.tolerance / 100, target=target)


def _amplifies(gain: float, resistance: float) -> Guard:
    """The output moves more than the input does, which it cannot where resistors alone pass the signal on."""
    ratio = gain / max(resistance, 1e-30)
    margin = float(np.clip(np.log2(max(ratio / _LEAST_GAIN, 1e-9)), -1, 1))
    return Guard(
        "amplifies", margin, f"the output moves {ratio:.3g} times as far as the input ({_LEAST_GAIN} asked for)"
    )


class TransimpedanceTestbench(BlockTestbench):
    """Measures a transimpedance amplifier with the ports `in out vdd vss`.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        photodiode: capacitance at the input.
        load: capacitance at the output.
        input_current: mean current into the input; negative where the photodiode draws it out.
        frequency: at which `input_noise` is read.
        noise_low: lower end of the band of `integrated_noise`.
        noise_high: upper end of it.
        step: of the input current around its mean, peak to peak.
        window: time for each direction of the step.
        tolerance: of `settling_time`, per cent of the step.
        sweep: how far `overload` and `input_range` go to either side of the mean; ten steps when it is `None`.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    kind = "tia"
    title = "the testbench of transimpedance amplifiers"
    ports = ("in", "out", "vdd", "vss")
    guarded = ("op", "ac")
    readings = TransimpedanceReadings
    units: ClassVar[Mapping[str, str]] = {
        "photodiode": "F",
        "load": "F",
        "input_current": "A",
        "frequency": "Hz",
        "noise_low": "Hz",
        "noise_high": "Hz",
        "step": "A",
        "window": "s",
        "tolerance": "%",
        "sweep": "A",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        photodiode: str | float = "200 fF",
        load: str | float = "50 fF",
        input_current: str | float = 0.0,
        *,
        frequency: str | float = "10 MHz",
        noise_low: str | float = "1 kHz",
        noise_high: str | float = "10 GHz",
        step: str | float = "1 uA",
        window: str | float = "20 ns",
        tolerance: str | float = "1 %",
        sweep: str | float | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.photodiode = self.positive("photodiode", photodiode, "F")
        self.load = self.positive("load", load, "F")
        self.input_current = parse_quantity(input_current, "A")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.noise_low = self.positive("noise_low", noise_low, "Hz")
        self.noise_high = self.positive("noise_high", noise_high, "Hz")
        self.step = self.positive("step", step, "A")
        self.window = self.positive("window", window, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        self.sweep = None if sweep is None else self.positive("sweep", sweep, "A")
        if self.noise_low >= self.noise_high:
            raise InputError(
                f"`noise_low < noise_high` must hold, but got {self.noise_low:g} and {self.noise_high:g} Hz"
            )

    def edge(self, number: int) -> float:
        """When the input current goes up (0) and down (1), s."""
        return self.window * (0.05 + number)

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - all have the same ones
        """Supplies, photodiode and load."""
        mean, half, window = self.input_current, self.step / 2, self.window
        reach = _REACH * self.step if self.sweep is None else self.sweep
        pulse = (
            mean - half,
            mean + half,
            self.edge(0),
            window * _EDGE,
            window * _EDGE,
            window * (1 - _EDGE),
            3 * window,
        )
        still: dict[str, Setting] = {"@iin[acmag]": 0}
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r}
Vss vss 0 dc 0
Iin 0 in dc {mean!r} ac 1 pulse({mean!r} {mean!r} 0 1p 1p 1 2)
Iout 0 out dc 0 ac 0
Cin in 0 {self.photodiode!r}
Cload out 0 {self.load!r}
""",
            analyses=(
                Op(),
                Ac(*_FREQUENCIES),
                Ac(_FREQUENCIES[0], 10 * _FREQUENCIES[0], 1, name="output"),
                Noise(
                    "v(out)",
                    "iin",
                    min(self.noise_low, self.frequency),
                    beyond(max(self.noise_high, self.frequency), _NOISE_POINTS),
                    _NOISE_POINTS,
                ),
                Dc("iin", mean - reach, mean + reach, 2 * reach / _SWEEP_POINTS, name="overload"),
                Tran(window / 200, self.edge(2), name="step"),
            ),
            saved=("v(out)", "v(in)", "v(vdd)", "i(vdd)"),
            switched={
                "@iin[acmag]": 1,
                "@iout[acmag]": 0,
                "@iin[pulse]": (mean, mean, *FLAT),
            },
            settings={
                "output": {**still, "@iout[acmag]": 1},
                "step": {"@iin[pulse]": pulse, "reltol": 1e-7},  # small beside the bias, by which errors are judged
            },
        )
