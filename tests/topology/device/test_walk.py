import random
import re
from collections import Counter

import pytest

from eda.errors import InputError
from eda.graph import is_isomorphic
from eda.topology.device import CLASSES, VOCABULARY, Grammar, Part, Topology, broken_rules, read_walk, walk_of
from eda.topology.device.grammar import refusal
from eda.topology.device.ports import role_of
from eda.topology.device.vocabulary import DEVICES


def spelled(words):
    return " ".join(VOCABULARY.words[word] for word in words)


def test_a_walk_lists_each_device_whole(five):
    text = spelled(walk_of(five, "opamp", random.Random(0)))
    assert text.startswith("opamp 5 vss m_")
    assert text.endswith(" stop")
    visit = r"\d (?:vss|vdd|v\w+\d|net\d) m_[dgsb]+ [np]mos(?: m_[dgsb]+ (?:vss|vdd|v\w+\d|net\d))+"
    assert re.fullmatch(rf"opamp(?: {visit}){{5}} stop", text)
    assert re.findall(r" (\d) ", text) == ["5", "4", "3", "2", "1"]


def test_inner_nets_are_numbered_as_they_appear(five):
    for seed in range(20):
        nets = re.findall(r"net\d", spelled(walk_of(five, "opamp", random.Random(seed))))
        assert list(dict.fromkeys(nets)) == ["net1", "net2"]


def test_a_topology_has_many_walks_and_all_lead_back_to_it(five):
    walks = {spelled(walk_of(five, "opamp", random.Random(seed))) for seed in range(50)}
    assert len(walks) > 20
    for text in walks:
        back = read_walk([VOCABULARY.number[word] for word in text.split()])
        assert is_isomorphic(back.circuit(), five.circuit())


def test_every_circuit_of_the_data_is_read_back(corpus):
    rng = random.Random(1)
    for example in corpus[0][::7]:
        back = read_walk(walk_of(example.topology, example.kind, rng))
        assert is_isomorphic(back.circuit(), example.topology.circuit()), example.id


def test_a_part_of_a_circuit_has_no_end(five):
    words = walk_of(Topology(five.parts[:2]), "opamp", random.Random(0), more=3)
    assert [word for word in words if word <= DEVICES] == [5, 4]
    assert VOCABULARY.words[words[-1]] != "stop"
    assert Counter(part.kind for part in read_walk(words).parts) == {"nmos": 2}


def test_what_stands_behind_the_last_whole_device_is_ignored(five):
    words = walk_of(five, "opamp", random.Random(0))
    assert read_walk(words[:-3]).parts == read_walk(words).parts[:-1]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "must have a device"),
        ([Part("resistor", ("vss", "vss"))], "all terminals of a resistor are on the net 'vss'"),
        ([Part("resistor", ("vss", "vin11"))], "'vin11' is no word of the vocabulary"),
        ([Part("resistor", ("vss", "a")), Part("resistor", ("b", "c"))], "must be connected"),
        ([Part("resistor", ("vss", f"n{i}")) for i in range(65)], "may have 64 inner nets"),
        ([Part("resistor", ("vss", "vout1"))] * 81, "may have 80 devices, but here are 81"),
    ],
)
def test_what_cannot_be_walked_over(parts, message):
    with pytest.raises(InputError, match=message):
        walk_of(Topology(tuple(parts)), "opamp", random.Random(0))


def test_an_unknown_type():
    with pytest.raises(InputError, match="'amp' is no word"):
        walk_of(Topology((Part("resistor", ("vss", "a")),)), "amp", random.Random(0))


def test_the_grammar_takes_every_circuit_of_the_data(corpus):
    rng = random.Random(2)
    for example in corpus[0][::11]:
        grammar = Grammar(steered=False)
        for word in walk_of(example.topology, example.kind, rng):
            assert word in grammar.allowed(), example.id
            grammar.append(word)
        assert grammar.finished


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_grammar_lets_through_is_a_valid_circuit(seed):
    rng = random.Random(seed)
    grammar = Grammar(limit=rng.choice([60, 120, 400]))
    while not grammar.finished:
        allowed = grammar.allowed()
        assert allowed
        stop = VOCABULARY.number["stop"]
        grammar.append(stop if stop in allowed and rng.random() < 0.2 else rng.choice(allowed))
    topology = read_walk(grammar.words)
    assert not broken_rules(topology)
    assert refusal(topology, VOCABULARY.words[grammar.words[0]]) == ""


@pytest.mark.parametrize("count", [2, 3, 5, 9, 20])
def test_no_walk_has_more_devices_than_it_said(count):
    for seed in range(12):
        rng = random.Random(seed)
        grammar = Grammar().extend([VOCABULARY.number["opamp"], count])
        while not grammar.finished:
            grammar.append(rng.choice(grammar.allowed()))
        assert len(read_walk(grammar.words).parts) == count


def test_a_walk_of_one_device_begins_at_ground():
    grammar = Grammar().extend(VOCABULARY.number[word] for word in ["opamp", "1"])
    assert [VOCABULARY.words[word] for word in grammar.allowed()] == ["vss"]


def test_a_walk_may_begin_at_an_inner_net():
    """One over a part of a circuit without rails, which is to be completed."""
    words = ["opamp", "9", "net1", "q_e", "npn", "q_b", "vin1", "q_c", "net2", "8", "net2", "q_b", "npn", "q_c"]
    allowed = Grammar().extend(VOCABULARY.number[word] for word in words).allowed()
    assert {VOCABULARY.words[word] for word in allowed if word >= VOCABULARY.number["net1"]} == {"net1", "net3"}


def test_the_last_device_leads_to_the_output_and_to_ground():
    words = ["opamp", "2", "vdd", "m_sb", "pmos", "m_d", "net1", "m_g", "vin1", "1"]
    grammar = Grammar().extend(VOCABULARY.number[word] for word in words)
    assert {VOCABULARY.words[word] for word in grammar.allowed()} == {"net1"}
    grammar.append(VOCABULARY.number["net1"])
    assert VOCABULARY.number["m_ds"] not in grammar.allowed()  # the output would be left with a gate
    grammar.extend(VOCABULARY.number[word] for word in ["m_g", "nmos", "m_d"])
    assert {role_of(VOCABULARY.words[word]) for word in grammar.allowed()} == {"output"}
    grammar.extend(VOCABULARY.number[word] for word in ["vout1", "m_sb"])
    assert {VOCABULARY.words[word] for word in grammar.allowed()} == {"vss"}


def test_no_stop_while_a_net_floats():
    words = ["opamp", "1", "vss", "m_sb", "nmos", "m_d", "vout1", "m_g", "net1"]
    grammar = Grammar().extend(VOCABULARY.number[word] for word in words)
    assert VOCABULARY.number["stop"] not in grammar.allowed()
    assert list(grammar.lacking().values()) == ["no direct current reaches it"]
    rest = ["1", "net1", "r_t", "resistor", "r_t", "vin1"]
    grammar.extend(VOCABULARY.number[word] for word in rest)
    assert VOCABULARY.number["stop"] in grammar.allowed()


def test_no_stop_without_an_output_that_is_driven():
    words = ["opamp", "1", "vss", "m_sb", "nmos", "m_d", "vdd", "m_g", "vout1"]
    grammar = Grammar().extend(VOCABULARY.number[word] for word in words)
    assert not grammar.lacking()
    assert VOCABULARY.number["stop"] not in grammar.allowed()


def test_a_device_takes_each_terminal_once_and_no_net_twice():
    grammar = Grammar().extend(VOCABULARY.number[word] for word in ["opamp", "5", "vss", "m_sb", "nmos"])
    assert {VOCABULARY.words[w] for w in grammar.allowed()} == {"m_d", "m_dg"}
    grammar.append(VOCABULARY.number["m_d"])
    allowed = {VOCABULARY.words[w] for w in grammar.allowed()}
    assert "vss" not in allowed
    assert {"vdd", "net1"} <= allowed
    assert "net2" not in allowed


def test_a_walk_is_led_to_its_end_in_time():
    words = ["opamp", "3", "vss", "m_sb", "nmos", "m_d", "net1", "m_g"]
    grammar = Grammar().extend(VOCABULARY.number[word] for word in words)
    assert VOCABULARY.number["net2"] in grammar.allowed()  # two devices can mend two nets
    grammar.extend(VOCABULARY.number[word] for word in ["net2", "2"])
    assert {VOCABULARY.words[word] for word in grammar.allowed()} == {"net1", "net2"}
    grammar.append(VOCABULARY.number["net2"])
    assert VOCABULARY.number["m_g"] not in grammar.allowed()  # direct current must reach net2
    grammar.extend(VOCABULARY.number[word] for word in ["m_d", "nmos", "m_g"])
    allowed = {VOCABULARY.words[word] for word in grammar.allowed()}
    assert "net1" in allowed
    assert "net3" not in allowed
    free = Grammar(steered=False).extend(grammar.words)
    assert VOCABULARY.number["net3"] in free.allowed()


def test_every_type_may_begin():
    assert {VOCABULARY.words[word] for word in Grammar().allowed()} == set(CLASSES)


def test_a_finished_walk_takes_no_more():
    grammar = Grammar().extend(
        VOCABULARY.number[w] for w in ["opamp", "1", "vss", "m_sb", "nmos", "m_d", "vout1", "m_g", "vin1", "stop"]
    )
    assert grammar.allowed() == []
    with pytest.raises(ValueError, match="has stopped"):
        grammar.append(VOCABULARY.number["vss"])
