import pytest
import torch

from eda.errors import InputError
from eda.nn.decoder import Cache, Decoder, DecoderShape
from eda.nn.training import Schedule, train

SHAPE = DecoderShape(words=11, width=32, layers=2, heads=2, context=90, dropout=0.0)


def small(seed=0):
    torch.manual_seed(seed)
    return Decoder(SHAPE).eval()


def test_a_cache_gives_what_reading_all_again_gives():
    network, words = small(), torch.randint(11, (3, 80), generator=torch.Generator().manual_seed(1))
    cache = Cache(SHAPE, 3)
    steps = [network(words[:, :5], cache), *(network(words[:, i : i + 1], cache) for i in range(5, 80))]
    torch.testing.assert_close(torch.cat(steps, dim=1), network(words), rtol=1e-4, atol=1e-5)


def test_some_texts_can_go_on_alone():
    network, words = small(), torch.randint(11, (4, 20), generator=torch.Generator().manual_seed(2))
    cache = Cache(SHAPE, 4)
    network(words[:, :10], cache)
    cache.keep(torch.tensor([2, 0]))
    found = network(words[[2, 0], 10:11], cache)[:, 0]
    torch.testing.assert_close(found, network(words[[2, 0], :11])[:, -1], rtol=1e-4, atol=1e-5)


def test_a_word_sees_none_that_follow():
    network = small()
    one = torch.tensor([[1, 2, 3, 4]])
    other = torch.tensor([[1, 2, 9, 9]])
    torch.testing.assert_close(network(one)[:, :2], network(other)[:, :2])


def counting(network, state=None, rounds=30, after=None):
    """Train to count modulo eleven."""
    words = torch.arange(40).view(4, 10) % 11

    def loss(batch):
        logits = network(batch[:, :-1])
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())

    train(network, lambda _: [words], loss, Schedule(rounds, rate=1e-2), seed=0, state=state, after=after)
    return float(loss(words).detach())


def test_it_learns_to_count():
    assert counting(small(), rounds=60) < 0.1


def test_training_repeats():
    assert counting(small(), rounds=5) == counting(small(), rounds=5)


def test_training_that_was_stopped_ends_where_it_would_have(tmp_path):
    class StoppedError(Exception):
        pass

    def stop(number, _):
        if number == 3:
            raise StoppedError

    path = tmp_path / "kept.state"
    with pytest.raises(StoppedError):
        counting(small(), path, rounds=8, after=stop)
    assert counting(small(seed=5), path, rounds=8) == pytest.approx(counting(small(), rounds=8), rel=1e-4)


def test_a_state_of_another_training_is_refused(tmp_path):
    path = tmp_path / "kept.state"
    counting(small(), path, rounds=1)
    with pytest.raises(InputError, match="was kept by another training"):
        counting(small(), path, rounds=2)
