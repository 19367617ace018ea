"""What is measured of filters: frequency response, delay, noise, steps and distortion.

The analyses: `op`; `ac` from the input, `vdd_ac` from the supply, `common_mode`
of differential ones; `noise`; `step`, up and down; and `sine`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import SuppliedReadings
from eda.testbench.guards import Guard, biased, defined, output_level, stable, within
from eda.testbench.measurements import Undefined, worst
from eda.testbench.measurements.filter import (
    cutoff,
    decibels,
    finer,
    gain_within,
    gains_between,
    group_delays,
    lead_of_filter,
    pole_frequency,
)
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.measurements import Value

__all__ = ["FilterReadings"]

_GAIN_ERROR: Final = 3.0  # dB; what is further off does not pass
_FINER: Final = 16  # times as many points as the sweep has
_LEAST: Final = 3.0  # dB; what attenuates less does not filter


class FilterReadings(SuppliedReadings):
    """Metrics and guards of a filter."""

    @cached_property
    def _fine(self) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
        # nothing above the stop bands is read; only stability counts there
        waves = self.analyses["ac"]
        count = int(np.searchsorted(waves.scale, self.bench.stopbands[-1][1])) + 4
        return finer(waves.scale[:count], waves["v(out)"][:count], _FINER)

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Of the response, Hz."""
        return self._fine[0]

    @cached_property
    def gain(self) -> NDArray[np.float64]:
        """From the input to the output, dB."""
        return decibels(self._fine[1])

    @cached_property
    def phase(self) -> NDArray[np.float64]:
        """From the input to the output, unwrapped, rad."""
        return np.unwrap(np.angle(self._fine[1]))

    def output(self, analysis: str) -> NDArray[np.float64]:
        """The output voltage in an analysis that is no frequency response, V."""
        return self.analyses[analysis].real("v(out)")

    @property
    def differential(self) -> bool:
        """Whether it has two outputs."""
        return "v(outp)" in self.point.vectors

    def guards(self) -> tuple[Guard, ...]:
        """Bias, output level; whether it passes, filters, is stable, and settles."""
        passed, stopped = self.passband_gain(), self.stopband_attenuation()
        low, high = self.bench.gain - _GAIN_ERROR, self.bench.gain + _GAIN_ERROR
        found = (
            *biased(self.point, self.transistors, self.bench.regions),
            *self._levels(),
            within("passes", passed, low, high, "the gain in the pass band is {} dB"),
            _filters(stopped),
            stable(lead_of_filter(self.analyses["ac"].scale, self.analyses["ac"]["v(out)"])),
            *self._common(),
        )
        if "step" not in self.analyses:
            return found
        return (*found, defined("settles", self.settling_time(), "the output settles after a step"))

    def _common(self) -> tuple[Guard, ...]:
        """Whether the common mode of a differential filter is stable."""
        if not self.differential:
            return ()
        waves = self.analyses["common_mode"]
        lead = lead_of_filter(waves.scale, (waves["v(outp)"] + waves["v(outn)"]) / 2)
        return (replace(stable(lead), name="common mode"),)

    def _levels(self) -> tuple[Guard, ...]:
        point, asked = self.point, self.point.value("v(level)")
        supply = point.value("v(vdd)")
        if not self.differential:
            return (output_level(point.value("v(out)"), asked, supply),)
        mean = (point.value("v(outp)") + point.value("v(outn)")) / 2
        return (
            output_level(mean, asked, supply),
            output_level(point.value("v(out)"), 0.0, supply, "differential level"),
        )

    # frequency response

    @metric("dB", "ac")
    def passband_gain(self) -> Value:
        """Gain at the reference frequency: a thousandth of a low-pass' edge, the geometric centre of a band-pass."""
        return gain_within(self.frequency, self.gain, self.bench.reference)

    @metric("Hz", "ac", logarithmic=True)
    def cutoff_frequency(self) -> Value:
        """Upper frequency at which the gain is 3 dB below that in the pass band."""
        return cutoff(self.frequency, self.gain, self.bench.reference, "above")

    @metric("Hz", "ac", logarithmic=True)
    def lower_cutoff_frequency(self) -> Value:
        """Lower frequency of a band-pass at which the gain is 3 dB below that in the pass band."""
        if self.bench.passband_low is None:
            return Undefined("a low-pass has no lower cut-off; `passband_low` makes it a band-pass")
        return cutoff(self.frequency, self.gain, self.bench.reference, "below")

    @metric("Hz", "ac", logarithmic=True)
    def center_frequency(self) -> Value:
        """Pole frequency: where a low-pass' phase has fallen by 90 degrees; of a band-pass, between both cut-offs.

        Of a band-pass it is the geometric mean of the cut-offs (Schaumann 2010, chapter 4).
        """
        if self.bench.passband_low is None:
            return pole_frequency(self.frequency, self.phase)
        low, high = self.lower_cutoff_frequency(), self.cutoff_frequency()
        if isinstance(low, Undefined):
            return low
        return high if isinstance(high, Undefined) else float(np.sqrt(low * high))

    @metric("", "ac", logarithmic=True)
    def quality_factor(self) -> Value:
        """Quality factor of a second-order section: of a low-pass, gain at the pole frequency by that at the lowest.

        Of a band-pass it is the centre frequency by the distance of the cut-offs.
        """
        center = self.center_frequency()
        if isinstance(center, Undefined):
            return center
        if self.bench.passband_low is None:
            rise = float(np.interp(center, self.frequency, self.gain) - self.gain[0])
            return float(10 ** (rise / 20))
        low, high = self.lower_cutoff_frequency(), self.cutoff_frequency()
        assert not isinstance(low, Undefined)
        assert not isinstance(high, Undefined)
        return center / (high - low)

    @metric("dB", "ac")
    def passband_ripple(self) -> Value:
        """Largest less smallest gain between the edges of the pass band."""
        gains = gains_between(self.frequency, self.gain, *self.bench.band)
        return gains if isinstance(gains, Undefined) else float(np.ptp(gains))

    @metric("dB", "ac")
    def peaking(self) -> Value:
        """How far the gain rises above that at the reference frequency."""
        level = self.passband_gain()
        return level if isinstance(level, Undefined) else max(float(np.max(self.gain)) - level, 0.0)

    @metric("dB", "ac")
    def stopband_attenuation(self) -> Value:
        """How far the gain stays below that in the pass band, from `stopband` to a hundred times it.

        Of a band-pass also from `stopband_low` down to a hundredth of it.
        """
        level = self.passband_gain()
        if isinstance(level, Undefined):
            return level
        least = np.inf
        for band in self.bench.stopbands:
            gains = gains_between(self.frequency, self.gain, *band)
            if isinstance(gains, Undefined):
                return gains
            least = min(least, level - float(np.max(gains)))
        return least

    @metric("s", "ac", logarithmic=True)
    def group_delay(self) -> Value:
        """Minus the slope of the phase over angular frequency at the reference frequency."""
        reference = self.bench.reference
        return float(group_delays(self.frequency, self.phase, reference, reference * 1.5)[0])

    @metric("s", "ac", logarithmic=True)
    def group_delay_variation(self) -> Value:
        """Largest less smallest group delay between the edges of the pass band."""
        return float(np.ptp(group_delays(self.frequency, self.phase, *self.bench.band)))

    @metric("dB", "ac", "vdd_ac")
    def psrr(self) -> Value:
        """Rejection of vdd at the reference frequency: gain from the input by that from vdd, 220 dB at the most."""
        disturbance = self.analyses["vdd_ac"]
        gain = self.passband_gain()
        leak = measure.gain_at(disturbance.scale, disturbance["v(out)"], self.bench.reference)
        if isinstance(gain, Undefined) or isinstance(leak, Undefined):
            return gain if isinstance(gain, Undefined) else leak
        return min(gain - leak, measure.MOST_REJECTION)

    @metric("dB", "common_mode")
    def common_mode_gain(self) -> Value:
        """Gain at the reference from the common mode of differential inputs to that of the outputs."""
        waves = self.analyses["common_mode"]
        return measure.gain_at(waves.scale, (waves["v(outp)"] + waves["v(outn)"]) / 2, self.bench.reference)

    # noise

    @metric("V/√Hz", "noise", logarithmic=True)
    def output_noise(self) -> Value:
        """Noise density at the output at the testbench's `frequency`."""
        return self.noise_density("onoise")

    @metric("V", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Noise at the output from `noise_low` to `noise_high`, root mean square."""
        return self.noise_in_band("onoise")

    # transients

    @metric("s", "step", logarithmic=True)
    def settling_time(self) -> Value:
        """Time from an input step to the last moment outside of `tolerance`, the longer one of both directions."""
        return worst(self._settling(0), self._settling(1))

    @metric("%", "step")
    def overshoot(self) -> Value:
        """How far a step response goes beyond its final value, the larger one of both directions."""
        return worst(*(measure.overshoot(*self._edge(edge)) for edge in (0, 1)))

    def _edge(self, edge: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        start = self.bench.edge(edge)
        return self.analyses["step"].scale, self.output("step"), start, start + self.bench.window

    def _settling(self, edge: int) -> Value:
        time, output, start, stop = self._edge(edge)
        drive = self.analyses["step"].real("v(drive)")
        step = np.diff(np.interp([start, stop], time, drive))[0] * np.real(self.analyses["ac"]["v(out)"][0])
        target = np.interp(start, time, output) + step
        return measure.settling_time(
            time, output, start, stop, tolerance=self.bench.tolerance / 100, target=float(target)
        )

    @metric("%", "sine", logarithmic=True)
    def thd(self) -> Value:
        """Total harmonic distortion at the output for `sine_amplitude` (peak) and `sine_frequency` at the input."""
        return measure.distortion(self.analyses["sine"].scale, self.output("sine"), self.bench.sine_frequency)

    @metric("dB", "ac", "noise", "sine")
    def snr(self) -> Value:
        """Signal-to-noise ratio: the output for the testbench's sine by the integrated noise, root mean square."""
        noise = self.integrated_noise()
        if isinstance(noise, Undefined):
            return noise
        time, output = self.analyses["sine"].scale, self.output("sine")
        start = time[-1] - 1 / self.bench.sine_frequency
        mean = measure.mean(time, output, start, time[-1])
        power = measure.mean(time, (output - mean) ** 2, start, time[-1])
        return 10 * float(np.log10(power)) - 20 * float(np.log10(noise)) if power > 0 else Undefined("there is no sine")


def _filters(attenuation: Value) -> Guard:
    """The stop band is attenuated at all."""
    if isinstance(attenuation, Undefined):
        return Guard("filters", -1.0, attenuation.reason)
    margin = float(np.clip(attenuation / _LEAST - 1, -1, 1))
    return Guard("filters", margin, f"the stop band is attenuated by {attenuation:.3g} dB")
