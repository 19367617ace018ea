import pytest

from eda.benchmark.classes.filter import CARDS, TRUTHS
from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, Undefined
from eda.testbench.filter import FilterTestbench
from eda.testbench.measurements import MOST_REJECTION

KIT = load_technology("generic")
LOW_PASS = "r1 in out 1k\nc1 out 0 159p"
# a buffer with a right-half-plane pole: more positive than negative feedback around a lag
UNSTABLE = "r1 in a 1k\ng1 0 a b 0 3m\nr2 a 0 1k\nc2 a 0 1n\ne1 b 0 a 0 1\ne2 c 0 a 0 -4\nr3 c out 1k\nc3 out 0 159p"
# each half drives the other's node with more than it loads it: the common mode runs away, the difference does not
RUNAWAY = "r1 inp outp 1k\nr2 inn outn 1k\nc1 outp 0 159p\nc2 outn 0 159p\ng1 0 outp outn 0 3m\ng2 0 outn outp 0 3m"


def _measure(pool, body, ports="in out", asked=(), **settings):
    bench = FilterTestbench(**settings)
    circuit = KIT.bind(parse_netlist(f".subckt dut {ports}\n{body}\n.ends"))
    deck = bench.deck(circuit, KIT, Conditions(), asked)
    (result,) = pool.simulate([Job(deck, {})])
    assert result.ok, result.log
    return bench.measure(result, deck)


def _failing(measured):
    return {guard.name for guard in measured.guards if not guard.holds}


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.about)
def test_metrics_of_ideal_filters_follow_from_formulas(pool, truth):
    deck = truth.testbench.deck(KIT.bind(parse_netlist(truth.netlist)), KIT, Conditions())
    (result,) = pool.simulate([Job(deck, {})])
    values = truth.testbench.measure(result, deck).values
    assert {name: values[name] for name in truth.expected} == pytest.approx(truth.expected, rel=truth.tolerance)


def test_every_metric_has_a_truth():
    assert {name for truth in TRUTHS for name in truth.expected} == FilterTestbench().metrics.keys()
    assert {card.metric for card in CARDS} <= FilterTestbench().metrics.keys()


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("body", "ports", "guard"),
    [
        (LOW_PASS, "in out", None),
        ("r1 in out 1", "in out", "filters"),
        ("r1 in 0 1k\nr2 out 0 1k", "in out", "passes"),
        ("r1 in out 1k\nr2 out 0 100\nc1 out 0 1n", "in out", "passes"),
        (UNSTABLE, "in out", "stable"),
        ("e1 a vss in 0 1\nv1 b a 1\nr1 b out 1k\nc1 out vss 159p\nr2 vdd vss 1k", "in out vdd vss", "output level"),
        ("r1 inp outp 1k\nr2 inn outn 1k\nc1 outp outn 80p", "inp inn outp outn", None),
        ("r1 inp outp 1k\nr2 inn outn 1k\nc1 outp outn 80p\nr3 outp 0 1k", "inp inn outp outn", "differential level"),
        (RUNAWAY, "inp inn outp outn", "common mode"),
    ],
)
def test_what_does_not_work_fails_its_guard(pool, body, ports, guard):
    settings = {"vcm": "1 V"} if ports.startswith("inp") else {}
    failing = _failing(_measure(pool, body, ports, **settings))
    assert guard in failing if guard else not failing


@pytest.mark.ngspice
def test_what_is_not_defined_is_a_reason(pool):
    values = _measure(pool, LOW_PASS, asked=["lower_cutoff_frequency", "supply_current"]).values
    reasons = {name: value.reason for name, value in values.items() if isinstance(value, Undefined)}
    assert "a low-pass has no lower cut-off" in reasons["lower_cutoff_frequency"]
    assert "the phase does not fall by 90 degrees" in reasons["center_frequency"]
    assert "the supply delivers" in reasons["supply_current"]


@pytest.mark.ngspice
def test_a_rejection_beyond_measure_is_the_largest_that_is_told(pool):
    body = "r1 inp outp 1k\nr2 inn outn 1k\nc1 outp outn 80p\nr3 vdd outp 1k\nr4 vdd outn 1k"
    measured = _measure(pool, body, "inp inn outp outn vdd vss", asked=["psrr"])
    assert measured.values["psrr"] == MOST_REJECTION


def test_what_a_filter_is_driven_with_follows_from_its_band_and_gain():
    low_pass, band_pass = FilterTestbench(passband="1 MHz"), FilterTestbench(passband="4 MHz", passband_low="1 MHz")
    assert (low_pass.frequency, low_pass.sine_frequency) == (100e3, 200e3)
    assert (band_pass.frequency, band_pass.sine_frequency) == pytest.approx((2e6, 2e6))
    circuit = parse_netlist(".subckt dut in out\nr1 in out 1k\n.ends")
    for gain, amplitude in (("20 dB", 0.018), ("0 dB", 0.18), ("-20 dB", 0.18)):
        deck = FilterTestbench(1.8, gain=gain).deck(circuit, KIT, Conditions(), ["thd", "settling_time"])
        rest, peak, _ = deck.settings["sine"]["@vin[sin]"]
        low, high, *_ = deck.settings["step"]["@vin[pulse]"]
        assert (peak, high - low) == pytest.approx((amplitude, amplitude))
        assert rest == 0


@pytest.mark.ngspice
def test_a_step_that_does_not_settle_is_told(pool):
    measured = _measure(pool, LOW_PASS, asked=["settling_time"], window="450 ns")
    assert "settles" in _failing(measured)
    assert "has not settled" in measured.values["settling_time"].reason


@pytest.mark.parametrize(
    ("ports", "asked", "message"),
    [
        ("in vdd vss", (), "lacks 'out'"),
        ("inp outp outn", (), "lacks 'inn'"),
        ("in out bias", (), "does not know what to connect to the port 'bias'"),
        ("in out outp", (), "does not know what to connect to the port 'outp'"),
        ("in out", ["psrr"], "cannot measure 'psrr' of dut: it has no port vdd"),
        ("in out", ["common_mode_gain"], "it is not differential"),
    ],
)
def test_ports_decide_what_can_be_measured(ports, asked, message):
    circuit = parse_netlist(f".subckt dut {ports}\nr1 {ports.split()[0]} {ports.split()[1]} 1k\n.ends")
    with pytest.raises(InputError, match=message):
        FilterTestbench().deck(circuit, KIT, Conditions(), asked)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"passband": "1 V"}, "a quantity in Hz was expected"),
        ({"load": 0}, "`load > 0` must hold"),
        ({"passband": "1 MHz", "stopband": "0.5 MHz"}, "`passband < stopband` must hold"),
        ({"passband_low": "2 MHz"}, "`passband_low < passband` must hold"),
        ({"stopband_low": "1 kHz"}, "give `passband_low` as well"),
        ({"noise_low": "1 GHz"}, "`noise_low < noise_high` must hold"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        FilterTestbench(**settings)
