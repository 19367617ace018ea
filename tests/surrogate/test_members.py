import torch

from eda.surrogate.members import Members, MembersShape


def test_members_do_not_share_weights():
    torch.manual_seed(0)
    network = Members(MembersShape(2, 1, members=3, width=8))
    found = network(torch.rand(4, 2))
    assert found.shape == (3, 4, 1)
    assert not torch.allclose(found[0], found[1])
    own = torch.stack([torch.rand(4, 2)] * 3)
    torch.testing.assert_close(network(own), network(own[0]))


def test_members_see_how_far_an_input_lies_beyond_a_knot():
    """With knots a network of no hidden layer bends there, and nowhere else."""
    network = Members(MembersShape(2, 1, members=1, layers=0, knots=[(1, 0.5)]))
    with torch.no_grad():
        network.weights[0][:] = torch.tensor([[0.0], [1.0], [4.0]])
    found = network(torch.tensor([[0.0, -1.0], [0.0, 0.5], [0.0, 1.0], [1.0, 0.0]]))
    torch.testing.assert_close(found.flatten(), torch.tensor([-1.0, 0.5, 2.0, 0.0]))
