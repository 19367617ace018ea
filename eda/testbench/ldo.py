"""The testbench of linear regulators: from one circuit the loop, rejection, regulation, noise and load steps.

A voltage source connects the output to `sense`; its alternating voltage gives the loop gain -v(out)/v(sense) of the
closed loop (R. D. Middlebrook, "Measurement of loop gain in feedback systems", Int. J. Electronics 38(4), 1975), in
which the divider does not load the output: it takes far less than the load. The load is a current source; a diode keeps
it from pulling the output of a dead regulator far below ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from eda.errors import InputError
from eda.simulation import Ac, Dc, Noise, Op, Tran
from eda.testbench.block import BlockTestbench, Stimuli, beyond
from eda.testbench.ldo_readings import LDOReadings
from eda.testbench.testbench import ACCURATE, Curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Waveforms

__all__ = ["LDOTestbench"]

_FREQUENCIES = (0.1, 100e9, 20)  # Hz, Hz, points a decade; the last one is not judged for stability
_NOISE_POINTS = 10  # a decade; spectra have no resonances
_LINE_POINTS = 60
_LOAD_POINTS = 20
_LOWEST = 0.9  # of the wanted output: where the sweep of the input ends
_HIGHEST = 1.1  # of the supply: where it begins


class LDOTestbench(BlockTestbench):
    """Measures a linear regulator with the ports `vin vref sense out vss`; its divider stands between sense and vss.

    Args:
        vdd: input voltage; the technology's nominal supply when it is `None`.
        output: voltage that the output is asked for.
        vref: reference voltage.
        full_load: load current at which is measured, unless a metric says otherwise.
        light_load: the smallest one.
        capacitance: between output and ground.
        esr: resistance in series with it.
        frequency: at which `psrr_at_frequency` and `output_noise` are read.
        line_low: lower end of the input range of `line_regulation`; `vdd` when it is `None`.
        line_high: upper end of it; 110 % of `vdd` when it is `None`.
        noise_low: lower end of the band of `integrated_noise`.
        noise_high: upper end of it.
        window: time for each direction of the load step.
        rise: time in which the load goes from one value to the other.
        tolerance: of `settling_time`, per cent of `output`.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, not positive, or a range that does not rise.
    """

    kind = "ldo"
    title = "the testbench of linear regulators"
    ports = ("vin", "vref", "sense", "out", "vss")
    readings = LDOReadings
    guarded = ("op", "loop", "light", "light_loop")
    units: ClassVar[Mapping[str, str]] = {
        "output": "V",
        "vref": "V",
        "full_load": "A",
        "light_load": "A",
        "capacitance": "F",
        "esr": "Ohm",
        "frequency": "Hz",
        "line_low": "V",
        "line_high": "V",
        "noise_low": "Hz",
        "noise_high": "Hz",
        "window": "s",
        "rise": "s",
        "tolerance": "%",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        output: str | float = "1.5 V",
        vref: str | float = "1.2 V",
        *,
        full_load: str | float = "10 mA",
        light_load: str | float = "100 uA",
        capacitance: str | float = "1 uF",
        esr: str | float = "10 mOhm",
        frequency: str | float = "1 kHz",
        line_low: str | float | None = None,
        line_high: str | float | None = None,
        noise_low: str | float = "10 Hz",
        noise_high: str | float = "100 kHz",
        window: str | float = "20 us",
        rise: str | float = "100 ns",
        tolerance: str | float = "0.1 %",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.output = self.positive("output", output, "V")
        self.vref = self.positive("vref", vref, "V")
        self.full_load = self.positive("full_load", full_load, "A")
        self.light_load = self.positive("light_load", light_load, "A")
        self.capacitance = self.positive("capacitance", capacitance, "F")
        self.esr = self.positive("esr", esr, "Ohm")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.line_low = None if line_low is None else self.positive("line_low", line_low, "V")
        self.line_high = None if line_high is None else self.positive("line_high", line_high, "V")
        self.noise_low = self.positive("noise_low", noise_low, "Hz")
        self.noise_high = self.positive("noise_high", noise_high, "Hz")
        self.window = self.positive("window", window, "s")
        self.rise = self.positive("rise", rise, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        for low, high in (("light_load", "full_load"), ("noise_low", "noise_high"), ("rise", "window")):
            if getattr(self, low) >= getattr(self, high):
                raise InputError(f"`{low} < {high}` must hold, but got {getattr(self, low)} and {getattr(self, high)}")

    def edge(self, number: int) -> float:
        """When the load rises (0) and falls (1), s."""
        return self.window * (0.05 + number)

    def line(self, supply: float) -> tuple[float, float]:
        """The input range of `line_regulation`, V.

        Raises:
            InputError: it does not rise.
        """
        low = supply if self.line_low is None else self.line_low
        high = _HIGHEST * supply if self.line_high is None else self.line_high
        if low >= high:
            raise InputError(f"`line_low < line_high` must hold, but got {low:g} and {high:g} V")
        return low, high

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every regulator has the same ones
        """Sources and load."""
        full, light, wanted = self.full_load, self.light_load, self.output
        flat = (full, full, 0.0, self.rise, self.rise, self.window, 3 * self.window)
        step = (light, full, self.edge(0), self.rise, self.rise, self.window - self.rise, 3 * self.window)
        still = " ".join(f"{number!r}" for number in flat)
        return Stimuli(
            text=f"""
Vin vin 0 dc {supply!r} ac 0
Vref vref 0 dc {self.vref!r}
Vss vss 0 dc 0
Iload out 0 dc {full!r} pulse({still})
Dclamp 0 out clamp
.model clamp d is=1e-15
Cload out plate {self.capacitance!r}
Resr plate 0 {self.esr!r}
Vloop out sense dc 0 ac 0
""",
            analyses=(
                Op(),
                Ac(*_FREQUENCIES, name="loop"),
                Op(name="light"),
                Ac(*_FREQUENCIES, name="light_loop"),
                Ac(*_FREQUENCIES, name="vin_ac"),
                self._noise(),
                self._line_sweep(supply),
                Dc("iload", light, full, (full - light) / _LOAD_POINTS, name="load"),
                Tran(self.window / 200, self.edge(2), name="load_step"),
            ),
            saved=("v(out)", "v(sense)", "v(vin)", "i(vin)"),
            switched={"@vin[acmag]": 0, "@vloop[acmag]": 0, "@iload[dc]": full, "@iload[pulse]": flat},
            settings={
                "loop": {"@vloop[acmag]": 1},
                "light": {"@iload[dc]": light},
                "light_loop": {"@vloop[acmag]": 1, "@iload[dc]": light},
                "vin_ac": {"@vin[acmag]": 1},
                "noise": {"@vin[acmag]": 1},  # ngspice refers noise to a source that is not zero
                "load_step": {"@iload[pulse]": step},
            },
            options=(*ACCURATE, "itl2=100"),  # sweeps search for their first point as long as operating points do
            nodesets={"out": wanted, "sense": wanted},
        )

    def curves(self, analysis: str, waves: Waveforms) -> Mapping[str, Curve]:
        """The loop gain, and what the output has of the input, in place of the voltages that they are read from."""
        if analysis.endswith("loop"):
            return {"loop gain": Curve(-waves["v(out)"] / waves["v(sense)"])}
        if analysis == "vin_ac":
            return {"output by input": Curve(waves["v(out)"] / waves["v(vin)"])}
        curves = super().curves(analysis, waves)
        return {name: curve for name, curve in curves.items() if name != "v(sense)"}  # which is the output

    def _noise(self) -> Noise:
        low, high = min(self.noise_low, self.frequency), max(self.noise_high, self.frequency)
        return Noise("v(out)", "vin", low, beyond(high, _NOISE_POINTS), _NOISE_POINTS)

    def _line_sweep(self, supply: float) -> Dc:
        """A sweep of the input downwards, from a regulator that works to one in dropout."""
        low, high = self.line(supply)
        stop, start = min(low, _LOWEST * self.output), max(high, _HIGHEST * supply)
        return Dc("vin", start, stop, (stop - start) / _LINE_POINTS, name="line")
