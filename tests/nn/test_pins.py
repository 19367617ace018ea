import pytest
import torch

from eda.errors import InputError
from eda.graph import to_graph
from eda.graph.incidence import ROLES
from eda.netlist import parse_netlist
from eda.nn.pin_network import CONVOLUTIONS, PinNetwork, PinShape
from eda.nn.pins import NET_FLAGS, ROLE_COUNT, Pins, role_place

PAIR = """* pair
.subckt pair a b vdd vss
m1 x a t vss nmos
m2 vdd b t vss nmos
r1 vdd x 1k
x1 a x t b vss a b gate
.ends
"""


def pins_of(text):
    return Pins.of(to_graph(parse_netlist(text)))


def test_pins_are_those_of_the_netlist_by_device():
    graph = to_graph(parse_netlist(PAIR))
    pins = Pins.of(graph)
    names = graph["net"].name
    first = [(ROLES[role], names[net]) for device, role, net in zip(pins.device, pins.role, pins.net, strict=True)
             if device == 0]  # fmt: skip
    assert sorted(first) == [("bulk", "vss"), ("drain", "x"), ("gate", "a"), ("source", "t")]
    call = [(int(role) - len(ROLES), names[net]) for device, role, net in
            zip(pins.device, pins.role, pins.net, strict=True) if device == 3]  # fmt: skip
    assert sorted(call) == list(enumerate(["a", "x", "t", "b", "vss", "a", "b"]))
    assert pins.device.tolist() == sorted(pins.device.tolist())


def test_rails_are_told_apart_and_ports_are_marked():
    graph = to_graph(parse_netlist(PAIR))
    pins = Pins.of(graph)
    rows = {name: dict(zip(NET_FLAGS, row.tolist(), strict=True)) for name, row in
            zip(graph["net"].name, pins.nets, strict=True)}  # fmt: skip
    assert rows["vss"]["is_low_rail"] == rows["vss"]["is_supply"] == rows["vdd"]["is_supply"] == 1
    assert rows["vdd"]["is_low_rail"] == rows["x"]["is_port"] == 0
    assert rows["a"]["is_port"] == 1


def test_counts_are_of_the_pins_that_are_kept():
    pins = pins_of(PAIR)
    gates = role_place("gate")
    assert pins.counts()[:, gates].sum() == 2
    assert pins.keeping(pins.role != gates).counts()[:, gates].sum() == 0
    assert pins.counts().shape == (len(pins.nets), ROLE_COUNT)


def test_positions_beyond_the_last_are_alike():
    assert role_place("pin", 15) == role_place("pin", 99) == ROLE_COUNT - 1
    assert role_place("drain", 7) == ROLES.index("drain")


@pytest.mark.parametrize("convolution", CONVOLUTIONS)
def test_circuits_side_by_side_do_not_see_each_other(convolution):
    torch.manual_seed(0)
    network = PinNetwork(PinShape(16, 2, convolution)).eval()
    for role in network.modules():
        if isinstance(role, torch.nn.Embedding):
            torch.nn.init.normal_(role.weight)
    one, other = pins_of(PAIR), pins_of(PAIR.replace("r1 vdd x 1k", "c1 b x 1p"))
    both = Pins.joined([one, other])
    devices, nets = torch.randn(len(both.devices), 16), torch.randn(len(both.nets), 16)
    together = network(devices, nets, both)
    alone = network(devices[: len(one.devices)], nets[: len(one.nets)], one)
    torch.testing.assert_close(together[0][: len(one.devices)], alone[0])
    torch.testing.assert_close(together[1][: len(one.nets)], alone[1])
    assert not torch.allclose(together[1][-1], nets[-1])


@pytest.mark.parametrize("convolution", CONVOLUTIONS)
def test_a_message_knows_its_role(convolution):
    torch.manual_seed(0)
    network = PinNetwork(PinShape(16, 1, convolution)).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.Embedding):
            torch.nn.init.normal_(module.weight)
    pins = pins_of(PAIR)
    swapped = pins_of(PAIR.replace("m1 x a t", "m1 a x t"))
    devices, nets = torch.ones(len(pins.devices), 16), torch.ones(len(pins.nets), 16)
    assert not torch.allclose(network(devices, nets, pins)[1], network(devices, nets, swapped)[1])


def test_an_unknown_convolution_is_refused():
    with pytest.raises(InputError, match=r"convolution.*'gni'.*gin"):
        PinShape(convolution="gni")
