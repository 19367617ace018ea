import pytest
import torch

from eda.parasitics.interconnect import FAR, Pairs, classes, coupling, farads, ground


def test_the_scale_is_six_decades_and_back():
    values = torch.tensor([1e-21, 1e-18, 1e-15, 1e-12, 0.0], dtype=torch.float64)
    torch.testing.assert_close(coupling(values), torch.tensor([0, 0.5, 1, 1, 0], dtype=torch.float64))
    assert ground(torch.tensor([1e-20, 1e-17])).tolist() == pytest.approx([0, 0.5])
    inside = torch.tensor([3e-20, 5e-17])
    torch.testing.assert_close(farads(coupling(inside), "coupling"), inside, rtol=1e-4, atol=0)
    torch.testing.assert_close(farads(ground(inside), "ground"), inside, rtol=1e-4, atol=0)


def test_classes_are_fifths():
    assert classes(torch.tensor([0.0, 0.19, 0.2, 0.5, 0.99, 1.0])).tolist() == [0, 0, 1, 2, 4, 4]


def test_places_are_nets_and_then_pins(whole, layout):
    circuit, pairs, *_ = whole
    nets = len(layout.rail)
    assert circuit.places == nets + len(layout.pin_net)
    places = torch.tensor([4, nets, nets + 5])
    assert circuit.net_of(places).tolist() == [4, layout.pin_net[0], layout.pin_net[5]]
    first = pairs.ends[pairs.kind == 0][0].tolist()
    assert first == [nets + 1, 3], "the gate of the first transistor, and its output"


def test_distances_do_not_lead_over_rails(whole, layout):
    circuit = whole[0]
    nets = circuit.nets

    def distance(one, other):
        return int(circuit.distances(torch.tensor([[one, other]]))[0])

    def pin(device, terminal):
        return nets + 3 * device + terminal

    assert distance(2, 3) == 2, "input and output of the first inverter: net, transistor, net"
    assert distance(2, 6) == 8
    assert distance(3, 2) == 2, "either way"
    assert distance(pin(0, 1), pin(0, 0)) == 0, "pins of one transistor"
    assert distance(pin(0, 1), pin(1, 1)) == 2, "two gates on one net"
    assert distance(pin(0, 0), 3) == 1
    assert distance(pin(0, 2), 0) == 1
    assert distance(0, pin(0, 2)) == 1, "a rail is reached, but nothing over it"
    assert distance(2, 2 + 11) == FAR
    assert distance(0, 1) == FAR


def test_pairs_can_be_chosen(whole):
    pairs = whole[1]
    some = pairs[torch.tensor([3, 1])]
    assert isinstance(some, Pairs)
    assert len(some) == 2
    torch.testing.assert_close(some.ends, pairs.ends[[3, 1]])
    torch.testing.assert_close(some.distance, pairs.distance[[3, 1]])
