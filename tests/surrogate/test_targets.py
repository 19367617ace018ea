import numpy as np
import pytest
import torch

from eda.surrogate import Samples
from eda.surrogate.quantities import GUARDS, Quantity
from eda.surrogate.targets import Targets, error_of

GAIN, POWER = Quantity("gain", "dB", -1000.0, 1000.0), Quantity("power", "W", 1e-9, 1.0, logarithmic=True)
MARGINS = Quantity(GUARDS, "1", -1.0, 1.0)


@pytest.fixture
def samples():
    generator = np.random.default_rng(0)
    gain, power = generator.normal(60, 5, 400), 10 ** generator.normal(-4, 0.5, 400)
    margins = generator.uniform(-1, 1, 400)
    gain[margins < 0] -= 500
    power[:3] = np.nan
    return Samples(generator.random((400, 2)), {"gain": gain, "power": power}, margins)


def test_metrics_are_scaled_by_circuits_that_work(samples):
    found = Targets.of(samples, [GAIN, POWER], MARGINS, 0)
    assert found.held == 40
    assert found.scaled.shape == (400, 3)
    working = found.scaled[40:][found.guarded[40:]]
    torch.testing.assert_close(torch.nanmean(working[:, :2], 0), torch.zeros(2), atol=1e-4, rtol=0.0)
    assert found.mean[0] == pytest.approx(60, abs=1)
    assert found.mean[1] == pytest.approx(-4, abs=0.1)
    assert found.scaled[~found.guarded][:, 0].max() == -5.0
    # margins by all of them
    assert abs(float(found.scaled[40:, 2].mean())) < 1e-4
    assert found.scaled.isnan().sum() == 3


def test_a_design_counts_less_the_further_it_is_from_working(samples):
    found = Targets.of(samples, [GAIN, POWER], MARGINS, 0)
    margins = found.scaled[:, 2] * found.deviation[2] + found.mean[2]
    assert (found.counts[found.guarded] == 1).all()
    assert (found.counts[:, 2] == 1).all()
    broken = ~found.guarded
    torch.testing.assert_close(found.counts[broken][:, 0], torch.exp(margins[broken]), atol=1e-4, rtol=1e-4)
    assert Targets.of(samples, [GAIN], None, 0).scaled.shape == (400, 1)


def test_what_is_held_out_is_not_drawn(samples):
    found = Targets.of(samples, [GAIN], None, 3)
    inputs, wanted, counts = found.batch((5, 2000), torch.Generator().manual_seed(0))
    assert (inputs.shape, wanted.shape, counts.shape) == ((5, 2000, 2), (5, 2000, 1), (5, 2000, 1))
    drawn = {tuple(point) for point in inputs.flatten(0, 1).tolist()}
    assert drawn == {tuple(point) for point in found.inputs[40:].tolist()}


def test_intervals_go_by_designs_that_work(samples):
    found = Targets.of(samples, [GAIN], None, 0)
    assert found.guarded[found.judged].all()
    assert len(found.judged) == found.guarded[:40].sum()
    few = Targets.of(Samples(samples.points, samples.values, np.where(np.arange(400) < 20, 1.0, -1.0)), [GAIN], None, 0)
    assert len(few.judged) == 40
    errors = torch.arange(100.0)[:, None]
    assert 90 <= (errors <= found.widths(errors)).sum() <= 91


def test_what_is_unknown_or_does_not_count_teaches_nothing():
    found = torch.zeros(4, 2, requires_grad=True)
    targets = torch.tensor([[1.0, torch.nan], [2.0, 1.0], [3.0, torch.nan], [-4.0, 1.0]])
    counts = torch.tensor([[1.0, 1.0], [0.0, 1.0], [0.5, 1.0], [1.0, 1.0]])
    error_of(found, targets, counts).backward()
    signs = found.grad * 6
    torch.testing.assert_close(signs, torch.tensor([[-1.0, 0.0], [0.0, -1.0], [-0.5, 0.0], [1.0, -1.0]]))
