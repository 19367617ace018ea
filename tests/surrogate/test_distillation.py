import numpy as np
import pytest
import torch

from eda.surrogate import Quantity, Samples
from eda.surrogate.distillation import distilled, means_and_spreads
from eda.surrogate.members import Members, MembersShape
from eda.surrogate.quantities import GUARDS, determination
from eda.surrogate.targets import Targets


@pytest.fixture(scope="module")
def targets():
    """Designs of which half work: those with a small first variable."""
    points = np.random.default_rng(0).random((400, 3))
    samples = Samples(points, {"sum": points.sum(axis=1)}, 0.5 - points[:, 0])
    return Targets.of(samples, [Quantity("sum", "V", 0, 3)], Quantity(GUARDS, "1", -1, 1), 0)


@pytest.fixture(scope="module")
def ensemble():
    torch.manual_seed(0)
    return Members(MembersShape(3, 2, members=3, width=32))


def test_one_network_tells_means_and_spreads_of_an_ensemble(ensemble, targets):
    network = distilled(ensemble, targets, 6, 0)
    inputs = 2 * torch.rand(500, 3, generator=torch.Generator().manual_seed(1)) - 1
    with torch.no_grad():
        found, (mean, spread) = ensemble(inputs), means_and_spreads(network, inputs)
    assert network.shape.members == 1
    for at in range(2):
        assert determination(found.mean(0)[:, at], mean[:, at]) > 0.99
        told = spread[:, at] / (found.std(0, correction=0)[:, at] + 0.01)
        assert told.log().abs().mean() < 0.25


def test_it_begins_as_the_first_member(ensemble, targets):
    network = distilled(ensemble, targets, 0, 0)
    inputs = torch.rand(10, 3)
    torch.testing.assert_close(means_and_spreads(network, inputs)[0], ensemble(inputs)[0])


def test_it_is_best_where_circuits_work(ensemble, targets):
    network = distilled(ensemble, targets, 2, 0)
    inputs = 2 * torch.rand(2000, 3, generator=torch.Generator().manual_seed(1)) - 1
    with torch.no_grad():
        errors = (means_and_spreads(network, inputs)[0] - ensemble(inputs).mean(0)).abs().mean(1)
    works = inputs[:, 0] < 0
    assert errors[works].mean() < 0.7 * errors[~works].mean()
