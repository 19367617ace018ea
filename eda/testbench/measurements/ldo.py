"""Measurements on regulators and references: how soon an output has its level, and from which supply on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.testbench.measurements.curves import crossings
from eda.testbench.measurements.transients import window
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = ["another_state", "entered", "holds_from"]

_LATEST = 0.9  # of the window: what is still outside of a band then may leave it again
_SAME = 0.005  # of the value at the operating point: how near a sweep passes by it


def another_state(x: NDArray[np.float64], relative: NDArray[np.float64], at: float) -> Undefined | None:
    """The reason not to read a sweep that does not pass through the operating point.

    A circuit with a second state may be swept in it. And where ngspice 39 found a point of the sweep by a transient,
    the charges of that one count as currents in all that follow.

    Args:
        x: `n` rising values of what is swept.
        relative: `n` outputs by that of the operating point.
        at: `x` of the operating point; a sweep that does not reach it cannot be told.
    """
    rounding = 1e-6 * (x[-1] - x[0])  # a sweep adds its steps up, and may end short of its end
    if not x[0] - rounding <= at <= x[-1] + rounding:
        return None
    here = float(np.interp(at, x, relative))
    if abs(here - 1) <= _SAME:
        return None
    return Undefined(f"the sweep is in another state, with {here:.3g} times the output of the operating point")


def entered(
    time: NDArray[np.float64],
    values: NDArray[np.float64],
    start: float,
    stop: float,
    *,
    target: float,
    band: float,
) -> Value:
    """Time from an event until a response stays within a band.

    Args:
        time: `n` rising times, s.
        values: `n` samples.
        start: of the event, s.
        stop: end of the response, s.
        target: middle of the band.
        band: half of its width, in the unit of the values.

    Returns:
        s; 0 where the response never leaves the band.
    """
    t, v = window(time, values, start, stop)
    outside = np.flatnonzero(np.abs(v - target) > band)
    if not len(outside):
        return 0.0
    last = int(outside[-1])
    if t[last] > start + _LATEST * (stop - start):
        return Undefined(f"the response ends at {v[-1]:.5g}, not settled to {target:.5g} ± {band:.2g}")
    edge = target + band if v[last] > target else target - band
    share = (edge - v[last]) / (v[last + 1] - v[last])
    return float(t[last] + share * (t[last + 1] - t[last]) - start)


def holds_from(x: NDArray[np.float64], y: NDArray[np.float64], nominal: float, share: float) -> Value:
    """Lowest supply from which on an output stays within a share of its nominal value, up to the end of the sweep.

    Args:
        x: `n` rising supply voltages, V.
        y: `n` outputs.
        nominal: their nominal value.
        share: such as 0.02.

    Returns:
        V; the lowest supply of the sweep where the output holds all the way down to it.
    """
    # the last crossing into the band, from below or from above
    below, above = crossings(x, y, nominal * (1 - share), "rising"), crossings(x, y, nominal * (1 + share), "falling")
    found = np.concatenate((below, above))
    if abs(y[-1] / nominal - 1) > share:
        return Undefined(f"the output is {y[-1]:.4g} at {x[-1]:.3g} V, not within {share * 100:g} % of {nominal:.4g}")
    return float(found.max() if len(found) else x[0])
