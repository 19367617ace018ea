"""Measurements on sweeps of direct current: ranges, regulation, thresholds, temperature.

Sources of the definitions: P. E. Allen, D. R. Holberg, "CMOS Analog Circuit Design", 3rd ed. 2012, sections 6.6 (input
common-mode range, output swing) and 4.5 (references); G. A. Rincon-Mora, "Analog IC Design with Low-Dropout
Regulators", 2nd ed. 2014, chapter 1 (regulation, dropout).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eda.testbench.measurements.curves import crossings, smooth_crossings
from eda.testbench.measurements.value import Undefined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements.curves import Edge
    from eda.testbench.measurements.value import Value

__all__ = [
    "compliance",
    "dropout",
    "linear_range",
    "output_swing",
    "regulation",
    "slope_at",
    "temperature_coefficient",
    "threshold",
]


def _around(inside: NDArray[np.bool_], middle: int) -> tuple[int, int] | None:
    """First and last of the neighbours of `middle` for which `inside` holds without a gap."""
    if not inside[middle]:
        return None
    low = high = middle
    while low > 0 and inside[low - 1]:
        low -= 1
    while high < len(inside) - 1 and inside[high + 1]:
        high += 1
    return low, high


def output_swing(
    output: NDArray[np.float64], differential: NDArray[np.float64], centre: float
) -> tuple[float, float] | Undefined:
    """The range of output voltage in which the large-signal gain is at least half of its value at the centre.

    Args:
        output: `n` output voltages of a sweep, V.
        differential: `n` input voltages (plus less minus) that they need, V.
        centre: output voltage around which the range is sought, V.

    Returns:
        Lowest and highest output voltage, V.
    """
    order = np.argsort(output)
    voltage, drive = output[order], differential[order]
    distinct = np.concatenate(([True], np.diff(voltage) > 1e-9))  # V; below that the slope is noise
    voltage, drive = voltage[distinct], drive[distinct]
    if len(voltage) < 5 or not voltage[0] < centre < voltage[-1]:
        return Undefined(f"the output does not move around {centre:.3g} V")
    # the gain of each interval: nothing beyond the interval blurs it
    gain, middle = np.diff(voltage) / np.diff(drive), (voltage[1:] + voltage[:-1]) / 2
    usual = float(np.interp(centre, middle, gain))
    if not usual > 0:
        return Undefined("the output does not follow the input at mid-range")
    excess = np.where(np.isfinite(gain) & (gain > 0), gain, 0.0) - usual / 2
    found = _around(excess >= 0, int(np.argmin(np.abs(middle - centre))))
    if found is None:
        return Undefined("the gain collapses at mid-range")
    ends = smooth_crossings(middle, excess, 0.0)
    low = max((end for end in ends if end <= centre), default=voltage[found[0]])
    high = min((end for end in ends if end >= centre), default=voltage[found[1] + 1])
    return float(low), float(high)


def linear_range(
    x: NDArray[np.float64], y: NDArray[np.float64], centre: float, least: float
) -> tuple[float, float] | Undefined:
    """Range of an input over which an output follows it: where the slope is at least a share of that at the centre.

    Args:
        x: `n` rising inputs.
        y: `n` outputs.
        centre: input around which the range is sought.
        least: share of the slope at the centre.

    Returns:
        Lowest and highest input, in the unit of `x`.
    """
    slope, middle = np.diff(y) / np.diff(x), (x[1:] + x[:-1]) / 2
    usual = float(np.interp(centre, middle, slope))
    if usual <= 0:
        return Undefined(f"the output does not follow the input around {centre:.3g}")
    excess = slope - least * usual
    found = _around(excess >= 0, int(np.argmin(np.abs(middle - centre))))
    if found is None:
        return Undefined(f"the output does not follow the input around {centre:.3g}")
    ends = smooth_crossings(middle, excess, 0.0)
    low = max((end for end in ends if end <= centre), default=float(x[0]))
    high = min((end for end in ends if end >= centre), default=float(x[-1]))
    return float(low), float(high)


def regulation(x: NDArray[np.float64], y: NDArray[np.float64], low: float, high: float) -> float:
    """Change of an output by the change of what it should not depend on.

    Args:
        x: `n` rising values of the supply or the load.
        y: `n` outputs.
        low: lower end of the range.
        high: upper end.

    Returns:
        Magnitude, in the unit of `y` by that of `x`.
    """
    ends = np.interp([low, high], x, y)
    return float(abs(ends[1] - ends[0]) / (high - low))


def slope_at(x: NDArray[np.float64], y: NDArray[np.float64], at: float) -> float:
    """Derivative of a curve at a point, from the parabola through the three nearest samples.

    Args:
        x: `n` rising values.
        y: `n` samples.
        at: within the range of `x`.

    Returns:
        In the unit of `y` by that of `x`.
    """
    middle = int(np.clip(np.argmin(np.abs(x - at)), 1, len(x) - 2))
    near = slice(middle - 1, middle + 2)
    return float(np.polyval(np.polyder(np.polyfit(x[near] - at, y[near], 2)), 0.0))


def dropout(supply: NDArray[np.float64], output: NDArray[np.float64], nominal: float, share: float = 0.02) -> Value:
    """Difference of input and output of a regulator where the output leaves a band, as its input falls.

    It falls where the pass device has no more voltage, and rises where the amplifier before it has none.

    Args:
        supply: `n` rising input voltages, V.
        output: `n` output voltages, V.
        nominal: regulated output voltage, V.
        share: of it, half the width of the band; 2 % is usual.

    Returns:
        V.
    """
    low, high = (1 - share) * nominal, (1 + share) * nominal
    if not low <= output[-1] <= high:
        return Undefined(f"the output is {output[-1]:.3g} V at the end of the sweep, not {low:.3g} to {high:.3g} V")
    edges = (crossings(supply, output, low, "rising"), crossings(supply, output, high, "falling"))
    last, level = max(
        ((float(found[-1]), level) for found, level in zip(edges, (low, high), strict=True) if len(found)),
        default=(None, 0.0),
    )
    if last is None:
        return Undefined(f"the output stays within {low:.3g} to {high:.3g} V in the sweep")
    return last - level


def temperature_coefficient(temperature: NDArray[np.float64], values: NDArray[np.float64]) -> Value:
    """Change of a reference over temperature by the box method: largest less smallest value by mean and range.

    Args:
        temperature: `n` rising temperatures, degrees Celsius.
        values: `n` samples.

    Returns:
        ppm/K.
    """
    mean = float(np.mean(values))
    if mean <= 0:
        return Undefined(f"the mean over temperature is {mean:.3g}: there is no reference")
    return float(np.ptp(values) / mean / (temperature[-1] - temperature[0]) * 1e6)


def compliance(voltage: NDArray[np.float64], current: NDArray[np.float64], nominal: float, share: float) -> Value:
    """Lowest output voltage above which a current source gives at least a share of its nominal current.

    Args:
        voltage: `n` rising output voltages, V.
        current: `n` output currents, A.
        nominal: its current, A.
        share: of it, such as 0.95.

    Returns:
        V.
    """
    found = crossings(voltage, current / nominal, share, "rising")
    if not len(found):
        return Undefined(f"the current does not rise through {share * 100:g} % of {nominal:.3g} A in the sweep")
    return float(found[-1])


def threshold(x: NDArray[np.float64], y: NDArray[np.float64], level: float, edge: Edge) -> Value:
    """Where the output of a comparator crosses a level first.

    Args:
        x: `n` inputs in the order of the sweep, rising or falling, V.
        y: `n` outputs, V.
        level: V.
        edge: direction in which the output crosses, in the order of the sweep.

    Returns:
        Input, V.
    """
    sign = 1.0 if x[-1] > x[0] else -1.0
    found = crossings(sign * x, y, level, edge)
    if not len(found):
        swept = f"{np.min(x):.3g} V to {np.max(x):.3g} V"
        return Undefined(f"the output does not cross {level:.3g} V: it does not decide both ways from {swept}")
    return float(sign * found[0])
