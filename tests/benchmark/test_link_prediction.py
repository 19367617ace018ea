import random
from collections import Counter
from types import SimpleNamespace

import pytest
import torch

from eda.benchmark import link_case
from eda.benchmark.link_baseline import BoostedLinks
from eda.benchmark.link_case import _drawn, _gone, _terminals, _wrong, summarized
from eda.benchmark.link_data import Sample, divided, structure
from eda.benchmark.link_prediction import _networks, calibrated, measured
from eda.benchmark.link_published import seal_pairs
from eda.benchmark.link_scale import chain
from eda.datasets.entries import Entry
from eda.graph import canonical_hash, to_graph
from eda.link_prediction import LinkPredictor, open_terminals
from eda.link_prediction.blurring import Blurring
from eda.link_prediction.openings import NEW, without_bulks
from eda.link_prediction.training import batches
from eda.netlist import parse_netlist
from eda.nn.pins import Pins

OTA = """* five-transistor OTA
.subckt ota inp inn out bias vdd vss
m1 x inp tail vss nmos
m2 out inn tail vss nmos
m3 x x vdd vdd pmos
m4 out x vdd vdd pmos
m5 tail bias vss vss nmos
c1 out vss 1p
r1 out hanging 1k
.ends
"""


def sample(text, identity="a"):
    circuit = parse_netlist(text)
    return Sample(
        Entry(identity, circuit, None, None), canonical_hash(circuit), without_bulks(Pins.of(to_graph(circuit)))
    )


@pytest.fixture(scope="module")
def some():
    changes = [("c1 out vss", "c1 out x"), ("m5 tail bias vss vss nmos", "m5 tail x vss vss nmos"), ("r1 out", "r1 x")]
    return [sample(OTA)] + [sample(OTA.replace(*change), str(number)) for number, change in enumerate(changes)]


def told(openings):
    """A scorer that knows the answers."""
    terminal, net = openings.pairs()
    right = (net == openings.answer[terminal]).float()
    return torch.log(right + 1e-6), torch.log((openings.answer == NEW).float() + 1e-6)


def even(openings):
    """A scorer that knows nothing."""
    return torch.zeros(len(openings.pairs()[0])), torch.zeros(len(openings.device))


def test_who_knows_the_answers_is_right_throughout(some):
    found = measured(told, some, asked=99, seed=0)
    assert found["MRR"] == found["hits at 1"] == found["new nets told"] == 1
    # of 19 terminals those at ports that nothing else is on are no questions: 3, with vss, without bias, 3
    # the end of r1 is on a net of its own
    assert found["terminals"] == 15 + 14 + 16 + 15
    assert found["new nets"] == len(some)


def test_who_knows_nothing_is_in_the_middle(some):
    """Ties count half, so that equal scores are worth nothing."""
    found = measured(even, some[:1], asked=99, seed=0)
    candidates = 6 + 2 + 1 + 1  # ports, inner nets, the hanging one, and a new one
    assert found["MRR"] == pytest.approx(2 / (candidates + 1), abs=1e-4)
    assert found["hits at 1"] == found["new nets told"] == 0


def test_parts_have_no_topology_in_common(some):
    repeated = some * 5
    train, test = divided(repeated, "topology", 0, held_out=0.25)
    assert {one.topology for one in train}.isdisjoint(one.topology for one in test)
    assert len(train) == 15
    assert len(test) == 5


@pytest.mark.parametrize("wide", [True, False])
def test_the_baseline_learns_and_its_probabilities_add_up(some, wide):
    openings = list(batches([one.pins for one in some], 40, Blurring(any=0), seed=0))
    baseline = BoostedLinks(openings, wide=wide, seed=0)
    of_nets, of_new = baseline(openings[0])
    terminal, net = openings[0].pairs()
    total = torch.exp(of_new).index_add(0, terminal, torch.exp(of_nets))
    torch.testing.assert_close(total, torch.ones(len(total)))
    assert torch.isinf(of_nets[~openings[0].there[net]]).all()
    assert measured(baseline, some, asked=99, seed=0)["MRR"] > (0.75 if wide else 0.55)


def test_probabilities_that_are_too_sharp_are_flattened(some):
    openings = list(batches([one.pins for one in some], 10, Blurring(any=0), seed=0))
    baseline = BoostedLinks(openings, wide=False, seed=0)

    def sharp(openings):
        """The same order, logarithms twice as large."""
        of_nets, of_new = (2 * one for one in baseline(openings))
        terminal, _ = openings.pairs()
        total = torch.exp(of_new).index_add(0, terminal, torch.exp(of_nets)).log()
        return of_nets - total[terminal], of_new - total

    first, second = (calibrated(LinkPredictor([one], {}), some, seed=0) for one in (baseline, sharp))
    assert second == pytest.approx(min(3, 2 * first), rel=0.1)


def test_the_published_protocol_leaks(some):
    for detached, share in ((False, 1.0), (True, 0.5)):
        pairs = seal_pairs(some, 20, detached=detached, seed=0)
        assert sum(right for _, right, _ in pairs) == 10
        assert sum((right > 0) == off for _, right, off in pairs) / len(pairs) == share


def test_the_chain_is_whole_and_of_the_size_that_is_asked():
    circuit = chain(1000)
    assert len(circuit.devices) == 1000
    assert len({device.name for device in circuit.devices}) == 1000
    assert [device for device, _ in open_terminals(circuit)] == []
    nets = Counter(node for device in circuit.devices for node in device.nodes)
    assert nets["vdd"] == 3 * 2 * 125


class Told:
    """Ranks what it is told first, and suspects what it is told."""

    def __init__(self, net, suspect):
        self.net, self.suspect = net, suspect

    def rank(self, circuit, terminals, *, masters=None):
        nets = sorted({node for device in circuit.top.devices for node in device.nodes})
        return [[SimpleNamespace(net=net, probability=0.5 if net == self.net else 0.01) for net in
                 sorted(nets, key=lambda one: one != self.net)] for _ in terminals]  # fmt: skip

    def judge(self, circuit, *, masters=None):
        terminals = [(device, role) for device, role, _ in _terminals(circuit)]
        return [SimpleNamespace(terminal=one) for one in sorted(terminals, key=lambda one: one != self.suspect)]


def test_a_connection_that_is_gone_is_found_and_ranked():
    circuit = parse_netlist(OTA.replace("r1 out hanging 1k\n", ""))
    assert _gone(Told("x", None), circuit, ("m4", "gate"), "x") == {"rank": 1, "found": True, "joined right": True}
    wrong = _gone(Told("bias", None), circuit, ("m4", "gate"), "x")
    assert wrong["rank"] > 1
    assert not wrong["joined right"]


def test_a_wrong_connection_has_its_place_among_the_suspects():
    circuit = parse_netlist(OTA.replace("r1 out hanging 1k\n", ""))
    assert _wrong(Told(None, ("m4", "gate")), circuit, ("m4", "gate"), "tail")["suspicion"] == 1
    assert _wrong(Told(None, ("m1", "drain")), circuit, ("m4", "gate"), "tail")["suspicion"] > 1


def test_connections_are_drawn_that_can_be_missed():
    circuit = parse_netlist(OTA)
    for seed in range(30):
        device, role, net, other = _drawn(circuit, random.Random(seed))
        assert (device, role) not in {("m1", "gate"), ("r1", "minus")}
        assert role != "bulk"
        assert net != other
        assert net in next(one.nodes for one in circuit.top.devices if one.name == device)


def test_cases_are_summed_up_by_group():
    case = {"found": True, "rank": 2, "joined right": False, "suspicion": 5, "terminals": 20}
    rows = summarized([{"group": "a", **case}, {"group": "b", **case, "rank": 1, "suspicion": 6, "joined right": True}])
    every = rows[0]
    assert every["group"] == "all"
    assert every["circuits"] == 2
    assert every["right net first"] == every["wrong connection in the first five"] == every["joined right"] == 0.5
    assert every["right net in the first three"] == 1
    assert [row["group"] for row in rows] == ["all", "a", "b"]


@pytest.mark.slow
@pytest.mark.dataset("align", "analoggym", "analoggenie", "image2net")
def test_the_users_case_has_200_circuits_that_were_not_learned_from():
    from pathlib import Path

    without = ["Oscillator", "Mixer", "PLL", "Comparator", "Filter", "VReg", "ADCDAC"]
    found = link_case.unseen_circuits(Path(__file__).parents[2] / "netlists", without, (), 0)
    groups = Counter(case.group for case in found)
    assert len(found) == 200
    assert groups["ALIGN"] == 60
    assert groups["netlists of this project"] == 40
    assert all(len(_terminals(case.circuit)) >= 8 for case in found)


def test_structures_are_the_same_whatever_sizes_ports_and_bulks(some):
    def of(text):
        return structure(without_bulks(Pins.of(to_graph(parse_netlist(text)))))

    same = OTA.replace("inp tail vss nmos", "inp tail tail nmos w=3u l=1u").replace("1p", "3p")
    same = same.replace("bias vdd vss\n", "bias vdd vss hanging\n").replace("m1 x", "m9 x")
    same = same.replace("c1 out vss", "c1 vss out")
    assert of(same) == of(OTA)
    assert len({structure(one.pins) for one in some}) == len(some)


def test_circuits_that_are_joined_as_one_learned_from_are_no_test(tmp_path, monkeypatch):
    (tmp_path / "ota.sp").write_text(OTA)
    (tmp_path / "other.sp").write_text(OTA.replace("c1 out vss", "c1 out x"))
    monkeypatch.setattr(link_case.analoggym, "files", list)
    monkeypatch.setattr(link_case.align, "files", list)
    monkeypatch.setattr(link_case, "SOURCES", {})
    assert {one.name for one in link_case.unseen_circuits(tmp_path, (), (), 0)} == {"ota", "other"}
    seen = {structure(sample(OTA).pins)}
    assert {one.name for one in link_case.unseen_circuits(tmp_path, (), seen, 0)} == {"other"}


def test_three_networks_answer_together_and_the_first_is_the_one_alone(some, tmp_path):
    unit = {"learned from": "a", "split": "topology", "seed": 2, "shape": {"width": 8, "layers": 1}, "amount": 1}
    one, short = _networks(unit, some, 1, Blurring(any=0), tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.state")}
    three, long = _networks(unit, some, 3, Blurring(any=0), tmp_path)
    assert [path.stat().st_mtime_ns for path in kept] == list(kept.values())
    assert sorted(path.name.split(" ")[4] for path in tmp_path.glob("*.state")) == ["102", "2", "202"]
    openings = next(iter(batches([one.pins for one in some], 1, Blurring(any=0), seed=0)))
    assert len(three.__self__.networks) == 3
    assert not torch.allclose(one(openings)[0], three(openings)[0])
    alone = LinkPredictor(three.__self__.networks[:1], {}).probabilities(openings)
    torch.testing.assert_close(one(openings)[0], alone[0])
    assert 0 < short < long  # seconds
