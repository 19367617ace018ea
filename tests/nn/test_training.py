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
