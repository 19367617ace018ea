import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from eda.testbench import Undefined
from eda.testbench.measurements import (
    bandwidth,
    dc_gain,
    excess_phase,
    gain_margin,
    interpolated,
    output_swing,
    phase_margin,
    smooth_crossings,
    unity_crossings,
    unity_gain_frequency,
)

GRID = np.logspace(-1, 11, 241)  # as the op-amp testbench sweeps it


def _response(gain, *poles, frequency=GRID):
    return gain / np.prod([1 + 1j * frequency / p for p in poles], axis=0)


def _magnitude(f, gain, *poles):
    return abs(_response(gain, *poles, frequency=f))


def _decades(low, high):
    return st.floats(low, high).map(lambda x: 10.0**x)


two_poles = st.tuples(_decades(0.5, 5), _decades(0, 5), _decades(3, 9))


@given(two_poles)
def test_two_pole_responses(amplifier):
    gain, p1, p2 = amplifier
    h = _response(gain, p1, p2)
    b, c = 1 / p1**2 + 1 / p2**2, 1 / (p1 * p2) ** 2
    unity = math.sqrt(2 * (gain**2 - 1) / (b + math.sqrt(b**2 + 4 * c * (gain**2 - 1))))
    assert dc_gain(h) == pytest.approx(20 * math.log10(gain), abs=0.05)  # p1 may be at 1 Hz
    assert unity_gain_frequency(GRID, h) == pytest.approx(unity, rel=1e-3)
    phase = math.degrees(math.atan(unity / p1) + math.atan(unity / p2))
    assert phase_margin(GRID, h) == pytest.approx(180 - phase, rel=1e-3, abs=0.05)
    at_start = abs(h[0]) / math.sqrt(2)
    half = brentq(lambda f: _magnitude(f, gain, p1, p2) - at_start, GRID[0], 1e10)
    assert bandwidth(GRID, h) == pytest.approx(half, rel=1e-3)


@given(_decades(0, 5), _decades(1, 5), _decades(3, 7), _decades(3, 7))
def test_gain_margin_of_three_poles(gain, a, b, c):
    margin = -20 * math.log10(gain * a * b * c / ((a + b) * (b + c) * (c + a)))
    assert gain_margin(GRID, _response(gain, a, b, c)) == pytest.approx(margin, rel=1e-3, abs=0.02)


@given(two_poles, st.floats(0.1, 10))
def test_more_gain_never_lowers_the_unity_gain_frequency_of_two_poles(amplifier, factor):
    gain, p1, p2 = amplifier
    slow, fast = sorted((gain, gain * factor))
    found = [unity_gain_frequency(GRID, _response(g, p1, p2)) for g in (slow, fast)]
    if not any(isinstance(f, Undefined) for f in found):
        assert found[0] <= found[1]


def test_of_several_unity_crossings_the_smallest_margin_counts():
    grid = np.logspace(0, 9, 3601)
    resonance, quality = 3e6, 6.0
    h = _response(1e3, 1e3, frequency=grid) / (1 - (grid / resonance) ** 2 + 1j * grid / resonance / quality)
    crossings = unity_crossings(grid, h)
    assert len(crossings) == 3
    assert unity_gain_frequency(grid, h) == crossings[-1] > resonance
    phase = np.degrees(np.unwrap(np.angle(h)))
    margins = 180 + np.interp(np.log(crossings), np.log(grid), phase)
    assert phase_margin(grid, h) == pytest.approx(min(margins), abs=0.1)
    assert min(margins) < 0
    assert margins[0] > 80


def test_an_unstable_loop_has_negative_margins():
    h = _response(1e4, 1e3, 1e4, 1e5)
    assert phase_margin(GRID, h) < 0
    assert gain_margin(GRID, h) < 0


def test_a_loop_whose_phase_has_been_below_180_degrees_before_unity_gain_is_stable_by_what_comes_after():
    zeros = (1 + 1j * GRID / 1e3) ** 2
    conditional = 1e8 * zeros * _response(1, 10, 10, 10)
    assert phase_margin(GRID, conditional) > 80
    margin = gain_margin(GRID, conditional)
    assert isinstance(margin, Undefined)
    assert "beyond unity gain" in margin.reason
    # with two more poles the phase comes back to -180 degrees, where the gain is known: 1e8 1e2^2 ... falls as 1/f
    again = conditional * _response(1, 1e9, 1e9)
    at = brentq(
        lambda f: 180 - math.degrees(3 * math.atan(f / 10) - 2 * math.atan(f / 1e3) + 2 * math.atan(f / 1e9)), 1e7, 1e11
    )
    expected = -20 * math.log10(1e8 * (1 + (at / 1e3) ** 2) / (1 + (at / 10) ** 2) ** 1.5 / (1 + (at / 1e9) ** 2))
    assert gain_margin(GRID, again) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("measure", [unity_gain_frequency, phase_margin])
@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (_response(0.5, 1e3), "starts at -6.02 dB"),
        (_response(1e-10, 1e3), "starts at -200 dB"),
        (np.zeros_like(GRID, dtype=complex), "starts at -600 dB"),
        (np.full_like(GRID, 100, dtype=complex), "still 40 dB at 1e+11 Hz"),
    ],
)
def test_without_a_unity_crossing_the_metrics_are_undefined(measure, response, reason):
    found = measure(GRID, response)
    assert isinstance(found, Undefined)
    assert reason in found.reason


def test_an_inverting_response_has_no_phase_margin():
    found = phase_margin(GRID, -_response(1e3, 1e3))
    assert isinstance(found, Undefined)
    assert "180 degrees" in found.reason


def test_a_flat_response_has_no_bandwidth_and_two_poles_no_gain_margin():
    flat = bandwidth(GRID, np.ones_like(GRID, dtype=complex))
    margin = gain_margin(GRID, _response(1e3, 1e3, 1e6))
    assert isinstance(flat, Undefined)
    assert "does not fall by 3 dB" in flat.reason
    assert isinstance(margin, Undefined)
    assert "does not reach -180" in margin.reason


def test_bandwidth_of_a_peaking_response_is_the_fall_below_the_start():
    h = 100 / (1 - (GRID / 1e5) ** 2 + 1j * GRID / 1e5)
    # |1 - x + j sqrt(x)|^2 = 1 - x + x^2 = 2
    assert bandwidth(GRID, h) == pytest.approx(1e5 * math.sqrt((1 + math.sqrt(5)) / 2), rel=1e-3)


@given(st.floats(0.2, 1.0), _decades(1, 5), st.floats(-0.1, 0.1))
def test_swing_of_a_tanh_characteristic(amplitude, gain, offset):
    drive = np.linspace(-4, 4, 2001) * amplitude / gain
    output = 0.9 + amplitude * np.tanh(gain * drive / amplitude)
    low, high = output_swing(output, drive + offset, 0.9)
    half = amplitude / math.sqrt(2)  # the gain 1 - tanh^2 is one half there
    assert [low, high] == pytest.approx([0.9 - half, 0.9 + half], abs=0.01 * amplitude)
    assert output_swing(output[::-1], drive[::-1], 0.9) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("output", "drive", "reason"),
    [
        (np.full(50, 1.8), np.linspace(-1, 1, 50), "does not move"),
        (np.linspace(1.0, 1.8, 50), np.linspace(0, 1e-3, 50), "does not move around 0.9 V"),
        (np.linspace(0, 1.8, 50), np.linspace(1e-3, 0, 50), "does not follow"),
    ],
)
def test_swing_is_undefined_for_an_output_that_does_not_follow(output, drive, reason):
    found = output_swing(output, drive, 0.9)
    assert isinstance(found, Undefined)
    assert reason in found.reason


FREQUENCY = np.logspace(-1, 10, 221)
S = 2j * np.pi * FREQUENCY


@given(
    st.lists(st.floats(1, 1e9), min_size=1, max_size=4), st.lists(st.floats(1e3, 1e12), max_size=2), st.floats(1, 1e6)
)
def test_the_phase_of_a_stable_response_never_leads(poles, zeros, gain):
    response = gain * np.ones_like(S)
    for pole in poles:
        response /= 1 + S / (2 * np.pi * pole)
    for zero in zeros[: len(poles)]:
        response *= 1 - S / (2 * np.pi * zero)  # in the right half-plane, they lag
    assert excess_phase(FREQUENCY, response) < 20


@given(st.floats(1e2, 1e8), st.floats(0.02, 0.9))
def test_a_pair_of_poles_in_the_right_half_plane_leads_by_360_degrees(frequency, damping):
    w = 2 * np.pi * frequency
    response = 1e4 / (1 + S / (2 * np.pi * 10)) / (1 - 2 * damping * S / w + (S / w) ** 2)
    assert excess_phase(FREQUENCY, response) > 180


@given(
    st.lists(st.integers(-1000, 1000), min_size=3, max_size=12),
    st.lists(st.floats(0.01, 10), min_size=12, max_size=12),
    st.floats(0, 1),
)
def test_values_between_samples_are_those_of_scipy(samples, steps, share):
    x, y = np.cumsum(steps[: len(samples)]), np.array(samples, dtype=float)
    curve = PchipInterpolator(x, y)
    place = x[0] + share * (x[-1] - x[0])
    assert interpolated(x, y, place)[0] == pytest.approx(float(curve(place)), rel=1e-9, abs=1e-9)
    level = float(np.mean(y))
    for crossing in smooth_crossings(x, y, level):
        assert float(curve(crossing)) == pytest.approx(level, rel=1e-6, abs=1e-6)
