import numpy as np
import pytest

from eda.benchmark.classes.ldo import TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, LDOTestbench, Undefined
from eda.testbench.measurements import dropout
from eda.testbench.measurements.ldo import another_state, entered, holds_from

BENCH = LDOTestbench(vdd="1.8 V", esr="1 uOhm")
WORKING = TRUTHS[0].netlist
LATE = ("cb b vss 8e-12", "cb b vss 8e-9\ncx a vss 8e-10")


def _measure(simulator, netlist, bench=BENCH, asked=("output_error",), technology="generic"):
    kit = load_technology(technology)
    deck = bench.deck(kit.bind(parse_netlist(netlist)), kit, Conditions(), asked)
    (result,) = simulator.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _edited(old, new):
    assert old in WORKING
    return WORKING.replace(old, new)


def _failed(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_an_ideal_regulator_measures_what_its_formulas_say(pool, truth):
    measured = _measure(pool, truth.netlist, truth.testbench, tuple(truth.expected), truth.technology)
    found = {name: measured.values[name] for name in truth.expected}
    assert found == pytest.approx(dict(truth.expected), rel=truth.tolerance)


def test_every_metric_has_a_truth():
    assert {name for truth in TRUTHS for name in truth.expected} == set(BENCH.metrics)


@pytest.mark.ngspice
def test_the_working_regulator_passes_every_guard(pool):
    measured = _measure(pool, WORKING, asked=("output_error", "settling_time"))
    assert not _failed(measured), measured.guards


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("old", "new", "guards"),
    [
        ("vref fb 0.001", "fb vref 0.001", {"polarity", "polarity at light load"}),
        ("v(vin,out)/10.0", "v(vin,out)/100.0", {"regulates", "closed loop"}),  # 0.3 V by 100 Ω: 3 of 10 mA
        ("r2 fb vss 400000.0", "r2 fb vss 200000.0", {"regulates", "regulates at light load"}),
        (*LATE, {"closed loop", "closed loop at light load"}),
        ("e2 b0 vss a vss 1", "e2 b0 vss a vss 0", {"regulates", "closed loop"}),
    ],
    ids=["swapped inputs", "small pass device", "wrong divider", "late poles", "no loop"],
)
def test_a_broken_regulator_fails_its_guard(pool, old, new, guards):
    measured = _measure(pool, _edited(old, new))
    assert guards <= _failed(measured), measured.guards


@pytest.mark.ngspice
def test_an_unstable_regulator_does_not_settle_after_load_steps(pool):
    measured = _measure(pool, _edited(*LATE), asked=("settling_time",))
    assert {"closed loop", "settles"} <= _failed(measured), measured.guards
    assert isinstance(measured.values["settling_time"], Undefined)


@pytest.mark.ngspice
def test_the_output_of_a_dead_regulator_stays_near_ground(pool):
    dead = _measure(pool, _edited("bpass vin out", "bpass vin vin"), asked=("output_voltage", "dropout"))
    assert -1 < dead.values["output_voltage"] < 0
    assert isinstance(dead.values["dropout"], Undefined)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"output": "1.5 A"}, "a quantity in V was expected"),
        ({"esr": "0 Ohm"}, "`esr > 0` must hold"),
        ({"light_load": "20 mA"}, "`light_load < full_load` must hold"),
        ({"rise": "1 ms"}, "`rise < window` must hold"),
        ({"noise_low": "1 MHz"}, "`noise_low < noise_high` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        LDOTestbench(**settings)


def test_a_line_range_that_falls_is_refused():
    with pytest.raises(InputError, match="`line_low < line_high` must hold"):
        LDOTestbench(line_low="1.9 V", line_high="1.7 V").line(1.8)


@pytest.mark.parametrize(
    ("ports", "message"),
    [("vin vref out vss", "lacks 'sense'"), ("vin vref sense out vss en", "what to connect to the port 'en'")],
)
def test_other_ports_are_refused(ports, message):
    kit = load_technology("generic")
    circuit = parse_netlist(f"* t\n.subckt ldo {ports}\nr1 vin out 1k\nr2 out vss 1k\n.ends\n")
    with pytest.raises(InputError, match=message):
        LDOTestbench().deck(kit.bind(circuit), kit, Conditions())


def test_entered_is_when_an_exponential_comes_into_the_band():
    time = np.linspace(0, 10, 10001)
    response = 1 - np.exp(-time)
    assert entered(time, response, 0, 10, target=1, band=0.01) == pytest.approx(np.log(100), rel=1e-6)
    assert entered(time, response, 0, 10, target=1, band=2) == 0
    assert isinstance(entered(time, response, 0, 4, target=1, band=0.01), Undefined)


def test_a_supply_holds_from_the_last_entry_into_the_band():
    supply = np.linspace(0, 2, 201)
    output = np.minimum(supply, 1.2)
    assert holds_from(supply, output, 1.2, 0.02) == pytest.approx(0.98 * 1.2)
    peaked = np.where(supply < 1.5, 1.5 * np.minimum(supply, 1), 1.2)  # above the band between 0.8 and 1.5 V
    assert holds_from(supply, peaked, 1.2, 0.02) == pytest.approx(1.5, abs=0.01)
    assert isinstance(holds_from(supply, supply, 1.2, 0.02), Undefined)
    assert holds_from(supply[150:], output[150:], 1.2, 0.02) == supply[150]  # no further than the sweep


def test_a_sweep_that_passes_by_the_operating_point_is_in_another_state():
    swept = np.linspace(-40, 125, 12)
    assert another_state(swept, np.full(12, 1.001), 27) is None
    assert another_state(swept, np.full(12, 0.5), 150) is None
    assert another_state(swept, np.full(12, 1.01), 27) is not None
    assert another_state(swept - 2e-10, np.full(12, 1.01), 125) is not None  # whose end is rounded


def test_an_output_that_rises_before_it_falls_has_left_its_band_there():
    supply = np.linspace(1.0, 2.0, 1001)
    falls = np.minimum(1.5, supply - 0.05)
    assert dropout(supply, falls, 1.5) == pytest.approx(0.05, abs=1e-6)
    rises = np.where(supply < 1.8, np.minimum(supply, 1.5 + (1.8 - supply)), 1.5)
    assert dropout(supply, rises, 1.5) == pytest.approx(1.77 - 1.53, abs=2e-3)
    assert isinstance(dropout(supply, np.full(1001, 1.5), 1.5), Undefined)
    assert isinstance(dropout(supply, np.full(1001, 1.6), 1.5), Undefined)
