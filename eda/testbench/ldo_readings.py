"""What is measured of linear regulators, and when they work.

The analyses: `op`, `loop` at full load; `light`, `light_loop` at light load; at full load `vin_ac` from the input,
`noise`, and `line`, a sweep of the input downwards; `load`, a sweep of the load; `load_step`, up and down.

Sources of the definitions: G. A. Rincon-Mora, "Analog IC Design with Low-Dropout Regulators", 2nd ed. 2014, chapter 1;
P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits", 5th ed. 2009, section 9.3 (margins).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import Readings
from eda.testbench.guards import biased, closed_loop, defined, polarity, stable, within
from eda.testbench.measurements import Undefined
from eda.testbench.measurements.ldo import another_state, entered
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value

__all__ = ["LDOReadings"]

_REGULATED = 0.05  # of the wanted output; a regulator in dropout or at a rail is farther off
_SHORTEST = 1e-12  # s, below any response


class LDOReadings(Readings):
    """Metrics and guards of a linear regulator."""

    def loop(self, analysis: str) -> NDArray[np.complex128]:
        """Loop gain in one of the analyses that have it."""
        waves = self.analyses[analysis]
        return np.asarray(-waves["v(out)"] / waves["v(sense)"])

    @cached_property
    def frequency(self) -> NDArray[np.float64]:
        """Of the loop gain, Hz."""
        return self.analyses["loop"].scale

    @cached_property
    def margins(self) -> tuple[Value, Value]:
        """Phase margins at full and at light load."""
        full, light = (measure.phase_margin(self.frequency, self.loop(name)) for name in ("loop", "light_loop"))
        return full, light

    def guards(self) -> tuple[Guard, ...]:
        """Bias; regulation, polarity and stability at both loads; whether a load step settles."""
        wanted = self.bench.output
        low, high = (1 - _REGULATED) * wanted, (1 + _REGULATED) * wanted
        found = [*biased(self.point, self.transistors, self.bench.regions)]
        places = (("", "op", "loop"), (" at light load", "light", "light_loop"))
        for (place, point, name), margin in zip(places, self.margins, strict=True):
            response, level = self.loop(name), self.analyses[point].value("v(out)")
            lead = measure.excess_phase(self.frequency, response)
            found += [
                within(f"regulates{place}", level, low, high, "the output is at {} V"),
                replace(polarity(complex(response[0])), name=f"polarity{place}"),
                replace(stable(lead), name=f"stable{place}"),
                replace(closed_loop(margin), name=f"closed loop{place}"),
            ]
        if "load_step" in self.analyses:
            found.append(defined("settles", self._settling, "the output settles after load steps"))
        return tuple(found)

    # operating point

    @metric("V", "op")
    def output_voltage(self) -> Value:
        """Output voltage at full load."""
        return self.point.value("v(out)")

    @metric("%", "op", logarithmic=True)
    def output_error(self) -> Value:
        """Magnitude of the deviation of the output at full load from the one that is asked for, per cent of it."""
        share = float(self.point.value("v(out)") / self.bench.output)
        return max(abs(share - 1) * 100, 1e-9)

    @metric("A", "light", logarithmic=True)
    def quiescent_current(self) -> Value:
        """Current into vin less that of the load, at light load (Rincon-Mora 2014, chapter 1)."""
        return self._ground("light", self.bench.light_load)

    @metric("A", "op", logarithmic=True)
    def ground_current(self) -> Value:
        """Current into vin less that of the load, at full load."""
        return self._ground("op", self.bench.full_load)

    @metric("%", "op")
    def current_efficiency(self) -> Value:
        """Load current by the current into vin, at full load (Rincon-Mora 2014, chapter 1)."""
        current = self.delivered("vin")
        return current if isinstance(current, Undefined) else float(self.bench.full_load / current * 100)

    @metric("W", "op", logarithmic=True)
    def power(self) -> Value:
        """What the regulator takes for itself at full load: input voltage times ground current."""
        current = self._ground("op", self.bench.full_load)
        return current if isinstance(current, Undefined) else self.point.value("v(vin)") * current

    def _ground(self, analysis: str, load: float) -> Value:
        current = -self.analyses[analysis].value("i(vin)") - load
        return current if current > 0 else Undefined(f"the input delivers {-current:.3g} A less than the load takes")

    # loop

    @metric("dB", "loop")
    def loop_gain(self) -> Value:
        """Loop gain at 0.1 Hz and full load."""
        return measure.dc_gain(self.loop("loop"))

    @metric("Hz", "loop", logarithmic=True)
    def unity_gain_frequency(self) -> Value:
        """Highest frequency at which the loop gain is one, at full load."""
        return measure.unity_gain_frequency(self.frequency, self.loop("loop"))

    @metric("deg", "loop")
    def phase_margin(self) -> Value:
        """180 degrees plus the phase of the loop gain where it is one, at full load (Gray 2009, section 9.3)."""
        return self.margins[0]

    @metric("deg", "light_loop")
    def phase_margin_light(self) -> Value:
        """Phase margin at light load."""
        return self.margins[1]

    @metric("dB", "loop")
    def gain_margin(self) -> Value:
        """Loop gain below one where its phase is -180 degrees, at full load (Gray 2009, section 9.3)."""
        return measure.gain_margin(self.frequency, self.loop("loop"))

    # rejection and regulation

    @metric("dB", "vin_ac")
    def psrr(self) -> Value:
        """Rejection of the input at 0.1 Hz and full load: its alternating voltage by that of the output."""
        waves = self.analyses["vin_ac"]
        return measure.rejection(waves["v(vin)"], waves["v(out)"])

    @metric("dB", "vin_ac")
    def psrr_at_frequency(self) -> Value:
        """Rejection of the input at the testbench's `frequency`."""
        waves = self.analyses["vin_ac"]
        gain = measure.gain_at(waves.scale, waves["v(out)"] / waves["v(vin)"], self.bench.frequency)
        return gain if isinstance(gain, Undefined) else -gain

    @metric("V/V", "line", logarithmic=True)
    def line_regulation(self) -> Value:
        """Change of the output by that of the input from `line_low` to `line_high`, full load (Rincon-Mora 2014)."""
        if (other := self._other("line", self.point.value("v(vin)"))) is not None:
            return other
        low, high = self.bench.line(self.point.value("v(vin)"))
        return max(measure.regulation(*self._line, low, high), 1e-12)

    @metric("V", "line", logarithmic=True)
    def dropout(self) -> Value:
        """Input less output where the output leaves its nominal one by 2 %, full load (Rincon-Mora 2014, chapter 1)."""
        other = self._other("line", self.point.value("v(vin)"))
        return measure.dropout(*self._line, self.point.value("v(out)")) if other is None else other

    def _other(self, analysis: str, at: float) -> Undefined | None:
        """Why a sweep is not read."""
        waves = self.analyses[analysis]
        order = np.argsort(waves.scale)
        return another_state(waves.scale[order], waves.real("v(out)")[order] / self.point.value("v(out)"), at)

    @property
    def _line(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        waves = self.analyses["line"]
        return waves.scale[::-1], waves.real("v(out)")[::-1]

    @metric("V/A", "load", logarithmic=True)
    def load_regulation(self) -> Value:
        """Change of the output by that of the load, from light to full load (Rincon-Mora 2014, chapter 1)."""
        if (other := self._other("load", self.bench.full_load)) is not None:
            return other
        waves = self.analyses["load"]
        return max(measure.regulation(waves.scale, waves.real("v(out)"), waves.scale[0], waves.scale[-1]), 1e-12)

    # noise

    @metric("V/√Hz", "noise", logarithmic=True)
    def output_noise(self) -> Value:
        """Noise density of the output at the testbench's `frequency`, full load."""
        return self.noise_density("onoise")

    @metric("V", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Noise of the output from `noise_low` to `noise_high`, root mean square, full load."""
        return self.noise_in_band("onoise")

    # load steps

    def _edge(self, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        """Time, output, and start and end of the response to the rising (0) or falling (1) load."""
        waves, start = self.analyses["load_step"], self.bench.edge(number)
        return waves.scale, waves.real("v(out)"), start, start + self.bench.window

    @metric("V", "load_step", logarithmic=True)
    def undershoot(self) -> Value:
        """How far the output falls below its level at light load when the load rises to its full value."""
        _, values = measure.window(*self._edge(0))
        return max(float(values[0] - values.min()), 1e-12)

    @metric("V", "load_step", logarithmic=True)
    def overshoot(self) -> Value:
        """How far the output rises above its level at full load when the load falls to its light value."""
        _, values = measure.window(*self._edge(1))
        return max(float(values.max() - values[0]), 1e-12)

    @metric("s", "load_step", logarithmic=True)
    def settling_time(self) -> Value:
        """Time from a load step until the output stays within `tolerance` of where it ends, the longer direction."""
        return self._settling

    @cached_property
    def _settling(self) -> Value:
        found, band = [_SHORTEST], self.bench.tolerance / 100 * self.bench.output
        for number in (0, 1):
            time, values, start, stop = self._edge(number)
            target = float(np.interp(stop, time, values))
            one = entered(time, values, start, stop, target=target, band=band)
            if isinstance(one, Undefined):
                return one
            found.append(one)
        return max(found)
