"""The testbench of clocked comparators: delay, energy, offset by bisection, hysteresis, kickback, reset.

The comparator decides while the clock is high and resets while it is low; a cycle begins with the reset. The inputs
differ by the drive, half of it on either side of the common-mode level. For thresholds a capacitor holds a part of the
drive, and at the end of each decision a current steps it against the decision, by half as much each time: after `n`
cycles the drive is within 2^-n of `offset_range` from the threshold, where a staircase would need 2^n of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from eda.errors import InputError
from eda.simulation import Op, Tran
from eda.testbench.block import FLAT, BlockTestbench, Stimuli
from eda.testbench.clocked_comparator_readings import ClockedComparatorReadings
from eda.testbench.measurements import comparator as deciding
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Setting

__all__ = ["ClockedComparatorTestbench"]

_BITS: Final = 13  # decisions of a bisection: 6 uV of 50 mV
_STEPS: Final = 50  # of a cycle, at least
_COARSE: Final = 30  # of a cycle of a bisection, whose steps are breakpoints anyway
_CHANGE: Final = 0.05  # of a cycle: when the drive changes, after the reset has begun
_SAMPLE: Final = (0.85, 0.01, 0.08)  # of a cycle: start, edges and width of the bisection's steps
_OVERLAP: Final = 1.002  # of the bisection's steps, so that the integration's error leaves no gap between them
_HOLD: Final = 1e-9  # F; any other would do


class ClockedComparatorTestbench(BlockTestbench):
    """Measures a clocked comparator with the ports `inp inn clk outp outn vdd vss`, whose outputs are equal in reset.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: capacitance at each output.
        vcm: input common-mode voltage; half of the supply when it is `None`.
        frequency: of the clock; low for half of a period, then high.
        edge: rise and fall time of the clock.
        overdrive: differential input that is decided, of both signs.
        offset_range: highest threshold that is looked for, on either side.
        source_resistance: in front of each input while kickback is measured.
        regions: no transistor of a clocked comparator has a region to keep.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; an edge beyond a twentieth of a period.
    """

    kind = "clocked_comparator"
    title = "the testbench of clocked comparators"
    ports = ("inp", "inn", "clk", "outp", "outn", "vdd", "vss")
    readings = ClockedComparatorReadings
    guarded = ("op", "decision")
    units: ClassVar[Mapping[str, str]] = {
        "load": "F",
        "vcm": "V",
        "frequency": "Hz",
        "edge": "s",
        "overdrive": "V",
        "offset_range": "V",
        "source_resistance": "Ohm",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        load: str | float = "10 fF",
        vcm: str | float | None = None,
        *,
        frequency: str | float = "100 MHz",
        edge: str | float = "50 ps",
        overdrive: str | float = "5 mV",
        offset_range: str | float = "50 mV",
        source_resistance: str | float = "1 kOhm",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.load = self.positive("load", load, "F")
        self.vcm = None if vcm is None else parse_quantity(vcm, "V")
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.edge = self.positive("edge", edge, "s")
        self.overdrive = self.positive("overdrive", overdrive, "V")
        self.offset_range = self.positive("offset_range", offset_range, "V")
        self.source_resistance = self.positive("source_resistance", source_resistance, "Ohm")
        if self.edge > self.period / 20:
            raise InputError(
                f"`edge <= 1 / (20 frequency)` must hold, but got {self.edge:g} s and {self.frequency:g} Hz"
            )

    @property
    def period(self) -> float:
        """Of the clock, s."""
        return 1 / self.frequency

    @property
    def search_time(self) -> float:
        """Of a bisection with a decision in every cycle, s."""
        return _BITS * self.period

    def evaluation(self, cycle: int) -> tuple[float, float]:
        """Where the clock begins to rise and to fall in a cycle, s; the cycle ends half an edge after that."""
        return self.period * (cycle + 0.5) - self.edge / 2, self.period * (cycle + 1) - self.edge / 2

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every comparator has the same ones
        """Sources, loads, clock and the bisection."""
        centre = supply / 2 if self.vcm is None else self.vcm
        period, edge, over = self.period, self.edge, self.overdrive
        scale = _OVERLAP * _HOLD * self.offset_range / ((_SAMPLE[1] + _SAMPLE[2]) * period)
        step, coarse, span = period / _STEPS, period / _COARSE, self.search_time
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r}
Vss vss 0 dc 0
Vcm cm 0 dc {centre!r}
Vclk clk 0 dc 0 pulse(0 {supply!r} {(period - edge) / 2!r} {edge!r} {edge!r} {period / 2 - edge!r} {period!r})
Vsample sample 0 dc 0 pulse(0 0 0 1p 1p 1 2)
Vrate rate 0 dc 0
Bstep held 0 i = {scale!r}*v(sample)*tanh(1000*v(difference))*2^(-1-floor(time*v(rate)))
Chold held 0 {_HOLD!r}
Rhold held 0 1e12
Vdrive drive held dc {over!r} pulse({over!r} {over!r} 0 1p 1p 1 2)
Ep sp cm drive 0 0.5
En sn cm drive 0 -0.5
Rp sp inp 1m
Rn sn inn 1m
Edifference difference 0 outp outn 1
Cp outp 0 {self.load!r}
Cn outn 0 {self.load!r}
""",
            analyses=(
                Op(),
                Tran(step, 3 * period, name="decision"),
                Tran(step, 2 * period, name="kickback"),
                Tran(coarse, span, name="search"),
                Tran(coarse, 2 * span, name="after_high"),
                Tran(coarse, 2 * span, name="after_low"),
            ),
            saved=("v(difference)", "v(inp)", "v(inn)", "v(sp)", "v(sn)", "v(drive)", "v(vdd)", "i(vdd)"),
            switched={
                "@vdrive[pulse]": (over, over, *FLAT),
                "@vsample[pulse]": (0.0, 0.0, *FLAT),
                "@vrate[dc]": 0.0,
                "@rp[resistance]": 1e-3,
                "@rn[resistance]": 1e-3,
            },
            settings=self._settings(),
        )

    def _settings(self) -> dict[str, dict[str, Setting]]:
        """What each transient sets."""
        period, over, resistance = self.period, self.overdrive, self.source_resistance
        far = 2 * self.offset_range  # beyond what the bisection holds
        signs = (-over, over, *self._change(period))
        return {
            "decision": {**deciding.ACCURACY, "@vdrive[pulse]": signs},
            "kickback": {**deciding.ACCURACY, "@rp[resistance]": resistance, "@rn[resistance]": resistance},
            "search": self._bisection(1) | {"@vdrive[pulse]": (0.0, 0.0, *FLAT)},
            "after_high": self._bisection(2) | {"@vdrive[pulse]": (far, 0.0, *self._change(period))},
            "after_low": self._bisection(2) | {"@vdrive[pulse]": (-far, 0.0, *self._change(period))},
        }

    def _change(self, period: float) -> tuple[float, ...]:
        """Times of a drive that changes from cycle to cycle."""
        return (period * (1 + _CHANGE), self.edge, self.edge, period - self.edge, 2 * period)

    def _bisection(self, cycles: int) -> dict[str, Setting]:
        """Steps of the drive in every cycle, or in every second one."""
        period = self.period
        start, edge, width = (share * period for share in _SAMPLE)
        steps = (0.0, 1.0, (cycles - 1) * period + start, edge, edge, width, cycles * period)
        return {**deciding.COARSE, "@vsample[pulse]": steps, "@vrate[dc]": 1 / (cycles * period)}
