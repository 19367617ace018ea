import numpy as np
import pytest
from scipy.spatial import cKDTree

from eda.errors import InputError
from eda.netlist import Variable
from eda.problem import DesignSpace
from eda.sizing.exploration import Exploration
from eda.sizing.optimizer import Outcome
from eda.sizing.sampling import sampled


def outcome(points, margins):
    return Outcome(points, np.column_stack([margins]), np.zeros((len(points), 1)))


@pytest.fixture
def problem(bowl):
    return bowl()


@pytest.fixture
def space(problem):
    return problem.space


def explored(space, works, rounds, seed=0):
    """The rounds of an exploration of designs that work where a function says so."""
    search = Exploration(seed).start(space)
    asked = []
    for _ in range(rounds):
        points = search.ask()
        asked.append(points)
        search.tell(outcome(points, works(points)))
    return asked


def corner(points):
    """Works in a thousandth of the cube."""
    return 0.1 - points.max(axis=1)


def test_the_first_designs_are_anywhere_and_most_others_around_those_that_work(space):
    first, *others = explored(space, corner, 8)
    assert (corner(first) >= 0).mean() < 0.01
    assert (corner(np.concatenate(others[3:])) >= 0).mean() > 0.15
    anywhere = np.concatenate([one[:32] for one in others])
    halves = (anywhere > 0.5).mean(axis=0)
    np.testing.assert_allclose(halves, 0.5, atol=0.02, err_msg="an eighth is drawn anywhere to the end")
    every = np.concatenate([first, *others])
    assert every.min() >= 0
    assert every.max() <= 1


def test_every_exploration_fills_the_region_that_works():
    space = DesignSpace(tuple(Variable(f"x{place}", 0.0, 1.0) for place in range(8)))

    def matched(points):
        """Works where four pairs of sizes are alike: in one of 60 designs."""
        return 0.2 - np.abs(points[:, 0::2] - points[:, 1::2]).max(axis=1)

    one, other = (np.concatenate(explored(space, matched, 5, seed)[1:]) for seed in (0, 1))
    one, other = one[matched(one) >= 0], other[matched(other) >= 0]
    within = np.median(cKDTree(one).query(one, k=2)[0][:, 1])
    between = np.median(cKDTree(one).query(other)[0])
    assert between < 1.5 * within, "designs of another run lie as near as those of the same one"


def test_where_nothing_works_it_goes_to_what_comes_nearest(space):
    first, *others = explored(space, lambda points: -points.sum(axis=1), 8)
    assert others[-1].sum(axis=1).mean() < 0.7 * first.sum(axis=1).mean()


def test_designs_depend_on_the_seed_alone(space):
    one, same, other = (explored(space, corner, 3, seed) for seed in (0, 0, 1))
    for first, second in zip(one, same, strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(one[2], other[2])


def test_asking_again_gives_the_same_designs(space):
    search = Exploration().start(space)
    for _ in range(2):
        points = search.ask()
        np.testing.assert_array_equal(points, search.ask())
        search.tell(outcome(points, corner(points)))


def test_simulations_are_stored_once(problem, tmp_path):
    first = sampled(problem, ["bowl", "sum"], simulations=40, seed=3, run_dir=tmp_path, progress=False)
    seen = len(problem.simulator.seen)
    again = sampled(problem, ["bowl", "sum"], simulations=40, seed=3, run_dir=tmp_path, progress=False)
    assert len(problem.simulator.seen) == seen
    np.testing.assert_array_equal(first.points, again.points)
    more = sampled(problem, ["bowl", "sum"], simulations=60, seed=3, run_dir=tmp_path, progress=False)
    np.testing.assert_array_equal(more.points[:40], first.points)
    assert len(problem.simulator.seen) - seen == 20


def test_samples_have_values_and_margins(problem, tmp_path):
    found = sampled(problem, ["sum"], simulations=64, run_dir=tmp_path, progress=False)
    assert found.values.keys() == {"sum"}
    failed = np.isnan(found.values["sum"])
    assert 0 < failed.sum() < 32, "designs with x1 above 0.9 fail"
    assert (found.margins[failed] == -1).all()
    assert (found.working == ~failed).all()


@pytest.mark.parametrize(("metrics", "message"), [(["bowel"], "Did you mean"), ([], "at least one metric")])
def test_metrics_that_are_not_there_are_refused(problem, tmp_path, metrics, message):
    with pytest.raises(InputError, match=message):
        sampled(problem, metrics, run_dir=tmp_path)
