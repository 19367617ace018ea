import pytest

from eda.benchmark.trials import median_needed, quartiles_needed, reached_by, search, shortfall
from eda.problem import Evaluation
from eda.simulation import Status
from eda.sizing import RandomSearch, Sobol


def test_a_search_counts_simulations_to_the_first_feasible_design(bowl):
    problem = bowl()
    trial = search(problem, Sobol(seed=3), 40)
    assert trial.simulations == 40
    evaluations = problem.evaluate(
        [problem.space.decode(point) for point in _points(Sobol(seed=3).start(problem.space), 40)]
    )
    feasible = [one.meets(problem.specs) for one in evaluations]
    assert trial.first == feasible.index(True) + 1
    best = min((one for one in evaluations if one.meets(problem.specs)), key=lambda one: one.cost(problem.specs))
    assert trial.cost == best.cost(problem.specs)
    assert trial.asking > 0
    assert trial.simulating > 0


def _points(search, count):
    points = []
    while len(points) < count:
        asked = search.ask()
        points += list(asked)
        from eda.sizing import Outcome

        search.tell(Outcome(asked, asked, asked[:, :1]))
    return points[:count]


def test_a_search_may_end_with_the_first_design_that_is_good_enough(bowl):
    problem = bowl()
    trial = search(problem, RandomSearch(seed=1, batch=1), 200, until=lambda one: one.meets(problem.specs))
    assert trial.simulations == trial.first == trial.reached
    hopeless = search(bowl(specs=("sum >= 9 V",)), RandomSearch(batch=7), 20, until=lambda _one: False)
    assert (hopeless.first, hopeless.cost, hopeless.simulations) == (None, None, 20)


def test_the_shortfall_is_that_of_autockt(bowl):
    specs = bowl(specs=("sum >= 1 V", "bowl <= 0.2 V")).specs
    evaluation = Evaluation({}, Status.OK, {"sum": 0.98, "bowl": 0.21})
    assert shortfall(evaluation, specs) == pytest.approx(0.02 / 1.98 + 0.01 / 0.41)
    assert shortfall(Evaluation({}, Status.OK, {"sum": 1.5, "bowl": 0.1}), specs) == 0
    assert shortfall(Evaluation({}, Status.OK, {"sum": 1.5}), specs) == 1
    nothing = bowl(specs=("bowl <= 0 V",)).specs
    assert shortfall(Evaluation({}, Status.OK, {"bowl": 0.0}), nothing) == 0


def test_success_is_told_at_each_budget():
    assert reached_by([5, 40, None, 300], (30, 100, 300)) == {"within 30": 0.25, "within 100": 0.5, "within 300": 0.75}


def test_searches_without_a_feasible_design_need_more_than_any():
    assert median_needed([30, None, 10]) == 30
    assert median_needed([30, None, None]) is None
    assert quartiles_needed([30, 20, None, 10]) == (10, 30)
    assert quartiles_needed([30, None, None, None]) == (30, None)
    assert quartiles_needed([7]) == (7, 7)
