import random

import pytest
import torch

from eda.nn.decoder import Decoder, DecoderShape
from eda.topology.device import VOCABULARY, Topology, broken_rules, read_walk, walk_of
from eda.topology.device.batches import IGNORED, batches, drawn
from eda.topology.device.sampling import walks


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Decoder(DecoderShape(len(VOCABULARY), width=32, layers=1, heads=2, context=300)).eval()


def test_even_an_untrained_network_draws_nothing_but_valid_circuits(network):
    found = list(walks(network, [VOCABULARY.number["mirror"]], 40, seed=0, limit=150))
    assert len(found) == 40
    assert all(VOCABULARY.words[words[-1]] == "stop" for words in found)
    assert not any(broken_rules(read_walk(words)) for words in found)


def test_the_same_seed_draws_the_same(network):
    first, second, third = (
        list(walks(network, [VOCABULARY.number["ldo"]], 10, seed=seed, limit=100)) for seed in (1, 1, 2)
    )
    assert first == second != third


def test_what_it_begins_with_is_part_of_what_is_drawn(network, five):
    beginning = walk_of(Topology(five.parts[:3]), "opamp", random.Random(0), whole=False)
    for words in walks(network, beginning, 5, seed=0, limit=200):
        assert words[: len(beginning)] == beginning
        assert read_walk(words).parts[:3] == read_walk(beginning).parts


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
