import itertools

import pytest

from eda.generation.practice import as_example, as_unit, fresh, works
from eda.topology.device import CLASSES, Part, Topology
from eda.topology.device.corpus import Example
from eda.topology.device.novelty import topology_key


class Drawer:
    """Draws the same few op-amps, of other classes the first one only, and knows one of them."""

    def __init__(self, *topologies, known):
        self.given, self.known = topologies, topology_key(known)

    def knows(self, topology):
        return topology_key(topology) == self.known

    def topologies(self, kind, *, seed):
        yield from itertools.cycle(self.given if kind == "opamp" else self.given[:1])


def loaded(ota):
    return Topology((*ota.parts, Part("capacitor", ("vout1", "vss"))))


def dead(ota):
    return Topology(tuple(Part(p.kind, tuple("vss" if n == "vb1" else n for n in p.nets)) for p in ota.parts))


def test_what_is_neither_known_nor_seen_is_tried_once(ota):
    drawer = Drawer(ota, loaded(ota), dead(ota), known=ota)
    seen = {topology_key(dead(ota))}
    found = list(fresh(drawer, count=6, seed=0, seen=seen))
    assert [(one.kind, one.topology) for one in found] == [("opamp", loaded(ota))]
    assert topology_key(loaded(ota)) in seen
    assert len(CLASSES) == 15
    assert list(fresh(drawer, count=6, seed=0, seen=seen)) == []


@pytest.mark.ngspice
def test_whether_a_circuit_does_what_its_class_does(ota):
    for topology, expected in ((loaded(ota), True), (dead(ota), False)):
        one = Example("one", "opamp", topology, composed=False)
        unit = as_unit(one)
        assert as_example(unit) == one
        assert works({**unit, "tries": 6, "seconds": 5.0}) == {"works": expected}
