"""What is measured of op-amps, whether their output is single-ended or differential.

The analyses: `op`; `ac` from the differential input, `common_mode` and `vdd_ac`, `vss_ac` from the common mode and the
supplies, all with the loop open for alternating current; `noise`; `swing`, a sweep of the output; and with unity
feedback `step`, up and down, and `sine`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eda.testbench import measurements as measure
from eda.testbench.block import SuppliedReadings
from eda.testbench.guards import biased, closed_loop, defined, polarity, stable
from eda.testbench.measurements import Undefined, worst
from eda.testbench.metric import metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value

__all__ = ["SINE_PERIODS", "AmplifierReadings"]

SINE_PERIODS = 4
"""Of a sine; the last one is analysed."""


class AmplifierReadings(SuppliedReadings):
    """Metrics of an op-amp."""

    def output(self, analysis: str) -> NDArray[np.complex128]:
        """The output voltage in an analysis."""
        return self.analyses[analysis]["v(out)"]

    def drive(self, analysis: str) -> NDArray[np.float64]:
        """The differential input voltage in an analysis."""
        waves = self.analyses[analysis]
        return waves.real("v(inp)") - waves.real("v(inn)")

    @cached_property
    def frequency(self) -> NDArray[np.float64]:
        """Of the open-loop response, Hz."""
        return self.analyses["ac"].scale

    @cached_property
    def response(self) -> NDArray[np.complex128]:
        """Open-loop gain from the differential input."""
        return self.output("ac")

    @cached_property
    def centre(self) -> float:
        """Where the output is asked to rest, V."""
        return self.point.value("v(inp)")

    @cached_property
    def _phase_margin(self) -> Value:
        return measure.phase_margin(self.frequency, self.response)

    def guards(self) -> tuple[Guard, ...]:
        """Bias, polarity, stability of the open and the closed loop; whether a step settles."""
        lead = measure.excess_phase(self.frequency, self.response)
        found = (
            *biased(self.point, self.transistors, self.bench.regions),
            *self.level_guards(),
            polarity(complex(self.response[0])),
            stable(lead),
            closed_loop(self._phase_margin, len(measure.unity_crossings(self.frequency, self.response))),
        )
        if "step" not in self.analyses:
            return found
        return (*found, defined("settles", self.settling_time(), "the closed loop settles after a step"))

    def level_guards(self) -> tuple[Guard, ...]:
        """Where the output rests."""
        raise NotImplementedError

    # frequency response

    @metric("dB", "ac")
    def dc_gain(self) -> Value:
        """Open-loop voltage gain at 0.1 Hz (Allen & Holberg 2012, section 6.6)."""
        return measure.dc_gain(self.response)

    @metric("dB", "ac")
    def gain_at_frequency(self) -> Value:
        """Open-loop voltage gain at the testbench's `frequency`."""
        return measure.gain_at(self.frequency, self.response, self.bench.frequency)

    @metric("Hz", "ac", logarithmic=True)
    def bandwidth(self) -> Value:
        """Frequency at which the open-loop gain is 3 dB below the DC gain."""
        return self._bandwidth

    @cached_property
    def _bandwidth(self) -> Value:
        return measure.bandwidth(self.frequency, self.response)

    @metric("Hz", "ac", logarithmic=True)
    def gbw(self) -> Value:
        """Gain-bandwidth product: DC gain times bandwidth."""
        gain, bandwidth = measure.dc_gain(self.response), self._bandwidth
        if isinstance(bandwidth, Undefined):
            return bandwidth
        if gain <= 0:
            return Undefined(f"the gain starts at {gain:.3g} dB, so there is no gain-bandwidth product")
        return float(10 ** (gain / 20) * bandwidth)

    @metric("Hz", "ac", logarithmic=True)
    def unity_gain_frequency(self) -> Value:
        """Highest frequency at which the open-loop gain is one."""
        return measure.unity_gain_frequency(self.frequency, self.response)

    @metric("deg", "ac")
    def phase_margin(self) -> Value:
        """180 degrees plus the phase at unity gain, the smallest over all crossings (Gray 2009, section 9.3)."""
        return self._phase_margin

    @metric("dB", "ac")
    def gain_margin(self) -> Value:
        """Gain below one where the phase is -180 degrees (Gray 2009, section 9.3)."""
        return measure.gain_margin(self.frequency, self.response)

    @metric("dB", "ac", "common_mode")
    def cmrr(self) -> Value:
        """Common-mode rejection ratio at 0.1 Hz: differential gain by the gain from both inputs together."""
        return measure.rejection(self.response, self.output("common_mode"))

    @metric("dB", "ac", "vdd_ac")
    def psrr(self) -> Value:
        """Rejection ratio of the positive supply at 0.1 Hz: differential gain by the open-loop gain from vdd."""
        return measure.rejection(self.response, self.output("vdd_ac"))

    @metric("dB", "ac", "vss_ac")
    def psrr_negative(self) -> Value:
        """Rejection ratio of the negative supply at 0.1 Hz: differential gain by the open-loop gain from vss."""
        return measure.rejection(self.response, self.output("vss_ac"))

    # operating point

    @metric("V", "op", logarithmic=True)
    def offset(self) -> Value:
        """Magnitude of the systematic input offset at the operating point."""
        return max(abs(float(self.drive("op")[0])), 1e-12)

    @metric("V", "op")
    def signed_offset(self) -> Value:
        """Input offset with its sign; over samples of mismatch its standard deviation is the random offset."""
        return float(self.drive("op")[0])

    # noise

    @metric("V/√Hz", "noise", logarithmic=True)
    def input_noise(self) -> Value:
        """Input-referred noise density at the testbench's `frequency`."""
        return self.noise_density("inoise")

    @metric("V", "noise", logarithmic=True)
    def integrated_noise(self) -> Value:
        """Input-referred noise from `noise_low` to `noise_high`, root mean square."""
        return self.noise_in_band("inoise")

    # ranges

    @metric("V", "swing")
    def output_swing(self) -> Value:
        """Output range, around where it rests, with at least half of the DC gain."""
        output = np.real(self.output("swing"))
        found = measure.output_swing(output, self.drive("swing"), self.rest())
        return found if isinstance(found, Undefined) else found[1] - found[0]

    def rest(self) -> float:
        """Output around which the swing is sought, V."""
        return self.centre

    # steps

    @metric("V/s", "step", logarithmic=True)
    def slew_rate_rising(self) -> Value:
        """Slope between 20 % and 80 % of a rising step of a unity-gain follower, of a step that is large enough."""
        return self._slew(0)

    @metric("V/s", "step", logarithmic=True)
    def slew_rate_falling(self) -> Value:
        """Slope between 20 % and 80 % of a falling step of a unity-gain follower, of a step that is large enough."""
        return self._slew(1)

    @metric("s", "step", logarithmic=True)
    def settling_time(self) -> Value:
        """Time from a step to the last moment outside of `tolerance`, the longer one of both directions."""
        return worst(self._settling(0), self._settling(1))

    @metric("%", "step")
    def overshoot(self) -> Value:
        """How far a unity-gain follower goes beyond its final value, the larger one of both directions."""
        return worst(self._overshoot(0), self._overshoot(1))

    def _edge(self, edge: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        """Time, output, and start and end of one direction of the step."""
        start = self.bench.edge(edge)
        return self.analyses["step"].scale, np.real(self.output("step")), start, start + self.bench.window

    def _levels(self, edge: int) -> tuple[float, float]:
        half = self.bench.amplitude("step", self.point.value("v(vdd)")) / 2 * (1 if edge == 0 else -1)
        return self.rest() - half, self.rest() + half

    def _overshoot(self, edge: int) -> Value:
        settled = self._settling(edge)
        return settled if isinstance(settled, Undefined) else measure.overshoot(*self._edge(edge))

    def _slew(self, edge: int) -> Value:
        return measure.slew_rate(*self._edge(edge), *self._levels(edge))

    def _settling(self, edge: int) -> Value:
        share, target = self.bench.tolerance / 100, self._levels(edge)[1]
        return measure.settling_time(*self._edge(edge), tolerance=share, target=target)

    # distortion

    @metric("%", "sine", logarithmic=True)
    def thd(self) -> Value:
        """Total harmonic distortion of a unity-gain follower at `sine_frequency` and `sine_amplitude` (peak)."""
        time, output = self.analyses["sine"].scale, np.real(self.output("sine"))
        return measure.distortion(time, output, self.bench.sine_frequency)
