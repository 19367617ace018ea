from dataclasses import replace

import torch

from eda.graph.incidence import ROLES
from eda.nn.pin_network import PinShape
from eda.parasitics.interconnect import Interconnect, Pairs
from eda.parasitics.network import ParasiticNetwork, neighbours


def network(seed=0):
    torch.manual_seed(seed)
    made = ParasiticNetwork(PinShape(16, 2)).eval()
    with torch.no_grad():
        made.devices.weight.normal_(0, 0.3)
    return made


@torch.inference_mode()
def test_every_place_has_a_state_and_every_pair_a_value(whole):
    circuit, pairs, *_ = whole
    net = network()
    states = net.encode(circuit)
    assert states.shape == (circuit.places, 16)
    assert net.couplings(states, pairs).shape == (len(pairs), 7)
    assert net.grounds(states, circuit.nets).shape == (circuit.places, 7)


@torch.inference_mode()
def test_which_end_comes_first_says_nothing(whole):
    circuit, pairs, *_ = whole
    net = network()
    states = net.encode(circuit)
    turned = Pairs(pairs.ends.flip(1), pairs.kind, pairs.distance)
    torch.testing.assert_close(net.couplings(states, pairs), net.couplings(states, turned))


@torch.inference_mode()
def test_drain_and_source_are_alike_and_sizes_are_not(whole):
    circuit = whole[0]
    net = network()
    states = net.encode(circuit)
    pins = circuit.pins
    drain, source = ROLES.index("drain"), ROLES.index("source")
    role = torch.where(pins.role == drain, source, torch.where(pins.role == source, drain, pins.role))
    swapped = Interconnect(replace(pins, role=role), circuit.rail)
    # the counts of pins by role are those of the new roles, so the nets' own inputs are swapped as well
    assert (net.encode(swapped) - states).abs().max() < 1
    wider = pins.devices.clone()
    wider[0, -12:] += 0.5
    assert (net.encode(Interconnect(replace(pins, devices=wider), circuit.rail)) - states).abs().max() > 1e-4


def test_neighbours_of_a_net_are_its_pins_and_of_a_pin_its_net(whole):
    circuit = whole[0]
    states = torch.arange(circuit.places, dtype=torch.float32)[:, None]
    beside = neighbours(circuit, states)
    mine = torch.nonzero(circuit.pins.net == 2)[:, 0] + circuit.nets
    assert beside[2] == states[mine].mean()
    assert beside[circuit.nets + 1] == circuit.pins.net[1]
