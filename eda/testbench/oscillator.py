"""The testbench of oscillators: the supply rises, a small current kicks the output, and the rest is up to the circuit.

The transient starts with everything at 0 V: the supply rises during `ramp`, and at its end a pulse of `kick`, as long as
a thousandth of the window, flows into the output, or through both of them where the output is differential (circuits
whose halves are equal rest on their balance for ever in a simulator, which has no noise). The second half of the window
is measured. Trapezoidal integration neither damps nor drives an oscillation, as Gear's method does (L. W. Nagel, "SPICE2",
1975); what it costs is frequency, 1/12 of the squared angle of a step: 9e-4 at 60 steps a period, 3e-4 at 100.

Phase noise is not measured: ngspice has no analysis for it. Temperatures are conditions of a verification.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eda.errors import InputError
from eda.simulation import Op, Tran
from eda.testbench.block import BlockTestbench, Readings, Stimuli
from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined, mean
from eda.testbench.measurements.oscillator import full_swing, read_oscillation
from eda.testbench.metric import metric
from eda.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.netlist import Circuit
    from eda.simulation import Setting
    from eda.testbench.measurements import Value
    from eda.testbench.measurements.oscillator import Oscillation

__all__ = ["OscillatorTestbench"]

_STEPS = 2000  # of the window, the fewest
_RELTOL = 3e-5  # five inverters in sky130: frequency within 5e-4 of that at 1e-6, in half the time of 1e-5
_PERIODS = 4  # in the second half, the fewest
_POINTS = 60  # a period, the fewest: see above
_STEADY = 0.1  # by how much swings of two quarters, and periods, may differ
_FULL = 0.9  # of the final swing: when an oscillator has started
_TUNED = 0.01  # of the frequency, by which each half of the tuning voltages should move it
_RAMP, _KICK = 1 / 100, 1 / 1000  # of the window: rise of the supply, length of the kick


class OscillatorReadings(Readings):
    """Metrics and guards of an oscillator."""

    def signal(self, analysis: str) -> NDArray[np.float64]:
        """The output in an analysis, V."""
        waves = self.analyses[analysis]
        if "v(out)" in waves.vectors:
            return waves.real("v(out)")
        return waves.real("v(outp)") - waves.real("v(outn)")

    @cached_property
    def _oscillation(self) -> Oscillation:
        return self._read("tran")

    def _read(self, analysis: str) -> Oscillation:
        return read_oscillation(self.analyses[analysis].scale, self.signal(analysis))

    @cached_property
    def _sound(self) -> tuple[Guard, ...]:
        return self._soundness("tran", self._oscillation)

    def _soundness(self, analysis: str, found: Oscillation) -> tuple[Guard, ...]:
        """Whether a transient has an oscillation, a steady one, and steps enough."""
        least = self.bench.swing / 100 * self._supply(analysis)
        return (_oscillates(found, least), _steady(found), _resolved(found))

    def _supply(self, analysis: str) -> float:
        return float(self.analyses[analysis].real("v(vdd)")[-1])

    @cached_property
    def _period(self) -> Value:
        return _period(self._oscillation, self._sound)

    @cached_property
    def _ends(self) -> tuple[Value, Value]:
        """Frequencies at both ends of the tuning voltages."""
        return self._frequency("low"), self._frequency("high")

    def _frequency(self, analysis: str) -> Value:
        found = self._read(analysis)
        period = _period(found, self._soundness(analysis, found))
        if isinstance(period, Undefined):
            return Undefined(f"with the supply or the control voltage of {analysis!r} {period.reason}")
        return 1 / period

    def guards(self) -> tuple[Guard, ...]:
        """It oscillates, steadily, with steps enough; and it tunes in one direction where tuning is measured."""
        if not {"low", "high"} <= self.analyses.keys():
            return self._sound
        return (*self._sound, _tunes(self._ends[0], self.oscillation_frequency(), self._ends[1]))

    # the oscillation

    @metric("Hz", "tran", logarithmic=True)
    def oscillation_frequency(self) -> Value:
        """Frequency at the control voltage `ctrl`: periods between rising crossings of the middle of the extremes.

        The whole periods in the second half of `window` count.
        """
        return self._period if isinstance(self._period, Undefined) else 1 / self._period

    @metric("s", "tran", logarithmic=True)
    def start_up_time(self) -> Value:
        """Time from the start of the supply's rise until the output swings over 90 % of the final band each period."""
        if isinstance(self._period, Undefined):
            return self._period
        return full_swing(self.analyses["tran"].scale, self.signal("tran"), _FULL, self._period)

    @metric("%", "tran")
    def duty_cycle(self) -> Value:
        """Share of the time that the output is above the middle of its extremes (IEEE Std 181-2011)."""
        return self._period if isinstance(self._period, Undefined) else self._oscillation.duty * 100

    @metric("V", "tran")
    def amplitude(self) -> Value:
        """Largest less smallest output voltage in the last quarter of `window`; of a differential output, `outp - outn`."""
        return self._period if isinstance(self._period, Undefined) else self._oscillation.swing

    # the supply

    @metric("A", "tran", logarithmic=True)
    def supply_current(self) -> Value:
        """Mean current into vdd over whole periods."""
        return self._current

    @cached_property
    def _current(self) -> Value:
        if isinstance(self._period, Undefined):
            return self._period
        waves, rising = self.analyses["tran"], self._oscillation.rising
        current = -mean(waves.scale, waves.real("i(vdd)"), float(rising[0]), float(rising[-1]))
        return current if current > 0 else Undefined(f"the supply delivers {current:.3g} A")

    @metric("W", "tran", logarithmic=True)
    def power(self) -> Value:
        """Supply voltage times mean supply current."""
        return self._current if isinstance(self._current, Undefined) else self._supply("tran") * self._current

    @metric("J", "tran", logarithmic=True)
    def energy_per_cycle(self) -> Value:
        """Power by frequency: what one period takes from the supply."""
        power = self.power()
        if isinstance(power, Undefined) or isinstance(self._period, Undefined):
            return power
        return power * self._period

    @metric("Hz/V", "tran", "pushed", logarithmic=True)
    def supply_pushing(self) -> Value:
        """Magnitude of the change of the frequency by that of the supply, which rises by `push`."""
        usual, pushed = self.oscillation_frequency(), self._frequency("pushed")
        if isinstance(usual, Undefined) or isinstance(pushed, Undefined):
            return usual if isinstance(usual, Undefined) else pushed
        return max(abs(pushed - usual), 1e-12) / (self._supply("pushed") - self._supply("tran"))

    # tuning

    @metric("Hz", "low", "high", logarithmic=True)
    def frequency_low(self) -> Value:
        """The lower one of the frequencies at the control voltages `ctrl_low` and `ctrl_high`."""
        ends = self._tuning
        return ends if isinstance(ends, Undefined) else min(ends)

    @metric("Hz", "low", "high", logarithmic=True)
    def frequency_high(self) -> Value:
        """The higher one of the frequencies at the control voltages `ctrl_low` and `ctrl_high`."""
        ends = self._tuning
        return ends if isinstance(ends, Undefined) else max(ends)

    @metric("%", "low", "high")
    def tuning_range(self) -> Value:
        """Difference of the frequencies at `ctrl_low` and `ctrl_high` by their mean (Razavi 2012, section 8.4)."""
        ends = self._tuning
        return ends if isinstance(ends, Undefined) else 200 * abs(ends[1] - ends[0]) / (ends[1] + ends[0])

    @metric("Hz/V", "low", "high")
    def vco_gain(self) -> Value:
        """Mean slope of the frequency from `ctrl_low` to `ctrl_high`; negative where it falls (Razavi 2012, 8.4)."""
        ends = self._tuning
        if isinstance(ends, Undefined):
            return ends
        low, high = (float(self.analyses[name].real("v(ctrl)")[-1]) for name in ("low", "high"))
        return (ends[1] - ends[0]) / (high - low)

    @cached_property
    def _tuning(self) -> tuple[float, float] | Undefined:
        low, high = self._ends
        if isinstance(low, Undefined):
            return low
        return high if isinstance(high, Undefined) else (low, high)


def _period(found: Oscillation, sound: tuple[Guard, ...]) -> Value:
    """The period, or what is wrong with it."""
    wrong = next((guard.detail for guard in sound if not guard.holds), None)
    return found.period if wrong is None else Undefined(wrong)


def _oscillates(found: Oscillation, least: float) -> Guard:
    """There is a swing, and periods enough."""
    name = "oscillates"
    if found.swing < least:
        share = found.swing / least
        return Guard(name, max(share - 1, -1.0), f"the output swings {found.swing:.3g} V, less than {least:.3g} V")
    if found.periods < _PERIODS:
        text = f"the second half of the window has {found.periods} whole periods, fewer than {_PERIODS}: widen `window`"
        return Guard(name, (found.periods - _PERIODS) / (2 * _PERIODS), text)
    return Guard(name, min(found.swing / least - 1, 1.0), f"the output swings {found.swing:.3g} V")


def _steady(found: Oscillation) -> Guard:
    """The swing neither decays nor grows, and all periods are alike."""
    if not found.periods:
        return Guard("steady", -1.0, "there is no whole period in the second half of the window")
    change = found.swing / found.previous - 1 if found.previous > 0 else 1.0
    swing = (abs(change), f"the swing changes by {change * 100:.2g} % from the third to the last quarter of the window")
    periods = (found.unevenness, f"the periods differ by {found.unevenness * 100:.2g} % from each other")
    worst, text = max(swing, periods)
    return Guard("steady", max(1 - worst / _STEADY, -1.0), text)


def _resolved(found: Oscillation) -> Guard:
    """The steps of the simulation are short against a period."""
    text = f"a period has {found.points:.0f} time steps, and needs {_POINTS}: narrow `step`"
    return Guard("resolved", float(np.clip(found.points / _POINTS - 1, -1, 1)), text)


def _tunes(low: Value, middle: Value, high: Value) -> Guard:
    """The frequency goes one way from one end of the control voltages over their middle to the other end."""
    for one in (low, middle, high):
        if isinstance(one, Undefined):
            return Guard("tunes", -1.0, one.reason)
    values = [one for one in (low, middle, high) if not isinstance(one, Undefined)]
    steps = np.diff(values) * (1 if values[-1] > values[0] else -1) / values[1]
    margin = float(np.clip(steps.min() / _TUNED - 0.1, -1, 1))
    return Guard("tunes", margin, "the frequencies are " + ", ".join(f"{one:.4g} Hz" for one in values))


class OscillatorTestbench(BlockTestbench):
    """Measures an oscillator with the ports `out vdd vss`, or `outp outn vdd vss`; a tunable one has `ctrl` too.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: capacitance at each output.
        window: time that is simulated; its second half is measured, and must have at least four periods.
        step: largest time step; a two-thousandth of the window when it is `None`.
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
        outputs = _outputs(circuit)
        usual, low, high = self.controls(supply)
        tunable = "ctrl" in circuit.ports
        ramp, length = self.window * _RAMP if self.ramp is None else self.ramp, self.window * _KICK
        kicked = outputs[1] if len(outputs) == 2 else "0"
        names = ("tran", "pushed", *(("low", "high") if tunable else ()))

        def rise(to: float) -> tuple[float, ...]:
            return (0.0, to, 0.0, ramp, ramp, 2 * self.window, 5 * self.window)

        own: dict[str, dict[str, Setting]] = {
            "pushed": {"@vdd[pulse]": rise(supply * (1 + self.push / 100))},
            "low": {"@vctrl[dc]": low},
            "high": {"@vctrl[dc]": high},
        }
        return Stimuli(
            text="\n".join(
                [
                    f"Vdd vdd 0 dc {supply!r} pulse({' '.join(f'{one:.12g}' for one in rise(supply))})",
                    "Vss vss 0 dc 0",
                    *([f"Vctrl ctrl 0 dc {usual!r}"] if tunable else []),
                    *(f"Cload_{node} {node} 0 {self.load!r}" for node in outputs),
                    f"Ikick {kicked} {outputs[0]} dc 0 pulse(0 {self.kick!r} {ramp:.12g} {length / 10:.12g} "
                    f"{length / 10:.12g} {length * 0.8:.12g} {5 * self.window:.12g})",
                ]
            ),
            analyses=(Op(), *(Tran(self.step, self.window, name=name) for name in names)),
            saved=(*(f"v({node})" for node in outputs), "v(vdd)", "i(vdd)", *(["v(ctrl)"] if tunable else [])),
            switched={"@vdd[pulse]": rise(supply), **({"@vctrl[dc]": usual} if tunable else {})},
            settings={name: {"reltol": _RELTOL, **own.get(name, {})} for name in names},
            impossible={} if tunable else dict.fromkeys(("low", "high"), "it has no port 'ctrl'"),
        )


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
