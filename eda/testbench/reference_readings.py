"""What is measured of references of voltage and current, and when they work.

The analyses: `op`; `noise`; `cooling` and `heating`, sweeps of the temperature; `supply`, a sweep of the supply
downwards; `start`, its rise from 0 V; of voltages `vdd_ac` from the supply, of currents `compliance`, a sweep of the
voltage at the output. `v(read)` is the value, in volts or amperes.

Source of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, section 4.5.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import SuppliedReadings
from eda.testbench.guards import Guard, biased, within
from eda.testbench.measurements import Undefined
from eda.testbench.measurements.ldo import another_state, entered, holds_from
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from eda.simulation import Deck, Simulation
    from eda.testbench.measurements import Value

__all__ = ["CurrentReferenceReadings", "ReferenceReadings"]

_HOLDS = 0.02  # of the nominal value: where `minimum_supply` ends
_COMPLIES = 0.98  # of the nominal current: where the range of output voltage ends
_ALIVE = 0.05  # of the nominal value: a state without current is farther off
_RAIL = 0.02  # of the supply: an output nearer to a rail is stuck there
_LEAST = 1e-9  # A: no reference current is smaller than leakage
_SHORTEST = 1e-12  # s, below any response


class SourceReadings(SuppliedReadings):
    """Metrics and guards that references of voltage and of current share."""

    def __init__(self, bench: Any, simulation: Simulation, deck: Deck) -> None:
        super().__init__(bench, simulation, deck)
        self.temperature = deck.temperature

    @cached_property
    def nominal(self) -> float:
        """The value at the operating point, V or A, with its sign."""
        return self.point.value("v(read)")

    def relative(self, analysis: str) -> NDArray[np.float64]:
        """The value in an analysis by that at the operating point."""
        values = self.analyses[analysis].real("v(read)")
        return values / self.nominal if self.nominal else np.zeros_like(values)

    def guards(self) -> tuple[Guard, ...]:
        """Bias; a level that is none of a rail's; a supply that rises from 0 leads to the operating point."""
        return (*biased(self.point, self.transistors, self.bench.regions), self.level_guard(), self._alive())

    def level_guard(self) -> Guard:
        """Where the output is."""
        raise NotImplementedError

    def _alive(self) -> Guard:
        last = float(self.relative("start")[-1])
        low, high = 1 - _ALIVE, 1 + _ALIVE
        return within("alive", last, low, high, "after the supply has risen the output is {} times that at rest")

    @metric("ppm/K", "cooling", "heating", logarithmic=True)
    def temperature_coefficient(self) -> Value:
        """Largest less smallest value from `cold` to `hot`, by mean and range: the box method (Allen 2012, 4.5)."""
        cooling, heating = (self.analyses[name].scale for name in ("cooling", "heating"))
        at = np.concatenate((cooling[:0:-1], heating))
        relative = np.concatenate((self.relative("cooling")[:0:-1], self.relative("heating")))
        if (other := another_state(at, relative, self.temperature)) is not None:
            return other
        found = measure.temperature_coefficient(at, relative)
        return found if isinstance(found, Undefined) else max(found, 1e-9)

    @metric("%/V", "supply", logarithmic=True)
    def line_regulation(self) -> Value:
        """Change of the value from `line_low` to `line_high`, per cent of the nominal one by volt (Allen 2012, 4.5)."""
        if (other := self._other_supply) is not None:
            return other
        low, high = self.bench.line(self.point.value("v(vdd)"))
        return max(measure.regulation(*self._supply, low, high) * 100, 1e-9)

    @metric("V", "supply")
    def minimum_supply(self) -> Value:
        """Lowest supply, from `lowest` on, above which the value stays within 2 % of the nominal one, up to 110 %."""
        other = self._other_supply
        return holds_from(*self._supply, 1.0, _HOLDS) if other is None else other

    @property
    def _other_supply(self) -> Undefined | None:
        return another_state(*self._supply, self.point.value("v(vdd)"))

    @property
    def _supply(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.analyses["supply"].scale[::-1], self.relative("supply")[::-1]

    @metric("s", "start", logarithmic=True)
    def start_up_time(self) -> Value:
        """Time from the beginning of the supply's ramp until the value stays within `tolerance` of the nominal one."""
        waves, share = self.analyses["start"], self.bench.tolerance / 100
        found = entered(waves.scale, self.relative("start"), 0.0, float(waves.scale[-1]), target=1.0, band=share)
        return found if isinstance(found, Undefined) else max(found, _SHORTEST)

    @metric("%", "start", logarithmic=True)
    def start_up_overshoot(self) -> Value:
        """How far the value goes beyond the nominal one while the supply rises and afterwards, per cent of it."""
        return max((float(self.relative("start").max()) - 1) * 100, 1e-9)


class ReferenceReadings(SourceReadings):
    """Metrics and guards of a voltage reference."""

    def level_guard(self) -> Guard:
        """The output is not at a rail."""
        supply = self.point.value("v(vdd)")
        return within("output level", self.nominal / supply, _RAIL, 1 - _RAIL, "the output is {} of the supply")

    @metric("V", "op")
    def output_voltage(self) -> Value:
        """Output voltage at the operating point."""
        return self.nominal

    @metric("dB", "vdd_ac")
    def psrr(self) -> Value:
        """Rejection of the supply at 0.1 Hz: its alternating voltage by that of the output."""
        waves = self.analyses["vdd_ac"]
        return measure.rejection(waves["v(vdd)"], waves["v(read)"])

    @metric("dB", "vdd_ac")
    def psrr_at_frequency(self) -> Value:
        """Rejection of the supply at the testbench's `frequency`."""
        waves = self.analyses["vdd_ac"]
        gain = measure.gain_at(waves.scale, waves["v(read)"] / waves["v(vdd)"], self.bench.frequency)
        return gain if isinstance(gain, Undefined) else -gain

    @metric("V/√Hz", "noise", logarithmic=True)
    def output_noise(self) -> Value:
        """Noise density of the output at the testbench's `frequency`."""
        return self.noise_density("onoise")

    @metric("V", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Noise of the output from `noise_low` to `noise_high`, root mean square."""
        return self.noise_in_band("onoise")


class CurrentReferenceReadings(SourceReadings):
    """Metrics and guards of a current reference."""

    def level_guard(self) -> Guard:
        """There is a current, more than leakage."""
        decades = float(np.log10(max(abs(self.nominal), 1e-18) / _LEAST))
        return Guard("output current", float(np.clip(decades, -1, 1)), f"the output current is {self.nominal:.3g} A")

    @metric("A", "op", logarithmic=True)
    def output_current(self) -> Value:
        """Magnitude of the output current at the operating point, with the output held at `output`."""
        return abs(self.nominal) if self.nominal else Undefined("there is no output current")

    @metric("Ohm", "compliance", logarithmic=True)
    def output_resistance(self) -> Value:
        """Change of the output voltage by that of the current, around `output`."""
        waves, held = self.analyses["compliance"], self.point.value("v(out)")
        if (other := another_state(waves.scale, self.relative("compliance"), held)) is not None:
            return other
        slope = abs(measure.slope_at(waves.scale, waves.real("v(read)"), held))
        return 1 / slope if slope else Undefined("the current does not depend on the output voltage")

    @metric("V", "compliance")
    def output_range(self) -> Value:
        """Range of output voltage, around `output`, with 98 to 102 % of the nominal current."""
        waves, relative = self.analyses["compliance"], self.relative("compliance")
        at, inside = waves.scale, np.abs(relative - 1) <= 1 - _COMPLIES
        middle = int(np.argmin(np.abs(at - self.point.value("v(out)"))))
        if not inside[middle]:
            return Undefined("the current falls off around the voltage at which the output is held")
        edges = np.concatenate([measure.crossings(at, relative, level) for level in (_COMPLIES, 2 - _COMPLIES)])
        low, high = edges[edges < at[middle]], edges[edges > at[middle]]
        return float((high.min() if len(high) else at[-1]) - (low.max() if len(low) else at[0]))

    @metric("A/√Hz", "noise", logarithmic=True)
    def output_noise(self) -> Value:
        """Noise density of the output current at the testbench's `frequency`."""
        return self.noise_density("onoise")

    @metric("A", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Noise of the output current from `noise_low` to `noise_high`, root mean square."""
        return self.noise_in_band("onoise")
