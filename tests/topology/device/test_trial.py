import itertools

import numpy as np
import pytest

from eda.netlist import check, format_netlist, parse_netlist
from eda.simulation import Simulation, Simulator, Status, WorkerPool
from eda.technology import load_technology
from eda.topology.device import CLASSES, FUNCTIONS, Part, Topology, design_of, try_out
from eda.topology.device.design import bias_voltage, flows_in
from eda.topology.device.function import excess, lack
from eda.topology.device.trial import _changed

GENERIC = load_technology("generic")
OFF = "nmos vout1 vss vss vss"


@pytest.fixture(scope="module")
def pool():
    with WorkerPool(1, timeout=20) as workers:
        yield workers


def topology(text):
    """A topology of lines such as `nmos vout1 vin1 vss vss`."""
    return Topology(tuple(Part(words[0], tuple(words[1:])) for words in map(str.split, text.strip().splitlines())))


MIRROR = topology("nmos ib1 ib1 vss vss\nnmos iout1 ib1 vss vss")
RING = topology("".join(f"nmos {o} {i} vss vss\npmos {o} {i} vdd vdd\n" for i, o in ("ab", "bc", "cd", "de", "ea")))
RING = Topology(tuple(Part(p.kind, tuple("vout1" if net == "e" else net for net in p.nets)) for p in RING.parts))
FOLLOWER = topology("""
nmos n1 fb tail vss
nmos n2 vref1 tail vss
pmos n1 n1 vdd vdd
pmos n2 n1 vdd vdd
nmos tail vb1 vss vss
pmos vout1 n2 vdd vdd
resistor vout1 fb
resistor fb vss
""")


def test_a_design_has_sizes_with_bounds_and_makes_its_biases(five):
    design = design_of(five, GENERIC, name="ota")
    assert design.ports == ("vin1", "vss", "vout1", "vin2", "vdd")
    assert set(design.top.parameters) == {variable.name for variable in design.top.variables}
    for variable in design.top.variables:
        assert variable.low <= float(design.top.parameters[variable.name]) <= variable.high
    assert {"vb1", "w1", "l1"} <= set(design.top.parameters)
    devices = {device.name: device for device in design.top.devices}
    assert devices["vvb1"].nodes == ("vb1", "vss")
    # the pair shares its sizes, and so do the transistors of the mirror
    assert devices["m1"].parameters == devices["m2"].parameters
    assert devices["m3"].parameters == devices["m4"].parameters
    assert not [f for f in check(design) if f.severity.name in {"ERROR", "FATAL"}]
    assert parse_netlist(format_netlist(design)).top.parameters == design.top.parameters


def test_where_biases_begin():
    stack = topology("nmos a vb1 vss vss\nnmos b vb2 a vss\npmos b vb3 vdd vdd")
    assert [bias_voltage(stack, f"vb{n}") for n in (1, 2, 3)] == [0.33, 0.5, 0.67]


def test_bias_currents_flow_into_diodes_and_out_of_tails():
    assert flows_in(topology("nmos ib1 ib1 vss vss"), "ib1")
    assert not flows_in(topology("pmos ib1 ib1 vdd vdd"), "ib1")
    assert not flows_in(topology("nmos a vin1 ib1 vss\nnmos b vin2 ib1 vss"), "ib1")


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("kind", "circuit", "low", "high"),
    [
        ("mirror", MIRROR, 0.8, 1.3),
        ("oscillator", RING, 1.0, 4.0),
        ("ldo", FOLLOWER, 1.5, 2.9),
    ],
)
def test_circuits_that_work(pool, kind, circuit, low, high):
    trial = try_out(circuit, kind, GENERIC, pool)
    assert trial.works, trial.reason
    assert low < trial.figure < high


@pytest.mark.ngspice
def test_an_amplifier_amplifies(pool, five):
    trial = try_out(five, "opamp", GENERIC, pool)
    assert trial.works
    assert trial.alive
    assert 20 < trial.figure < 60
    assert trial.reason.startswith("it amplifies: ")


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("kind", "circuit"),
    [
        ("opamp", topology(f"resistor vin1 vout1\nresistor vout1 vss\nresistor vdd vout1\n{OFF}")),
        ("mirror", topology("resistor ib1 vss\nresistor iout1 vss\nnmos iout1 vss vss vss")),
        ("oscillator", topology("nmos vout1 vout1 vss vss\nresistor vdd vout1")),
        ("ldo", topology("resistor vdd vout1\nresistor vout1 vss\nnmos vout1 vref1 vss vss")),
        ("oscillator", topology("nmos vout1 vlo1 vss vss\nresistor vdd vout1")),
        ("bandgap", topology(f"resistor vdd vout1\nresistor vout1 vss\n{OFF}")),
    ],
)
def test_circuits_that_do_nothing_of_the_kind(pool, kind, circuit):
    trial = try_out(circuit, kind, GENERIC, pool, tries=6)
    assert not trial.works
    assert trial.reason.startswith("it does not do what it should")


@pytest.mark.ngspice
@pytest.mark.parametrize(
    "circuit",
    [
        topology(f"resistor vin1 vout1\nresistor vdd vout1\n{OFF}"),
        topology(f"capacitor vin1 vout1\nresistor vdd a\nresistor a vss\n{OFF}"),
    ],
)
def test_what_passive_devices_do_alone_counts_for_nothing(pool, circuit):
    trial = try_out(circuit, "switched_capacitor", GENERIC, pool, tries=2)
    assert not trial.works
    assert trial.reason.startswith("its passive devices do so alone: it answers a step of its input")


@pytest.mark.ngspice
def test_a_switch_beside_passive_devices_counts(pool):
    """Sampled on one capacitor in one half of a period, shared with another one in the other half."""
    sampled = topology("""
nmos vin1 vclk1 a vss
capacitor a vss
nmos a vclk2 vout1 vss
capacitor vout1 vss
""")
    assert try_out(sampled, "switched_capacitor", GENERIC, pool).works


def test_a_circuit_without_transistors_is_not_simulated():
    """A divider of capacitors answers a step."""
    divider = topology("capacitor vin1 vout1\ncapacitor vout1 vss\nresistor vout1 vss")
    trial = try_out(divider, "switched_capacitor", GENERIC, None)
    assert (trial.works, trial.reason, trial.simulations) == (False, "it has no transistor", 0)


def test_a_circuit_without_the_ports_is_not_simulated():
    trial = try_out(topology("nmos vout1 vb1 vss vss\nresistor vdd vout1"), "opamp", GENERIC, None)
    assert trial.reason == "it needs an input and an output"
    assert trial.simulations == 0


@pytest.mark.ngspice
def test_the_same_seed_tries_the_same(pool, five):
    assert try_out(five, "ldo", GENERIC, pool, seed=3) == try_out(five, "ldo", GENERIC, pool, seed=3)


def test_every_class_has_a_function():
    assert FUNCTIONS.keys() == CLASSES.keys()


def test_values_and_lengths_have_names_of_their_own():
    circuit = topology("nmos vout1 vin1 vss vss\ninductor vdd vout1\nresistor vout1 vss\ncapacitor vout1 vss")
    design = design_of(circuit, GENERIC)
    assert {"w1", "l1", "ind1", "res1", "cap1"} == set(design.top.parameters)
    back = parse_netlist(format_netlist(design))
    assert back.top.variables == design.top.variables


@pytest.mark.ngspice
@pytest.mark.parametrize(
    "circuit",
    [
        # a sixth of the supply: in volts it moves as little as a reference may, but not for its level
        Topology(
            tuple(Part("resistor", pair) for pair in itertools.pairwise(("vdd", "a", "b", "c", "d", "vout1", "vss")))
        ),
        topology("resistor vb1 vout1\nresistor vdd vout1"),
    ],
)
def test_a_divider_is_no_reference(pool, circuit):
    assert not try_out(circuit, "bandgap", GENERIC, pool).works


@pytest.mark.ngspice
def test_bipolar_transistors_conduct_or_do_not(pool):
    amplifier = topology("npn vout1 vin1 vss\nresistor vdd vout1")
    trial = try_out(amplifier, "opamp", GENERIC, pool)
    assert trial.alive
    assert trial.works
    passive = try_out(topology("resistor vin1 vout1\nresistor vdd vout1"), "opamp", GENERIC, pool, tries=3)
    assert passive.conducting == 0
    assert not passive.alive


@pytest.mark.ngspice
def test_a_mixer_mixes_and_an_oscillator_alone_does_not(pool):
    mixer = topology("""
    nmos vif1 vlo1 a vss
    nmos vif2 vlo2 a vss
    nmos a vrf1 vss vss
    resistor vdd vif1
    resistor vdd vif2
    """)
    assert try_out(mixer, "mixer", GENERIC, pool).works
    alone = topology("nmos vif1 vlo1 vss vss\nresistor vdd vif1\nresistor vrf1 vss")
    assert not try_out(alone, "mixer", GENERIC, pool, tries=6).works


def test_a_circuit_that_keeps_ngspice_busy_is_given_up(five):
    class Busy(Simulator):
        calls = 0
        version = "none"

        def run(self, jobs):
            Busy.calls += 1
            yield from ((number, Simulation(Status.TIMEOUT)) for number in range(len(jobs)))

        def close(self):
            pass

    trial = try_out(five, "opamp", GENERIC, Busy())
    assert trial.reason == "ngspice: timeout"
    assert Busy.calls == 2


@pytest.mark.parametrize(
    ("value", "most", "found"),
    [(1, 2, 0), (2, 2, 0), (3, 2, 0.5), (1e9, 2, 10), (np.nan, 2, 10), (0, 0, 0), (1, 0, 10)],
)
def test_what_is_above_the_largest(value, most, found):
    assert excess(value, most) == found


@pytest.mark.parametrize(("value", "least", "found"), [(3, 2, 0), (2, 2, 0), (1, 2, 0.5), (-2, 2, 2), (np.nan, 2, 1)])
def test_what_is_below_the_least(value, least, found):
    assert lack(value, least) == found


def test_a_change_keeps_most_of_the_best_design_and_changes_a_loop_as_a_whole():
    best = {**{f"dut_w{n}": 1.0 for n in range(30)}, "rdrive_vin1": 1.0, "rback_vin1": 1.0}
    drawn = dict.fromkeys(best, 2.0)
    changes = [_changed(best, drawn, np.random.default_rng(seed)) for seed in range(200)]
    moved = np.mean([sum(value == 2.0 for value in change.values()) for change in changes])
    assert 2 < moved < 5
    assert all(change["rdrive_vin1"] == change["rback_vin1"] for change in changes)
    assert any(change["rdrive_vin1"] == 2.0 for change in changes)
