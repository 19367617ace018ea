from dataclasses import replace

import pytest

from eda.benchmark.classes.mirror import CARDS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, MirrorTestbench, Undefined

NMOS = """* mirror of NMOS transistors
.subckt mirror in out vss
m1 in in vss vss nmos w=10u l=1u
m2 out in vss vss nmos w={w} l=1u
.ends
"""
PMOS = """* mirror of PMOS transistors
.subckt mirror in out vdd
m1 in in vdd vdd pmos w=20u l=1u
m2 out in vdd vdd pmos w=20u l=1u
.ends
"""


def _measure(simulator, netlist, bench=None, asked=None, technology="generic"):
    kit, bench = load_technology(technology), bench or MirrorTestbench()
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
    assert {name for truth in TRUTHS for name in truth.expected} == set(MirrorTestbench().metrics)


@pytest.mark.ngspice
def test_meas_cards_agree(pool):
    kit, bench = load_technology("generic"), MirrorTestbench()
    deck = bench.deck(kit.bind(parse_netlist(NMOS.format(w="10u"))), kit, Conditions())
    (result,) = pool.simulate([Job(deck, {})])
    ours = bench.measure(result, deck).values
    texts = [card.text(ours).replace(" m ", f" {card.metric} ", 1) for card in CARDS]
    (result,) = pool.simulate([Job(replace(deck, measures=tuple(texts)), {})])
    for card in CARDS:
        assert result.measures[card.metric] * card.scale == pytest.approx(ours[card.metric], rel=1e-2), card.metric


@pytest.mark.ngspice
def test_a_level_one_mirror_errs_by_channel_length_modulation(pool):
    measured = _measure(pool, NMOS.format(w="10u"), MirrorTestbench(vdd="3 V", output_voltage="2 V"))
    assert not _failed(measured), measured.guards
    values, slope = measured.values, 0.04  # lambda, 1/V
    factor = (1 + slope * 2) / (1 + slope * values["input_voltage"])
    assert values["signed_ratio_error"] == pytest.approx((factor - 1) * 100, rel=1e-3)
    assert values["output_resistance"] == pytest.approx((1 / slope + 2) / values["output_current"], rel=1e-3)


@pytest.mark.ngspice
def test_a_mirror_of_pmos_transistors_has_a_negative_input_current(pool):
    measured = _measure(pool, PMOS, MirrorTestbench(vdd="3 V", input_current="-20 uA"))
    assert not _failed(measured), measured.guards
    assert measured.values["output_current"] == pytest.approx(20e-6, rel=0.1)
    assert measured.values["supply_current"] == pytest.approx(20e-6, rel=1e-3)
    assert 0.7 < measured.values["input_voltage"] < 1.5
    assert 0.05 < measured.values["compliance"] < 0.5


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("netlist", "settings", "guard"),
    [
        (NMOS.format(w="20u"), {}, "mirrors"),
        (NMOS.format(w="20u"), {"ratio": 3}, "mirrors"),
        (NMOS.format(w="10u"), {"output_voltage": "20 mV"}, "saturated"),
        (NMOS.format(w="10u"), {"input_current": "1 nA"}, "conducting"),
        (NMOS.format(w="10u").replace("in in vss", "in vss vss"), {}, "mirrors"),
        (NMOS.format(w="10u").replace("l=1u", "l=1u m=0.001"), {}, "input level"),
        ("* t\n.subckt t in out vss\nr1 in vss 1k\ni1 out vss 20u\n.ends\n", {}, "follows"),
    ],
)
def test_broken_mirrors_fail_the_guard(pool, netlist, settings, guard):
    measured = _measure(pool, netlist, MirrorTestbench(vdd="3 V", **settings), ["ratio_error"])
    assert guard in _failed(measured), measured.guards


@pytest.mark.ngspice
def test_a_dead_output_has_no_compliance(pool):
    netlist = "* t\n.subckt t in out vss\nr1 in vss 1k\nr2 out vss -1g\n.ends\n"
    measured = _measure(pool, netlist, asked=["compliance", "output_resistance", "output_current"])
    assert all(isinstance(measured.values[n], Undefined) for n in ("compliance", "output_resistance", "output_current"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"input_current": "20 uV"}, "a quantity in A was expected"),
        ({"input_current": 0}, "`input_current != 0` must hold"),
        ({"ratio": 0}, "`ratio > 0` must hold"),
        ({"range_low": "1 V", "range_high": "0.5 V"}, "`range_low < range_high` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        MirrorTestbench(**settings)


@pytest.mark.parametrize(
    ("netlist", "settings", "message"),
    [
        (NMOS.replace("in out vss\n", "in gate vss\n", 1), {}, "lacks 'out'"),
        (NMOS.replace("in out vss\n", "in out vss bias\n", 1), {}, "does not know what to connect to the port 'bias'"),
        (NMOS, {"output_voltage": "5 V"}, "`output_voltage <= vdd`"),
    ],
)
def test_circuits_and_levels_must_fit_the_testbench(netlist, settings, message):
    circuit = parse_netlist(netlist.format(w="10u"))
    with pytest.raises(InputError, match=message):
        MirrorTestbench(**settings).deck(circuit, load_technology("generic"), Conditions())
