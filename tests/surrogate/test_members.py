import json
from dataclasses import asdict

import torch

from eda.surrogate.members import Members, MembersShape
from eda.surrogate.transistors import Kind, Size


def test_members_do_not_share_weights():
    torch.manual_seed(0)
    network = Members(MembersShape(2, 1, members=3, width=8))
    found = network(torch.rand(4, 2))
    assert found.shape == (3, 4, 1)
    assert not torch.allclose(found[0], found[1])
    own = torch.stack([torch.rand(4, 2)] * 3)
    torch.testing.assert_close(network(own), network(own[0]))


def test_members_are_the_same_after_their_shape_was_written_as_json():
    length = Size(0, 0.0, 0.0, logarithmic=True)
    kinds = [Kind([(Size(1, 0.5, 8.0, logarithmic=False), length)], [(0, 0.3)])]
    network = Members(MembersShape(2, 1, members=2, width=8, kinds=kinds))
    again = Members(MembersShape.read(json.loads(json.dumps(asdict(network.shape)))))
    again.load_state_dict(network.state_dict())
    points = torch.rand(4, 2)
    torch.testing.assert_close(again(points), network(points))
    assert again.shape == network.shape
