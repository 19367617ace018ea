from dataclasses import replace

import pytest

from eda.errors import InputError
from eda.graph.masters import masters_of
from eda.link_prediction import Candidate, complete, open_terminals
from eda.link_prediction.completion import joined
from eda.netlist import parse_netlist

from .conftest import OTA


class Oracle:
    """Ranks the nets as it is told: by terminal, the rest of the probability for a net of its own."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def rank(self, circuit, terminals, *, masters=None):
        self.asked.append(list(terminals))
        rows = []
        for terminal in terminals:
            known = [Candidate(net, p) for net, p in self.answers.get(terminal, {}).items()]
            rest = Candidate(None, 1 - sum(one.probability for one in known))
            rows.append(sorted([*known, rest], key=lambda one: -one.probability))
        return rows


def opened(*changes):
    text = OTA
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_netlist(text)


def test_open_terminals_are_alone_on_inner_nets(ota):
    assert open_terminals(ota) == []
    broken = opened(("m4 out x", "m4 out left"))
    assert open_terminals(broken) == [("m4", "gate")]
    deck = parse_netlist("* deck\nr1 a b 1k\nr2 b 0 1k\nm1 a b 0 well nmos\n.end\n")
    assert open_terminals(deck) == [], "a bulk is not asked for"


def test_an_open_terminal_is_joined_to_the_most_probable_net():
    broken = opened(("m4 out x", "m4 out left"))
    found = complete(broken, Oracle({("m4", "gate"): {"x": 0.7, "out": 0.2}}))
    assert [(one.terminal, one.net, one.probability) for one in found.joined] == [(("m4", "gate"), "x", 0.7)]
    assert found.circuit == parse_netlist(OTA)
    assert open_terminals(found.circuit) == []


def test_a_terminal_that_belongs_nowhere_is_left_alone():
    broken = opened(("m4 out x", "m4 out left"))
    found = complete(broken, Oracle({("m4", "gate"): {"x": 0.3}}))
    assert [(one.net, one.probability) for one in found.joined] == [(None, pytest.approx(0.7))]
    assert found.circuit == broken


def test_the_surest_is_joined_first_and_the_others_are_asked_again():
    broken = opened(("m4 out x", "m4 out left"), ("m1 x inp tail", "m1 x inp hanging"))
    oracle = Oracle({("m4", "gate"): {"x": 0.6}, ("m1", "source"): {"tail": 0.9}})
    found = complete(broken, oracle)
    assert [one.terminal for one in found.joined] == [("m1", "source"), ("m4", "gate")]
    assert oracle.asked == [[("m1", "source"), ("m4", "gate")], [("m4", "gate")]]


def test_two_open_ends_of_one_net_are_joined_with_each_other():
    broken = opened(("m5 tail bias", "m5 left bias"), ("m2 out inn tail", "m2 out inn vss"))
    assert open_terminals(broken) == [("m1", "source"), ("m5", "drain")]
    found = complete(broken, Oracle({("m5", "drain"): {"tail": 0.8}, ("m1", "source"): {"left": 0.3}}))
    assert [(one.terminal, one.net) for one in found.joined] == [(("m5", "drain"), "tail")]


def test_what_the_rule_check_forbids_is_not_taken():
    broken = parse_netlist("* two sources\nv1 a 0 1\nr1 a 0 1k\nv2 left 0 2\nr2 b 0 1k\nr3 b a 1k\n.end\n")
    found = complete(broken, Oracle({("v2", "plus"): {"a": 0.7, "b": 0.2}}))
    (one,) = found.joined
    assert one.net == "b"
    assert list(one.vetoes) == ["a"]
    assert "v" in str(one.vetoes["a"])
    assert [candidate.net for candidate in one.candidates] == ["a", "b", None]


def test_terminals_that_are_named_are_asked_though_they_are_joined(ota):
    found = complete(ota, Oracle({("m4", "gate"): {"out": 0.9}}), terminals=["M4.g"])
    assert [one.net for one in found.joined] == ["out"]
    assert found.circuit.top.devices[3].nodes == ("out", "out", "vdd", "vdd")
    assert ota.top.devices[3].nodes[1] == "x", "circuits do not change"


@pytest.mark.parametrize(
    ("terminal", "message"),
    [
        ("m9.g", "no device 'm9'"),
        ("m4.k", "no terminal 'k'"),
        ("c1.x", "minus"),
        ("m4", "such as M3.d"),
        (".g", "role"),
    ],
)
def test_terminals_that_are_not_there_are_refused(ota, terminal, message):
    with pytest.raises(InputError, match=message):
        complete(ota, Oracle({}), terminals=[terminal])


def test_calls_of_transistors_have_their_terminals():
    text = OTA.replace("m4 out x vdd vdd pmos", "xm4 out left vdd vdd sky130_fd_pr__pfet_01v8 l=1")
    circuit = parse_netlist(text)
    masters = masters_of(circuit)
    assert masters == {"sky130_fd_pr__pfet_01v8": "m"}
    assert open_terminals(circuit, masters=masters) == [("xm4", "gate")]
    moved = joined(circuit, ("xm4", "gate"), "x", masters)
    assert moved.top.devices[3].nodes == ("out", "x", "vdd", "vdd")


def test_only_devices_of_the_top_block_are_joined():
    circuit = parse_netlist("""* hierarchy
.subckt half a b
r1 a nowhere 1k
r2 a b 1k
.ends
.subckt whole in out
x1 in mid half
x2 mid out half
c1 mid open 1p
.ends
""")
    assert open_terminals(circuit) == [("c1", "minus")]
    done = complete(circuit, Oracle({("c1", "minus"): {"out": 0.9}}))
    assert done.circuit.top.devices[2].nodes == ("mid", "out")
    assert done.circuit.subcircuits[0] == circuit.subcircuits[0]


def test_a_deck_beside_blocks_is_completed_outside_of_them():
    circuit = parse_netlist(
        "* deck\n.subckt half a b\nr1 a b 1k\n.ends\nx1 in out half\nc1 out left 1p\nr9 in 0 1\n.end\n"
    )
    assert open_terminals(circuit) == [("c1", "minus")]
    done = complete(circuit, Oracle({("c1", "minus"): {"0": 0.9}}))
    assert done.circuit == replace(circuit, devices=(*circuit.devices[:1],
                                   replace(circuit.devices[1], nodes=("out", "0")), circuit.devices[2]))  # fmt: skip
