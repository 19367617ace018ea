"""Continuous and clocked comparators: known answers, guards with their reasons, metrics that there are not."""

import numpy as np
import pytest

from eda.benchmark.classes import clocked_comparator as clocked
from eda.benchmark.classes import comparator as continuous
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, Undefined
from eda.testbench.clocked_comparator import ClockedComparatorTestbench
from eda.testbench.comparator import ComparatorTestbench
from eda.testbench.kinds import make_testbench
from eda.testbench.measurements.comparator import delay, range_around, rated

TRUTHS = (*continuous.TRUTHS, *clocked.TRUTHS)
BENCHES = (ComparatorTestbench, ClockedComparatorTestbench)


def _measure(pool, bench, text, asked=None):
    kit = load_technology("generic")
    deck = bench.deck(kit.bind(parse_netlist(text)), kit, Conditions(), asked)
    (result,) = pool.simulate([Job(deck)])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _failing(measured):
    return {guard.name: guard.detail for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_an_ideal_comparator_has_its_known_metrics(pool, truth):
    values = _measure(pool, truth.testbench, truth.netlist, tuple(truth.expected)).values
    assert {name: values[name] for name in truth.expected} == pytest.approx(dict(truth.expected), rel=truth.tolerance)


@pytest.mark.parametrize("bench", BENCHES)
def test_every_metric_is_known_of_some_circuit(bench):
    known = {name for truth in TRUTHS if isinstance(truth.testbench, bench) for name in truth.expected}
    assert known == set(bench().metrics)


def _open(output):
    return f".subckt one inp inn out vdd vss\nb1 out 0 v={output}\nr1 vdd vss 10k\n.ends\n"


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("output", "guard", "reason"),
    [
        ("1.8", "decides", "1.00, 1.00 and 1.00"),
        ("0.9*(1-tanh(1e4*v(inp,inn)))", "decides", "1.00, 0.00 and 1.00"),
        ("0.9*(1+tanh(1e4*(v(inp,inn)-15m)))", "decides", "0.00, 0.00 and 0.00"),
        ("0.9+0.3*tanh(1e4*v(inp,inn))", "decides", "0.33, 0.67 and 0.33"),
        ("0.9*(1+tanh(100*(v(inp,inn)+20m*sin(1.5e8*time))))", "single edges", "rises"),
    ],
    ids=["stuck", "swapped", "beyond the overdrive", "far from the rails", "chattering"],
)
def test_what_does_not_decide_is_no_comparator(pool, output, guard, reason):
    failing = _failing(_measure(pool, ComparatorTestbench(vdd=1.8), _open(output), ("delay",)))
    assert guard in failing
    assert reason in failing[guard]


@pytest.mark.ngspice
def test_what_a_stuck_output_does_not_define(pool):
    values = _measure(pool, ComparatorTestbench(vdd=1.8), _open("1.8")).values
    for name in ("delay", "energy", "dc_gain", "hysteresis", "offset", "common_mode_range"):
        assert isinstance(values[name], Undefined), name


@pytest.mark.ngspice
def test_positive_feedback_has_no_gain(pool):
    truth = continuous.TRUTHS[1]
    gain = _measure(pool, truth.testbench, truth.netlist, ("dc_gain",)).values["dc_gain"]
    assert isinstance(gain, Undefined)


def _clocked(difference, extra=""):
    """Outputs whose difference is an expression; `late` is a state that regenerates from the input."""
    return f"""
.subckt one inp inn clk outp outn vdd vss
sreset in late vdd clk clocked
ein in 0 inp inn 1
clate late 0 1p
bgrow 0 late i=5m*max(min(v(late),1.8),-1.8)
bp outp 0 v=max(min({difference},1.8),0)
bn outn 0 v=max(min(-({difference}),1.8),0)
r1 vdd vss 1meg
{extra}
.model clocked sw(vt=0.9 vh=0 ron=1m roff=1e15)
.ends
"""


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("difference", "guard", "reason"),
    [
        ("-v(late)", "decides", "-1.00 and 1.00"),
        ("1.8*v(clk)", "decides", "1.00 and 1.00"),
        ("0.5*max(min(v(late),1.8),-1.8)", "decides", "0.50 and -0.50"),
        ("1e4*v(inp,inn)", "resets", "differ by 1 of the supply"),
    ],
    ids=["swapped", "one decision", "half a decision", "no clock"],
)
def test_what_does_not_decide_or_reset_is_no_clocked_comparator(pool, difference, guard, reason):
    failing = _failing(_measure(pool, ClockedComparatorTestbench(vdd=1.8), _clocked(difference), ("delay",)))
    assert set(failing) == {guard}
    assert reason in failing[guard]


@pytest.mark.ngspice
def test_a_threshold_beyond_the_range_is_none(pool):
    bench = ClockedComparatorTestbench(vdd=1.8, offset_range="10 mV")
    shifted = _clocked("v(late)").replace("ein in 0 inp inn 1", "bin in 0 v=v(inp,inn)-12m")
    found = _measure(pool, bench, shifted, ("signed_offset",)).values["signed_offset"]
    assert isinstance(found, Undefined)
    assert "are the same" in found.reason


@pytest.mark.parametrize("bench", BENCHES)
def test_ports_are_checked(bench):
    kit = load_technology("generic")
    ports = " ".join(bench.ports)
    for wrong, message in ((ports.replace("inp ", ""), "lacks 'inp'"), (f"{ports} enable", "the port 'enable'")):
        circuit = kit.bind(parse_netlist(f".subckt one {wrong}\nr1 vdd vss 1k\n.ends\n"))
        with pytest.raises(InputError, match=message):
            bench().deck(circuit, kit, Conditions())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "comparator", "overdrive": "5 ns"}, "a quantity in V was expected"),
        ({"kind": "comparator", "window": "-1 ns"}, "`window > 0` must hold"),
        ({"kind": "comparator", "overdrive": "0.2 V"}, "`step > overdrive` must hold"),
        ({"kind": "comparator", "frequency": "1 MHz"}, "unknown key 'frequency'"),
        ({"kind": "clocked_comparator", "source_resistance": "1 kV"}, "a quantity in Ohm was expected"),
        ({"kind": "clocked_comparator", "frequency": "2 GHz"}, "`edge <= 1 / \\(20 frequency\\)` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        make_testbench(settings)


def test_a_regenerating_signal_crosses_where_it_does():
    time = np.linspace(0, 10, 41)
    found = delay(time, 0.01 * np.exp(time), 1.0, 9.0, 1.0, "rising")
    assert found == pytest.approx(np.log(100) - 1, rel=2e-3)
    assert isinstance(delay(time, np.full(41, 2.0), 1.0, 9.0, 1.0, "rising"), Undefined)
    assert isinstance(delay(time, np.zeros(41), 1.0, 9.0, 1.0, "falling"), Undefined)


@pytest.mark.parametrize(
    ("excess", "margin"), [(0.2, 1.0), (0.1, 0.5), (0.0, 0.0), (-0.4, -0.5), (-0.8, -1.0), (-2.0, -1.0)]
)
def test_a_level_is_rated_from_one_end_to_the_other(excess, margin):
    assert rated(excess, 0.2) == pytest.approx(margin)


def test_a_range_has_no_gap():
    x = np.arange(9.0)
    excess = np.array([1, -1, -1, 1, 1, 1, -3, 1, 1.0])
    assert range_around(x, excess, 4.0) == pytest.approx((2.5, 5.25))
    assert range_around(x, excess, 8.0) == pytest.approx((6.75, 8.0))
    assert isinstance(range_around(x, excess, 1.5), Undefined)
