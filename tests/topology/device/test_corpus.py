from collections import Counter

from eda.topology.device import CLASSES, Part, Topology, broken_rules
from eda.topology.device.corpus import repaired


def test_the_circuits_of_the_data(corpus):
    found, refused = corpus
    assert len(found) + len(refused) == 3350
    assert len(found) == 3292
    assert Counter(example.kind for example in found).keys() == CLASSES.keys()
    assert sum(example.composed for example in found) > 2000
    assert not any(broken_rules(example.topology) for example in found)


def test_bulks_on_a_net_of_their_own_go_to_the_rail(five):
    parts = (*five.parts[:2], Part("pmos", ("net1", "net1", "vdd", "net9")), *five.parts[3:])
    topology, mended = repaired(Topology(parts))
    assert topology == five
    assert mended == ("bulks on a net of their own",)


def test_gates_that_nothing_drives_get_a_bias(five):
    parts = (*five.parts, Part("nmos", ("net1", "net8", "vss", "vss")))
    topology, mended = repaired(Topology(parts))
    assert topology.parts[-1].nets == ("net1", "vb2", "vss", "vss")
    assert mended == ("gates that nothing drives",)


def test_a_circuit_without_an_output_gets_the_net_with_the_most_pins(five):
    parts = tuple(Part(p.kind, tuple("net2" if net == "vout1" else net for net in p.nets)) for p in five.parts)
    topology, mended = repaired(Topology(parts))
    assert "vout1" in topology.ports
    assert mended == ("no output",)


def test_what_is_sound_stays_as_it_is(five):
    assert repaired(five) == (five, ())
