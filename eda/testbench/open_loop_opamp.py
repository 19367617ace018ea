"""The testbench of op-amps without feedback: both inputs at one level, and the output wherever the offset takes it.

So AutoCkt measures its op-amp (K. Settaluri et al., DATE 2020). It is harder on a design than `opamp`: an offset of a
few millivolts takes the output to a rail and the gain with it, so stages must match in current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.simulation import Op
from eda.testbench.amplifier import AmplifierReadings
from eda.testbench.block import Stimuli
from eda.testbench.guards import within
from eda.testbench.metric import metric
from eda.testbench.opamp import SILENT, AmplifierTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Setting
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value

__all__ = ["OpenLoopOpAmpTestbench"]

_LOW, _HIGH = 0.02, 0.98  # of the supply; at a rail there is no gain


class OpenLoopReadings(AmplifierReadings):
    """Metrics and guards of an op-amp without feedback."""

    def level_guards(self) -> tuple[Guard, ...]:
        """The output rests between the rails."""
        supply = self.point.value("v(vdd)")
        found = self.point.value("v(out)")
        return (within("output level", found, _LOW * supply, _HIGH * supply, "the output rests at {} V"),)

    @metric("V", "op")
    def output_level(self) -> Value:
        """Output voltage at the operating point."""
        return self.point.value("v(out)")

    # these need feedback
    offset = signed_offset = output_swing = slew_rate_rising = slew_rate_falling = None  # type: ignore[assignment]
    settling_time = overshoot = thd = None  # type: ignore[assignment]


class OpenLoopOpAmpTestbench(AmplifierTestbench):
    """Measures a single-ended op-amp with the ports `inp inn out vdd vss`, both inputs at the common-mode level.

    Its settings are those of `AmplifierTestbench`; what needs feedback is not measured.
    """

    kind = "open_loop_opamp"
    title = "the op-amp testbench without feedback"
    ports = ("inp", "inn", "out", "vdd", "vss")
    readings = OpenLoopReadings

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:  # noqa: ARG002 - every op-amp has the same ones
        """Sources and load."""
        centre = supply / 2 if self.vcm is None else self.vcm
        still: dict[str, Setting] = {"@vinp[acmag]": 0, "@vinn[acmag]": 0}
        driven: Mapping[str, Setting] = {"@vinp[acmag]": 0.5, "@vinn[acmag]": -0.5}
        return Stimuli(
            text=f"""
Vdd vdd 0 dc {supply!r} ac 0
Vss vss 0 dc 0 ac 0
Vinp inp 0 dc {centre!r} ac 0.5
Vinn inn 0 dc {centre!r} ac -0.5
Cload out 0 {self.load!r}
""",
            analyses=(Op(), *self.alternating("v(out)", "vinp")),
            saved=("v(out)", "v(inp)", "v(inn)", "v(vdd)", "i(vdd)"),
            switched={**driven, **SILENT},
            settings={
                "common_mode": {"@vinp[acmag]": 1, "@vinn[acmag]": 1},
                "vdd_ac": {**still, "@vdd[acmag]": 1},
                "vss_ac": {**still, "@vss[acmag]": 1},
            },
        )
