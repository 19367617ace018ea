import pytest
import torch

from eda.nn.training import Schedule, train


def test_a_network_learns_with_dropout_though_its_batches_used_it():
    """Batches may be drawn from the network itself, which is done without dropout."""
    network = torch.nn.Linear(2, 1)
    modes = []

    def batches(_):
        network.eval()
        return [torch.ones(1, 2)]

    def loss(batch):
        modes.append(network.training)
        return network(batch).square().sum()

    train(network, batches, loss, Schedule(2), seed=0)
    assert modes == [True, True]
    assert not network.training


@pytest.mark.parametrize("supported", [True, False])
def test_products_in_bfloat16_where_the_processor_has_them(supported, monkeypatch):
    """One without takes forty times as long for them as in single precision."""
    monkeypatch.setattr("eda.nn.training._multiplies_bfloat16", lambda: supported)
    network = torch.nn.Linear(2, 1)
    kinds = []

    def loss(batch):
        found = network(batch)
        kinds.append(found.dtype)
        return found.float().square().sum()

    train(network, lambda _: [torch.ones(1, 2)], loss, Schedule(1, half=True), seed=0)
    assert kinds == [torch.bfloat16 if supported else torch.float32]


def rising(losses):
    """A loss on what is held out, from a list, and how often it was asked for."""
    asked = []

    def held_out():
        asked.append(losses[len(asked)])
        return asked[-1]

    return held_out, asked


def trained(schedule, losses, state=None, rounds=None):
    """The weights of each round, and those at the end."""
    torch.manual_seed(0)
    network, seen = torch.nn.Linear(1, 1), []

    def after(number, _):
        seen.append(network.weight.item())
        if rounds is not None and number + 1 == rounds:
            raise KeyboardInterrupt

    held_out, asked = rising(losses)
    train(
        network, lambda _: [torch.ones(4, 1)], lambda batch: (network(batch) - 5).square().mean(), schedule,
        seed=0, held_out=held_out, state=state, after=after,
    )  # fmt: skip
    return seen, network.weight.item(), asked


def test_the_network_ends_as_it_was_when_it_did_best_on_what_is_held_out():
    seen, last, asked = trained(Schedule(6, rate=0.1), [3, 2, 1, 4, 5, 6])
    assert len(asked) == 6
    assert last == seen[2]


def test_training_ends_early_when_nothing_improves():
    seen, last, _ = trained(Schedule(50, rate=0.1, patience=3), [3, 1, *range(2, 50)])
    assert len(seen) == 5
    assert last == seen[1]


def test_a_stopped_training_still_knows_its_best_round(tmp_path):
    losses = [3, 1, *range(2, 50)]
    straight = trained(Schedule(50, rate=0.1, patience=3), losses)
    state = tmp_path / "a.state"
    with pytest.raises(KeyboardInterrupt):
        trained(Schedule(50, rate=0.1, patience=3), losses, state, rounds=3)
    resumed = trained(Schedule(50, rate=0.1, patience=3), losses[3:], state)
    assert len(resumed[0]) == 2
    assert resumed[1] == pytest.approx(straight[1])
