import itertools
import random
from dataclasses import replace
from functools import partial

import pytest
import torch

from eda.errors import InputError
from eda.nn.decoder import IGNORED, Decoder, DecoderShape
from eda.topology.device import VOCABULARY, Topology, broken_rules, read_walk, walk_of
from eda.topology.device.batches import batches, drawn
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.language import NETS, PINS, STOP, AnyWord
from eda.topology.device.sampling import texts
from eda.topology.device.vocabulary import DEVICES


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Decoder(DecoderShape(len(VOCABULARY), width=32, layers=1, heads=2, context=300)).eval()


def test_even_an_untrained_network_draws_nothing_but_valid_circuits(network):
    found = texts(network, [[VOCABULARY.number["mirror"]]] * 40, seed=0, limit=150)
    assert len(found) == 40
    assert all(VOCABULARY.words[words[-1]] == "stop" for words in found)
    assert not any(broken_rules(read_walk(words)) for words in found)


def test_the_same_seed_draws_the_same(network):
    first, second, third = (
        (texts(network, [[VOCABULARY.number["ldo"]]] * 10, seed=seed, limit=100)) for seed in (1, 1, 2)
    )
    assert first == second != third


def test_what_it_begins_with_is_part_of_what_is_drawn(network, five):
    beginning = walk_of(Topology(five.parts[:3]), "opamp", random.Random(0), more=4)
    for words in texts(network, [beginning] * 5, seed=0, limit=200):
        assert words[: len(beginning)] == beginning
        assert read_walk(words).parts[:3] == read_walk(beginning).parts


def test_what_completes_a_circuit_has_more_devices_than_it(network, five):
    given = Topology(five.parts[:3])
    drawn = list(itertools.islice(TopologyGenerator(network, {}).topologies("opamp", beginning=given), 16))
    assert all(one.parts[:3] == drawn[0].parts[:3] for one in drawn)
    assert min(len(one.parts) for one in drawn) > 3
    assert len({len(one.parts) for one in drawn}) > 5
    with pytest.raises(InputError, match="more devices than the 80 that it begins with, and 80 at most"):
        next(TopologyGenerator(network, {}).topologies("opamp", beginning=Topology(five.parts * 16)))


def test_a_walk_has_as_many_devices_as_it_says_at_its_beginning(network):
    drawn = TopologyGenerator(network, {}).topologies("opamp", devices=12)
    assert min(len(one.parts) for one in itertools.islice(drawn, 16)) == 12
    found = texts(network, [[VOCABULARY.number["opamp"], 9]] * 20, seed=0, limit=300)
    counts = [[word for word in words if 0 < word <= DEVICES] for words in found]
    assert counts == [list(range(9, 0, -1))] * 20


def test_without_rules_a_text_is_drawn_until_it_stops_or_is_too_long(network):
    free = replace(NETS, rules=partial(AnyWord, len(VOCABULARY)))
    found = texts(network, [[VOCABULARY.number["mirror"]]] * 60, seed=0, language=free, limit=90)
    stopped = [words for words in found if words[-1] == STOP]
    assert 0 < len(stopped) < 60
    assert all(STOP not in words[:-1] for words in found)
    assert all(len(words) == 90 for words in found if words[-1] != STOP)


def test_a_generator_of_another_language(tmp_path, five):
    torch.manual_seed(0)
    shape = DecoderShape(len(PINS.words), width=32, layers=1, heads=2, context=100)
    TopologyGenerator(Decoder(shape), {}, PINS).save(tmp_path / "pins.safetensors")
    generator = TopologyGenerator.load(tmp_path / "pins.safetensors")
    assert generator.language is PINS
    assert list(itertools.islice(generator.attempts("opamp"), 5)) == [None] * 5  # untrained, without a grammar
    with pytest.raises(InputError, match="can be completed"):
        next(generator.topologies("opamp", beginning=five))
    with pytest.raises(InputError, match="of 16 texts none is a circuit: the generator must be trained for longer"):
        next(generator.topologies("opamp"))


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_is_above_zero(network, temperature):
    with pytest.raises(InputError, match="the temperature must be above 0, but got"):
        next(TopologyGenerator(network, {}).topologies("opamp", temperature=temperature))


def test_rare_types_are_drawn_more_often_than_they_are_there(corpus):
    rng = random.Random(0)
    kinds = [VOCABULARY.words[walk[0]] for walk in drawn(corpus[0], 2000, rng)]
    assert 0.01 < kinds.count("voltage_regulator") / 2000 < 0.05  # 11 of 3,292 circuits


def test_batches_hold_every_walk_and_ignore_what_is_behind_its_end(corpus):
    rng = random.Random(0)
    given = drawn(corpus[0], 50, rng)
    found = []
    for words, targets in batches(given, 2000, rng):
        assert words.numel() <= 2000
        for row, target in zip(words, targets, strict=True):
            kept = target != IGNORED
            found.append([int(row[0]), *target[kept].tolist()])
            assert row[kept][1:].tolist() == target[kept][:-1].tolist()
    assert sorted(found) == sorted(given)
