import pytest
import torch

from eda.errors import InputError
from eda.topology.behavioural import BehaviouralOpAmp, Block
from eda.topology.behavioural.encoding import decoded
from eda.topology.behavioural.generator import OpAmpGenerator, in_turn, proven, ranked, refined
from eda.topology.behavioural.labelled import LabelledOpAmps, random_opamps
from eda.topology.behavioural.novelty import sized_key, structure_key
from eda.topology.behavioural.predictor import Predictor
from eda.topology.behavioural.specification import bounds_of, performances
from eda.topology.behavioural.training import trained_autoencoder, trained_generator, trained_predictor
from eda.topology.behavioural.vae import CircuitVAE, VAEShape


class Oracle(Predictor):
    """Predicts by solving, with what is added to each gain."""

    def __init__(self, added=0.0):
        super().__init__(width=4, rounds=1)
        self.added = added

    def forward(self, rows):
        found = performances(decoded(rows))
        values = [
            (one.gain + self.added, one.unity_gain_frequency, one.phase_margin, 1.0 if one.stable else -1.0)
            for one in found
        ]
        return torch.tensor(values).nan_to_num(-1e9, -1e9, -1e9)


@pytest.fixture(scope="module")
def data():
    return LabelledOpAmps.of(random_opamps(400, seed=1))


@pytest.fixture
def small():
    torch.manual_seed(0)
    return OpAmpGenerator(CircuitVAE(VAEShape(8, 8, 1)), Predictor(), {"seed": 0})


def test_labels_are_those_of_the_solver(data):
    for row, values, stable, bins, figure in zip(
        data.opamps, data.values, data.stable, data.bins, performances(data.opamps), strict=True
    ):
        assert isinstance(row, BehaviouralOpAmp)
        assert bool(stable) == figure.stable
        assert tuple(bins.tolist()) == figure.bins
        if figure.defined:
            assert values.tolist() == pytest.approx(
                (figure.gain, figure.unity_gain_frequency, figure.phase_margin), rel=1e-6
            )
    assert not data.values.isinf().any()
    assert len(data[data.specified]) == int(data.specified.sum()) < len(data)


def test_random_op_amps_are_distinct_and_the_same_for_a_seed():
    assert len(set(random_opamps(300, seed=2))) == 300
    assert random_opamps(20, seed=2) == random_opamps(300, seed=2)[:20]


def test_figures_lie_between_the_bounds_of_their_bins(data):
    some = data[data.specified]
    low, high = bounds_of(some.bins)
    assert ((some.values >= low - 1e-3) & (some.values <= high * (1 + 1e-6) + 1e-3)).all()
    assert (low < high).all()


def test_one_structure_has_one_key():
    stage = Block(6, 1, 2, gm=3)
    one = BehaviouralOpAmp((Block(6, 0, 1, gm=5), stage), (Block(6, 0, 1, gm=7), Block(3, 0, 2, c=4)))
    same = BehaviouralOpAmp((Block(6, 0, 1, gm=7), stage), (Block(3, 0, 2, c=4), Block(6, 0, 1, gm=5)))
    other = BehaviouralOpAmp((Block(6, 0, 1, gm=7), stage), (Block(3, 1, 2, c=4), Block(6, 0, 1, gm=5)))
    sized = BehaviouralOpAmp((Block(6, 0, 1, gm=8), stage), same.branches)
    assert structure_key(one) == structure_key(same) != structure_key(other)
    assert sized_key(one) == sized_key(same) != sized_key(sized)
    assert structure_key(sized) == structure_key(same)


def test_inner_nodes_may_change_their_names():
    """The path over two inner nodes, and branches that make a second one over them in the other order."""
    stages = (Block(6, 0, 1, gm=1), Block(6, 1, 2, gm=2), Block(6, 2, 3, gm=3))
    back = Block(8, 1, 2, gm=5)  # from node 2 to node 1
    one = BehaviouralOpAmp(stages, (Block(6, 0, 2, gm=4), back, Block(6, 1, 3, gm=6)))
    turned = BehaviouralOpAmp(
        (Block(6, 0, 1, gm=4), Block(6, 1, 2, gm=5), Block(6, 2, 3, gm=6)),
        (Block(6, 0, 2, gm=1), Block(8, 1, 2, gm=2), Block(6, 1, 3, gm=3)),
    )
    assert sized_key(one) == sized_key(turned)
    figures = performances([one, turned])
    assert figures[0].gain == pytest.approx(figures[1].gain)
    assert figures[0].unity_gain_frequency == pytest.approx(figures[1].unity_gain_frequency)


def test_what_is_predicted_to_meet_a_specification_comes_first(data):
    some = data[data.specified]
    for number in range(5):
        first = ranked(Oracle(), some.rows, some.bins[number])[:1]
        assert performances(decoded(first))[0].bins == tuple(some.bins[number].tolist())


def test_stability_counts_where_it_is_asked_for(data):
    some = data[data.specified]
    for number in some.stable.nonzero()[:5, 0]:
        first = ranked(Oracle(), some.rows, some.bins[number], stable=True)[:1]
        (found,) = performances(decoded(first))
        assert found.stable
        assert found.bins == tuple(some.bins[number].tolist())


def test_answers_tell_what_they_cost(data):
    some = data[data.specified][:1]
    others = data[~(data.bins == some.bins).all(dim=1)][:20]
    (third,) = proven(lambda _: in_turn(torch.cat((others.rows[:2], some.rows))), some.bins, calls=20)
    assert (third.met, third.calls) == (True, 3)
    assert third.opamp == some.opamps[0]
    (never,) = proven(lambda _: in_turn(others.rows), some.bins, calls=12)
    assert (never.met, never.calls) == (False, 12)
    assert never.opamp == others.opamps[0]
    (once,) = proven(lambda _: in_turn(torch.cat((others.rows[:1], some.rows))), some.bins, calls=1)
    assert (once.met, once.calls) == (False, 1)
    assert proven(lambda _: in_turn(others.rows), some.bins[:0], calls=5) == []


def test_near_misses_are_changed_until_one_hits(data):
    """None of the draws is in the bins; the predictor is wrong by 80 dB, which what was solved tells."""
    generator = torch.Generator().manual_seed(0)
    some = data[data.specified & data.stable]
    met = 0
    for number in range(8):
        others = some[~(some.bins == some.bins[number]).all(dim=1)]
        (found,) = proven(
            lambda one, rows=others.rows: refined(Oracle(80.0), rows, one, generator, stable=True),
            some.bins[number : number + 1],
            calls=70,
            stable=True,
        )
        met += found.met
        assert found.calls > 10 or not found.met
    assert met >= 4  # 2 where what was solved tells nothing


def test_a_generator_answers(small, data):
    bins = data.bins[data.specified][:4]
    found = small.answers(bins, calls=12, candidates=40, seed=3)
    assert len(found) == 4
    assert all(1 <= one.calls <= 12 for one in found)
    assert [one.opamp for one in small.answers(bins, calls=12, candidates=40, seed=3)] == [one.opamp for one in found]
    assert all(one.performance.bins == tuple(b.tolist()) for one, b in zip(found, bins, strict=True) if one.met)


def test_weights_are_kept_and_read(small, tmp_path, data):
    small.save(tmp_path / "own.safetensors")
    back = OpAmpGenerator.load(tmp_path / "own.safetensors")
    assert back.card["seed"] == 0
    with torch.inference_mode():
        torch.testing.assert_close(back.predictor(data.rows), small.predictor(data.rows), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("change", [("format", 9), ("shape", {"latent": 9, "width": 8, "rounds": 1})])
def test_other_weights_are_refused(small, tmp_path, change):
    small.card[change[0]] = change[1]
    small.save(tmp_path / "own.safetensors")
    with pytest.raises(InputError, match=r"weights of a generator|hold the networks"):
        OpAmpGenerator.load(tmp_path / "own.safetensors")


def test_a_predictor_learns(data):
    before, after = (trained_predictor(data, seed=0, rounds=rounds) for rounds in (1, 25))
    known = ~data.values.isnan().any(dim=1)

    def error(network):
        with torch.inference_mode():
            return float((network(data.rows)[known, 0] - data.values[known, 0]).abs().mean())

    assert error(after) < 0.5 * error(before)
    assert (after.error < after.deviation).all()


def test_an_autoencoder_goes_on_where_it_was(data, tmp_path):
    whole = trained_autoencoder(data[:100], seed=0, rounds=2)
    state = tmp_path / "autoencoder.state"

    def stop(number, loss):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained_autoencoder(data[:100], seed=0, rounds=2, state=state, after=stop)
    resumed = trained_autoencoder(data[:100], seed=0, rounds=2, state=state)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_both_networks_are_trained(data, tmp_path):
    said = []
    found = trained_generator(
        data[:50],
        seed=0,
        rounds={"predictor": 1, "autoencoder": 1},
        folder=tmp_path,
        after=lambda *news: said.append(news[:2]),
    )
    assert said == [("predictor", 0), ("autoencoder", 0)]
    assert found.card["op-amps"] == 50
    assert len(found.draws(data.bins[0].clamp_min(0), 3, torch.Generator().manual_seed(0))) == 3


def test_the_weights_of_the_package_meet_a_specification():
    """80 to 180 dB, 2 to 3 GHz, 0 to 90 degrees: four random op-amps of a thousand do, and are stable."""
    bins = torch.tensor([[4, 2, 4]])
    (found,) = OpAmpGenerator.load().answers(bins, calls=30, stable=True)
    assert found.met
    assert found.performance.stable
    assert found.performance.bins == (4, 2, 4)
