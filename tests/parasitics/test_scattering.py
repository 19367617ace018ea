import pytest
import torch

from eda.nn.pin_network import PinShape
from eda.parasitics.network import ParasiticNetwork
from eda.parasitics.scattering import scatter_away, scattered


def test_states_in_one_place_are_not_scattered_and_opposite_ones_are():
    assert scatter_away(torch.ones(5, 3)).item() == pytest.approx(0, abs=1e-6)
    assert scatter_away(torch.tensor([[1.0, 0], [-3.0, 0], [0, 2.0], [0, -1.0]])).item() == pytest.approx(-1)


def test_a_network_learns_its_states_without_any_capacitance(whole):
    circuit = whole[0]
    torch.manual_seed(0)
    network = ParasiticNetwork(PinShape(16, 2))
    heads = [one.clone() for one in network.of_pairs.parameters()]
    before, losses = network.encode(circuit).detach(), []
    scattered(network, circuit, rounds=40, seed=0, after=lambda _, loss: losses.append(loss))
    assert len(losses) == 40
    assert losses[-1] < losses[0] - 0.2
    assert (network.encode(circuit) - before).abs().max() > 0.1
    for old, new in zip(heads, network.of_pairs.parameters(), strict=True):
        torch.testing.assert_close(old, new)
