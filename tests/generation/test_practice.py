import itertools

import pytest

from eda.generation.practice import practised
from eda.technology import load_technology
from eda.topology.device import CLASSES, Part, Topology
from eda.topology.device.novelty import topology_key

GENERIC = load_technology("generic")


class Drawer:
    """Draws the same few op-amps, of other classes the first one only, and knows one of them."""

    def __init__(self, *topologies, known):
        self.given, self.known = topologies, topology_key(known)

    def knows(self, topology):
        return topology_key(topology) == self.known

    def topologies(self, kind, *, seed):
        yield from itertools.cycle(self.given if kind == "opamp" else self.given[:1])


@pytest.mark.ngspice
def test_what_is_new_and_works_is_learned_once(pool, ota):
    loaded = Topology((*ota.parts, Part("capacitor", ("vout1", "vss"))))
    dead = Topology(tuple(Part(p.kind, tuple("vss" if n == "vb1" else n for n in p.nets)) for p in ota.parts))
    drawer = Drawer(ota, loaded, dead, known=ota)
    seen = set()
    found = list(practised(drawer, GENERIC, pool, count=6, seed=0, tries=6, seen=seen))
    assert [(one.kind, one.topology) for one in found] == [("opamp", loaded)]
    assert topology_key(loaded) in seen
    assert len(CLASSES) == 15
    assert list(practised(drawer, GENERIC, pool, count=6, seed=0, tries=6, seen=seen)) == []
