import pytest
import torch
from torch_geometric.data import Batch

from eda.graph.incidence import ROLES
from eda.link_prediction.seal import Link, Seal, TerminalGraph, _double_radius
from eda.nn.pins import ROLE_COUNT


def pin(pins, device, role):
    return int(torch.nonzero((pins.device == device) & (pins.role == ROLES.index(role)))[0])


def test_labels_are_those_of_the_paper():
    """By hand from equation 3 of Zhang and Chen; a node that one end does not reach has 0."""
    first, second = torch.tensor([1, 1, 2, 1, 2, 3]).numpy(), torch.tensor([1, 2, 2, 3, 3, 1_000_000]).numpy()
    assert _double_radius(first, second).tolist() == [2, 3, 5, 4, 7, 0]


def degrees(graph, link):
    """How many neighbours the terminal of a link, a gate, has in its subgraph."""
    found = graph.enclosing(link, 1)
    gates = (found.label == 1) & (found.x[:, ROLES.index("gate") - ROLE_COUNT] > 0)
    return torch.bincount(found.edge_index[0], minlength=len(found.x))[gates].tolist()


def test_what_leaks(pins):
    """As published, the terminal of a pair that is no link stays on its net; detached, both kinds look alike."""
    graph, gate = TerminalGraph(pins), pin(pins, 3, "gate")
    own, other = int(pins.net[gate]), int(pins.net[pin(pins, 1, "source")])
    assert degrees(graph, Link(gate, own)) == [1], "of a link its device is left"
    assert degrees(graph, Link(gate, other, detached=False)) == [2]
    assert degrees(graph, Link(gate, other, detached=True)) == [1]


@pytest.mark.parametrize("hops", [1, 3])
def test_a_subgraph_grows_with_its_hops_and_has_both_ends(pins, hops):
    found = TerminalGraph(pins).enclosing(Link(0, int(pins.net[4])), hops)
    assert (found.label == 1).sum() >= 2
    whole = TerminalGraph(pins).enclosing(Link(0, int(pins.net[4])), 99)
    assert len(found.x) <= len(whole.x) <= len(pins.devices) + len(pins.nets) + len(pins.net)


def test_the_network_judges_each_subgraph_by_itself(pins):
    torch.manual_seed(0)
    network, graph = Seal().eval(), TerminalGraph(pins)
    some = [graph.enclosing(Link(0, net), 3) for net in range(4)]
    with torch.no_grad():
        together = network(Batch.from_data_list(some))
        alone = torch.cat([network(Batch.from_data_list([one])) for one in some])
    torch.testing.assert_close(together, alone)
    assert together.unique().numel() > 1
