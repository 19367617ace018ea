import numpy as np
import pytest

from eda.netlist import parse_variable
from eda.problem import DesignSpace
from eda.sizing import Bayesian, Outcome

SPACE = DesignSpace((parse_variable("m1 = 1..99 log step 1"), parse_variable("m2 = 1..99 log step 1")))
SMALL = DesignSpace((parse_variable("m1 = 1..2 step 1"), parse_variable("m2 = 1..2 step 1")))


def _ratio(points):
    """Feasible where the second coordinate is the first plus 0.3, within 0.02; cheap where both are small."""
    slack = 0.02 - np.abs(points[:, 1] - points[:, 0] - 0.3)
    side = points[:, 1] - points[:, 0] - 0.3
    return Outcome(points, np.clip(slack, -0.1, 1)[:, None], points.sum(axis=1, keepdims=True), {"side": np.sign(side)})


def _search(settings, rounds, space=SPACE, known=None):
    search, asked = settings.start(space, known), []
    for _ in range(rounds):
        asked.append(search.ask())
        search.tell(_ratio(asked[-1]))
    return asked


def test_a_narrow_ratio_is_found_and_followed_to_where_it_is_cheap():
    points = np.concatenate(_search(Bayesian(seed=1), 24))
    outcome = _ratio(points)
    feasible = outcome.violations == 0
    assert np.argmax(feasible) < 20
    assert outcome.costs[feasible].min() < 0.45  # 0.3 where the first coordinate is 0, on a coarse grid


def test_designs_lie_on_the_grid_and_none_comes_twice():
    points = np.concatenate(_search(Bayesian(batch=3), 6))
    np.testing.assert_array_equal(points, SPACE.snap(points))
    assert len(np.unique(points, axis=0)) == len(points)


def test_a_grid_that_is_used_up_does_not_end_the_search():
    rounds = _search(Bayesian(initial=3, candidates=20), 4, SMALL)
    assert all(points.shape[1] == 2 for points in rounds)


@pytest.mark.parametrize(("given", "first"), [(0, 7), (3, 4), (50, 2)])
def test_known_designs_stand_for_as_many_of_the_first_round(given, first):
    points = SPACE.snap(np.random.default_rng(0).random((given, 2)))
    known = _ratio(points) if given else None
    assert len(Bayesian().start(SPACE, known).ask()) == first
