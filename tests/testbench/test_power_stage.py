import numpy as np
import pytest

from eda.benchmark.classes.power_stage import CARDS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, Undefined
from eda.testbench.measurements.power import drift, means_of_periods, recovery_time
from eda.testbench.power_stage import PowerStageTestbench

KIT = load_technology("generic")
BUCK = """s1 vin sw clk vss high
d1 vss sw diode
.model high sw vt=2.5 vh=0 ron=10m roff=1meg
.model diode d is=1u rs=10m
l1 sw out {} ic={}
c1 out vss 0.5u ic=2.5"""


def _measure(pool, body, asked=(), **settings):
    bench = PowerStageTestbench(**{"vdd": "5 V", "load": "0.5 A", "window": "40 us", **settings})
    circuit = KIT.bind(parse_netlist(f".subckt dut vin clk out vss\n{body}\n.ends"))
    deck = bench.deck(circuit, KIT, Conditions(), asked)
    (result,) = pool.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _failing(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_metrics_of_ideal_stages_follow_from_formulas(pool, truth):
    deck = truth.testbench.deck(KIT.bind(parse_netlist(truth.netlist)), KIT, Conditions())
    (result,) = pool.simulate([Job(deck, {})])
    measured = truth.testbench.measure(result, deck)
    values = {name: measured.values[name] for name in truth.expected}
    assert values == pytest.approx(truth.expected, rel=truth.tolerance)
    assert _failing(measured) <= {"switches"}  # the stiff source does not


def test_every_metric_has_a_truth():
    assert {name for truth in TRUTHS for name in truth.expected} == PowerStageTestbench().metrics.keys()
    assert {card.metric for card in CARDS} <= PowerStageTestbench().metrics.keys()


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("body", "conduction", "guard"),
    [
        ("r1 vin out 10meg\nr2 clk vss 1k", "any", "converts"),
        ("r1 vin out 5\nc1 out vss 10n ic=2.4", "any", "switches"),
        ("e1 a vss vin vss 0.4\nr1 a out 1\nc1 out vss 100u", "any", "settled"),
        (BUCK.format("0.5u", 0), "continuous", "conduction"),
        (BUCK.format("4u", 0.5), "discontinuous", "conduction"),
        ("e1 out vss vin vss 0.5", "continuous", "conduction"),
        (BUCK.format("4u", 0.5), "continuous", None),
    ],
)
def test_what_does_not_work_fails_its_guard(pool, body, conduction, guard):
    failing = _failing(_measure(pool, body, conduction=conduction, target="2.4 V"))
    assert guard in failing if guard else not failing


@pytest.mark.ngspice
def test_nothing_is_measured_of_an_output_that_drifts(pool):
    values = _measure(pool, "r1 vin out 1\nc1 out vss 100u").values
    assert all(isinstance(value, Undefined) for value in values.values())
    assert "still drifts" in values["output_voltage"].reason


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        # a damping capacitor that still charges: the output stands still, the input power does not
        (
            "e1 a vss vin vss 0.52\nb1 vin vss i=i(v1)*0.52\nv1 a b 0\nr1 b out 5m\nr2 out c 5\nc1 c vss 4u",
            "input power",
        ),
        # a large capacitor that discharges into the load, and would pass for a converter without losses
        ("e1 a vss vin vss 0.5\nb1 vin vss i=i(v1)*0.5\nv1 a b 0\nr1 b out 1\nc1 out vss 100u ic=2.09", "output"),
    ],
)
def test_what_is_stored_or_released_is_no_loss(pool, body, reason):
    values = _measure(pool, body, target="2.5 V").values
    assert isinstance(values["output_voltage"], float)
    for name in ("efficiency", "power_loss"):
        assert f"the {reason} still drifts" in values[name].reason


@pytest.mark.ngspice
def test_a_stage_without_inductor_has_no_inductor_current(pool):
    values = _measure(pool, "e1 out vss vin vss 0.5").values
    assert values["output_voltage"] == pytest.approx(2.5)
    assert "no inductor" in values["inductor_ripple"].reason


def test_means_over_periods_are_exact_for_straight_lines():
    time = np.sort(np.append(np.random.default_rng(0).random(200) * 10, [0.0, 10.0]))
    assert means_of_periods(time, 2 * time, 10.0, 1.5, 3) == pytest.approx([2 * 6.25, 2 * 7.75, 2 * 9.25])
    assert drift(np.array([1.0, 1.1, 0.9])) == pytest.approx(0.2)
    assert drift(np.zeros(2)) == np.inf


def test_what_moves_to_the_end_has_not_recovered():
    time = np.linspace(0, 10, 1001)
    found = recovery_time(time, time, 2.0, 10.0, period=0.5, band=0.1)
    assert isinstance(found, Undefined)
    assert recovery_time(time, np.ones(1001), 2.0, 10.0, period=0.5, band=0.1) == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"load": "1 V"}, "a quantity in A was expected"),
        ({"duty": "100 %"}, "`duty < 100 %` must hold"),
        ({"window": "2 us"}, "`window` must have four periods"),
        ({"conduction": "continous"}, "continuous"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        PowerStageTestbench(**settings)


@pytest.mark.parametrize(("ports", "message"), [("vin out vss", "lacks 'clk'"), ("vin clk out vss fb", "port 'fb'")])
def test_ports_must_be_those_of_a_power_stage(ports, message):
    circuit = parse_netlist(f".subckt dut {ports}\nr1 vin out 1k\n.ends")
    with pytest.raises(InputError, match=message):
        PowerStageTestbench().deck(circuit, KIT, Conditions())


def test_settings_are_text_with_the_conduction_as_a_word():
    assert PowerStageTestbench(conduction="continuous").describe()["conduction"] == "continuous"
