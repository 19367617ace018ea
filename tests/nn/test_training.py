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


def deep():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Linear(4, 4), torch.nn.Linear(4, 1))


def fitted(network, rounds, state=None, **schedule):
    torch.manual_seed(1)
    inputs = torch.rand(16, 2)
    train(
        network, lambda _: [inputs] * 3, lambda x: (network(x)[:, 0] - x.prod(dim=1)).square().mean(),
        Schedule(rounds, rate=0.01, **schedule), seed=0, hidden=[network[1].weight], state=state,
        after=lambda number, _: (_ for _ in ()).throw(KeyboardInterrupt) if state and number == 1 else None,
    )  # fmt: skip
    return network


def test_muon_steps_the_hidden_matrices_and_no_others():
    begin, without, barely, well = deep(), fitted(deep(), 1), fitted(deep(), 1, muon=1e-12), fitted(deep(), 1, muon=0.1)
    torch.testing.assert_close(barely[1].weight, begin[1].weight, atol=1e-8, rtol=0.0)
    assert (without[1].weight - begin[1].weight).abs().max() > 1e-3
    assert (well[1].weight - begin[1].weight).abs().max() > 1e-3
    for place in (0, 2):
        assert (barely[place].weight - begin[place].weight).abs().max() > 1e-3


def test_a_stopped_training_with_muon_goes_on_as_if_it_had_not_been(tmp_path):
    straight, stopped = fitted(deep(), 4, muon=0.1), deep()
    spent = 1000.0
    state = tmp_path / "a.state"
    with pytest.raises(KeyboardInterrupt):
        fitted(stopped, 4, state, muon=0.1)
    kept = torch.load(state, weights_only=True)
    assert 0 < kept["seconds"] < spent
    torch.save({**kept, "seconds": spent}, tmp_path / "b.state")
    resumed = deep()
    torch.manual_seed(1)
    inputs = torch.rand(16, 2)
    seconds = train(
        resumed, lambda _: [inputs] * 3, lambda x: (resumed(x)[:, 0] - x.prod(dim=1)).square().mean(),
        Schedule(4, rate=0.01, muon=0.1), seed=0, hidden=[resumed[1].weight], state=tmp_path / "b.state",
    )  # fmt: skip
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)
    assert spent < seconds < 2 * spent
