import random
from collections import Counter
from itertools import pairwise

import pytest

from eda.errors import InputError
from eda.topology.device import Part, Topology
from eda.topology.device.novelty import topology_key
from eda.topology.device.pins import PIN_WORDS, pin_walk_of, read_pin_walk


def numbers(text):
    return [PIN_WORDS.index(word) for word in text.split()]


def spelled(words):
    return [PIN_WORDS[word] for word in words]


def test_a_walk_is_closed_and_goes_over_each_pin(five):
    kind, *walk, stop = spelled(pin_walk_of(five, "opamp", random.Random(0)))
    assert (kind, stop) == ("opamp", "stop")
    assert walk[0] == walk[-1] == "vss"
    steps = {frozenset(step) for step in pairwise(walk)}
    devices = {word for word in walk if word[-1].isdigit() and word[:4] in {"nmos", "pmos"}}
    assert devices == {"nmos1", "nmos2", "nmos3", "pmos1", "pmos2"}
    assert all(frozenset((device, f"{device}_{pin}")) in steps for device in devices for pin in "dgsb")


def test_devices_are_numbered_as_they_are_met(five):
    for seed in range(20):
        walk = spelled(pin_walk_of(five, "opamp", random.Random(seed)))
        met = dict.fromkeys(word.split("_")[0] for word in walk if word.startswith("nmos"))
        assert list(met) == ["nmos1", "nmos2", "nmos3"]


def test_a_topology_has_many_walks_and_all_lead_back_to_it(five):
    walks = {tuple(pin_walk_of(five, "opamp", random.Random(seed))) for seed in range(50)}
    assert len(walks) == 50
    assert {topology_key(read_pin_walk(walk)) for walk in walks} == {topology_key(five)}


def test_only_as_many_edges_are_walked_twice_as_a_tree_has(five):
    rng = random.Random(0)
    edges, nodes = 20 + 18, 1 + 4 * 5 + 5 + 6  # pins; on nets: one less where there is no port. Pins, devices, ports
    for _ in range(20):
        walk = spelled(pin_walk_of(five, "opamp", rng))[1:-1]
        times = Counter(frozenset(step) for step in pairwise(walk))
        assert len(times) == edges
        assert max(times.values()) == 2
        assert sum(times.values()) - edges < nodes


@pytest.mark.dataset("analoggenie")
def test_the_circuits_of_the_data_come_back(corpus):
    rng = random.Random(0)
    for one in rng.sample(corpus[0], 150):
        assert topology_key(read_pin_walk(pin_walk_of(one.topology, one.kind, rng))) == topology_key(one.topology)


def test_two_resistors_between_two_nets_come_back():
    topology = Topology((Part("resistor", ("vss", "vout1")), Part("resistor", ("vss", "vout1"))))
    assert topology_key(read_pin_walk(pin_walk_of(topology, "general", random.Random(0)))) == topology_key(topology)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vss nmos1 vss", "step from a device to its pins"),
        ("vss nmos1_s nmos2 nmos1_s vss", "step from a device to its pins"),
        ("vss resistor1_t1 resistor1 resistor1_t1 vss", "resistor1 has 1 of 2"),
        ("vss resistor1_t1 vss", "resistor1 has 0 of 2"),
        ("vss vdd", "one port at most"),
        ("vss opamp", "step from a device to its pins"),
        ("vss", "a device at least"),
    ],
)
def test_a_walk_that_is_no_circuit(text, message):
    with pytest.raises(InputError, match=message):
        read_pin_walk(numbers(f"opamp {text} stop"))


def test_a_circuit_in_two_parts():
    parts = (Part("resistor", ("vss", "vout1")), Part("resistor", ("a", "b")))
    with pytest.raises(InputError, match="connected"):
        pin_walk_of(Topology(parts), "general", random.Random(0))


def test_more_devices_than_words():
    with pytest.raises(InputError, match="8 devices of kind diode"):
        pin_walk_of(Topology((Part("diode", ("vss", "vout1")),) * 9), "general", random.Random(0))
