import numpy as np
import pytest
from scipy.stats import norm

from eda.sizing.acquisition import promise_of_improvement, promise_of_repair

DRAWS = np.random.default_rng(0).standard_normal((20000, 2))


def test_repair_is_the_expected_decrease_of_the_violation():
    means, deviations = np.array([[-0.2, 0.1]]), np.array([[0.1, 0.05]])
    slacks = means + deviations * DRAWS
    expected = np.maximum(0.5 + np.minimum(slacks, 0).sum(axis=1), 0).mean()
    assert promise_of_repair(means, deviations, 0.5, DRAWS)[0] == pytest.approx(np.log(expected))


def test_repair_prefers_less_violation_and_is_finite_where_nothing_is_promised():
    means = np.array([[-0.1, 0.2], [-0.3, 0.2], [-9.0, -9.0]])
    promise = promise_of_repair(means, np.full((3, 2), 0.01), 0.5, DRAWS[:64])
    assert promise[0] > promise[1] > promise[2]
    assert np.all(np.isfinite(promise))


def test_improvement_is_expected_decrease_times_probability():
    mean, deviation, slack, spread = 1.0, 0.5, 0.2, 0.4
    z = (1.2 - mean) / deviation
    expected = deviation * (norm.pdf(z) + z * norm.cdf(z)) * norm.cdf(slack / spread)
    found = promise_of_improvement(np.array([[slack, mean]]), np.array([[spread, deviation]]), 1.2)
    assert found[0] == pytest.approx(np.log(expected))


def test_improvement_orders_designs_also_where_it_is_hopelessly_small():
    costs = np.linspace(0, 60, 400)
    found = promise_of_improvement(
        np.column_stack((np.full(400, 1.0), costs)), np.column_stack((np.full(400, 0.5), np.ones(400))), 0.0
    )
    assert np.all(np.isfinite(found))
    assert np.all(np.diff(found) < 0)
    # the tail joins the formula without a step
    step = np.diff(found) / np.diff(costs)
    assert np.all(np.abs(np.diff(step)) < 0.2)
