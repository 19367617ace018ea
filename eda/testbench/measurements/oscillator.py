"""Measurements on oscillations: what is read off the later half of a transient, and when it got there.

Source of the definitions: IEEE Std 181-2011 (middle level, duty cycle).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eda.testbench.measurements.curves import crossings
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.value import Value

__all__ = ["Oscillation", "full_swing", "read_oscillation"]

_EDGES = 1.5  # periods; in a steady oscillation no level is left alone for longer than one


@dataclass(frozen=True, slots=True)
class Oscillation:
    """The second half of a transient, with the level in the middle of its extremes.

    Attributes:
        swing: largest less smallest value in the last quarter, V.
        previous: that in the quarter before, V.
        rising: when the level is crossed upwards, s.
        high: for how long the signal is above the level after each of these crossings but the last, s.
        points: time steps in a period, on average; 0 where there is no period.
    """

    swing: float
    previous: float
    rising: NDArray[np.float64]
    high: NDArray[np.float64]
    points: float

    @property
    def periods(self) -> int:
        """How many whole ones there are."""
        return max(len(self.rising) - 1, 0)

    @property
    def period(self) -> float:
        """Mean period, s; there must be one."""
        return float((self.rising[-1] - self.rising[0]) / self.periods)

    @property
    def duty(self) -> float:
        """Share of the time above the middle level; there must be a period."""
        return float(np.sum(self.high) / (self.rising[-1] - self.rising[0]))

    @property
    def unevenness(self) -> float:
        """Longest less shortest period, by the mean one; there must be one."""
        return float(np.ptp(np.diff(self.rising)) / self.period)


def read_oscillation(time: NDArray[np.float64], values: NDArray[np.float64]) -> Oscillation:
    """Read the second half of a transient.

    Args:
        time: `n` rising times, s.
        values: `n` samples, V.
    """
    half, quarter = (int(np.searchsorted(time, time[0] + s * (time[-1] - time[0]))) for s in (0.5, 0.75))
    third, fourth = values[half : quarter + 1], values[quarter:]
    level = (values[half:].max() + values[half:].min()) / 2
    rising = crossings(time[half:], values[half:], level, "rising")
    falling = crossings(time[half:], values[half:], level, "falling")
    if len(rising) < 2:
        return Oscillation(float(np.ptp(fourth)), float(np.ptp(third)), rising, np.zeros(0), 0.0)
    inside = falling[(falling > rising[0]) & (falling < rising[-1])]
    steps = np.searchsorted(time, rising[-1]) - np.searchsorted(time, rising[0])
    return Oscillation(
        swing=float(np.ptp(fourth)),
        previous=float(np.ptp(third)),
        rising=rising,
        high=inside - rising[:-1],
        points=float(steps / (len(rising) - 1)),
    )


def full_swing(time: NDArray[np.float64], values: NDArray[np.float64], share: float, period: float) -> Value:
    """Time from which on every period swings over a share of the final swing.

    Args:
        time: `n` rising times from the start on, s.
        values: `n` samples, V.
        share: such as 0.9.
        period: of the steady oscillation, s.

    Returns:
        s from the first sample: when the signal has first been on both sides of the band that is `share` of the final
        one, counted from the last time that one of them was left alone for longer than 1.5 periods.
    """
    later = values[time >= (time[0] + time[-1]) / 2]
    middle, half = (later.max() + later.min()) / 2, (later.max() - later.min()) / 2
    upper = crossings(time, values, middle + share * half, "rising")
    lower = crossings(time, values, middle - share * half, "falling")
    if not (len(upper) and len(lower)):
        return Undefined("the signal does not swing to both sides")
    starts = []
    for side in (upper, lower):
        gaps = np.flatnonzero(np.diff(side) > _EDGES * period)
        starts.append(side[gaps[-1] + 1] if len(gaps) else side[0])
    return float(max(starts) - time[0])
