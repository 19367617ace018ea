"""What is measured of power stages: conversion, ripple, losses, the inductor, and the response to load steps.

The analyses: `steady`, from the start to the steady state; `load_step`, the same, then a load step up and down; and
`op`, for gate areas alone.

Definitions: R. W. Erickson, D. Maksimović, "Fundamentals of Power Electronics", 3rd ed. 2020, chapters 2, 3 and 5.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import Readings
from eda.testbench.guards import Guard, within
from eda.testbench.measurements import Undefined, worst
from eda.testbench.measurements.power import drift, means_of_periods, recovery_time
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements import Value

__all__ = ["PowerStageReadings"]

_DRIFT: Final = 2e-3  # of the mean; half of it is the error of a mean
# what is stored or released counts as loss or gain: where these are read, less may drift
_POWER_DRIFT: Final = 0.02  # of the loss
_BALANCED_DRIFT: Final = 2e-4  # of the mean output; with an RC of ten quarters of the window, 0.2 % of the output power
_LEAST_LOSS: Final = 1e-3  # of the output power
_TOLERANCE: Final = 0.2  # of the target; what is further off does not convert
_STILL: Final = 1e-3  # of the peak of the input current; less than this is no switching
_IDLE: Final = 0.02  # of the mean current; below it an inductor carries none


class PowerStageReadings(Readings):
    """Metrics and guards of a power stage."""

    @cached_property
    def time(self) -> NDArray[np.float64]:
        """Of the transient to the steady state, s."""
        return self.analyses["steady"].scale

    @cached_property
    def output(self) -> NDArray[np.float64]:
        """The output voltage in it, V."""
        return self.analyses["steady"].real("v(out)")

    @cached_property
    def target(self) -> float:
        """The output voltage that is asked for, V."""
        return self.analyses["steady"].value("v(goal)")

    def guards(self) -> tuple[Guard, ...]:
        """Whether it converts, has settled, switches, and conducts as it is asked to."""
        target, means = self.target, self._means
        low, high = target * (1 - _TOLERANCE), target * (1 + _TOLERANCE)
        found = (
            within("converts", float(means[-1]), low, high, "the mean output voltage is {} V"),
            Guard(
                "settled",
                float(np.clip(1 - max(self._drift / _DRIFT, self._power_drift / _POWER_DRIFT), -1, 1)),
                f"the means over periods differ by {self._drift * 100:.2g} %, those of the input power by "
                f"{self._power_drift * 100:.2g} % of the loss",
            ),
            self._switching(),
        )
        return found if self.bench.conduction == "any" else (*found, self._conduction())

    def _switching(self) -> Guard:
        """The current from the input follows the clock; a resistor in its place converts as well, and wastes."""
        _, current = self._last(self.analyses["steady"].real("i(vin)"))
        largest = float(np.max(np.abs(current)))
        share = float(np.ptp(current)) / largest if largest > 0 else 0.0
        return Guard(
            "switches",
            float(np.clip(share / _STILL - 1, -1, 1)),
            f"the input current varies by {share * 100:.2g} % of its peak within a period",
        )

    def _conduction(self) -> Guard:
        """The inductor current stays above zero, or does not."""
        current = self._inductor_current
        if isinstance(current, Undefined):
            return Guard("conduction", -1.0, current.reason)
        _, values = self._last(current)
        level = float(np.min(values) / max(abs(float(np.mean(values))), 1e-15))
        sign = 1 if self.bench.conduction == "continuous" else -1
        margin = float(np.clip(sign * (level - _IDLE) / _IDLE, -1, 1))
        return Guard("conduction", margin, f"the inductor current falls to {level * 100:.3g} % of its mean")

    @cached_property
    def _means(self) -> NDArray[np.float64]:
        return self._over_periods(self.output)

    def _over_periods(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Means over each period of the last quarter of the window."""
        return means_of_periods(self.time, values, self.bench.end, self.bench.period, self.bench.counted)

    @cached_property
    def _drift(self) -> float:
        return drift(self._means)

    @cached_property
    def _power_drift(self) -> float:
        """How far the means of the input power over periods differ, by the loss."""
        delivered, taken = self._powers
        loss = max(abs(taken - delivered), _LEAST_LOSS * delivered)
        return float(np.ptp(self._over_periods(self._input_power))) / loss

    def _steady(self, value: Value) -> Value:
        """A value, if there is a steady state that has one."""
        if self._drift > _DRIFT:
            return _drifts("output", f"{self._drift * 100:.2g} %")
        return value

    def _balanced(self, value: float) -> Value:
        """A value that depends on the difference of input and output power, if what is stored stands still."""
        delivered, taken = self._powers
        if self._drift > _BALANCED_DRIFT:
            return _drifts("output", f"{self._drift * 100:.2g} %")
        if taken <= delivered:
            return Undefined(f"the output takes {delivered:.3g} W, and the sources deliver {taken:.3g} W")
        if self._power_drift > _POWER_DRIFT:
            return _drifts("input power", f"{self._power_drift * 100:.2g} % of the loss")
        return value

    def _last(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The last period."""
        return measure.window(self.time, values, self.bench.end - self.bench.period, self.bench.end)

    def _mean(self, values: NDArray[np.float64]) -> float:
        """Over the last quarter of the window."""
        bench = self.bench
        return measure.mean(self.time, values, bench.end - bench.counted * bench.period, bench.end)

    # conversion

    @metric("V", "steady")
    def output_voltage(self) -> Value:
        """Mean output voltage in the steady state."""
        return self._steady(self._mean(self.output))

    @metric("%", "steady")
    def output_error(self) -> Value:
        """Magnitude of the difference between the mean output voltage and the target, by the target."""
        return self._steady(abs(self._mean(self.output) / self.target - 1) * 100)

    @metric("V", "steady", logarithmic=True)
    def output_ripple(self) -> Value:
        """Largest less smallest output voltage within the last period."""
        return self._steady(float(np.ptp(self._last(self.output)[1])))

    @metric("%", "steady")
    def efficiency(self) -> Value:
        """Mean output power by mean input power; what the clock delivers to gates counts as input."""
        delivered, taken = self._powers
        return self._balanced(delivered / max(taken, 1e-15) * 100)

    @metric("W", "steady", logarithmic=True)
    def power_loss(self) -> Value:
        """Mean input power less mean output power."""
        delivered, taken = self._powers
        return self._balanced(taken - delivered)

    @metric("A", "steady", logarithmic=True)
    def input_current(self) -> Value:
        """Mean current into the port vin."""
        current = self._mean(-self.analyses["steady"].real("i(vin)"))
        return self._steady(current if current > 0 else Undefined(f"the input source delivers {current:.3g} A"))

    @cached_property
    def _input_power(self) -> NDArray[np.float64]:
        """What the input and the clock deliver, W."""
        waves = self.analyses["steady"]
        return -(waves.real("v(vin)") * waves.real("i(vin)") + waves.real("v(clk)") * waves.real("i(vclk)"))

    @cached_property
    def _powers(self) -> tuple[float, float]:
        """Mean output and input power, W."""
        return self._mean(self.output**2) * self.bench.load / self.target, self._mean(self._input_power)

    # inductor

    @metric("A", "steady", logarithmic=True)
    def inductor_ripple(self) -> Value:
        """Largest less smallest current of the first inductor of the netlist within the last period."""
        current = self._inductor_current
        if isinstance(current, Undefined):
            return current
        return self._steady(float(np.ptp(self._last(current)[1])))

    @metric("A", "steady", logarithmic=True)
    def inductor_peak_current(self) -> Value:
        """Largest magnitude of the current of the first inductor of the netlist within the last period."""
        current = self._inductor_current
        if isinstance(current, Undefined):
            return current
        return self._steady(float(np.max(np.abs(self._last(current)[1]))))

    @property
    def _inductor_current(self) -> NDArray[np.float64] | Undefined:
        waves = self.analyses["steady"]
        found = next((name for name in waves.vectors if name.startswith("i(l.")), None)
        return Undefined("the netlist has no inductor in its top block") if found is None else waves.real(found)

    # load step

    @metric("V", "steady", "load_step", logarithmic=True)
    def undershoot(self) -> Value:
        """How far the output falls below its mean before the load current rises by `load_step`."""
        before, start, stop = self._around(0)
        _, after = measure.window(*self._response, start, stop)
        return self._steady(max(before - float(np.min(after)), 1e-12))

    @metric("V", "steady", "load_step", logarithmic=True)
    def overshoot(self) -> Value:
        """How far the output rises above its mean before the load current falls by `load_step`."""
        before, start, stop = self._around(1)
        _, after = measure.window(*self._response, start, stop)
        return self._steady(max(float(np.max(after)) - before, 1e-12))

    @metric("s", "steady", "load_step", logarithmic=True)
    def recovery_time(self) -> Value:
        """Time from a load step until the mean over a period stays within `tolerance` of the target from its final one.

        It is the longer one of both directions.
        """
        return self._steady(worst(self._recovery(0), self._recovery(1)))

    @property
    def _response(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        waves = self.analyses["load_step"]
        return waves.scale, waves.real("v(out)")

    def _around(self, edge: int) -> tuple[float, float, float]:
        """Mean over the period before a load step, and its start and end."""
        start, period = self.bench.edge(edge), self.bench.period
        before = float(means_of_periods(*self._response, start, period, 1)[0])
        return before, start, start + self.bench.whole_step

    def _recovery(self, edge: int) -> Value:
        _, start, stop = self._around(edge)
        band = self.bench.tolerance / 100 * self.target
        return recovery_time(*self._response, start, stop, period=self.bench.period, band=band)


def _drifts(what: str, by: str) -> Undefined:
    return Undefined(
        f"the {what} still drifts: means over periods differ by {by} in the last quarter of the window; give a longer "
        "`window`, or initial conditions nearer to the steady state"
    )
