import numpy as np
import pytest

from eda.benchmark.classes.reference import CURRENT_TRUTHS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, CurrentReferenceTestbench, ReferenceTestbench, Undefined

ALL = (*TRUTHS, *CURRENT_TRUTHS)
PNP = """* a diode-connected pnp with a current
.subckt vbe out vdd vss
ib vdd out dc 5u
xq1 vss vss out sky130_fd_pr__pnp_05v5_w3p40l3p40
.ends
"""


def _measure(simulator, netlist, bench, asked, technology="generic", temperature=27.0):
    kit = load_technology(technology)
    deck = bench.deck(kit.bind(parse_netlist(netlist)), kit, Conditions(temperature=temperature), asked)
    (result,) = simulator.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck), result


def _level(text):
    return f"* t\n.subckt level out vdd vss\n{text}\n.ends\n"


def _failed(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", ALL, ids=lambda truth: f"{truth.testbench.kind}: {truth.about}")
def test_an_ideal_reference_measures_what_its_formulas_say(pool, truth):
    measured, _ = _measure(pool, truth.netlist, truth.testbench, tuple(truth.expected), truth.technology)
    found = {name: measured.values[name] for name in truth.expected}
    assert found == pytest.approx(dict(truth.expected), rel=truth.tolerance)


@pytest.mark.parametrize(
    ("truths", "bench"), [(TRUTHS, ReferenceTestbench()), (CURRENT_TRUTHS, CurrentReferenceTestbench())]
)
def test_every_metric_has_a_truth(truths, bench):
    assert {name for truth in truths for name in truth.expected} == set(bench.metrics)


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("r1 vdd out 1k", "output level"),
        ("r1 out vss 1k", "output level"),
        ("b1 x vss v=min(v(vdd), 1.2)\nr1 x out 1e12", "alive"),  # a second until it has charged the load
        # two states: without current, in which a rise from zero stays, and the one that a search may find
        ("b1 x vss v=v(vdd) > 1 && time > 0 ? 0.1 : 1\nr1 x out 1k", "alive"),
    ],
    ids=["at vdd", "at vss", "too slow", "another state"],
)
def test_a_voltage_that_is_no_reference_fails_its_guard(pool, text, guard):
    measured, _ = _measure(pool, _level(text), ReferenceTestbench("1.8 V"), ("output_voltage",))
    assert guard in _failed(measured), measured.guards


@pytest.mark.ngspice
def test_without_current_there_is_no_current_reference(pool):
    measured, _ = _measure(pool, _level("r1 vdd vss 1k"), CurrentReferenceTestbench("1.8 V"), ("output_current",))
    assert "output current" in _failed(measured)
    assert isinstance(measured.values["output_current"], Undefined)


@pytest.mark.ngspice
def test_a_sunk_current_has_the_same_metrics(pool):
    netlist = _level("r1 out vss 100k")
    measured, _ = _measure(pool, netlist, CurrentReferenceTestbench("1.8 V"), ("output_current", "output_resistance"))
    assert not _failed(measured), measured.guards
    assert measured.values["output_current"] == pytest.approx(9e-6)
    assert measured.values["output_resistance"] == pytest.approx(100e3)


@pytest.mark.ngspice
@pytest.mark.parametrize(("lowest", "found"), [(None, 0.72), ("0.3 V", 0.3)])
def test_the_minimum_supply_is_no_lower_than_the_sweep(pool, lowest, found):
    bench = ReferenceTestbench("1.8 V", lowest=lowest)
    measured, _ = _measure(pool, _level("v1 out vss dc 0.6"), bench, ("minimum_supply",))
    assert measured.values["minimum_supply"] == pytest.approx(found)


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("end", [-40.0, 125.0])
def test_a_sweep_of_temperature_agrees_with_a_deck_at_that_temperature(pool, end):
    bench = ReferenceTestbench("1.8 V")
    measured, swept = _measure(pool, PNP, bench, ("temperature_coefficient",), "sky130")
    _, there = _measure(pool, PNP, bench, ("output_voltage",), "sky130", end)
    name = "cooling" if end < 27 else "heating"
    assert swept.analyses[name].real("v(out)")[-1] == pytest.approx(there.analyses["op"].value("v(out)"), rel=1e-6)
    assert 2000 < measured.values["temperature_coefficient"] < 3500  # -1.8 mV/K of 0.7 V


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (ReferenceTestbench, {"load": "1 V"}, "a quantity in F was expected"),
        (ReferenceTestbench, {"cold": "30 degC", "hot": "20 °C"}, "must hold, but got 30"),
        (ReferenceTestbench, {"noise_low": "20 Hz"}, "`noise_low < noise_high` must hold"),
        (CurrentReferenceTestbench, {"output": "0 V"}, "`output > 0` must hold"),
        (CurrentReferenceTestbench, {"tolerance": "1 V"}, "a quantity in % was expected"),
    ],
)
def test_wrong_settings_are_refused(kind, settings, message):
    with pytest.raises(InputError, match=message):
        kind(**settings)


@pytest.mark.parametrize("kind", [ReferenceTestbench, CurrentReferenceTestbench])
@pytest.mark.parametrize(
    ("ports", "message"), [("out vss", "lacks 'vdd'"), ("out vdd vss en", "what to connect to the port 'en'")]
)
def test_other_ports_are_refused(kind, ports, message):
    kit = load_technology("generic")
    circuit = parse_netlist(f"* t\n.subckt r {ports}\nr1 out vss 1k\n.ends\n")
    with pytest.raises(InputError, match=message):
        kind().deck(kit.bind(circuit), kit, Conditions())


@pytest.mark.parametrize(
    "bench",
    [
        ReferenceTestbench(frequency="2 kHz"),
        ReferenceTestbench(noise_high="45 kHz"),
    ],
)
def test_the_sweep_of_noise_reaches_what_is_read(bench):
    circuit = parse_netlist("* r\n.subckt r out vdd vss\nr1 vdd out 1k\nr2 out vss 1k\n.ends\n")
    deck = bench.deck(circuit, load_technology("generic"), Conditions(), ["output_noise", "integrated_noise"])
    noise = next(one for one in deck.analyses if one.kind == "noise")
    steps = np.floor(noise.points * np.log10(noise.stop / noise.start) + 1e-9)
    assert noise.start * 10 ** (steps / noise.points) >= max(bench.frequency, bench.noise_high)
