"""Measurements: pure functions of waveforms that return a value, or the reason why there is none."""

from eda.testbench.measurements.curves import Edge, crossings, interpolated, smooth_crossings
from eda.testbench.measurements.frequency import (
    bandwidth,
    dc_gain,
    excess_phase,
    gain_at,
    gain_margin,
    phase_margin,
    rejection,
    unity_crossings,
    unity_gain_frequency,
)
from eda.testbench.measurements.noise import integrated_noise, spot_noise
from eda.testbench.measurements.sweeps import (
    compliance,
    dropout,
    linear_range,
    output_swing,
    regulation,
    slope_at,
    temperature_coefficient,
    threshold,
)
from eda.testbench.measurements.transients import (
    distortion,
    integral,
    largest,
    mean,
    overshoot,
    settling_time,
    slew_rate,
    window,
)
from eda.testbench.measurements.value import Undefined, Value, both, worst

__all__ = [
    "Edge",
    "Undefined",
    "Value",
    "bandwidth",
    "both",
    "compliance",
    "crossings",
    "dc_gain",
    "distortion",
    "dropout",
    "excess_phase",
    "gain_at",
    "gain_margin",
    "integral",
    "integrated_noise",
    "interpolated",
    "largest",
    "linear_range",
    "mean",
    "output_swing",
    "overshoot",
    "phase_margin",
    "regulation",
    "rejection",
    "settling_time",
    "slew_rate",
    "slope_at",
    "smooth_crossings",
    "spot_noise",
    "temperature_coefficient",
    "threshold",
    "unity_crossings",
    "unity_gain_frequency",
    "window",
    "worst",
]
