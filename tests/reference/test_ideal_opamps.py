"""Amplifiers of controlled sources, measured through the real testbench, against closed formulas."""

import math

import pytest
from scipy.optimize import brentq

from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench, Undefined

pytestmark = pytest.mark.ngspice

VDD, SUPPLY_RESISTANCE = 2.0, 1e4


def _poles(gain, *poles):
    """An op-amp with a DC gain (V/V) and poles (Hz), each an RC behind a buffer."""
    lines = [f"ein n0 vss inp inn {gain!r}", f"rs vdd vss {SUPPLY_RESISTANCE}"]
    for i, pole in enumerate(poles):
        capacitance = 1 / (2e3 * math.pi * pole)
        lines += [f"e{i} b{i} vss n{i} vss 1", f"r{i} b{i} n{i + 1} 1k", f"c{i} n{i + 1} vss {capacitance!r}"]
    return "\n".join((*lines, f"eout out vss n{len(poles)} vss 1"))


def _measure(simulator, body, conditions=None, asked=None):
    circuit = parse_netlist(f"* ideal\n.subckt ideal inp inn out vdd vss\n{body}\n.ends\n")
    technology, bench = load_technology("generic"), OpAmpTestbench(vdd=VDD, load="2 pF")
    deck = bench.deck(technology.bind(circuit), technology, conditions or Conditions(), asked)
    (result,) = simulator.simulate([Job(deck)])
    assert result.ok, result.log
    return bench.measure(result, deck)


def test_an_amplifier_that_falls_too_slowly_does_not_settle(simulator):
    # 100 V/us up, 0.02 V/us down, into an integrator
    current = "max(min(1e-2*v(inp,inn), 1e-4), -2e-8)"
    body = f"b1 vss x i={current}\nc1 x vss 1p\nr1 x vss 1e9\neout out vss x vss 1\nrs vdd vss 1e4"
    measured = _measure(simulator, body, asked=["slew_rate_rising", "settling_time"])
    assert isinstance(measured.values["settling_time"], Undefined)
    assert measured.values["slew_rate_rising"] > 1e6
    assert isinstance(measured.values["overshoot"], Undefined)
    assert [guard.name for guard in measured.guards if not guard.holds] == ["settles"]


def test_a_step_that_is_too_small_to_slew_has_no_slew_rate(simulator):
    body = "g1 vss x inp inn 1m\nc1 x vss 10p\nr1 x vss 1e9\neout out vss x vss 1\nrs vdd vss 1e4"
    measured = _measure(simulator, body, asked=["slew_rate_rising", "settling_time"])
    assert isinstance(measured.values["settling_time"], float)
    assert "give a larger `step`" in measured.values["slew_rate_rising"].reason


def _magnitude(f, gain, poles):
    return gain / math.prod(math.hypot(1, f / p) for p in poles)


@pytest.mark.parametrize(("gain", "p1", "p2"), [(1e3, 1e3, 3e6), (1e5, 10.0, 1e6), (30.0, 1e5, 1e6), (1e4, 3e2, 1e9)])
def test_two_poles(simulator, gain, p1, p2):
    measured = _measure(simulator, _poles(gain, p1, p2))
    # |H|^2 = A^2 / (1 + b x + c x^2) with x = f^2
    b, c = 1 / p1**2 + 1 / p2**2, 1 / (p1 * p2) ** 2
    unity = math.sqrt((-b + math.sqrt(b**2 + 4 * c * (gain**2 - 1))) / (2 * c))
    half = math.sqrt(2 / (b + math.sqrt(b**2 + 4 * c)))
    expected = {
        "dc_gain": 20 * math.log10(gain),
        "bandwidth": half,
        "gbw": gain * half,
        "unity_gain_frequency": unity,
        "phase_margin": 180 - math.degrees(math.atan(unity / p1) + math.atan(unity / p2)),
        "supply_current": VDD / SUPPLY_RESISTANCE,
        "power": VDD**2 / SUPPLY_RESISTANCE,
        "offset": VDD / 2 / (1 + gain),
    }
    assert {name: measured.values[name] for name in expected} == pytest.approx(expected, rel=1e-3)
    assert isinstance(measured.values["gain_margin"], Undefined)  # two poles never reach -180 degrees
    assert all(guard.holds for guard in measured.guards)


@pytest.mark.parametrize(
    ("gain", "poles"),
    [(10.0, (1e5, 1e6, 1e7)), (1e4, (1e2, 1e7, 3e7)), (1e3, (1e3, 1e5, 1e6)), (4.0, (1e6, 1e6, 1e6))],
)
def test_three_poles(simulator, gain, poles):
    measured = _measure(simulator, _poles(gain, *poles))
    a, b, c = poles
    # at f^2 = ab + bc + ca the phase is -180 degrees and |H| = A abc / ((a + b)(b + c)(c + a))
    margin = -20 * math.log10(gain * a * b * c / ((a + b) * (b + c) * (c + a)))
    unity = brentq(lambda f: _magnitude(f, gain, poles) - 1, a, 1e10)
    phase = 180 - sum(math.degrees(math.atan(unity / p)) for p in poles)
    assert measured.values["gain_margin"] == pytest.approx(margin, rel=1e-3, abs=0.01)
    assert measured.values["unity_gain_frequency"] == pytest.approx(unity, rel=1e-3)
    assert measured.values["phase_margin"] == pytest.approx(phase, rel=1e-3, abs=0.05)
    assert (measured.values["phase_margin"] > 0) == (measured.values["gain_margin"] > 0)


@pytest.mark.parametrize("amplitude", [0.3, 0.6, 0.9])
def test_output_swing_of_a_tanh_stage(simulator, amplitude):
    body = f"bout out vss v={VDD / 2}+{amplitude}*tanh(500*(v(inp)-v(inn))/{amplitude})\nrs vdd vss 1k"
    measured = _measure(simulator, body, asked=["output_swing"])
    # the gain 1 - tanh^2 is one half where tanh^2 is one half; the sweep has 72 steps
    assert measured.values["output_swing"] == pytest.approx(math.sqrt(2) * amplitude, abs=2 * VDD / 72)


def test_swing_of_a_stage_that_clips_off_centre(simulator):
    body = "bout out vss v=min(max(1+500*(v(inp)-v(inn)),0.4),1.9)\nrs vdd vss 1k"
    # read at sweep points with central differences: up to two of 72 steps short at either end, never too wide
    assert 1.5 - 4 * VDD / 72 <= _measure(simulator, body, asked=["output_swing"]).values["output_swing"] <= 1.5


def test_supply_and_common_mode_scale_with_the_conditions(pool):
    measured = _measure(pool, _poles(1e3, 1e3), Conditions(supply=0.9))
    assert measured.values["supply_current"] == pytest.approx(0.9 * VDD / SUPPLY_RESISTANCE, rel=1e-6)
    assert measured.values["offset"] == pytest.approx(0.9 * VDD / 2 / 1001, rel=1e-6)


@pytest.mark.parametrize(
    ("body", "guard"),
    [
        ("ein out vss inn inp 1000\nrs vdd vss 1k", "polarity"),
        ("vout out vss 2\nrs vdd vss 1k\nrp inp inn 1meg", "output level"),
        ("vout out vss 0\nrs vdd vss 1k\nrp inp inn 1meg", "output level"),
    ],
)
def test_dead_ideal_amplifiers_fail_a_guard(simulator, body, guard):
    measured = _measure(simulator, body)
    assert guard in {g.name for g in measured.guards if not g.holds}
