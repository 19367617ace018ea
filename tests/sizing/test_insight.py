"""A surrogate as the world model: INSIGHT-M, and other optimizers behind it."""

import numpy as np
import pytest

import eda
from eda.errors import InputError
from eda.problem.spec import parse_specs
from eda.sizing import OPTIMIZERS, DifferentialEvolution, Outcome, RandomSearch, size
from eda.sizing.insight import InsightM
from eda.sizing.sampling import sampled
from eda.sizing.screened import Screened
from eda.sizing.world_model import WorldModel
from eda.surrogate import Surrogate

SPECS = ("sum >= 1.5 V", "bowl <= 0.25 V")


@pytest.fixture(scope="module")
def surrogate(bowl, tmp_path_factory):
    problem = bowl()
    found = sampled(problem, ["sum", "bowl"], simulations=1200, run_dir=tmp_path_factory.mktemp("runs"), progress=False)
    return Surrogate.fit(problem, found, rounds=8)


@pytest.fixture(scope="module")
def hard(bowl):
    return bowl(specs=SPECS)


def test_the_world_model_speaks_of_slacks_as_evaluations_do(surrogate, bowl):
    problem = bowl(specs=(*SPECS, "minimize bowl"))
    world = WorldModel(surrogate, problem.specs)
    points = problem.space.snap(np.array([[0.5, 0.5, 0.6], [0.4, 0.6, 0.7]]))
    evaluations = problem.evaluate([problem.space.decode(point) for point in points])
    wanted = np.array([one.slacks(problem.specs) for one in evaluations])
    means, deviations = world.slacks(points)
    np.testing.assert_allclose(means[:, :2], wanted[:, :2], atol=0.05)
    assert (deviations > 0).all()
    costs, _ = world.costs(points)
    np.testing.assert_allclose(costs[:, 0], [one.cost(problem.specs) for one in evaluations], atol=0.05)


def test_simulations_put_the_world_right_near_them(surrogate, hard):
    world = WorldModel(surrogate, hard.specs)
    point = np.array([[0.5, 0.5, 0.5]])
    before, unsure = world.slacks(point)
    world.correct(Outcome(point, np.full((1, 3), -0.7), np.zeros((1, 1))))
    after, sure = world.slacks(point)
    np.testing.assert_allclose(after, -0.7, atol=0.05)
    assert (sure < unsure).all()
    far = np.array([[0.9, 0.1, 0.1]])
    np.testing.assert_allclose(world.slacks(far)[0], WorldModel(surrogate, hard.specs).slacks(far)[0], atol=1e-3)
    assert np.abs(before - after).max() > 0.1


def test_a_design_that_was_thought_far_from_failing_is_put_right(surrogate, bowl):
    world = WorldModel(surrogate, bowl(specs=("sum >= 0.05 V",)).specs)
    point = np.array([[0.5, 0.5, 0.5]])
    assert world.slacks(point)[0][0, 0] > 5
    world.correct(Outcome(point, np.array([[-1.0, 0.5]]), np.zeros((1, 1))))
    assert world.slacks(point)[0][0, 0] < 0
    world.correct(Outcome(point, np.array([[1.0, 0.5]]), np.zeros((1, 1))))
    assert world.slacks(point)[0][0, 0] > 5


def test_what_is_expected_of_designs_never_looks_feasible(surrogate, hard):
    world = WorldModel(surrogate, hard.specs)
    points = hard.space.snap(np.random.default_rng(0).random((500, 3)))
    found = world.outcome(points)
    assert (found.violations > 0).all()
    assert (world.slacks(points)[0].min(axis=1) >= 0).any(), "though some would be"


def test_specs_are_met_within_a_few_simulations(surrogate, hard, tmp_path):
    spent = []
    for seed in range(3):
        result = size(hard, InsightM(surrogate, hard.specs, seed=seed), budget=20, run_dir=tmp_path, progress=False)
        assert result.feasible
        spent.append(result.first_feasible)
    assert max(spent) <= 3
    assert 0 <= result.findings["probability"] <= 1


def test_an_objective_is_improved_after_that(surrogate, bowl, tmp_path):
    problem = bowl(specs=("sum >= 1.5 V", "minimize bowl"))
    result = size(problem, InsightM(surrogate, problem.specs), budget=15, run_dir=tmp_path, progress=False)
    assert result.feasible
    # with a sum of 1.5 the bowl is at least 3 (1.5/3 - 0.3)^2 = 0.12
    assert result.best.metrics["bowl"] < 0.14


def test_screening_spends_fewer_simulations(surrogate, hard, tmp_path):
    def spent(**more):
        found = size(hard, RandomSearch(seed=0), budget=300, run_dir=tmp_path, progress=False, **more)
        assert found.feasible
        return found

    plain, screened = spent(), spent(screen=surrogate)
    assert screened.first_feasible < plain.first_feasible / 3
    assert screened.findings["designs screened out"] > 10
    assert size(hard, RandomSearch(seed=0), budget=300, run_dir=tmp_path, progress=False, screen=surrogate).folder == (
        screened.folder
    ), "the same call is the same run"
    assert screened.folder != plain.folder


@pytest.mark.parametrize("name", ["bayesian", "cma", "de"])
def test_any_optimizer_can_be_screened(surrogate, hard, tmp_path, name):
    search = Screened(OPTIMIZERS[name](0), surrogate, hard.specs)
    assert search.end is OPTIMIZERS[name](0).end
    result = size(hard, search, budget=60, run_dir=tmp_path, progress=False)
    assert result.feasible
    assert result.first_feasible <= 20


@pytest.mark.parametrize("name", ["screened", "insight"])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(surrogate, bowl, calculator, tmp_path, name):
    def run(folder, simulator=None, budget=20):
        problem = bowl(simulator, specs=("sum >= 1.5 V", "minimize bowl"))
        optimizer = InsightM(surrogate, problem.specs) if name == "insight" else DifferentialEvolution(0, population=8)
        screen = surrogate if name == "screened" else None
        return size(problem, optimizer, budget=budget, run_dir=folder, progress=False, screen=screen)

    expected = run(tmp_path / "whole").evaluations
    for after in (3, 8):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "resumed", calculator(interrupt_after=after))
    assert run(tmp_path / "resumed").evaluations == expected
    assert run(tmp_path / "whole", budget=25).evaluations[:20] == expected


def test_designs_to_start_with_put_a_screen_right(surrogate, hard):
    point = np.array([[0.5, 0.5, 0.5]])
    known = Outcome(point, np.full((1, 3), -0.7), np.zeros((1, 1)))
    search = Screened(RandomSearch(seed=1), surrogate, hard.specs).start(hard.space, known)
    np.testing.assert_allclose(search.world.slacks(point)[0], -0.7, atol=0.05)
    assert search.known is known


def test_the_optimizer_is_told_of_its_own_designs_in_their_order(surrogate, hard):
    search = Screened(RandomSearch(seed=1), surrogate, hard.specs).start(hard.space)
    rounds, told = [], []
    inner = search.search
    ask, tell = inner.ask, inner.tell
    inner.ask = lambda: rounds.append(ask()) or rounds[-1]
    inner.tell = lambda outcome: told.append(outcome) or tell(outcome)
    points = search.ask()
    slacks = np.full((len(points), 3), 0.5)
    search.tell(Outcome(points, slacks, np.zeros((len(points), 1))))
    for asked, outcome in zip(rounds, told, strict=True):
        np.testing.assert_array_equal(asked, outcome.points)
    simulated = (told[-1].points[:, None] == points[None]).all(axis=2).any(axis=1)
    assert (told[-1].slacks[simulated] == 0.5).all()
    assert (told[-1].slacks[~simulated].min(axis=1) < 0).all()
    assert 0 < simulated.sum() < len(simulated)


def test_asking_twice_gives_the_same(surrogate, hard):
    for optimizer in (
        InsightM(surrogate, hard.specs),
        Screened(RandomSearch(seed=1), surrogate, hard.specs),
    ):
        search = optimizer.start(hard.space)
        for _ in range(2):
            points = search.ask()
            np.testing.assert_array_equal(points, search.ask())
            evaluations = hard.evaluate([hard.space.decode(point) for point in points])
            slacks = np.array([one.slacks(hard.specs) for one in evaluations])
            search.tell(Outcome(points, slacks, np.zeros((len(points), 1))))


def test_a_surrogate_of_another_problem_and_other_metrics_are_refused(surrogate, bowl, ota_problem, tmp_path):
    with pytest.raises(InputError, match="was trained for another problem"):
        size(ota_problem(), screen=surrogate, run_dir=tmp_path, progress=False)
    specs = parse_specs(["gbw >= 1 MHz"], ota_problem().testbench.metrics)
    with pytest.raises(InputError, match="the model predicts sum, bowl, but the spec 'gbw >= 1 MHz'"):
        InsightM(surrogate, specs)
    objective = parse_specs(["minimize power"], ota_problem().testbench.metrics)
    with pytest.raises(InputError, match="train it with --metric power"):
        InsightM(surrogate, (*bowl(specs=SPECS).specs, *objective))
    with pytest.raises(InputError, match="batch"):
        InsightM(surrogate, bowl(specs=SPECS).specs, batch=0)


def test_the_top_level_takes_a_screen(surrogate, hard, tmp_path):
    assert eda.size(hard, screen=surrogate, budget=40, run_dir=tmp_path, progress=False).feasible
