"""Measurements on decisions: pairs of them, how safe they are, and where they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench.measurements.curves import crossings, smooth_crossings
from eda.testbench.measurements.transients import window
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.curves import Edge
    from eda.testbench.measurements.value import Value

__all__ = ["ACCURACY", "COARSE", "RAMPS", "delay", "range_around", "rated"]

ACCURACY: Final = {"reltol": 1e-6, "trtol": 7.0}
"""Options of transients in which something regenerates: delays of sky130 latches are 0.06 % short; 0.25 % with 1e-5."""
RAMPS: Final = {"reltol": 1e-5, "trtol": 7.0}
"""Options of slow ramps: the mean of their thresholds is within 1 uV of that of direct current."""
COARSE: Final = {"reltol": 1e-4, "trtol": 7.0}
"""Options of bisections: a tenth of `reltol` moves their thresholds by 10 uV."""


def rated(excess: float, room: float) -> float:
    """Margin of a guard on a level that must lie beyond a limit.

    Args:
        excess: how far it lies beyond, as a share of the whole range.
        room: the most that it can.

    Returns:
        1 at the most, 0 at the limit, -1 at the other end of the range; an optimiser sees a slope everywhere.
    """
    return float(np.clip(excess / room if excess >= 0 else excess / (1 - room), -1, 1))


def range_around(x: NDArray[np.float64], excess: NDArray[np.float64], centre: float) -> tuple[float, float] | Undefined:
    """The range around a value, without a gap, in which something is at least 0.

    Args:
        x: `n` rising values.
        excess: `n` samples of it.
        centre: within the range of `x`.

    Returns:
        Both ends, by straight lines between samples; the ends of the sweep where it holds up to there.
    """
    if np.interp(centre, x, excess) < 0:
        return Undefined(f"the outputs are not valid at {centre:.3g} V")
    ends = crossings(x, excess, 0.0)
    low, high = ends[ends <= centre], ends[ends >= centre]
    return float(low[-1] if len(low) else x[0]), float(high[0] if len(high) else x[-1])


def delay(
    time: NDArray[np.float64], values: NDArray[np.float64], start: float, stop: float, level: float, edge: Edge
) -> Value:
    """Time from an event until a signal crosses a level, by a monotone cubic interpolant.

    A regenerating difference grows by a good part of itself from sample to sample, where straight lines are early.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the event, s; the signal has not crossed then.
        stop: after which a crossing does not count, s.
        level: the level.
        edge: direction of the crossing.

    Returns:
        s.
    """
    sign = -1.0 if edge == "falling" else 1.0
    t, v = window(time, sign * values, start, stop)
    if v[0] >= sign * level:
        return Undefined(f"the signal is beyond {level:.3g} V already before the decision")
    found = smooth_crossings(t, v, sign * level)
    if not len(found):
        return Undefined(f"the signal does not cross {level:.3g} V ({edge}) within {stop - start:.3g} s")
    return float(found[0] - start)
