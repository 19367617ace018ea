import random

import pytest

from eda.generation import Rung, climb
from eda.technology import load_technology
from eda.topology.device import Part, Topology
from eda.topology.device.reach import unreached

GENERIC = load_technology("generic")


def with_nets(topology, names):
    return Topology(tuple(Part(p.kind, tuple(names.get(n, n) for n in p.nets)) for p in topology.parts))


@pytest.mark.ngspice
def test_an_amplifier_climbs_to_the_top(pool, ota):
    found = climb(ota, "opamp", GENERIC, pool, name="ota")
    assert found.passed == tuple(Rung)[:-1]
    assert found.works
    assert str(found).startswith("passed: grammar, rule check, operating point, function; it amplifies: ")
    assert found.circuit.name == "ota"
    assert float(found.circuit.top.parameters["vb1"]) > 0


def test_what_the_grammar_refuses_is_on_no_rung(ota):
    found = climb(with_nets(ota, {"vin1": "floating"}), "opamp", GENERIC, None)
    assert found.passed == ()
    assert found.reason == "no direct current reaches it"
    assert str(found) == "passed: none; no direct current reaches it"


def test_what_breaks_a_rule_is_not_simulated(ota):
    parts = (*ota.parts[:3], Part("pmos", ("vout1", "net1", "vdd", "vss")), ota.parts[4])
    found = climb(Topology(parts), "opamp", GENERIC, None)
    assert found.passed == (Rung.GRAMMAR,)
    assert "bulk" in found.reason


@pytest.mark.ngspice
def test_a_dead_amplifier_ends_at_the_rule_check(pool, ota):
    found = climb(with_nets(ota, {"vb1": "vss"}), "opamp", GENERIC, pool, tries=4)
    assert found.passed == (Rung.GRAMMAR, Rung.RULES)
    assert found.reason.endswith("of the transistors conduct")


@pytest.mark.ngspice
def test_shuffled_pins_seldom_reach_the_top(pool, ota):
    rng, worked = random.Random(0), 0
    for _ in range(30):
        pins = [net for part in ota.parts for net in part.nets]
        rng.shuffle(pins)
        left = iter(pins)
        shuffled = Topology(tuple(Part(p.kind, tuple(next(left) for _ in p.nets)) for p in ota.parts))
        worked += climb(shuffled, "opamp", GENERIC, pool, tries=4).works
    assert worked <= 3


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([Part("resistor", ("vin1", "vout1")), Part("resistor", ("vout1", "vss"))], "it has no supply"),
        ([Part("resistor", ("vdd", "vout1"))], "it has no ground"),
        ([Part("resistor", ("vdd", "vss"))], "it has no output"),
        ([Part("resistor", ("vdd", "a")), Part("capacitor", ("vss", "vout1"))], "no direct current flows"),
        (
            [Part("resistor", ("vdd", "vss")), Part("nmos", ("a", "vout1", "vss", "vss"))],
            "nothing joins the output vout1 to the supply",
        ),
        (  # by way of ground
            [
                Part("resistor", ("vdd", "a")),
                Part("nmos", ("a", "vin1", "vss", "vss")),
                Part("nmos", ("vout1", "a", "vss", "vss")),
            ],
            "nothing joins the output vout1 to the supply",
        ),
    ],
)
def test_what_the_supply_does_not_reach(parts, reason):
    assert unreached(Topology(tuple(parts)), "opamp").startswith(reason)


def test_what_a_supplying_input_does_not_reach():
    parts = (
        Part("nmos", ("vout1", "vref1", "vss", "vss")),
        Part("pmos", ("b", "vref1", "vin1", "vin1")),
        Part("pmos", ("b", "b", "vin1", "vin1")),
    )
    assert unreached(Topology(parts), "ldo").startswith("no direct current flows")


@pytest.mark.parametrize(("kind", "output"), [("opamp", "iout1"), ("mixer", "vout1")])
def test_what_its_load_joins_to_the_supply(kind, output):
    """A current, and the output of circuits that work into a load."""
    parts = (
        Part("resistor", ("vdd", "vb1")),
        Part("nmos", ("vb1", "vb1", "vss", "vss")),
        Part("nmos", ("a", "vb1", "vss", "vss")),
        Part("nmos", (output, "vin1", "a", "vss")),
    )
    assert unreached(Topology(parts), kind) == ""


def test_a_coupled_output_is_reached():
    parts = (Part("resistor", ("vdd", "a")), Part("resistor", ("a", "vss")), Part("capacitor", ("a", "vout1")))
    assert unreached(Topology(parts), "opamp") == ""
