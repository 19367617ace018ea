"""What is measured of continuous comparators.

The analyses: `op` and `low`, at rest with both decisions; `decision`, small inputs after large ones of the other sign;
`kickback`, the same with resistance in front of the inputs; `sweep`, slow ramps up and down; `transfer`, the steep
part of the transfer curve, with feedback; `high_range` and `low_range`, sweeps of the common mode.

Sources of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, sections 8.1 (gain,
delay, overdrive, output levels, common-mode range) and 8.4 (trip points, hysteresis).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import Readings
from eda.testbench.guards import Guard, biased
from eda.testbench.measurements import Undefined, both, worst
from eda.testbench.measurements import comparator as deciding
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.comparator import ComparatorTestbench
    from eda.testbench.measurements import Value

__all__ = ["ComparatorReadings"]

_VALID: Final = 0.8  # of the supply: a high output; a low one is as far from the supply
_MIDDLE: Final = 0.4  # of the supply: how far from its half the transfer curve is looked at
_FEWEST: Final = 5  # samples there; an output that jumps has fewer


class ComparatorReadings(Readings):
    """Metrics and guards of a continuous comparator."""

    bench: ComparatorTestbench

    @property
    def supply(self) -> float:
        """Supply voltage, V."""
        return self.point.value("v(vdd)")

    def output(self, analysis: str) -> NDArray[np.float64]:
        """The output voltage in an analysis."""
        return self.analyses[analysis].real("v(out)")

    def drive(self, analysis: str) -> NDArray[np.float64]:
        """The differential input voltage in an analysis."""
        return self.analyses[analysis].real("v(input)")

    def guards(self) -> tuple[Guard, ...]:
        """Bias at a high output; decisions both ways, each of one edge."""
        time, output = self.analyses["decision"].scale, self.output("decision")
        before, high, low = np.interp([self.bench.start(0) * 0.9, *self._ends()], time, output) / self.supply
        depth = min(high - _VALID, 1 - _VALID - before, 1 - _VALID - low)
        levels = f"{before:.2f}, {high:.2f} and {low:.2f} of the supply at inputs below, above and below the threshold"
        edges = [len(measure.crossings(time, output, self.supply / 2, edge)) for edge in ("rising", "falling")]
        return (
            *biased(self.point, self.transistors, self.bench.regions),
            Guard("decides", deciding.rated(depth, 1 - _VALID), f"the output is at {levels}"),
            Guard(
                "single edges",
                1.0 if max(edges) <= 1 else -1.0,
                f"the output rises {edges[0]} and falls {edges[1]} times for one decision each way",
            ),
        )

    # decisions

    @metric("s", "decision", logarithmic=True)
    def delay_rising(self) -> Value:
        """Time from an input step to `overdrive` above zero until the output rises through half the supply."""
        return self._delay(0)

    @metric("s", "decision", logarithmic=True)
    def delay_falling(self) -> Value:
        """Time from an input step to `overdrive` below zero until the output falls through half the supply."""
        return self._delay(1)

    @metric("s", "decision", logarithmic=True)
    def delay(self) -> Value:
        """Propagation delay at `overdrive`, the longer one of both directions (Allen & Holberg 2012, section 8.1)."""
        return worst(self._delay(0), self._delay(1))

    @metric("J", "decision", logarithmic=True)
    def energy(self) -> Value:
        """Energy from vdd between an input step and the decision, the larger one of both directions."""
        return worst(self._energy(0), self._energy(1))

    @metric("V", "decision")
    def output_high(self) -> Value:
        """Output voltage at the end of the `window` after a step to `overdrive` above zero."""
        return self._at(self._ends()[0])

    @metric("V", "decision")
    def output_low(self) -> Value:
        """Output voltage at the end of the `window` after a step to `overdrive` below zero."""
        return self._at(self._ends()[1])

    # at rest

    @metric("A", "op", "low", logarithmic=True)
    def supply_current(self) -> Value:
        """Current into vdd at rest, bias included, the larger one of both decisions (inputs at `overdrive`)."""
        current = max(-self.analyses[name].value("i(vdd)") for name in ("op", "low"))
        return current if current > 0 else Undefined(f"the supply delivers {current:.3g} A")

    @metric("W", "op", "low", logarithmic=True)
    def power(self) -> Value:
        """Supply voltage times supply current."""
        current = self.supply_current()
        return current if isinstance(current, Undefined) else self.supply * current

    @metric("dB", "transfer")
    def dc_gain(self) -> Value:
        """Slope of the output over the differential input at half the supply (Allen & Holberg 2012, section 8.1)."""
        output, drive = self.output("transfer"), self.drive("transfer")
        middle = np.abs(output / self.supply - 0.5) < _MIDDLE
        output, drive = output[middle], drive[middle]
        if len(output) < _FEWEST or np.any(np.diff(output) <= 0):
            return Undefined("the output does not rise steadily through half the supply while a twentieth is fed back")
        slope = measure.slope_at(output, drive, self.supply / 2)
        return float(-20 * np.log10(slope)) if slope > 0 else Undefined("the output jumps at half the supply")

    # trip points

    @metric("V", "sweep")
    def threshold_rising(self) -> Value:
        """Differential input at which the output rises through half the supply, on a ramp upwards."""
        return self._trip(0)

    @metric("V", "sweep")
    def threshold_falling(self) -> Value:
        """Differential input at which the output falls through half the supply, on a ramp downwards."""
        return self._trip(1)

    @metric("V", "sweep", logarithmic=True)
    def hysteresis(self) -> Value:
        """Rising less falling threshold (Allen & Holberg 2012, section 8.4); ramps of `sweep_time` add their delay."""
        pair = both(self._trip(0), self._trip(1))
        return pair if isinstance(pair, Undefined) else max(pair[0] - pair[1], 1e-12)

    @metric("V", "sweep")
    def signed_offset(self) -> Value:
        """Mean of the rising and the falling threshold; over samples of mismatch its deviation is the random offset."""
        pair = both(self._trip(0), self._trip(1))
        return pair if isinstance(pair, Undefined) else (pair[0] + pair[1]) / 2

    @metric("V", "sweep", logarithmic=True)
    def offset(self) -> Value:
        """Magnitude of the mean of the rising and the falling threshold."""
        offset = self.signed_offset()
        return offset if isinstance(offset, Undefined) else max(abs(offset), 1e-12)

    # inputs

    @metric("V", "high_range", "low_range")
    def common_mode_low(self) -> Value:
        """Lowest common mode, without a gap to `vcm`, at which both signs of `overdrive` give valid outputs."""
        return self._range(0)

    @metric("V", "high_range", "low_range")
    def common_mode_high(self) -> Value:
        """Highest common mode, without a gap to `vcm`, at which both signs of `overdrive` give valid outputs."""
        return self._range(1)

    @metric("V", "high_range", "low_range")
    def common_mode_range(self) -> Value:
        """Range of the common mode with valid outputs, 80 % and 20 % of the supply, at `overdrive` of both signs."""
        pair = both(self._range(0), self._range(1))
        return pair if isinstance(pair, Undefined) else pair[1] - pair[0]

    @metric("V", "kickback", logarithmic=True)
    def kickback(self) -> Value:
        """Largest disturbance of inn behind `source_resistance` while inp, behind as much, steps to `overdrive`."""
        waves = self.analyses["kickback"]
        error = waves.real("v(inn)") - waves.real("v(ref)")
        return max(*(measure.largest(waves.scale, error, *self.bench.span(edge)) for edge in (0, 1)), 1e-12)

    def _ends(self) -> tuple[float, float]:
        """When the outputs of both decisions are read, s."""
        return self.bench.span(0)[1], self.bench.span(1)[1]

    def _at(self, time: float) -> float:
        return float(np.interp(time, self.analyses["decision"].scale, self.output("decision")))

    def _delay(self, edge: int) -> Value:
        time, output = self.analyses["decision"].scale, self.output("decision")
        return deciding.delay(time, output, *self.bench.span(edge), self.supply / 2, "falling" if edge else "rising")

    def _energy(self, edge: int) -> Value:
        delay, start = self._delay(edge), self.bench.start(edge)
        if isinstance(delay, Undefined):
            return delay
        waves = self.analyses["decision"]
        return -self.supply * measure.integral(waves.scale, waves.real("i(vdd)"), start, start + delay)

    def _trip(self, edge: int) -> Value:
        time, output, drive = self.analyses["sweep"].scale, self.output("sweep"), self.drive("sweep")
        part = time >= self.bench.sweep_time if edge else time <= self.bench.sweep_time
        return measure.threshold(drive[part], output[part], self.supply / 2, "falling" if edge else "rising")

    def _range(self, end: int) -> Value:
        high, low = (self.output(name) / self.supply for name in ("high_range", "low_range"))
        depth = np.minimum(high - _VALID, 1 - _VALID - low)
        found = deciding.range_around(self.analyses["high_range"].scale, depth, self.point.value("v(cm)"))
        return found if isinstance(found, Undefined) else found[end]
