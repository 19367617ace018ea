"""What is measured of oscillators, from transients in which the supply rises: see `eda.testbench.oscillator`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eda.testbench.block import Readings
from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined, mean
from eda.testbench.measurements.oscillator import full_swing, read_oscillation
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements import Value
    from eda.testbench.measurements.oscillator import Oscillation

__all__ = ["OscillatorReadings"]

_PERIODS = 4  # in the second half of the window, the fewest
_POINTS = 60  # a period, the fewest: trapezoidal integration costs 9e-4 of the frequency there
_STEADY = 0.1  # by how much swings of two quarters, and periods, may differ
_FULL = 0.9  # of the final swing: when an oscillator has started
_TUNED = 0.01  # of the frequency, by which each half of the tuning voltages should move it


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
            return Undefined(f"in {analysis!r}, {period.reason}")
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
        """Largest less smallest output voltage in the last quarter of `window`; `outp - outn` of a differential one."""
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
