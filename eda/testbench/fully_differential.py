"""The testbench of fully differential op-amps with common-mode feedback.

Controlled sources set the inputs: their mean is the common-mode level, their difference the drive less the differential
output, which returns through an inductor of 1 TH with a capacitor of 1 kF behind it: the differential loop is closed
for the operating point and open from 0.1 Hz; for steps and sines a resistor closes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eda.simulation import Ac, Op
from eda.testbench import measurements as measure
from eda.testbench.amplifier import AmplifierReadings
from eda.testbench.block import Stimuli
from eda.testbench.guards import output_level, stable
from eda.testbench.metric import metric
from eda.testbench.opamp import OPEN, SILENT, AmplifierTestbench
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from eda.netlist import Circuit
    from eda.simulation import Setting
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value

__all__ = ["FullyDifferentialTestbench"]


class FullyDifferentialReadings(AmplifierReadings):
    """Metrics and guards of a fully differential op-amp; its output is the difference of both."""

    def rest(self) -> float:
        """A differential output rests at 0 V."""
        return 0.0

    def common_output(self, analysis: str) -> Any:
        """The mean of both outputs."""
        waves = self.analyses[analysis]
        return (waves["v(outp)"] + waves["v(outn)"]) / 2

    def level_guards(self) -> tuple[Guard, ...]:
        """The mean of the outputs is at the level asked for, their difference near 0, their loop stable."""
        level, wanted = float(np.real(self.common_output("op")[0])), self.point.value("v(vocm)")
        supply = self.point.value("v(vdd)")
        loop = self.common_output("level")
        lead = measure.excess_phase(
            self.analyses["level"].scale, loop * np.conj(loop[0]) / max(abs(loop[0]) ** 2, 1e-300)
        )
        return (
            output_level(level, wanted, supply),
            output_level(self.point.value("v(out)"), 0.0, supply, "differential level"),
            replace(stable(lead), name="common-mode loop"),
        )

    @metric("V", "op", logarithmic=True)
    def common_mode_error(self) -> Value:
        """Difference between the mean of the outputs and the level that vocm asks for."""
        return max(abs(float(np.real(self.common_output("op")[0])) - self.point.value("v(vocm)")), 1e-12)

    @metric("dB", "common_mode")
    def common_mode_gain(self) -> Value:
        """Gain at 0.1 Hz from the common mode of the inputs to that of the outputs."""
        return measure.dc_gain(self.common_output("common_mode"))

    @metric("Hz", "level", logarithmic=True)
    def common_mode_bandwidth(self) -> Value:
        """Frequency at which the mean of the outputs follows vocm with 3 dB less than at 0.1 Hz."""
        return measure.bandwidth(self.analyses["level"].scale, self.common_output("level"))


class FullyDifferentialTestbench(AmplifierTestbench):
    """Measures a fully differential op-amp with the ports `inp inn outp outn vocm vdd vss`.

    Args:
        vocm: the common-mode level that the outputs are asked for; half of the supply when it is `None`.
        settings: see `AmplifierTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    kind = "fully_differential"
    title = "the testbench of fully differential op-amps"
    ports = ("inp", "inn", "outp", "outn", "vocm", "vdd", "vss")
    readings = FullyDifferentialReadings
    guarded = ("op", "ac", "level")
    units: ClassVar[Mapping[str, str]] = {**AmplifierTestbench.units, "vocm": "V"}

    def __init__(self, *args: Any, vocm: str | float | None = None, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.vocm = None if vocm is None else parse_quantity(vocm, "V")

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every op-amp has the same ones
        """Sources, loads and the loop that is closed for direct current."""
        centre = supply / 2 if self.vcm is None else self.vcm
        level = supply / 2 if self.vocm is None else self.vocm
        flat, moving = self.waveforms("vdm", 0.0, supply)
        still: dict[str, Setting] = {"@vdm[acmag]": 0}
        first, *others = self.alternating("v(out)", "vdm")
        assert isinstance(first, Ac)
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r} ac 0
Vss vss 0 dc 0 ac 0
Vocm vocm 0 dc {level!r} ac 0
Vcm cm 0 dc {centre!r} ac 0
Vdm dm 0 dc 0 ac 1 pulse(0 0 0 1p 1p 1 2)
Einp inp cm dm held 0.5
Einn inn cm dm held -0.5
Eout out 0 outp outn 1
Vshift out fb dc 0
Lfb fb held 1e12
Rfb fb held 1e15
Cfb held 0 1e3
Cloadp outp 0 {self.load!r}
Cloadn outn 0 {self.load!r}
""",
            analyses=(
                Op(),
                first,
                Ac(first.start, first.stop, first.points, name="level"),
                *others,
                self.swept(2 * supply, "vshift", "swing", -supply),
                *self.transients(),
            ),
            saved=("v(out)", "v(outp)", "v(outn)", "v(inp)", "v(inn)", "v(vocm)", "v(vdd)", "i(vdd)"),
            switched={"@vdm[acmag]": 1, "@vcm[acmag]": 0, "@vocm[acmag]": 0, **SILENT, **OPEN, **flat},
            settings={
                "level": {**still, "@vocm[acmag]": 1},
                "common_mode": {**still, "@vcm[acmag]": 1},
                "vdd_ac": {**still, "@vdd[acmag]": 1},
                "vss_ac": {**still, "@vss[acmag]": 1},
                **moving,
            },
            nodesets={"outp": level, "outn": level},
        )
