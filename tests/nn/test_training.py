import pytest
import torch

from eda.nn.training import Schedule, train


def test_a_network_learns_with_dropout_though_its_batches_used_it():
    """Batches may be drawn from the network itself, which is done without dropout."""
    network = torch.nn.Linear(2, 1)
    modes = []

    def batches(_):
        network.eval()
        return [torch.ones(1, 2)]

    def loss(batch):
        modes.append(network.training)
        return network(batch).square().sum()

    train(network, batches, loss, Schedule(2), seed=0)
    assert modes == [True, True]
    assert not network.training


@pytest.mark.parametrize("supported", [True, False])
def test_products_in_bfloat16_where_the_processor_has_them(supported, monkeypatch):
    """One without takes forty times as long for them as in single precision."""
    monkeypatch.setattr("eda.nn.training._multiplies_bfloat16", lambda: supported)
    network = torch.nn.Linear(2, 1)
    kinds = []

    def loss(batch):
        found = network(batch)
        kinds.append(found.dtype)
        return found.float().square().sum()

    train(network, lambda _: [torch.ones(1, 2)], loss, Schedule(1, half=True), seed=0)
    assert kinds == [torch.bfloat16 if supported else torch.float32]
