import numpy as np
import pytest

from eda.benchmark.classes.oscillator import CARDS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, OscillatorTestbench, Undefined
from eda.testbench.measurements.oscillator import full_swing, read_oscillation

INVERTER = """
.subckt inverter in out vdd vss
mn out in vss vss nmos w=2u l=1u
mp out in vdd vdd pmos w=5u l=1u
c1 out vss 20f
.ends
"""
PERIOD = 1e-9


def _ring(stages, *, closed=True):
    """A ring of equal inverters whose last node is the output."""
    nodes = ["out" if closed else "vss", *(f"n{n}" for n in range(1, stages)), "out"]
    lines = [f"x{n} {nodes[n]} {nodes[n + 1]} vdd vss inverter" for n in range(stages)]
    return f".subckt ring out vdd vss\n{chr(10).join(lines)}\n.ends\n{INVERTER}"


def _measure(pool, netlist, bench, asked=None):
    kit = load_technology("generic")
    deck = bench.deck(kit.bind(parse_netlist(netlist)), kit, Conditions(), asked)
    (result,) = pool.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _failed(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_ideal_circuits_have_the_metrics_of_their_formulas(pool, truth):
    measured = _measure(pool, truth.netlist, truth.testbench, tuple(truth.expected))
    assert not _failed(measured), measured.guards
    found = {name: measured.values[name] for name in truth.expected}
    assert found == pytest.approx(dict(truth.expected), rel=truth.tolerance)


def test_truths_and_cards_know_the_metrics():
    metrics = OscillatorTestbench().metrics.keys()
    assert {name for truth in TRUTHS for name in truth.expected} | {"area"} == set(metrics)
    assert {card.metric for card in CARDS} <= metrics


@pytest.mark.ngspice
def test_a_ring_of_equal_inverters_starts_with_the_kick_alone(pool):
    measured = _measure(pool, _ring(5), OscillatorTestbench(vdd="3 V", window="40 ns"))
    assert not _failed(measured), measured.guards
    values = measured.values
    assert 0 < values["start_up_time"] < 20e-9
    assert values["amplitude"] == pytest.approx(3, rel=0.1)
    assert values["energy_per_cycle"] == pytest.approx(values["power"] / values["oscillation_frequency"])


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("netlist", "settings", "guard", "reason"),
    [
        (_ring(4), {}, "oscillates", "swings"),  # an even ring is a latch
        (_ring(5, closed=False), {}, "oscillates", "swings"),
        (_ring(5), {"window": "3 ns"}, "oscillates", "widen `window`"),
        (TRUTHS[1].netlist, {"window": "100 ns", "kick": "1 mA", "swing": "20 %"}, "resolved", "narrow `step`"),
    ],
)
def test_what_does_not_oscillate_fails_with_its_reason(pool, netlist, settings, guard, reason):
    bench = OscillatorTestbench(**{"vdd": "3 V", "window": "40 ns", **settings})
    measured = _measure(pool, netlist, bench, ("oscillation_frequency",))
    assert guard in _failed(measured)
    value = measured.values["oscillation_frequency"]
    assert isinstance(value, Undefined)
    assert reason in value.reason


@pytest.mark.ngspice
def test_a_tank_that_rings_down_is_no_oscillator(pool):
    netlist = ".subckt tank out vdd vss\nl1 out vss 25n\nc1 out vss 1p\nr1 out vss 5k\n.ends"
    measured = _measure(pool, netlist, OscillatorTestbench(vdd="1 V", window="40 ns", step="10 ps", kick="500 mA"))
    assert "steady" in _failed(measured)
    assert "the swing changes" in measured.values["oscillation_frequency"].reason


@pytest.mark.ngspice
def test_a_frequency_that_turns_back_fails_the_tuning(pool):
    netlist = TRUTHS[0].netlist.replace("*v(ctrl,vss))*v(vdd", "*v(ctrl,vss)*(1.7-v(ctrl,vss)))*v(vdd")
    asked = ("frequency_low", "vco_gain")
    assert _failed(_measure(pool, netlist, TRUTHS[0].testbench, asked)) == {"tunes"}
    assert not _failed(_measure(pool, netlist, TRUTHS[0].testbench, ("power",)))


def test_without_a_control_voltage_there_is_no_tuning():
    kit = load_technology("generic")
    circuit, bench = kit.bind(parse_netlist(_ring(5))), OscillatorTestbench()
    with pytest.raises(InputError, match="cannot measure 'vco_gain' of ring: it has no port 'ctrl'"):
        bench.deck(circuit, kit, Conditions(), ["vco_gain"])
    assert {a.name for a in bench.deck(circuit, kit, Conditions()).analyses} == {"op", "tran", "pushed"}


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ("vdd vss", "has none of them"),
        ("outp vdd vss", "has outp"),
        ("out outp outn vdd vss", "has out outp outn"),
        ("out vdd", "lacks 'vss'"),
        ("out enable vdd vss", "'enable'"),
    ],
)
def test_ports_that_are_missing_or_left_over_are_refused(ports, message):
    kit = load_technology("generic")
    circuit = kit.bind(parse_netlist(f".subckt osc {ports}\nr1 vdd {ports.split()[0]} 1k\nr2 vdd 0 1k\n.ends"))
    with pytest.raises(InputError, match=message):
        OscillatorTestbench().deck(circuit, kit, Conditions())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": "1 V"}, "a quantity in s was expected"),
        ({"step": 0}, "`step > 0` must hold"),
        ({"swing": "-1 %"}, "`swing > 0` must hold"),
        ({"ctrl_low": "1 V", "ctrl_high": "0.5 V"}, "`ctrl_low < ctrl < ctrl_high` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    kit = load_technology("generic")
    with pytest.raises(InputError, match=message):
        OscillatorTestbench(**settings).deck(kit.bind(parse_netlist(_ring(5))), kit, Conditions())


def test_a_full_swing_counts_from_the_last_pause():
    time = np.arange(0, 100 * PERIOD, PERIOD / 100)
    on = (time < 5 * PERIOD) | (time > 20 * PERIOD)
    wave = np.where(on, np.sin(2 * np.pi * time / PERIOD), 0.0)
    # the signal is up first, then down: 0.9 is crossed downwards half a period after it is crossed upwards
    expected = 20 * PERIOD + PERIOD * (0.5 + np.arcsin(0.9) / (2 * np.pi))
    assert full_swing(time, wave, 0.9, PERIOD) == pytest.approx(expected, abs=PERIOD / 100)


def test_an_oscillation_is_read_off_the_second_half():
    time = np.linspace(0, 20 * PERIOD, 4001)
    found = read_oscillation(time, np.exp(np.sin(2 * np.pi * time / PERIOD)))
    assert found.period == pytest.approx(PERIOD, rel=1e-6)
    assert found.points == pytest.approx(200, rel=0.01)
    assert found.swing == pytest.approx(2 * np.sinh(1), rel=1e-4)
    assert found.duty == pytest.approx(0.5 - np.arcsin(np.log(np.cosh(1))) / np.pi, rel=1e-3)
    assert read_oscillation(time, np.zeros_like(time)).periods == 0
