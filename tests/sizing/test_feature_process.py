import numpy as np
import pytest
from scipy.optimize import approx_fprime
from threadpoolctl import threadpool_limits

from eda.sizing import feature_process
from eda.sizing.feature_process import FeatureProcess, Mixture, Parameters


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture
def ridge():
    """A narrow ridge along a ratio of the first two of four coordinates, and the sum of the others."""
    generator = np.random.default_rng(0)
    points = generator.random((160, 4))
    values = np.column_stack((np.exp(-((points[:, 0] - points[:, 1]) ** 2) / 0.02), points[:, 2] + points[:, 3]))
    return points, values


def _start(seed=0, outputs=2, dimension=4):
    return Parameters.start(outputs, dimension, np.random.default_rng(seed))


def test_the_gradient_is_that_of_the_loss(ridge):
    points, values = ridge[0][:12] - 0.5, ridge[1][:12].T
    vector = _start().pack() + 0.1 * np.random.default_rng(1).standard_normal(len(_start().pack()))
    parameters = Parameters.unpack(vector, 2, 4)
    vector = parameters.pack()
    loss, gradient = feature_process._loss_and_gradient(vector, points, values)
    numeric = approx_fprime(vector, lambda v: feature_process._loss_and_gradient(v, points, values)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3, atol=1e-3)
    assert np.isfinite(loss)


def test_parameters_come_back_from_their_vector():
    one = _start(3)
    again = Parameters.unpack(one.pack(), 2, 4)
    for name in ("scales", "variances", "noises", "features"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))


def test_rows_of_other_outputs_keep_what_was_learned_of_them(ridge):
    learned = FeatureProcess.fit(*ridge, _start(), iterations=10).parameters
    rows = learned.rows([1, None, 0])
    np.testing.assert_array_equal(rows.scales[[0, 2]], learned.scales[[1, 0]])
    assert rows.variances[1] == 0
    np.testing.assert_array_equal(rows.features, learned.features)


def test_a_fit_passes_through_its_data_and_is_unsure_far_from_it(ridge):
    points, values = ridge
    fit = FeatureProcess.fit(points, values, _start(), iterations=50)
    means, deviations = fit.predict(points)
    np.testing.assert_allclose(means, values, atol=0.05)
    _, away = fit.predict(np.full((1, 4), 3.0))
    assert np.all(away > 3 * deviations.mean(axis=0))


def test_learned_features_follow_a_ratio_that_length_scales_cannot(ridge, monkeypatch):
    points, values = ridge
    generator = np.random.default_rng(5)
    asked = generator.random((500, 4))
    truth = np.exp(-((asked[:, 0] - asked[:, 1]) ** 2) / 0.02)
    learned = FeatureProcess.fit(points, values, _start(), iterations=100)
    monkeypatch.setattr(
        feature_process, "_MIXING", 1e-6
    )  # features held at the coordinates: only length scales are left
    still = Parameters(*(getattr(_start(), name) for name in ("scales", "variances", "noises")), np.eye(4))
    rigid = FeatureProcess.fit(points, values, still, iterations=100)
    errors = [np.sqrt(np.mean((fit.predict(asked)[0][:, 0] - truth) ** 2)) for fit in (learned, rigid)]
    assert errors[0] < 0.2 * errors[1]
    features = learned.parameters.weights(0)
    direction = features.T @ features  # the distance is longest along the ratio
    assert direction[0, 1] < -0.7 * np.sqrt(direction[0, 0] * direction[1, 1])


def test_only_the_first_outputs_are_predicted_when_no_more_are_asked_for(ridge):
    fit = FeatureProcess.fit(*ridge, _start(), predicted=1)
    means, deviations = fit.predict(ridge[0][:5])
    assert means.shape == deviations.shape == (5, 1)
    np.testing.assert_allclose(means[:, 0], FeatureProcess.fit(*ridge, _start()).predict(ridge[0][:5])[0][:, 0])


def test_a_mixture_is_unsure_where_its_members_disagree(ridge):
    members = tuple(FeatureProcess.fit(*ridge, _start(seed), iterations=20) for seed in range(2))
    asked = np.random.default_rng(1).random((20, 4))
    means, deviations = Mixture(members).predict(asked)
    singles = [member.predict(asked) for member in members]
    np.testing.assert_allclose(means, (singles[0][0] + singles[1][0]) / 2)
    spread = np.abs(singles[0][0] - singles[1][0]) / 2
    np.testing.assert_allclose(deviations**2, (singles[0][1] ** 2 + singles[1][1] ** 2) / 2 + spread**2)


def test_equal_points_do_not_break_a_fit():
    points = np.repeat(np.random.default_rng(0).random((3, 2)), 5, axis=0)
    values = np.repeat(np.arange(3.0), 5)[:, None]
    means, _ = FeatureProcess.fit(points, values, _start(outputs=1, dimension=2), iterations=20).predict(points)
    np.testing.assert_allclose(means, values, atol=0.1)


def test_a_constant_output_is_predicted_as_it_is(ridge):
    values = np.column_stack((ridge[1][:, 0], np.full(len(ridge[0]), 7.0)))
    means, _ = FeatureProcess.fit(ridge[0], values, _start(), iterations=5).predict(ridge[0][:4])
    np.testing.assert_allclose(means[:, 1], 7.0, atol=1e-4)
