"""Searches for fronts of two objectives whose front is known: `bowl` and `sum` of three sizes."""

import numpy as np
import pytest
from scipy.stats import norm

from eda.netlist import parse_variable
from eda.problem import DesignSpace
from eda.sizing import NSGAII, Bayesian, QLogNEHVI, size
from eda.sizing.acquisition import promise_of_front, undominated_cells
from eda.sizing.optimizer import Outcome

SPECS = ("sum >= 0.9 V", "bowl <= 0.2 V", "minimize bowl", "maximize sum")


def _volume(result):
    """Between the front and (0.2, 0.9): bowl is to fall, sum to grow."""
    front = sorted((one.metrics["bowl"], one.metrics["sum"]) for one in result.pareto)
    ends = [*[bowl for bowl, _ in front[1:]], 0.2]
    return sum((end - bowl) * (total - 0.9) for (bowl, total), end in zip(front, ends, strict=True))


def _best_volume():
    # with each size at 0.3 + x the bowl is 3 x^2 and the sum 0.9 + 3 x: the area below 3 x up to 3 x^2 = 0.2
    end = np.sqrt(0.2 / 3)
    return 6 * end**3


@pytest.mark.parametrize(
    ("optimizer", "budget"),
    [(Bayesian(initial=8, members=1), 40), (QLogNEHVI(initial=8), 24)],
    ids=["bayesian", "nehvi"],
)
def test_most_of_the_front_is_found_and_more_than_by_nsga2(bowl, tmp_path, optimizer, budget):
    found = _volume(size(bowl(specs=SPECS), optimizer, budget=budget, run_dir=tmp_path, progress=False))
    genetic = _volume(size(bowl(specs=SPECS), NSGAII(population=10), budget=budget, run_dir=tmp_path, progress=False))
    assert found > 0.65 * _best_volume() > genetic
    assert found < _best_volume()


def test_nehvi_is_decided_by_its_seed_and_goes_on_from_what_it_was_told(bowl):
    space = bowl(specs=SPECS).space

    def told(seed):
        search = QLogNEHVI(seed=seed, initial=8, batch=1).start(space)
        points = QLogNEHVI(initial=8).start(space).ask()
        search.tell(Outcome(points, points[:, :1] - 0.5, np.column_stack((points[:, 0], -points[:, 1]))))
        return search

    one, again, other = (told(seed).ask() for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    search = told(0)
    np.testing.assert_array_equal(search.ask(), one)
    np.testing.assert_array_equal(search.ask(), one)


def test_the_volume_that_tests_compare_with_is_right():
    grid = np.linspace(0, np.sqrt(0.2 / 3), 10_001)
    assert np.trapezoid(3 * grid, 3 * grid**2) == pytest.approx(_best_volume(), rel=1e-6)


def test_the_promise_is_the_expected_growth_of_the_volume():
    costs = np.array([[0.0, 1.0], [0.5, 0.4], [1.0, 0.0]])
    cells = undominated_cells(costs)
    reference = np.array([1.1, 1.1])
    mean, deviation = np.array([0.3, 0.5]), np.array([0.2, 0.3])
    means, deviations = np.array([[0.4, *mean]]), np.array([[0.2, *deviation]])
    draws = mean + deviation * np.random.default_rng(0).standard_normal((200_000, 2))

    def volume(points):
        order = points[np.argsort(points[:, 0])]
        total, low = 0.0, reference[1]
        for x, y in order:
            if x < reference[0] and y < low:
                total += (reference[0] - x) * (low - y)
                low = y
        return total

    base = volume(costs)
    growth = np.mean([volume(np.vstack((costs, one))) - base for one in draws[:20_000]])
    expected = growth * norm.cdf(0.4 / 0.2)
    assert np.exp(promise_of_front(means, deviations, cells)[0]) == pytest.approx(expected, rel=0.03)


def test_what_is_far_behind_the_front_is_still_ordered():
    cells = undominated_cells(np.array([[0.0, 1.0], [1.0, 0.0]]))
    means = np.array([[1.0, 5.0, 5.0], [1.0, 6.0, 6.0], [1.0, 60.0, 60.0]])
    promise = promise_of_front(means, np.full((3, 3), 0.1), cells)
    assert np.all(np.isfinite(promise))
    assert promise[0] > promise[1] > promise[2]


def test_with_several_objectives_points_are_ordered_by_their_dominators():
    slacks = np.array([[1.0], [1.0], [1.0], [-0.5]])
    objectives = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [-9.0, -9.0]])
    scores = Outcome(np.zeros((4, 1)), slacks, objectives).scores()
    assert scores[0] == scores[1] == 0
    assert 0 < scores[2] < 1 < scores[3]


def test_nehvi_proposes_no_design_again_on_a_grid():
    space = DesignSpace(tuple(parse_variable(f"x{n} = 0..1 step 0.1") for n in (1, 2, 3)))
    search = QLogNEHVI().start(space)
    proposal = np.array([[0.31, 0.5, 0.5], [0.29, 0.5, 0.5]])
    known = Outcome(space.snap(proposal[:1]), np.array([[1.0]]), np.array([[0.0, 0.0]]))
    points = search._new(proposal, known, np.random.default_rng(0))
    assert len({point.tobytes() for point in (*points, *known.points)}) == 3
    assert np.linalg.norm(points - proposal, axis=1).max() < 0.2
