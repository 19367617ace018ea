import numpy as np
import pytest

from eda.benchmark.regressors import REGRESSORS, gaussian

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize(("rows", "least"), [(20, 0.6), (100, 0.9), (1000, 0.97)])
def test_a_few_rows_are_learned_from(name, rows, least):
    inputs, asked = RNG.random((rows, 2)), RNG.random((400, 2))
    found = REGRESSORS[name](inputs, np.sin(2 * inputs[:, 0]), asked, 0)
    wanted = np.sin(2 * asked[:, 0])
    assert 1 - ((found - wanted) ** 2).mean() / wanted.var() > least


def test_a_process_says_how_far_it_is_off():
    inputs, asked = RNG.random((300, 2)), RNG.random((500, 2))
    found, half = gaussian(inputs, inputs[:, 0] + 0.1 * RNG.standard_normal(300), asked, 0)
    inside = np.abs(asked[:, 0] + 0.1 * RNG.standard_normal(500) - found) <= half
    assert 0.82 < inside.mean() < 0.97
