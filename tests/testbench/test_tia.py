from dataclasses import replace

import numpy as np
import pytest

from eda.benchmark.classes.tia import CARDS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, TransimpedanceTestbench, Undefined
from eda.testbench.measurements.tia import current_range, group_delay_variation, resonant_peaking, rise_time

FEEDBACK = """* common source in shunt feedback
.subckt tia in out vdd vss
m1 out in vss vss nmos w=20u l=0.5u
rl vdd out {rl}
rf out in 20k
.ends
"""


def _measure(simulator, netlist, bench=None, asked=None, technology="generic"):
    kit, bench = load_technology(technology), bench or TransimpedanceTestbench(vdd="3 V")
    deck = bench.deck(kit.bind(parse_netlist(netlist)), kit, Conditions(), asked)
    (result,) = simulator.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _failed(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_ideal_circuits_measure_what_their_formulas_say(pool, truth):
    measured = _measure(pool, truth.netlist, truth.testbench, truth.expected, truth.technology)
    for name, value in truth.expected.items():
        assert measured.values[name] == pytest.approx(value, rel=truth.tolerance), name


def test_every_metric_has_a_truth():
    assert {name for truth in TRUTHS for name in truth.expected} == set(TransimpedanceTestbench().metrics)


@pytest.mark.ngspice
def test_meas_cards_agree(pool):
    truth = TRUTHS[0]
    kit, bench = load_technology("generic"), truth.testbench
    deck = bench.deck(kit.bind(parse_netlist(truth.netlist)), kit, Conditions())
    texts = [card.text(truth.expected).replace(" m ", f" {card.metric} ", 1) for card in CARDS]
    (result,) = pool.simulate([Job(replace(deck, measures=tuple(texts)), {})])
    for card in CARDS:
        assert result.measures[card.metric] * card.scale == pytest.approx(truth.expected[card.metric], rel=1e-2)


@pytest.mark.ngspice
def test_a_working_amplifier_passes_every_guard(pool):
    measured = _measure(pool, FEEDBACK.format(rl="5k"))
    assert not _failed(measured), measured.guards
    assert {guard.name for guard in measured.guards} >= {"conducting", "saturated", "amplifies", "stable", "settles"}


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("netlist", "guard"),
    [
        ("r1 in out 1k\nr2 out m 1k\nvm m vss 1", "amplifies"),
        ("r1 in vss 1k\ne1 out vss in vss 100", "output level"),
        ("r1 in m 1k\nvm m vss -1\ne1 out m in m -5\nv2 x vss 0", "input level"),
        # a resonance with a negative damping of 1 %: poles in the right half-plane
        ("r1 in m 1k\nvm m vss 1\ng1 m y in m 10m\nl1 y m 1n\nc1 y m 1p\nr2 y m -1.58k\ne1 out m y m 100", "stable"),
    ],
)
def test_broken_circuits_fail_the_guard(pool, netlist, guard):
    measured = _measure(pool, f"* t\n.subckt t in out vdd vss\nrs vdd vss 1k\n{netlist}\n.ends\n", asked=["peaking"])
    assert guard in _failed(measured), measured.guards


@pytest.mark.ngspice
def test_a_dead_transistor_fails_and_a_flat_response_has_no_bandwidth(pool):
    assert "conducting" in _failed(_measure(pool, FEEDBACK.format(rl="1000meg"), asked=["transimpedance"]))
    flat = "* t\n.subckt t in out vdd vss\nvi in vss 1\nh1 out vss vi 1k\nrs vdd vss 1k\n.ends\n"
    measured = _measure(pool, flat, asked=["bandwidth", "group_delay_variation"])
    for name in ("bandwidth", "group_delay_variation"):
        assert isinstance(measured.values[name], Undefined)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"photodiode": "200 fA"}, "a quantity in F was expected"),
        ({"load": 0}, "`load > 0` must hold"),
        ({"noise_low": "1 GHz", "noise_high": "1 MHz"}, "`noise_low < noise_high` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        TransimpedanceTestbench(**settings)


@pytest.mark.parametrize(
    ("ports", "message"),
    [("in vdd vss", "lacks 'out'"), ("in out vdd vss ref", "does not know what to connect to the port 'ref'")],
)
def test_ports_must_be_those_of_the_testbench(ports, message):
    circuit = parse_netlist(f"* t\n.subckt t {ports}\nr1 in vss 1k\n.ends\n")
    with pytest.raises(InputError, match=message):
        TransimpedanceTestbench().deck(circuit, load_technology("generic"), Conditions())


@pytest.mark.ngspice
@pytest.mark.parametrize(("mean", "expected"), [("1 uA", 4e-6), ("-1 uA", 14e-6), (0, 5e-6)])
def test_the_input_is_overloaded_in_the_direction_of_the_photodiode(pool, mean, expected):
    # 10 mV/uA up to 5 uA, and down to -15 uA; a tenth of it beyond
    body = "rin in 0 1\nbout out 0 v=0.9+1e4*(v(in)-0.9*max(v(in)-5u,0)-0.9*min(v(in)+15u,0))\nrs vdd vss 1k"
    circuit = parse_netlist(f"* t\n.subckt t in out vdd vss\n{body}\n.ends\n")
    bench = TransimpedanceTestbench(input_current=mean, step="1 uA", sweep="30 uA")
    deck = bench.deck(circuit, load_technology("generic"), Conditions(), ["overload"])
    (result,) = pool.simulate([Job(deck)])
    assert bench.measure(result, deck).values["overload"] == pytest.approx(expected, rel=0.1)


def test_measurements_of_known_curves():
    frequency = np.logspace(1, 11, 201)
    pole = 1 / (1 + 1j * frequency / 1e8)
    tau = 1 / (2 * np.pi * 1e8)
    assert group_delay_variation(frequency, pole, 1e6, 1e8) == pytest.approx(tau / 2, rel=1e-3)
    assert isinstance(group_delay_variation(frequency, pole, 1e8, 1e12), Undefined)
    assert resonant_peaking(frequency, pole) == 0
    time = np.linspace(0, 10, 2001)
    assert rise_time(time, 1 - np.exp(-time), 0, 10) == pytest.approx(np.log(9), rel=1e-3)
    assert isinstance(rise_time(time, np.ones_like(time), 0, 10), Undefined)
    current = np.linspace(-1, 1, 101)
    assert isinstance(current_range(current, np.ones_like(current), 0, 0.5), Undefined)
    assert current_range(current, 3 * current, 0, 0.5) == (-1, 1)  # the ends of the sweep
