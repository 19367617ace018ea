import random

import pytest
import torch

from eda.topology.behavioural import random_opamp
from eda.topology.behavioural.decoder import OpAmpDecoder
from eda.topology.behavioural.encoder import TwoLevelEncoder
from eda.topology.behavioural.encoding import ENDS, PLACES, decoded, encoded
from eda.topology.behavioural.nodal import between, outputs_into
from eda.topology.behavioural.opamp import BehaviouralOpAmp, Block
from eda.topology.behavioural.predictor import Predictor
from eda.topology.behavioural.specification import BINS, performances
from eda.topology.behavioural.vae import CircuitVAE, VAEShape


@pytest.fixture(scope="module")
def opamps():
    rng = random.Random(0)
    return [random_opamp(rng) for _ in range(300)]


@pytest.fixture
def seeded():
    torch.manual_seed(0)


def test_arrays_hold_the_whole_op_amp(opamps):
    rows = encoded(opamps)
    assert rows.shape == (300, PLACES, 5)
    back = decoded(rows)
    for given, found in zip(opamps, back, strict=True):
        assert given.stages == found.stages
        assert sorted(map(repr, given.branches)) == sorted(map(repr, found.branches))
    assert torch.equal(encoded(back), rows)


def test_the_order_of_branches_is_nothing(opamps):
    for opamp in opamps[:50]:
        turned = type(opamp)(opamp.stages, tuple(reversed(opamp.branches)))
        assert torch.equal(encoded([opamp]), encoded([turned]))


def test_no_op_amp_is_no_error():
    assert encoded([]).shape == (0, PLACES, 5)
    assert performances([]) == []


def test_an_empty_place_says_nothing_to_the_network(opamps, seeded):
    network = TwoLevelEncoder(16, 2).eval()
    rows = encoded(opamps)
    other = rows.clone()
    other[..., 1] = torch.where(rows[..., 0] == 0, 5, rows[..., 1])
    torch.testing.assert_close(network(rows), network(other))


def test_what_stands_between_nodes_is_summed():
    stages = (Block(6, 0, 1, 10), Block(11, 1, 2, 20, c=5), Block(6, 2, 3, 30))
    branches = (Block(4, 0, 2, r=4, c=7), Block(17, 1, 2, 8, r=5), Block(22, 0, 2, 9, r=5, c=1))
    rows = encoded([BehaviouralOpAmp(stages, branches)])
    sums = between(rows)[0]
    found = {ends: pytest.approx(sums[number].tolist()) for number, ends in enumerate(ENDS) if sums[number].any()}
    assert found == {
        (0, 1): [0, 0, 0, 0, 10, 0],
        (0, 2): [0, 0, 1 / 4 + 1 / 5, 8, 9, 0],
        (1, 2): [1 / 5, 5, 0, 0, -20, -8],
        (2, 3): [0, 0, 0, 0, 30, 0],
    }
    assert outputs_into(rows)[0].tolist() == [0, 2, 2, 1]


def test_op_amps_with_the_same_sums_are_one_to_the_network(seeded):
    stages = (Block(6, 0, 1, 10), Block(6, 1, 2, 20), Block(6, 2, 3, 30))
    apart = BehaviouralOpAmp(stages, (Block(2, 1, 3, r=4), Block(3, 1, 3, c=7)))
    at_once = BehaviouralOpAmp(stages, (Block(5, 1, 3, r=4, c=7),))
    rows = encoded([apart, at_once])
    network = Predictor(16, 2).eval()
    first, second = network(rows)
    torch.testing.assert_close(first, second)
    one, other = performances([apart, at_once])
    assert one.gain == pytest.approx(other.gain)
    assert one.phase_margin == pytest.approx(other.phase_margin)


def test_the_order_of_places_of_branches_is_nothing_to_the_network(opamps, seeded):
    network = TwoLevelEncoder(16, 2).eval()
    rows = encoded(opamps)
    torch.testing.assert_close(network(rows), network(rows[:, [0, 1, 2, 5, 3, 4]]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_whatever_is_drawn_is_an_op_amp(seeded, temperature):
    decoder = OpAmpDecoder(8, 16)
    rows = decoder.draw(3 * torch.randn(500, 8), temperature=temperature, generator=torch.Generator().manual_seed(1))
    found = decoded(rows)
    assert torch.equal(encoded(found), rows)
    assert len(performances(found)) == 500


@torch.no_grad()
def test_probabilities_of_all_steps_are_one(seeded):
    """Sum over the values of one block whose type has a capacitor alone."""
    decoder = OpAmpDecoder(4, 16)
    rows = torch.zeros(101, PLACES, 5, dtype=torch.long)
    rows[:, 0] = torch.tensor([5, ENDS.index((0, 1)), 1, 0, 0])
    rows[:, 1] = torch.tensor([5, ENDS.index((1, 3)), 1, 0, 0])
    base = rows.clone()
    rows[:, 0, 2] = torch.arange(1, 102)
    latent = torch.zeros(101, 4)
    of_value = decoder.log_likelihood(latent, rows) - decoder.log_likelihood(latent, base)
    first = decoder.log_likelihood(latent[:1], base[:1])
    assert float(first) < 0
    total = torch.exp(of_value).sum()  # in units of the probability of one step
    states = decoder.trunk(latent[:1])[:, None] + decoder.place
    states = states + decoder.chosen(base[:1, :, 0]) + decoder.between(base[:1, :, 1])
    mean, scale = decoder.values(states)[0, 0, 0], decoder.values(states)[0, 0, 3]
    edge = torch.sigmoid(((1.5 - 51) / 50 - mean) * torch.exp(-scale))  # of the first step and all below
    assert float(total * edge) == pytest.approx(1, rel=1e-3)


def test_an_autoencoder_learns_to_say_what_it_is_shown(opamps, seeded):
    network = CircuitVAE(VAEShape(latent=16, width=32, rounds=2))
    rows = encoded(opamps[:32])
    bins = torch.tensor([one.bins for one in performances(opamps[:32])])
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        loss = network.loss(rows, bins)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.75 * losses[0]
    assert float(network.loss(rows).detach()) < losses[0]


def test_bins_are_those_of_the_columns(opamps):
    for one in performances(opamps):
        if one.defined:
            assert all(0 <= number < count for number, count in zip(one.bins, BINS, strict=True))
        else:
            assert one.bins == (-1, -1, -1)


def test_an_amplifier_that_inverts_has_the_margin_of_its_mirror_image(opamps):
    def mirrored(opamp):
        first = opamp.stages[0]
        kind = {6: 7, 7: 6, 10: 11, 11: 10}[first.kind]
        stage = type(first)(kind, first.source, first.target, first.gm, first.r, first.c)
        return type(opamp)((stage, *opamp.stages[1:]))

    plain = [type(o)(o.stages) for o in opamps if all(s.kind in {6, 7} for s in o.stages)][:20]
    assert len(plain) > 5
    for one, other in zip(performances(plain), performances(list(map(mirrored, plain))), strict=True):
        assert one.gain == pytest.approx(other.gain)
        assert one.phase_margin == pytest.approx(other.phase_margin, abs=1e-6)
        assert one.fom == pytest.approx(other.fom)


def test_a_predictor_learns_properties(opamps, seeded):
    network = Predictor(32, 2)
    rows = encoded(opamps)
    found = performances(opamps)
    values = torch.tensor([[one.gain, one.unity_gain_frequency, one.phase_margin] for one in found])
    stable = torch.tensor([one.stable for one in found])
    network.scale_to(values)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(40):
        loss = network.loss(rows, values, stable)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
    assert network(rows).shape == (300, 4)
