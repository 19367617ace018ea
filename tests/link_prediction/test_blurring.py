import pytest
import torch

from eda.graph import to_graph
from eda.graph.incidence import ROLES
from eda.graph.schema import KINDS
from eda.link_prediction.blurring import Blurring, blurred
from eda.link_prediction.openings import without_bulks
from eda.netlist import parse_netlist
from eda.nn.pins import NET_FLAGS, Pins, role_place

NOTHING = dict.fromkeys(Blurring.__dataclass_fields__, 0.0) | {"any": 1.0}


def changed(pins, **probabilities):
    return blurred(pins, Blurring(**{**NOTHING, **probabilities}), torch.Generator().manual_seed(0))


def kinds(pins, letter):
    return torch.nonzero(pins.devices[:, KINDS.index(letter)])[:, 0].tolist()


def test_nothing_changes_where_nothing_may(pins):
    same = changed(pins)
    for name in ("devices", "nets", "device", "role", "net"):
        torch.testing.assert_close(getattr(same, name), getattr(pins, name))
    never = blurred(pins, Blurring(any=0), torch.Generator().manual_seed(0))
    torch.testing.assert_close(never.nets, pins.nets)


@pytest.mark.parametrize(
    ("what", "flag", "left"), [("ports", "is_port", 0), ("supply", "is_supply", 1), ("ground", "is_low_rail", 0)]
)
def test_marks_of_nets_are_taken_away(pins, what, flag, left):
    column = NET_FLAGS.index(flag)
    assert pins.nets[:, column].sum() > left
    assert changed(pins, **{what: 1.0}).nets[:, column].sum() == left


def test_a_pair_with_a_mirror_becomes_a_call_of_an_amplifier(pins):
    calls = changed(pins, symbols=1.0)
    call = kinds(calls, "x")
    assert len(call) == 1
    nets = {int(role): int(net) for device, role, net in zip(calls.device, calls.role, calls.net, strict=True)
            if device == call[0]}  # fmt: skip
    gate = [int(pins.net[(pins.device == device) & (pins.role == ROLES.index("gate"))]) for device in (0, 1)]
    out = int(pins.net[(pins.device == 1) & (pins.role == ROLES.index("drain"))])
    # the mirror turns the current of the first round: its gate is the positive input
    assert nets == {role_place("pin", 0): gate[0], role_place("pin", 1): gate[1], role_place("pin", 2): out}
    assert set(calls.device.tolist()) == {5, call[0]}, "the pair, its load and its tail are gone"


def test_transistors_at_a_rail_become_current_sources_or_resistors(pins):
    plus, minus = ROLES.index("plus"), ROLES.index("minus")
    seen = set()
    for seed in range(8):
        generator = torch.Generator().manual_seed(seed)
        found = blurred(pins, Blurring(**{**NOTHING, "replaced": 1.0}), generator)
        assert 2 not in kinds(found, "i"), "a transistor whose gate is on its drain is no current source"
        for device in kinds(found, "i"):
            mine = {int(role): int(net) for role, net in zip(found.role[found.device == device],
                    found.net[found.device == device], strict=True)}  # fmt: skip
            low = pins.nets[mine[minus], NET_FLAGS.index("is_low_rail")] > 0
            high = pins.nets[mine[plus], NET_FLAGS.index("is_supply")] > 0
            assert low != high, "current flows from plus to minus, away from the supply and into the ground"
            seen.add(device)
    assert seen == {3, 4}


def test_ports_get_elements_to_ground(pins):
    seen = set()
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        found = blurred(pins, Blurring(**{**NOTHING, "driven": 1.0}), generator)
        for device in range(len(pins.devices), len(found.devices)):
            nets = found.net[found.device == device]
            assert pins.nets[nets[0], NET_FLAGS.index("is_port")] == 1
            assert pins.nets[nets[0], NET_FLAGS.index("is_supply")] == 0
            assert pins.nets[nets[1], NET_FLAGS.index("is_low_rail")] == 1
            seen.update(letter for letter in "vicr" if device in kinds(found, letter))
    assert seen == set("vicr")


def test_the_mirror_image_of_a_mirror_image_is_the_circuit(pins):
    once = changed(pins, mirror=1.0)
    assert not torch.equal(once.devices, pins.devices)
    twice = changed(once, mirror=1.0)
    torch.testing.assert_close(twice.devices, pins.devices)
    torch.testing.assert_close(twice.role, pins.role)
    torch.testing.assert_close(twice.nets, pins.nets)


def test_the_mirror_image_is_the_complementary_circuit(pins):
    text = """* the OTA with p for n, and rails changed
.subckt ota inp inn out bias vdd vss
m1 x inp tail vdd pmos
m2 out inn tail vdd pmos
m3 x x vss vss nmos
m4 out x vss vss nmos
m5 tail bias vdd vdd pmos
c1 out vdd 1p
.ends
"""
    other = without_bulks(Pins.of(to_graph(parse_netlist(text))))
    image = changed(pins, mirror=1.0)
    torch.testing.assert_close(image.devices, other.devices)
    rails = [NET_FLAGS.index("is_supply"), NET_FLAGS.index("is_low_rail")]
    of = {int(net): int(new) for net, new in zip(image.net, other.net, strict=False)}
    swapped = torch.tensor([of[net] for net in range(len(image.nets))])
    torch.testing.assert_close(image.nets[:, rails], other.nets[swapped][:, rails])


def test_transistors_become_bipolar(pins):
    found = changed(pins, bipolar=1.0)
    assert kinds(found, "q") == kinds(pins, "m")
    assert kinds(found, "m") == []
    assert {ROLES[role] for role in found.role.tolist()} == {"collector", "base", "emitter", "plus", "minus"}
