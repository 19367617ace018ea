"""The testbench of power stages that switch: buck, boost, and others between an input and an output.

The stage has the ports `vin clk out vss`: the testbench gives the input voltage, a clock of fixed frequency and duty,
and a load resistor that carries the load current at the target voltage. A transient without operating point starts from
the initial conditions of the netlist (`ic=` of its inductors and capacitors, zero where there is none): the closer they
are to the steady state, the shorter `window` can be. Everything is read in its last periods, and only when the mean
over a period does not drift any more.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.simulation import Op, Tran
from eda.testbench.block import BlockTestbench, Stimuli
from eda.testbench.power_stage_readings import PowerStageReadings
from eda.testbench.testbench import Curve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Waveforms

__all__ = ["PowerStageTestbench"]

_CONDUCTIONS: Final = ("any", "continuous", "discontinuous")
_SHARE: Final = 0.25  # of the window: its last part, in which the means must not drift
_STEPS: Final = 40  # of a period at least: 0.1 % of a parabolic ripple
_EDGE: Final = 2e-4  # of a period: rise and fall times of the clock


class PowerStageTestbench(BlockTestbench):
    """Measures a power stage with the ports `vin clk out vss`.

    Args:
        vdd: input voltage at `vin`; the technology's supply when it is `None`.
        target: output voltage that is asked for; duty times input voltage, as of a buck, when it is `None`.
        frequency: at which it switches.
        duty: share of the period that the clock is high.
        clock: high level of the clock; the input voltage when it is `None`.
        load: current of the load resistor at the target voltage.
        load_step: by which the load current rises and falls; half of `load` when it is `None`.
        window: time from the start to the steady state, whole periods.
        step_window: time for each direction of the load step; half of `window` when it is `None`.
        tolerance: of `recovery_time`, per cent of the target.
        conduction: of the inductor that is asked for: any, continuous or discontinuous.
        regions: the region that a transistor is meant to work in; see `BlockTestbench`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; a duty of 100 % and more; no such conduction.
    """

    kind = "power_stage"
    title = "the testbench of power stages"
    ports = ("vin", "clk", "out", "vss")
    guarded = ("steady",)
    readings = PowerStageReadings
    units: ClassVar[Mapping[str, str]] = {
        "target": "V",
        "frequency": "Hz",
        "duty": "%",
        "clock": "V",
        "load": "A",
        "load_step": "A",
        "window": "s",
        "step_window": "s",
        "tolerance": "%",
        "conduction": "",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        target: str | float | None = None,
        *,
        frequency: str | float = "1 MHz",
        duty: str | float = "50 %",
        clock: str | float | None = None,
        load: str | float = "100 mA",
        load_step: str | float | None = None,
        window: str | float = "200 us",
        step_window: str | float | None = None,
        tolerance: str | float = "1 %",
        conduction: str = "any",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.frequency = self.positive("frequency", frequency, "Hz")
        self.target = None if target is None else self.positive("target", target, "V")
        self.duty = self.positive("duty", duty, "%")
        self.clock = None if clock is None else self.positive("clock", clock, "V")
        self.load = self.positive("load", load, "A")
        self.load_step = self.positive("load_step", self.load / 2 if load_step is None else load_step, "A")
        self.window = self.positive("window", window, "s")
        self.step_window = self.positive("step_window", self.window / 2 if step_window is None else step_window, "s")
        self.tolerance = self.positive("tolerance", tolerance, "%")
        self.conduction = conduction
        if self.duty >= 100:
            raise InputError(f"`duty < 100 %` must hold, but got {self.duty:g} %")
        if self.window * self.frequency < 1 / _SHARE:
            raise InputError(f"`window` must have four periods of {self.frequency:g} Hz, but got {self.window:g} s")
        if conduction not in _CONDUCTIONS:
            raise InputError(f"conduction cannot be {conduction!r}. {did_you_mean(str(conduction), _CONDUCTIONS)}")

    @property
    def period(self) -> float:
        """Of the clock, s."""
        return 1 / self.frequency

    @property
    def end(self) -> float:
        """Of the last whole period within the window, s."""
        return int(self.window * self.frequency + 1e-6) / self.frequency

    @property
    def counted(self) -> int:
        """How many periods at the end are read."""
        return int(_SHARE * self.end * self.frequency + 1e-6)

    def edge(self, number: int) -> float:
        """When the load current rises (0) and falls (1), s; whole periods."""
        return self.end + number * self.whole_step

    @property
    def whole_step(self) -> float:
        """Time for each direction of the load step, whole periods, s."""
        return int(np.ceil(self.step_window * self.frequency - 1e-6)) / self.frequency

    def describe(self) -> Mapping[str, str]:
        """The settings as text; the conduction is a word, no quantity."""
        quantities = copy.copy(self)
        quantities.conduction = None  # type: ignore[assignment]
        return {**super(PowerStageTestbench, quantities).describe(), "conduction": self.conduction}

    def curves(self, analysis: str, waves: Waveforms) -> Mapping[str, Curve]:  # noqa: ARG002 - both show the same
        """The output voltage and the inductor current; input and clock would cover them."""
        names = [name for name in waves.vectors if name == "v(out)" or name.startswith("i(l.")]
        return {name: Curve(waves.vectors[name], name[0].upper().replace("I", "A")) for name in names}

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:
        """Input, clock and load."""
        target = supply * self.duty / 100 if self.target is None else self.target
        high = supply if self.clock is None else self.clock
        edge, width = self.period * _EDGE, self.period * (self.duty / 100 - _EDGE)
        inductors = [device.name.lower() for device in circuit.top.devices if device.letter == "l"]
        shape = (self.edge(0), edge, edge, self.whole_step - edge, 4 * self.edge(2))
        still, step = (0.0, 0.0, *shape), (0.0, self.load_step, *shape)
        return Stimuli(
            text=f"""
Vin vin 0 dc {supply!r}
Vss vss 0 dc 0
Vgoal goal 0 dc {target!r}
Vclk clk 0 dc 0 pulse(0 {high!r} 0 {edge!r} {edge!r} {width!r} {self.period!r})
Rload out 0 {target / self.load!r}
Istep out 0 dc 0 pulse({" ".join(map(repr, still))})
""",
            analyses=(
                Op(),
                Tran(self.period / _STEPS, self.end, use_initial_conditions=True, name="steady"),
                Tran(self.period / _STEPS, self.edge(2), use_initial_conditions=True, name="load_step"),
            ),
            saved=(
                "v(out)",
                "v(vin)",
                "v(clk)",
                "v(goal)",
                "i(vin)",
                "i(vclk)",
                *(f"i(l.xdut.{name})" for name in inductors[:1]),
            ),
            switched={"@istep[pulse]": still},
            settings={"load_step": {"@istep[pulse]": step}},
        )
