import math

import numpy as np
import pytest
import torch

from eda.errors import InputError
from eda.surrogate.quantities import Quantity, determination, quantities_of, unscaled


def test_values_are_told_apart_within_what_working_designs_reach(bowl):
    rng = np.random.default_rng(0)
    total, working = rng.uniform(0, 1, 100), np.arange(100) < 80
    total[80:] = 50
    (quantity,) = quantities_of(bowl(), {"sum": total}, working)
    low, high = total[:80].min(), total[:80].max()
    assert quantity.low == pytest.approx(low - 0.5 * (high - low))
    assert quantity.high == pytest.approx(high + 0.5 * (high - low))
    assert quantity.scaled(np.array([50.0, 0.5, np.nan])).tolist()[:2] == [quantity.high, 0.5]
    assert np.isnan(quantity.scaled(np.array([np.nan]))[0])


def test_logarithmic_ones_are_predicted_in_decades():
    quantity = Quantity("gbw", "Hz", 1e3, 1e9, logarithmic=True)
    values = np.array([1e2, 1e6, 1e12])
    np.testing.assert_allclose(quantity.scaled(values), [3, 6, 9])
    other = Quantity("dc_gain", "dB", -1000.0, 1000.0)
    found = unscaled([quantity, other], torch.tensor([[3.0, 60.0], [6.0, 900.0]], dtype=torch.float64))
    np.testing.assert_allclose(found, [[1e3, 60], [1e6, 900]])


def test_too_few_that_work_are_explained(bowl):
    working = np.arange(50) < 4
    with pytest.raises(InputError, match="4 of the simulated designs work and have a sum"):
        quantities_of(bowl(), {"sum": np.ones(50)}, working)


def test_determination_leaves_unknown_values_out():
    wanted = torch.tensor([1.0, 2.0, 3.0, math.nan])
    assert determination(wanted, torch.tensor([1.0, 2.0, 3.0, 9.0])) == 1
    assert determination(wanted, torch.tensor([2.0, 2.0, 2.0, 9.0])) == 0
    assert math.isnan(determination(torch.ones(3), torch.zeros(3)))
