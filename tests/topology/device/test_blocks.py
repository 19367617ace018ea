import pytest

from eda.datasets.split import split
from eda.topology.device import Part, Topology
from eda.topology.device.blocks import block_keys
from eda.topology.device.corpus import Example


@pytest.fixture
def six(five):
    """The five-transistor amplifier with one more stage: six devices make a block."""
    turned = {"vout1": "net9"}
    parts = [Part(p.kind, tuple(turned.get(n, n) for n in p.nets)) for p in five.parts]
    return Topology((*parts, Part("pmos", ("vout1", "net9", "vdd", "vdd"))))


def example(name, kind, topology):
    return Example(name, kind, topology, composed=False)


def test_what_is_put_around_an_op_amp_belongs_to_it(five, six):
    regulator = Topology(
        (
            *(Part(p.kind, tuple({"vout1": "net7", "vin2": "vref1"}.get(n, n) for n in p.nets)) for p in six.parts),
            Part("pmos", ("vout1", "net7", "vdd", "vdd")),
            Part("resistor", ("vout1", "vin1")),
        )
    )
    changed = Topology((*regulator.parts[:5], *regulator.parts[6:], Part("capacitor", ("net9", "vss"))))
    keys = block_keys(
        [
            example("1", "opamp", six),
            example("2", "ldo", regulator),
            example("3", "ldo", changed),
            example("4", "opamp", five),
        ]
    )
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_the_largest_op_amp_counts(six):
    larger = Topology((*six.parts, Part("capacitor", ("vout1", "vss"))))
    keys = block_keys([example("1", "opamp", six), example("2", "opamp", larger), example("3", "general", larger)])
    assert keys[1] == keys[2] != keys[0]


def test_a_resistor_may_be_turned_round(six):
    """Its ends are alike; the open end of that of the op-amp is its output."""
    block = Topology((*six.parts, Part("resistor", ("net9", "vout1"))))
    around = Topology((*six.parts, Part("resistor", ("vout1", "net9")), Part("capacitor", ("vout1", "vss"))))
    keys = block_keys([example("1", "opamp", block), example("2", "general", around)])
    assert keys[0] == keys[1]


@pytest.mark.dataset("analoggenie")
def test_circuits_of_one_block_are_on_one_side(corpus):
    found, _ = corpus
    some = [one for one in found if one.kind in {"opamp", "ldo"}]
    keys = dict(zip((one.id for one in some), block_keys(some), strict=True))
    parts = split(some, lambda one: keys[one.id], {"learned": 0.9, "held out": 0.1}, seed=0)
    sides = [{keys[one.id] for one in part} for part in parts.values()]
    assert not sides[0] & sides[1]
    composed = [one for one in some if one.kind == "ldo"]
    assert sum(keys[one.id] in {keys[o.id] for o in some if o.kind == "opamp"} for one in composed) > 0.8 * len(
        composed
    )
