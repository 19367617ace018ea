import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from eda.sizing import Outcome, slack_learner
from eda.sizing.slack_learner import SlackLearner


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def _known(count, **measured):
    generator = np.random.default_rng(0)
    points = generator.random((count, 3))
    slack = points[:, :1] - 0.5
    return Outcome(points, slack, points.sum(axis=1, keepdims=True), measured)


def test_slacks_are_modelled_and_the_cost_once_something_is_feasible():
    learner, known = SlackLearner(2), _known(20)
    learner.learn(known, np.random.default_rng(0))
    means, _ = learner.conditioned(known).predict(known.points)
    np.testing.assert_allclose(means, np.column_stack((known.slacks, known.objectives)), atol=0.05)
    nothing = Outcome(known.points, known.slacks - 2, known.objectives)
    learner.learn(nothing, np.random.default_rng(0))
    assert learner.conditioned(nothing).predict(known.points)[0].shape == (20, 1)


def test_undefined_costs_count_as_the_worst():
    known = _known(20)
    known.objectives[3] = np.inf
    learner = SlackLearner(1)
    learner.learn(known, np.random.default_rng(0))
    means, _ = learner.conditioned(known).predict(known.points[3:4])
    assert means[0, 1] == pytest.approx(known.costs[np.isfinite(known.costs)].max(), abs=0.3)


def test_companions_are_what_tells_something_new():
    generator = np.random.default_rng(1)
    news, known = generator.random(30), _known(30)
    known = _known(
        30,
        slack_again=np.exp(5 * known.points[:, 0]),
        news=news,
        news_again=3 * news - 1,
        constant=np.ones(30),
        rare=np.where(np.arange(30) < 20, np.nan, news),
        gaps=np.where(np.arange(30) < 3, np.nan, known.points[:, 2]),
    )
    found = slack_learner._companions(known)
    assert list(found) == ["news", "gaps"]
    assert all(np.isfinite(column).all() for column in found.values())


def test_companions_that_differ_by_factors_are_taken_in_decades_and_outliers_are_moderated():
    decades = slack_learner._moderate(np.logspace(-9, -3, 31))
    np.testing.assert_allclose(np.diff(decades), 0.2)
    values = np.concatenate((np.linspace(-1, 1, 30), [1e6]))
    assert slack_learner._moderate(values).max() < 5


def test_the_best_and_the_latest_are_kept():
    known = _known(100)
    kept = slack_learner._kept(known, 20)
    assert len(kept.points) == 20
    best = known.points[np.argmin(known.scores())]
    for point in (best, known.points[-1]):
        assert np.any(np.all(kept.points == point, axis=1))
    assert slack_learner._kept(known, 100) is known


def test_parameters_are_learned_anew_only_when_there_is_news(monkeypatch):
    learner, calls = SlackLearner(1), []
    fit = slack_learner.FeatureProcess.fit
    monkeypatch.setattr(
        slack_learner.FeatureProcess, "fit", lambda *a, **k: (calls.append(k.get("iterations", 0)), fit(*a, **k))[1]
    )
    learner.learn(_known(20), np.random.default_rng(0))
    learner.learn(_known(21), np.random.default_rng(0))
    assert len(calls) == 1
    learner.learn(_known(23), np.random.default_rng(0))
    assert len(calls) == 3  # one goes on, one begins anew
