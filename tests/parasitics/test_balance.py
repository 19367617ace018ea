import pytest
import torch

from eda.parasitics.balance import BINS, balanced_softmax, balanced_squares


def test_classes_that_are_equally_frequent_need_no_balance():
    logits, wanted = torch.randn(20, 3), torch.arange(20) % 3
    even = balanced_softmax(logits, wanted, torch.full((3,), 7.0))
    torch.testing.assert_close(even, torch.nn.functional.cross_entropy(logits, wanted))


def test_a_rare_class_is_learned_as_if_it_were_frequent():
    # nothing tells the classes apart: what is learned is what is expected of an unknown case
    logits = torch.zeros(2, requires_grad=True)
    wanted = torch.tensor([0] * 90 + [1] * 10)
    counts = torch.bincount(wanted).float()
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        balanced_softmax(logits.expand(100, 2), wanted, counts).backward()
        optimizer.step()
    assert torch.softmax(logits, 0)[1].item() == pytest.approx(0.5, abs=0.02)


def learned(balanced):
    """What is predicted where nothing is known, of targets of which nine in ten are small."""
    wanted = torch.tensor([0.205] * 90 + [0.805] * 10)
    counts = torch.histc(wanted, BINS, 0, 1)
    found = torch.tensor(0.4, requires_grad=True)
    optimizer = torch.optim.Adam([found], lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        if balanced:
            loss = balanced_squares(found.expand(100), wanted, counts, torch.tensor(0.05))
        else:
            loss = ((found - wanted) ** 2).mean()
        loss.backward()
        optimizer.step()
    return found.item()


def test_rare_values_weigh_as_much_as_frequent_ones():
    assert learned(balanced=False) == pytest.approx(0.265, abs=0.01)
    assert learned(balanced=True) == pytest.approx(0.505, abs=0.02)


def test_there_is_a_least_loss_however_far_a_prediction_goes():
    wanted = torch.zeros(100)
    counts = torch.histc(torch.cat((wanted, torch.rand(20))), BINS, 0, 1)
    near, far = (
        balanced_squares(torch.full((100,), at), wanted, counts, torch.tensor(1e-3)).item() for at in (0.005, -100.0)
    )
    assert far >= near - 0.01
