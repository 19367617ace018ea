"""The testbench of oscillators: the supply rises, a small current kicks the output, and the rest is up to the circuit.

The transient starts with everything at 0 V: the supply rises during `ramp`, and at its end a pulse of `kick`, as long
as a thousandth of the window, flows into the output, or from one output to the other (circuits whose halves are equal
rest on their balance for ever in a simulator, which has no noise). The second half of the window is measured.
Trapezoidal integration does not damp an oscillation, as Gear's method would (L. W. Nagel, "SPICE2", 1975); what it
costs is frequency, 1/12 of the squared angle of a step: 9e-4 at 60 steps a period, 3e-4 at 100.

Phase noise is not measured: ngspice has no analysis for it. Temperatures are conditions of a verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from eda.errors import InputError
from eda.simulation import Op, Tran
from eda.testbench.block import BlockTestbench, Stimuli
from eda.testbench.oscillator_readings import OscillatorReadings
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Setting

__all__ = ["OscillatorTestbench"]

_STEPS = 1000  # of the window, the fewest
_RELTOL = 3e-5  # five inverters in sky130: frequency within 4e-4 of that at 1e-6, in 0.7 of the time of 1e-5
_RAMP, _KICK = 1 / 100, 1 / 1000  # of the window: rise of the supply, length of the kick


class OscillatorTestbench(BlockTestbench):
    """Measures an oscillator with the ports `out vdd vss`, or `outp outn vdd vss`; a tunable one has `ctrl` too.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: capacitance at each output.
        window: time that is simulated; its second half is measured, and must have at least four periods.
        step: largest time step; a thousandth of the window when it is `None`.
        ctrl: control voltage of all but the tuning metrics; halfway between the other two when it is `None`.
        ctrl_low: lower end of the control voltage; a quarter of the supply when it is `None`.
        ctrl_high: upper end of it; three quarters of the supply when it is `None`.
        ramp: time in which the supply rises; a hundredth of the window when it is `None`.
        kick: current into the output at the end of the ramp, for a thousandth of the window.
        push: by how much the supply rises for `supply_pushing`, per cent.
        swing: of the output, that counts as an oscillation, per cent of the supply.
        regions: see `BlockTestbench`; no guard reads them, as transistors of an oscillator switch.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; control voltages that do not rise.
    """

    kind = "oscillator"
    title = "the testbench of oscillators"
    ports = ("vdd", "vss")
    optional = ("out", "outp", "outn", "ctrl")
    guarded = ("tran",)
    readings = OscillatorReadings
    units: ClassVar[Mapping[str, str]] = {
        "load": "F",
        "window": "s",
        "step": "s",
        "ctrl": "V",
        "ctrl_low": "V",
        "ctrl_high": "V",
        "ramp": "s",
        "kick": "A",
        "push": "%",
        "swing": "%",
    }

    def __init__(
        self,
        vdd: str | float | None = None,
        load: str | float = "10 fF",
        window: str | float = "100 ns",
        *,
        step: str | float | None = None,
        ctrl: str | float | None = None,
        ctrl_low: str | float | None = None,
        ctrl_high: str | float | None = None,
        ramp: str | float | None = None,
        kick: str | float = "1 uA",
        push: str | float = "5 %",
        swing: str | float = "40 %",
        regions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(vdd, regions)
        self.load = self.positive("load", load, "F")
        self.window = self.positive("window", window, "s")
        self.step = self.window / _STEPS if step is None else self.positive("step", step, "s")
        self.ctrl, self.ctrl_low, self.ctrl_high = (
            None if one is None else parse_quantity(one, "V") for one in (ctrl, ctrl_low, ctrl_high)
        )
        self.ramp = None if ramp is None else self.positive("ramp", ramp, "s")
        self.kick = self.positive("kick", kick, "A")
        self.push = self.positive("push", push, "%")
        self.swing = self.positive("swing", swing, "%")

    def controls(self, supply: float) -> tuple[float, float, float]:
        """Control voltage of most metrics, and both ends of the tuning, V.

        Raises:
            InputError: they do not rise.
        """
        low = supply / 4 if self.ctrl_low is None else self.ctrl_low
        high = supply * 3 / 4 if self.ctrl_high is None else self.ctrl_high
        usual = (low + high) / 2 if self.ctrl is None else self.ctrl
        if not low < usual < high:
            raise InputError(f"`ctrl_low < ctrl < ctrl_high` must hold, but got {low:g}, {usual:g} and {high:g} V")
        return usual, low, high

    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:
        """Supply that rises, load, kick and control voltage."""
        outputs, tunable = _outputs(circuit), "ctrl" in circuit.ports
        usual, low, high = self.controls(supply)
        rise, pushed = self._rise(supply), self._rise(supply * (1 + self.push / 100))
        sources = ["Vss vss 0 dc 0", f"Vdd vdd 0 dc {supply!r} pulse({_numbers(rise)})", self._kick(outputs)]
        control = [f"Vctrl ctrl 0 dc {usual!r}"] if tunable else []
        loads = [f"Cload_{node} {node} 0 {self.load!r}" for node in outputs]
        own: dict[str, dict[str, Setting]] = {"tran": {}, "pushed": {"@vdd[pulse]": pushed}}
        if tunable:
            own |= {"low": {"@vctrl[dc]": low}, "high": {"@vctrl[dc]": high}}
        return Stimuli(
            text="\n".join([*sources, *control, *loads]),
            analyses=(Op(), *(Tran(self.step, self.window, name=name) for name in own)),
            saved=(*(f"v({node})" for node in outputs), "v(vdd)", "i(vdd)", *(["v(ctrl)"] if tunable else [])),
            switched={"@vdd[pulse]": rise, **({"@vctrl[dc]": usual} if tunable else {})},
            settings={name: {"reltol": _RELTOL, "trtol": 7, **values} for name, values in own.items()},
            impossible={} if tunable else dict.fromkeys(("low", "high"), "it has no port 'ctrl'"),
        )

    @property
    def _rising(self) -> float:
        """Time in which the supply rises, s."""
        return self.window * _RAMP if self.ramp is None else self.ramp

    def _rise(self, to: float) -> tuple[float, ...]:
        """A pulse that does not end within the window."""
        return (0.0, to, 0.0, self._rising, self._rising, 2 * self.window, 5 * self.window)

    def _kick(self, outputs: tuple[str, ...]) -> str:
        """The source of the kick, from the second output or ground into the first one."""
        length, back = self.window * _KICK, outputs[1] if len(outputs) == 2 else "0"
        edge = length / 10
        pulse = (0.0, self.kick, self._rising, edge, edge, length - 2 * edge, 5 * self.window)
        return f"Ikick {back} {outputs[0]} dc 0 pulse({_numbers(pulse)})"


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.16g}" for value in values)


def _outputs(circuit: Circuit) -> tuple[str, ...]:
    """The port out, or outp and outn.

    Raises:
        InputError: the circuit has neither `out` nor `outp` and `outn`, or more than that.
    """
    found = tuple(port for port in ("out", "outp", "outn") if port in circuit.ports)
    if found not in {("out",), ("outp", "outn")}:
        raise InputError(
            f"an oscillator has the port out, or the ports outp and outn, but {circuit.name} has "
            f"{' '.join(found) or 'none of them'} (it has {' '.join(circuit.ports)})"
        )
    return found
