import math
import re

import pytest
import torch

from eda.graph import to_graph
from eda.graph.incidence import ROLES
from eda.link_prediction.blurring import Blurring
from eda.link_prediction.network import LinkNetwork
from eda.link_prediction.openings import NEW, Openings, without_bulks
from eda.link_prediction.training import batches, trained
from eda.netlist import parse_netlist
from eda.nn.pin_network import PinShape
from eda.nn.pins import Pins
from eda.nn.threads import one_thread

from .conftest import OTA


def test_probabilities_of_a_terminal_add_up_to_one(pins, untrained):
    lonely = pins.keeping((pins.role != ROLES.index("source")) | (pins.device > 1))  # the tail has one pin left
    openings = Openings.of(Pins.joined([pins, lonely]), torch.tensor([0, 3, len(pins.net) + len(lonely.net) - 5]))
    found, new = untrained.networks[0](openings)
    terminal, net = openings.pairs()
    total = torch.exp(new).index_add(0, terminal, torch.exp(found))
    torch.testing.assert_close(total, torch.ones(3))
    assert not openings.there[net].all()
    assert torch.exp(found[~openings.there[net]]).max() < 1e-12, "what is not there is no candidate"


def test_the_answer_cannot_be_read_off_the_circuit(pins, untrained):
    """A terminal that is opened scores the same wherever it was."""
    there = pins
    elsewhere = Pins(**{name: getattr(pins, name) for name in pins.__dataclass_fields__})
    moved = elsewhere.net.clone()
    gate = 10
    moved[gate] = (moved[gate] + 1) % len(pins.nets)
    elsewhere = Pins(pins.devices, pins.nets, pins.device, pins.role, moved, pins.circuit_of_device,
                     pins.circuit_of_net, 1)  # fmt: skip
    first = untrained.networks[0](Openings.of(there, torch.tensor([gate])))
    second = untrained.networks[0](Openings.of(elsewhere, torch.tensor([gate])))
    torch.testing.assert_close(first, second)


def test_names_and_the_order_of_lines_do_not_matter(untrained):
    lines = OTA.splitlines()
    turned = "\n".join([*lines[:2], *reversed(lines[2:-1]), lines[-1]])
    ranks = []
    for text in (OTA, re.sub(r"\bx\b", "inner", turned)):
        row = untrained.rank(parse_netlist(text), [("m4", "gate")])[0]
        ranks.append({(one.net or "").replace("inner", "x"): one.probability for one in row})
    assert ranks[0].keys() == ranks[1].keys()
    for net, probability in ranks[0].items():
        assert math.isclose(probability, ranks[1][net], rel_tol=1e-4)


def test_the_loss_is_the_surprise_at_the_answers(pins):
    torch.manual_seed(0)
    network = LinkNetwork(PinShape(16, 2))
    openings = Openings.of(pins, torch.arange(4))
    with torch.no_grad():
        found, new = network(openings)
    terminal, net = openings.pairs()
    each = [
        float(new[place]) if answer == NEW else float(found[(terminal == place) & (net == answer)])
        for place, answer in enumerate(openings.answer.tolist())
    ]
    with torch.no_grad():
        loss = float(network.loss(openings))
    assert math.isclose(loss, -sum(each) / 4, rel_tol=1e-5)


def test_a_network_learns_a_circuit(pins):
    losses = []
    shape = PinShape(24, 2)
    with one_thread():
        trained([pins], shape, rounds=100, seed=0, blurring=Blurring(any=0), after=lambda _, loss: losses.append(loss))
    assert sum(losses[-10:]) / 10 < 0.5 * losses[0]


def test_training_goes_on_where_it_was_stopped(pins, tmp_path):
    shape = PinShape(16, 2)
    other = without_bulks(Pins.of(to_graph(parse_netlist(OTA.replace("c1 out vss", "c1 out x")))))
    with one_thread():
        whole, _ = trained([pins, other], shape, rounds=3, seed=1)

    class Stopped(Exception):  # noqa: N818 - not an error
        pass

    def stop(number, _):
        if number == 0:
            raise Stopped

    state = tmp_path / "a.state"
    with pytest.raises(Stopped):
        trained([pins, other], shape, rounds=3, seed=1, state=state, after=stop)
    again, _ = trained([pins, other], shape, rounds=3, seed=1, state=state)
    for name, tensor in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor)


def test_batches_open_a_few_terminals_of_each_circuit(pins):
    found = list(batches([pins] * 300, 2, Blurring(), seed=0))
    assert len(found) > 1
    assert sum(one.pins.circuits for one in found) == 600
    for one in found:
        opened = torch.bincount(one.circuit, minlength=one.pins.circuits)
        assert opened.max() <= 8
        assert (one.answer >= NEW).float().mean() > 0.9
    first = next(batches([pins] * 3, 1, Blurring(), seed=5))
    torch.testing.assert_close(next(batches([pins] * 3, 1, Blurring(), seed=5)).answer, first.answer)
