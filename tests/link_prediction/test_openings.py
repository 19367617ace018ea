import torch

from eda.graph.incidence import ROLES
from eda.link_prediction.openings import NEW, UNKNOWN, Openings, alike, questions
from eda.nn.pins import Pins


def place(pins, device, role):
    return int(torch.nonzero((pins.device == device) & (pins.role == ROLES.index(role)))[0])


def test_bulks_are_left_out(pins):
    assert ROLES.index("bulk") not in pins.role
    assert len(pins.net) == 5 * 3 + 2


def test_the_opened_terminal_is_off_its_net_and_the_net_is_the_answer(pins):
    gate = place(pins, 3, "gate")
    openings = Openings.of(pins, torch.tensor([gate]))
    assert openings.answer.tolist() == [int(pins.net[gate])]
    before, after = pins.counts()[pins.net[gate]].sum(), openings.pins.counts()[pins.net[gate]].sum()
    assert after == before - 1
    assert openings.there[openings.answer[0]]


def test_a_terminal_alone_on_an_inner_net_was_on_a_new_one(pins):
    lonely = pins.keeping((pins.role != ROLES.index("source")) | (pins.device > 1))  # the tail has one pin left
    drain = place(lonely, 4, "drain")
    openings = Openings.of(lonely, torch.tensor([drain]))
    assert openings.answer.tolist() == [NEW]
    assert not openings.there[lonely.net[drain]]


def test_a_port_stays_a_candidate_without_any_pin(pins):
    gate = place(pins, 0, "gate")
    openings = Openings.of(pins, torch.tensor([gate]))
    assert openings.answer.tolist() == [int(pins.net[gate])]
    assert openings.there[pins.net[gate]]


def test_two_terminals_that_leave_a_net_together_have_no_answer(pins):
    sources = pins.keeping((pins.device != 4) | (pins.role != ROLES.index("drain")))  # the tail has two pins left
    opened = torch.tensor([place(sources, 0, "source"), place(sources, 1, "source")])
    assert Openings.of(sources, opened).answer.tolist() == [UNKNOWN, UNKNOWN]


def test_pairs_are_of_each_terminal_and_the_nets_of_its_circuit(pins):
    both = Pins.joined([pins, pins])
    opened = torch.tensor([0, 1, len(pins.net) + 2])
    openings = Openings.of(both, opened)
    terminal, net = openings.pairs()
    count = len(pins.nets)
    assert openings.circuit.tolist() == [0, 0, 1]
    assert terminal.tolist() == [0] * count + [1] * count + [2] * count
    assert net.tolist() == [*range(count), *range(count), *range(count, 2 * count)]


def test_both_ends_of_a_capacitor_are_alike_and_those_of_a_transistor_are_not(pins):
    roles = alike(pins.devices[pins.device], pins.role)
    assert roles[pins.device == 5].unique().numel() == 1
    assert roles[pins.device == 0].unique().numel() == 3


def test_questions_leave_out_small_nets(pins):
    assert len(questions(pins)) == len(pins.net)
    inputs = {place(pins, 0, "gate"), place(pins, 1, "gate"), place(pins, 4, "gate")}
    assert inputs.isdisjoint(questions(pins, least=2).tolist())
