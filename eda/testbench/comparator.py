"""The testbench of continuous comparators: decisions, delay, trip points, energy, common-mode range, kickback.

The input `inn` rests at the common-mode level, `inp` differs from it by the drive: the sum of two sources, of which
pulses make a large input on one side, a small one on the other, and the same the other way round. A third one feeds
back a twentieth of the output for one sweep, which draws the steep transfer curve with few points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from eda.errors import InputError
from eda.simulation import Dc, Op, Tran
from eda.testbench.block import FLAT, BlockTestbench, Stimuli
from eda.testbench.comparator_readings import ComparatorReadings
from eda.testbench.measurements import comparator as deciding
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Setting

__all__ = ["ComparatorTestbench"]

_EDGE: Final = 1e-4  # of the window: rise and fall times of a step
_RECOVERY: Final = 0.5  # of the window: time with a large input before the second decision
_SWEEP_POINTS: Final = 36  # of the common mode
_TRANSFER_POINTS: Final = 48
_FEEDBACK: Final = 0.05  # of the output: 20 times less gain than the lowest that a comparator has


class ComparatorTestbench(BlockTestbench):
    """Measures a continuous comparator with the ports `inp inn out vdd vss`.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: capacitance at the output.
        vcm: input common-mode voltage; half of the supply when it is `None`.
        overdrive: differential input beyond zero that is decided.
        step: of the differential input to the overdrive, from the other side.
        window: time for each decision; edges of the input, which kickback depends on, take 1e-4 of it.
        offset_range: highest threshold that is looked for, on either side.
        sweep_time: of a ramp through the thresholds.
        source_resistance: in front of each input while kickback is measured.
        regions: the region that a transistor is meant to work in when the output is high; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; a step that is not larger than the overdrive.
    """

    kind = "comparator"
    title = "the comparator testbench"
    ports = ("inp", "inn", "out", "vdd", "vss")
    readings = ComparatorReadings
    guarded = ("op", "decision")
    units: ClassVar[Mapping[str, str]] = {
        "load": "F",
        "vcm": "V",
        "overdrive": "V",
        "step": "V",
        "window": "s",
        "offset_range": "V",
        "sweep_time": "s",
        "source_resistance": "Ohm",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        load: str | float = "0.2 pF",
        vcm: str | float | None = None,
        *,
        overdrive: str | float = "10 mV",
        step: str | float = "100 mV",
        window: str | float = "200 ns",
        offset_range: str | float = "50 mV",
        sweep_time: str | float = "1 ms",
        source_resistance: str | float = "1 kOhm",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.load = self.positive("load", load, "F")
        self.vcm = None if vcm is None else parse_quantity(vcm, "V")
        self.overdrive = self.positive("overdrive", overdrive, "V")
        self.step = self.positive("step", step, "V")
        self.window = self.positive("window", window, "s")
        self.offset_range = self.positive("offset_range", offset_range, "V")
        self.sweep_time = self.positive("sweep_time", sweep_time, "s")
        self.source_resistance = self.positive("source_resistance", source_resistance, "Ohm")
        if self.step <= self.overdrive:
            raise InputError(f"`step > overdrive` must hold, but got {self.step:g} and {self.overdrive:g} V")

    def start(self, edge: int) -> float:
        """The middle of the input's step up (0) and down (1), s."""
        return self.window * (0.05 + edge * (1 + _RECOVERY))

    def span(self, edge: int) -> tuple[float, float]:
        """Start and end of a decision, s; before the end no other input has begun."""
        return self.start(edge), self.start(edge) + self.window * (1 - _EDGE)

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every comparator has the same ones
        """Sources, load and the sources' waveforms."""
        centre = supply / 2 if self.vcm is None else self.vcm
        over = self.overdrive
        reach = 0.8 * _FEEDBACK * supply
        common = supply / _SWEEP_POINTS
        still: dict[str, Setting] = {"@vdrive[pulse]": (over, over, *FLAT), "@vreturn[pulse]": (0.0, 0.0, *FLAT)}
        decide = {**deciding.ACCURACY, **self._decisions()}
        sources: dict[str, Setting] = {
            "@rp[resistance]": self.source_resistance,
            "@rn[resistance]": self.source_resistance,
        }
        ramp = (
            -self.offset_range,
            self.offset_range,
            0.0,
            self.sweep_time,
            self.sweep_time,
            1e-12,
            4 * self.sweep_time,
        )
        times = self.window / 50, self.span(1)[1]
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r}
Vss vss 0 dc 0
Vcm cm 0 dc {centre!r}
Vhalf half 0 dc {supply / 2!r}
Vdrive drive cm dc {over!r} pulse({over!r} {over!r} 0 1p 1p 1 2)
Vreturn source drive dc 0 pulse(0 0 0 1p 1p 1 2)
Eref ref cm out half 0
Rp source inp 1m
Rn ref inn 1m
Einput input 0 inp inn 1
Cload out 0 {self.load!r}
""",
            analyses=(
                Op(),
                Op(name="low"),
                Dc("vdrive", -reach, reach, 2 * reach / _TRANSFER_POINTS, name="transfer"),
                Dc("vcm", 0.0, supply, common, name="high_range"),
                Dc("vcm", 0.0, supply, common, name="low_range"),
                Tran(*times, name="decision"),
                Tran(*times, name="kickback"),
                Tran(self.sweep_time / 50, 2 * self.sweep_time, name="sweep"),
            ),
            saved=("v(out)", "v(input)", "v(inn)", "v(ref)", "v(cm)", "v(vdd)", "i(vdd)"),
            switched={
                "@vdrive[dc]": over,
                "@eref[gain]": 0,
                "@rp[resistance]": 1e-3,
                "@rn[resistance]": 1e-3,
                **still,
            },
            settings={
                "low": {"@vdrive[dc]": -over},
                "low_range": {"@vdrive[dc]": -over},
                "transfer": {"@eref[gain]": _FEEDBACK},
                "decision": decide,
                "kickback": decide | sources,
                "sweep": {**deciding.RAMPS, "@vdrive[pulse]": ramp},
            },
        )

    def _decisions(self) -> dict[str, Setting]:
        """Two pulses whose sum is a large negative, a small positive, a large positive and a small negative input."""
        far, over, edge = self.step - self.overdrive, self.overdrive, self.window * _EDGE
        first, second = self.start(0) - edge / 2, self.start(1) - edge / 2
        return {
            "@vdrive[pulse]": (-far, over, first, edge, edge, second - first - edge, 4 * second),
            "@vreturn[pulse]": (0.0, far - over, first + self.window, edge, edge, 4 * second, 8 * second),
        }
