"""The testbench of current mirrors: a current into the input, a voltage at the output.

Mirrors of NMOS transistors take their input current in and sink the output current; those of PMOS transistors have a
negative input current and a rail vdd. Voltages are measured from the rail that the currents flow to, so both read
alike. A controlled source turns the output current into the voltage `mon`, one volt an ampere, for the noise analysis.

Source of the metrics: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, section
4.2 (systematic gain error, output resistance, smallest output voltage, input voltage).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from eda.errors import InputError
from eda.simulation import Ac, Dc, Noise, Op
from eda.testbench import measurements as measure
from eda.testbench.block import BlockTestbench, Readings, Stimuli, beyond
from eda.testbench.guards import Guard, biased, stable, within
from eda.testbench.measurements import Undefined
from eda.testbench.measurements.tia import resonant_peaking
from eda.testbench.metric import metric
from eda.testbench.testbench import Curve
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.netlist import Circuit
    from eda.simulation import Setting, Waveforms
    from eda.testbench.measurements import Value

__all__ = ["MirrorTestbench"]

_FREQUENCIES = (1.0, 100e9, 20)  # Hz, Hz, points a decade
_NOISE_POINTS = 10  # a decade
_FEWEST = 3  # points of a linear sweep of which ngspice 39 gives all; of two it gives one
_SWEEP_POINTS = 180  # steps of 10 mV at 1.8 V: the current falls within a few of them
_COMPLIANCE = 0.95  # of the current, above the smallest output voltage
_TRUE_WITHIN = 0.2  # of the current asked for; beyond it a circuit mirrors nothing
_LEAST_ERROR = 1e-9  # %, keeps an exact mirror out of logarithms
_FOLLOWS_WITHIN = 0.5  # of the small-signal gain asked for; a current source ignores what comes in
_HEADROOM = 0.1  # of the supply, which the source of the input current needs


class MirrorReadings(Readings):
    """Metrics and guards of a current mirror."""

    @cached_property
    def _wanted(self) -> float:
        """The output current that is asked for, with its sign, A."""
        return float(self.bench.input_current * self.bench.ratio)

    @cached_property
    def _output(self) -> float:
        """The output current, positive in the direction asked for, A."""
        return float(-self.point.value("i(vout)") * np.sign(self._wanted))

    @cached_property
    def _ratio(self) -> float:
        """Output current by that asked for."""
        return self._output / abs(self._wanted)

    @cached_property
    def frequency(self) -> NDArray[np.float64]:
        """Of the small-signal response, Hz."""
        return self.analyses["ac"].scale

    @cached_property
    def response(self) -> NDArray[np.complex128]:
        """Current into the output by current into the input."""
        return -self.analyses["ac"]["i(vout)"]

    @property
    def _input_voltage(self) -> float:
        return float(self.bench.from_rail(self.point.value("v(in)"), self.point.value("v(vdd)")))

    def guards(self) -> tuple[Guard, ...]:
        """Bias; a current as asked for, that follows the input; an input that a source can drive; stability."""
        supply = self.point.value("v(vdd)")
        start = complex(self.response[0])
        follows = start.real / self.bench.ratio
        upright = self.response * (start.conjugate() / abs(start)) if start else self.response
        return (
            *biased(self.point, self.transistors, self.bench.regions),
            within("mirrors", self._ratio, 1 - _TRUE_WITHIN, 1 + _TRUE_WITHIN, "it gives {} of the current asked for"),
            within("follows", follows, 1 - _FOLLOWS_WITHIN, 1 + _FOLLOWS_WITHIN, "its gain is {} of that asked for"),
            within("input level", self._input_voltage, 0.0, (1 - _HEADROOM) * supply, "the input needs {} V"),
            stable(measure.excess_phase(self.frequency, upright)),
        )

    # operating point

    @metric("A", "op", logarithmic=True)
    def output_current(self) -> Value:
        """Output current at the testbench's `output_voltage`."""
        return self._output if self._output > 0 else Undefined(f"the output carries {self._output:.3g} A")

    @metric("%", "op", logarithmic=True)
    def ratio_error(self) -> Value:
        """Magnitude of the error of the output current against `ratio` times the input current (Gray 2009, 4.2.1)."""
        return max(abs(self._ratio - 1) * 100, _LEAST_ERROR)

    @metric("%", "op")
    def signed_ratio_error(self) -> Value:
        """Error of the output current with its sign; over samples of mismatch its deviation is the random error."""
        return (self._ratio - 1) * 100

    @metric("V", "op")
    def input_voltage(self) -> Value:
        """Voltage between the input and the rail that its current flows to (Gray 2009, 4.2.1)."""
        return self._input_voltage

    @metric("A", "op", logarithmic=True)
    def supply_current(self) -> Value:
        """Current that the mirror needs beside its output: that of the input and that of bias branches at vdd."""
        return self._supply_current

    @metric("W", "op", logarithmic=True)
    def power(self) -> Value:
        """Supply voltage times supply current."""
        return self.point.value("v(vdd)") * self._supply_current

    @cached_property
    def _supply_current(self) -> float:
        bench = self.bench
        # vdd feeds what a PMOS mirror mirrors, input and output included; an NMOS one is fed by its own sources
        taken = -self.point.value("i(vdd)") - (0.0 if bench.input_current > 0 else self._output)
        return float(taken + (bench.input_current if bench.input_current > 0 else 0.0))

    # small signals

    @metric("Ohm", "output", logarithmic=True)
    def output_resistance(self) -> Value:
        """Inverse slope of the output current at the testbench's `output_voltage`, at 1 Hz (Gray 2009, 4.2.1)."""
        conductance = float(np.real(self.analyses["output"]["i(vout)"][0]))
        if conductance >= 0:
            return Undefined("the output current does not rise with the output voltage")
        return -1 / conductance

    @metric("F", "output", logarithmic=True)
    def output_capacitance(self) -> Value:
        """Imaginary part of the output's admittance at the testbench's `frequency` by the angular frequency."""
        waves = self.analyses["output"]
        found = float(np.imag(-waves["i(vout)"][-1]) / (2 * np.pi * waves.scale[-1]))
        return found if found > 0 else Undefined("the output is not capacitive")

    @metric("Ohm", "ac", logarithmic=True)
    def input_resistance(self) -> Value:
        """Magnitude of the impedance of the input at 1 Hz."""
        return float(abs(self.analyses["ac"]["v(in)"][0]))

    @metric("dB", "ac")
    def current_gain(self) -> Value:
        """Small-signal current gain at 1 Hz."""
        return measure.dc_gain(self.response)

    @metric("Hz", "ac", logarithmic=True)
    def bandwidth(self) -> Value:
        """Frequency at which the current gain is 3 dB below that at 1 Hz."""
        return measure.bandwidth(self.frequency, self.response)

    @metric("dB", "ac")
    def peaking(self) -> Value:
        """How far the current gain rises above that at 1 Hz."""
        return resonant_peaking(self.frequency, self.response)

    # noise

    @metric("A/√Hz", "noise", logarithmic=True)
    def output_noise(self) -> Value:
        """Noise current density of the output at the testbench's `frequency`; the input current has none."""
        return self.noise_density("onoise")

    @metric("A", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Noise current of the output from `noise_low` to `noise_high`, root mean square."""
        return self.noise_in_band("onoise")

    # output range

    @metric("V", "sweep")
    def compliance(self) -> Value:
        """Lowest voltage across the output above which it gives 95 % of its current at `output_voltage`."""
        if self._output <= 0:
            return Undefined(f"the output carries {self._output:.3g} A")
        return measure.compliance(*self._curve, self._output, _COMPLIANCE)

    @metric("%", "sweep", logarithmic=True)
    def range_error(self) -> Value:
        """Largest magnitude of the ratio error with the voltage across the output from `range_low` to `range_high`."""
        voltage, current = self._curve
        low, high = self.bench.range_of(self.point.value("v(vdd)"))
        _, inside = measure.window(voltage, current, low, high)
        return max(float(np.max(np.abs(inside / abs(self._wanted) - 1))) * 100, _LEAST_ERROR)

    @cached_property
    def _curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rising voltages across the output, and the currents that it gives at them."""
        sweep, sign = self.analyses["sweep"], np.sign(self._wanted)
        voltage = np.asarray(self.bench.from_rail(sweep.scale, self.point.value("v(vdd)")))
        current = -sweep.real("i(vout)") * sign
        return (voltage, current) if voltage[-1] > voltage[0] else (voltage[::-1], current[::-1])


class MirrorTestbench(BlockTestbench):
    """Measures a current mirror with the ports `in out vss`, `vdd` where it has bias branches or PMOS transistors.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        input_current: into the input; negative for a mirror of PMOS transistors, which gives current.
        ratio: of output to input current that is asked for.
        output_voltage: voltage across the output, from its rail, for everything but sweeps; half of the supply when
            it is `None`.
        range_low: lower end of the output range of `range_error`, from the rail; a quarter of the supply by default.
        range_high: upper end of it; the supply by default.
        frequency: at which `output_noise` and `output_capacitance` are read.
        noise_low: lower end of the band of `integrated_noise`.
        noise_high: upper end of it.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; no input current.
    """

    kind = "mirror"
    title = "the testbench of current mirrors"
    ports = ("in", "out")
    optional = ("vss", "vdd")
    guarded = ("op", "ac")
    readings = MirrorReadings
    units: ClassVar[Mapping[str, str]] = {
        "input_current": "A",
        "ratio": "",
        "output_voltage": "V",
        "range_low": "V",
        "range_high": "V",
        "frequency": "Hz",
        "noise_low": "Hz",
        "noise_high": "Hz",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        input_current: str | float = "20 uA",
        ratio: str | float = 1.0,
        output_voltage: str | float | None = None,
        *,
        range_low: str | float | None = None,
        range_high: str | float | None = None,
        frequency: str | float = "1 kHz",
        noise_low: str | float = "1 Hz",
        noise_high: str | float = "1 MHz",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.input_current = parse_quantity(input_current, "A")
        if self.input_current == 0:
            raise InputError("`input_current != 0` must hold, positive for NMOS and negative for PMOS mirrors")
        self.ratio = self.positive("ratio", ratio, "")
        self.output_voltage = None if output_voltage is None else self.positive("output_voltage", output_voltage, "V")
        self.range_low = None if range_low is None else self.positive("range_low", range_low, "V")
        self.range_high = None if range_high is None else self.positive("range_high", range_high, "V")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.noise_low = self.positive("noise_low", noise_low, "Hz")
        self.noise_high = self.positive("noise_high", noise_high, "Hz")
        for name in ("range", "noise"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if low is not None and high is not None and low >= high:
                raise InputError(f"`{name}_low < {name}_high` must hold, but got {low:g} and {high:g}")

    def from_rail(self, voltage: Any, supply: float) -> Any:
        """A voltage, or an array of them, from the rail that the currents flow to: from vss up, from vdd down."""
        return voltage if self.input_current > 0 else supply - voltage

    def range_of(self, supply: float) -> tuple[float, float]:
        """The range of voltages across the output in which it should give its current, V."""
        low = supply / 4 if self.range_low is None else self.range_low
        return low, supply if self.range_high is None else min(self.range_high, supply)

    def curves(self, analysis: str, waves: Waveforms) -> Mapping[str, Curve]:
        """Currents, their ratio and the output impedance; voltages of the mirror itself say little."""
        if analysis == "noise":
            return {"output": Curve(waves.real("onoise_spectrum"), "A/√Hz")}
        current = waves["i(vout)"]
        if analysis == "ac":
            return {"output by input current": Curve(-current)}
        if analysis == "output":
            return {"output impedance": Curve(-1 / np.where(current == 0, 1e-30, current), "Ohm")}
        return {"output current": Curve(-np.real(current), "A")}

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - all have the same ones
        """Supplies, the input current and the output voltage."""
        across = supply / 2 if self.output_voltage is None else self.output_voltage
        low, high = self.range_of(supply)
        if not (across <= supply and low < high):
            raise InputError(
                "`output_voltage <= vdd` and `range_low < range_high <= vdd` must hold, "
                f"but got {across:g}, {low:g} and {high:g} V with a supply of {supply:g} V"
            )
        rest = float(self.from_rail(across, supply))
        first, last = min(self.noise_low, self.frequency), beyond(max(self.noise_high, self.frequency), _NOISE_POINTS)
        still: dict[str, Setting] = {"@iin[acmag]": 0, "@vout[acmag]": 1}
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r}
Vss vss 0 dc 0
Iin 0 in dc {self.input_current!r} ac 1
Vout out 0 dc {rest!r} ac 0
Hmon mon 0 vout -1
""",
            analyses=(
                Op(),
                Ac(*_FREQUENCIES),
                Ac(min(_FREQUENCIES[0], self.frequency / 10), self.frequency, _FEWEST, variation="lin", name="output"),
                Noise("v(mon)", "iin", first, last, _NOISE_POINTS),
                Dc("vout", 0.0, supply, supply / _SWEEP_POINTS, name="sweep"),
            ),
            saved=("i(vout)", "v(mon)", "v(in)", "v(vdd)", "i(vdd)"),
            switched={"@iin[acmag]": 1, "@vout[acmag]": 0},
            settings={"output": still},
        )
