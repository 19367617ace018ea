"""What is measured of clocked comparators.

The analyses: `decision`, three cycles with small inputs of either sign in turn; `kickback`, two cycles with resistance
in front of the inputs; `search`, a bisection of the threshold; `after_high` and `after_low`, the same with a large
input in every second cycle.

Sources of the definitions: B. Razavi, "The StrongARM Latch", IEEE Solid-State Circuits Magazine 7(2), 2015 (delay,
energy, kickback, offset); P. M. Figueiredo, J. C. Vital, "Kickback noise reduction techniques for CMOS latched
comparators", IEEE TCAS-II 53(7), 2006 (disturbance of a source with resistance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import Readings
from eda.testbench.guards import Guard
from eda.testbench.measurements import Undefined, both, worst
from eda.testbench.measurements import comparator as deciding
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.clocked_comparator import ClockedComparatorTestbench
    from eda.testbench.measurements import Value

__all__ = ["ClockedComparatorReadings"]

_VALID: Final = 0.8  # of the supply: the difference of outputs that have decided
_RESIDUE: Final = 0.05  # of the supply: the largest difference of outputs that are reset
_QUIET: Final = 0.05  # of a cycle: the end of a phase, where only static current flows


class ClockedComparatorReadings(Readings):
    """Metrics and guards of a clocked comparator."""

    bench: ClockedComparatorTestbench

    @property
    def supply(self) -> float:
        """Supply voltage, V."""
        return self.point.value("v(vdd)")

    @property
    def difference(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Time and difference of the outputs over the decisions."""
        waves = self.analyses["decision"]
        return waves.scale, waves.real("v(difference)")

    def guards(self) -> tuple[Guard, ...]:
        """Both decisions are made, and forgotten in the reset."""
        ends = np.interp([self.bench.evaluation(cycle)[1] for cycle in (1, 2)], *self.difference) / self.supply
        depth = min(ends[0], -ends[1]) - _VALID
        residue = self._residue() / self.supply
        return (
            Guard(
                "decides",
                deciding.rated(depth / 2, (1 - _VALID) / 2),
                f"the outputs differ by {ends[0]:.2f} and {ends[1]:.2f} of the supply after both inputs",
            ),
            Guard(
                "resets",
                max(1 - residue / _RESIDUE, -1.0),
                f"the outputs differ by {residue:.2g} of the supply at the end of a reset",
            ),
        )

    # decisions

    @metric("s", "decision", logarithmic=True)
    def delay_rising(self) -> Value:
        """Time from the clock's edge until outp is half the supply above outn, at a drive of `overdrive`."""
        return self._delay(1)

    @metric("s", "decision", logarithmic=True)
    def delay_falling(self) -> Value:
        """Time from the clock's edge until outp is half the supply below outn, at a drive of minus `overdrive`."""
        return self._delay(2)

    @metric("s", "decision", logarithmic=True)
    def delay(self) -> Value:
        """Time from the clock's edge until the outputs differ by half the supply, the longer one of both decisions."""
        return worst(self._delay(1), self._delay(2))

    @metric("V", "decision", logarithmic=True)
    def reset_residue(self) -> Value:
        """Difference of the outputs at the end of a reset, the larger one after both decisions."""
        return max(self._residue(), 1e-12)

    # supply

    @metric("J", "decision", logarithmic=True)
    def energy(self) -> Value:
        """Energy from vdd for a decision and a reset, the mean of both decisions; the clock's driver is not in it."""
        return self._energy()

    @metric("W", "decision", logarithmic=True)
    def power(self) -> Value:
        """Energy of a cycle times the clock's `frequency`."""
        energy = self._energy()
        return energy if isinstance(energy, Undefined) else energy * self.bench.frequency

    @metric("A", "decision", logarithmic=True)
    def static_current(self) -> Value:
        """Current into vdd at the end of a phase, decided or reset, the larger one: leakage, and what still settles."""
        waves, length = self.analyses["decision"], _QUIET * self.bench.period
        ends = (self.bench.evaluation(1)[1], self.bench.evaluation(2)[0])
        currents = [measure.mean(waves.scale, -waves.real("i(vdd)"), end - length, end) for end in ends]
        return max(*currents, 1e-15)

    # thresholds

    @metric("V", "search")
    def signed_offset(self) -> Value:
        """Drive at which the decision changes, by bisection of 13 cycles in `offset_range`: known to 2^-13 of it."""
        return self._threshold("search")

    @metric("V", "search", logarithmic=True)
    def offset(self) -> Value:
        """Magnitude of the drive at which the decision changes; 2^-13 of `offset_range` where it is less."""
        offset = self._threshold("search")
        return offset if isinstance(offset, Undefined) else max(abs(offset), self.bench.offset_range / 2**13)

    @metric("V", "after_high", "after_low", logarithmic=True)
    def hysteresis(self) -> Value:
        """Difference of the thresholds after large inputs of either sign; 2^-12 of `offset_range` where it is less."""
        pair = both(self._threshold("after_high"), self._threshold("after_low"))
        return pair if isinstance(pair, Undefined) else max(abs(pair[0] - pair[1]), self.bench.offset_range / 2**12)

    # inputs

    @metric("V", "kickback", logarithmic=True)
    def kickback(self) -> Value:
        """Largest disturbance of an input behind `source_resistance` in a cycle (Figueiredo & Vital 2006)."""
        waves, period, edge = self.analyses["kickback"], self.bench.period, self.bench.edge
        errors = (waves.real(f"v({node})") - waves.real(f"v({own})") for node, own in (("inp", "sp"), ("inn", "sn")))
        cycle = (period - edge / 2, 2 * period - edge / 2)
        return max(*(measure.largest(waves.scale, error, *cycle) for error in errors), 1e-12)

    def _delay(self, cycle: int) -> Value:
        time, difference = self.difference
        start, stop = self.bench.evaluation(cycle)
        sign = 1 if cycle == 1 else -1
        found = deciding.delay(time, sign * difference, start, stop, self.supply / 2, "rising")
        return found if isinstance(found, Undefined) else found - self.bench.edge / 2

    def _residue(self) -> float:
        starts = [self.bench.evaluation(cycle)[0] for cycle in (1, 2)]
        return float(np.max(np.abs(np.interp(starts, *self.difference))))

    def _energy(self) -> Value:
        waves, period, edge = self.analyses["decision"], self.bench.period, self.bench.edge
        charge = -measure.integral(waves.scale, waves.real("i(vdd)"), period - edge / 2, 3 * period - edge / 2)
        if charge <= 0:
            return Undefined(f"the supply delivers {charge:.3g} C in two cycles")
        return self.supply * charge / 2

    def _threshold(self, analysis: str) -> Value:
        found, reach = float(self.analyses[analysis].real("v(drive)")[-1]), self.bench.offset_range
        if abs(found) > 0.999 * reach:  # steps of one sign add up to as much
            return Undefined(f"all decisions up to {found:.3g} V are the same")
        return found
