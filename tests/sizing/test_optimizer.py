import gc
import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda import sizing
from eda.netlist import parse_variable
from eda.problem import DesignSpace
from eda.sizing import (
    NSGAII,
    SCBO,
    Bayesian,
    DifferentialEvolution,
    GeneticAlgorithm,
    Outcome,
    RandomSearch,
    Sobol,
    TuRBO,
)

DIMENSION = 4
FAMILIES = {
    "random": "RandomSearch({seed})",
    "sobol": "Sobol({seed})",
    "evolution": "DifferentialEvolution({seed}, population=12)",
    "genetic": "GeneticAlgorithm({seed}, population=12)",
    "nsga2": "NSGAII({seed}, population=12)",
    "cma": "CMAES({seed})",
    "turbo": "TuRBO({seed}, initial=8, candidates=100)",
    "scbo": "SCBO({seed}, initial=8, candidates=100)",
    "exturbo": "ExTuRBO({seed}, initial=8, candidates=100)",
    "bayesian": "Bayesian({seed}, initial=8, batch=4, candidates=100)",
}


def _maker(family):
    """From a seed to settings."""
    return lambda seed=0: eval(FAMILIES[family].format(seed=seed), vars(sizing))


def _space(dimension=DIMENSION):
    return DesignSpace(tuple(parse_variable(f"x{n} = 0..1") for n in range(dimension)))


@pytest.fixture(params=FAMILIES)
def optimizer(request):
    return _maker(request.param)


def _outcome(points, slacks, costs):
    """An outcome with one objective."""
    return Outcome(points, slacks, np.reshape(costs, (len(points), 1)))


def _sphere(points):
    """Least at 0.3 in each coordinate, where the constraint `sum >= 1.8` is not met."""
    slack = np.clip((points.sum(axis=1, keepdims=True) - 1.8) / 1.8, -1, 1)
    return _outcome(points, slack, ((points - 0.3) ** 2).sum(axis=1, keepdims=True))


def _shifted(offset):
    """The cost of the sphere, everywhere feasible, from another zero on."""
    return lambda points: _outcome(points, np.ones((len(points), 1)), offset + ((points - 0.3) ** 2).sum(axis=1))


def _rounds(search, count, judge=_sphere):
    outcomes = []
    for _ in range(count):
        outcomes.append(judge(search.ask()))
        search.tell(outcomes[-1])
    return outcomes


def _points(outcomes):
    return np.concatenate([outcome.points for outcome in outcomes])


def test_a_round_is_points_of_the_unit_cube(optimizer):
    search = optimizer().start(_space())
    for outcome in _rounds(search, 3):
        assert outcome.points.ndim == 2
        assert outcome.points.shape[1] == DIMENSION
        assert outcome.points.dtype == np.float64
        assert np.all((outcome.points >= 0) & (outcome.points <= 1))


def test_asking_twice_gives_the_same_and_changes_nothing(optimizer):
    asked_twice, asked_once = (optimizer().start(_space()) for _ in range(2))
    for _ in range(3):
        np.testing.assert_array_equal(asked_twice.ask(), asked_twice.ask())
        np.testing.assert_array_equal(asked_twice.ask(), asked_once.ask())
        asked_twice.tell(_sphere(asked_twice.ask()))
        asked_once.tell(_sphere(asked_once.ask()))


def test_what_a_caller_does_to_the_points_does_not_reach_the_search(optimizer):
    search = optimizer().start(_space())
    first = search.ask().copy()
    search.ask()[:] = 0.5
    np.testing.assert_array_equal(search.ask(), first)


def test_the_seed_decides(optimizer):
    one, again, other = (_points(_rounds(optimizer(seed).start(_space()), 3)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.any(np.all(one == other, axis=1))


def test_ambient_random_state_is_neither_used_nor_moved(optimizer):
    import torch

    expected = _points(_rounds(optimizer().start(_space()), 3))
    np.random.seed(1)  # noqa: NPY002 - the ambient state is what is tested
    torch.manual_seed(1)
    before = (np.random.get_state()[1].copy(), torch.get_rng_state())  # noqa: NPY002
    np.testing.assert_array_equal(_points(_rounds(optimizer().start(_space()), 3)), expected)
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[1])


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_search_that_is_only_told_goes_on_like_one_that_asked(optimizer, rounds):
    asked, told = (optimizer().start(_space()) for _ in range(2))
    for outcome in _rounds(asked, rounds):
        told.tell(outcome)
    np.testing.assert_array_equal(told.ask(), asked.ask())
    np.testing.assert_array_equal(_points(_rounds(told, 2)), _points(_rounds(asked, 2)))


@pytest.fixture(scope="module")
def elsewhere():
    """By family, the second round that another process proposes."""
    script = (
        "from eda.netlist import parse_variable; from eda.problem import DesignSpace\n"
        "from eda.sizing import *; import json, sys\n"
        "space = DesignSpace(tuple(parse_variable(f'x{n} = 0..1') for n in range(4)))\n"
        "def second(search):\n"
        "    points = search.ask()\n"
        "    search.tell(Outcome(points, points[:, :1] - 0.5, points.sum(axis=1, keepdims=True)))\n"
        "    return search.ask().tobytes().hex()\n"
        "families = json.load(sys.stdin)\n"
        "print(json.dumps({name: second(eval(text.format(seed=3)).start(space)) for name, text in families.items()}))"
    )
    words = [sys.executable, "-c", script]
    return json.loads(
        subprocess.run(words, input=json.dumps(FAMILIES), capture_output=True, text=True, check=True).stdout
    )


def test_another_process_proposes_the_same(optimizer, elsewhere, request):
    search = optimizer(3).start(_space())
    points = search.ask()
    search.tell(_outcome(points, points[:, :1] - 0.5, points.sum(axis=1)))
    assert elsewhere[request.node.callspec.params["optimizer"]] == search.ask().tobytes().hex()


def _everything_failed(points):
    return _outcome(points, np.full((len(points), 3), -1.0), np.full(len(points), np.inf))


def _nothing_is_feasible(points):
    return _outcome(points, np.full((len(points), 3), -0.5), points.sum(axis=1))


def _some_costs_are_infinite(points):
    costs = np.where(points[:, 0] > 0.5, np.inf, points.sum(axis=1))
    return _outcome(points, np.where(np.isinf(costs)[:, None], -1.0, 0.2), costs)


def _all_are_equally_good(points):
    return _outcome(points, np.full((len(points), 2), 0.5), np.zeros(len(points)))


@pytest.mark.parametrize(
    "judge", [_everything_failed, _nothing_is_feasible, _some_costs_are_infinite, _all_are_equally_good]
)
def test_a_search_survives_any_outcome(optimizer, judge):
    finished = _within(20, lambda: _rounds(optimizer().start(_space()), 3, judge))
    assert finished is not None, "the search waits for ever"
    assert np.all(np.isfinite(_points(finished)))


def _within(seconds, work):
    """What the work returns, or `None` when it has not ended in time."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else None


@pytest.mark.parametrize("dimension", [1, 2, 12])
def test_any_dimension_can_be_searched(optimizer, dimension):
    for outcome in _rounds(optimizer().start(_space(dimension)), 2, _some_costs_are_infinite):
        assert outcome.points.shape[1] == dimension


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sobol(seed=-1),
        lambda: TuRBO(seed=-1),
        lambda: DifferentialEvolution(seed=-1),
        lambda: TuRBO(batch=0),
        lambda: TuRBO(initial=-1),
        lambda: TuRBO(candidates=2, batch=4),
        lambda: DifferentialEvolution(population=4),
        lambda: DifferentialEvolution(population=0),
    ],
    ids=["sobol seed", "turbo seed", "evolution seed", "batch", "initial", "candidates", "population", "no population"],
)
def test_settings_that_cannot_work_are_refused(make):
    from eda.errors import InputError

    with pytest.raises(InputError, match=r"must hold, but got"):
        make()


@pytest.mark.parametrize("settings", [{"seed": 1.5}, {"seed": "1"}, {"batch": 2.5}, {"batch": True}])
def test_settings_are_whole_numbers(settings):
    from eda.errors import InputError

    for optimizer in (Bayesian, TuRBO, RandomSearch):
        with pytest.raises(InputError, match=f"{next(iter(settings))} must be an int"):
            optimizer(**settings)


def test_settings_are_described(optimizer):
    described = optimizer(seed=5).describe()
    assert described["seed"] == 5
    assert described != optimizer(seed=6).describe()


@pytest.mark.parametrize("family", ["evolution", "turbo"])
def test_a_search_that_learns_beats_one_that_does_not(family):
    budget = {"evolution": 192, "turbo": 48}[family]

    def best(search):
        known = None
        while known is None or len(known.points) < budget:
            outcome = _sphere(search.ask())
            search.tell(outcome)
            known = outcome if known is None else known.joined(outcome)
        feasible = known.violations[:budget] == 0
        assert feasible.any()
        return known.costs[:budget][feasible].min()

    # the least cost on the constraint is 4 * 0.15**2
    learned, guessed = (
        np.mean([best(_maker(name)(seed).start(_space())) - 0.09 for seed in range(5)]) for name in (family, "sobol")
    )
    # what turbo finds depends on how the processor rounds: 0.5 is exceeded on some
    assert 0 <= learned < 0.75 * guessed


costs = st.floats(allow_nan=False, min_value=-1e6)
slacks = st.lists(st.floats(-1, 1), min_size=2, max_size=2)


@given(st.lists(st.tuples(slacks, costs), min_size=2, max_size=6))
def test_scores_order_feasible_points_by_cost_before_the_others_by_violation(rows):
    outcome = _outcome(np.zeros((len(rows), 1)), np.array([s for s, _ in rows]), np.array([c for _, c in rows]))
    scores, violations = outcome.scores(), outcome.violations
    assert np.all(np.isfinite(scores))
    for i in range(len(rows)):
        for j in range(len(rows)):
            if violations[i] == violations[j] == 0:
                assert (scores[i] <= scores[j]) or outcome.costs[i] > outcome.costs[j]
            elif violations[i] == 0:
                assert scores[i] <= scores[j]
                assert scores[i] < scores[j] or violations[j] < 1e-15
            elif 0 < violations[i] < violations[j]:
                assert scores[i] <= scores[j]


def test_joined_outcomes_are_one_round():
    one, other = _sphere(np.zeros((2, 4))), _sphere(np.ones((3, 4)))
    joined = one.joined(other)
    np.testing.assert_array_equal(joined.points, np.concatenate((one.points, other.points)))
    np.testing.assert_array_equal(joined.scores(), np.concatenate((one.scores(), other.scores())))
    assert joined.slacks.shape == (5, 1)


def test_sobol_is_one_balanced_sequence_whatever_the_rounds():
    points = _points(_rounds(Sobol().start(_space(2)), 4))
    assert len(np.unique(points, axis=0)) == 64
    # a (0, 2)-sequence in base 2: of 64 points one lies in each cell of an 8 x 8 grid
    assert len({tuple(cell) for cell in np.floor(points * 8).astype(int)}) == 64


def _evolution_threads():
    return [thread for thread in threading.enumerate() if thread.name == "differential evolution"]


def test_the_thread_of_an_evolution_ends_with_its_search():
    gc.collect()
    before = set(_evolution_threads())
    search = _maker("evolution")().start(_space())
    _rounds(search, 2)
    (thread,) = set(_evolution_threads()) - before
    del search
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_an_unfinished_evolution_does_not_keep_the_interpreter_alive():
    script = (
        "from eda.netlist import parse_variable as v; from eda.problem import DesignSpace as S\n"
        "from eda.sizing import DifferentialEvolution as D\nsearch = D().start(S((v('x = 0..1'),))); search.ask()"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=True)
    assert time.monotonic() - start < 30
    assert done.stderr == b""


def test_an_evolution_keeps_its_population():
    search = DifferentialEvolution(population=7).start(_space(3))
    assert [len(outcome.points) for outcome in _rounds(search, 3)] == [7, 7, 7]


def test_turbo_starts_with_twice_the_dimension_and_goes_on_in_batches():
    sizes = [len(outcome.points) for outcome in _rounds(TuRBO(batch=3, candidates=100).start(_space(5)), 3)]
    assert sizes == [10, 3, 3]


def _no_progress():
    points = np.full((4, DIMENSION), 0.5)
    return _outcome(points, np.full((4, 1), -1.0), points.sum(axis=1))


def test_turbo_restarts_elsewhere_when_its_region_has_collapsed():
    search = TuRBO(initial=8, batch=4).start(_space())
    first = search.ask()
    search.tell(_sphere(first))
    nothing_new = _no_progress()
    rounds = 0
    while search.restarts == 0:
        search.tell(nothing_new)
        rounds += 1
        assert rounds < 100
    # 0.8 halved seven times is below 1/128; with four dimensions and batches of four one failure halves it
    assert rounds == 7
    again = search.ask()
    assert again.shape == first.shape
    assert not np.any(np.all(again == first, axis=1))
    search.tell(_sphere(again))
    assert search.ask().shape == (4, DIMENSION)


@pytest.mark.parametrize("optimizer", [TuRBO(initial=6), SCBO(initial=6, batch=3), Bayesian(initial=6)])
def test_on_a_coarse_grid_each_design_is_proposed_once(optimizer):
    space = DesignSpace(tuple(parse_variable(f"x{n} = 0..15 step 1") for n in range(2)))
    search = optimizer.start(space)
    seen = []
    while len(seen) < 18:
        points = search.ask()
        np.testing.assert_array_equal(points, space.snap(points))
        seen += [tuple(point) for point in points]
        search.tell(_sphere(points))
    assert len(set(seen)) == len(seen)


def test_turbo_stays_near_the_best_point_once_its_region_is_small():
    search = TuRBO(initial=8, batch=4, candidates=100).start(_space())
    outcome = _sphere(search.ask())
    search.tell(outcome)
    for _ in range(4):
        search.tell(_no_progress())
    centre = outcome.points[np.argmin(outcome.scores())]
    assert np.all(np.abs(search.ask() - centre) < 0.3)


def test_proposals_do_not_depend_on_the_number_of_threads():
    import torch

    threads = torch.get_num_threads()
    found = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            found.append(_points(_rounds(_maker("turbo")().start(_space()), 3)))
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("offset", [-9.3, 0.0, 80.0])
def test_turbo_proposes_the_same_whatever_the_unit_of_the_cost(offset):
    found = _points(_rounds(TuRBO(initial=8, candidates=100).start(_space()), 3, _shifted(offset)))
    plain = _points(_rounds(TuRBO(initial=8, candidates=100).start(_space()), 3, _shifted(0.0)))
    np.testing.assert_allclose(found, plain, atol=1e-6)


@pytest.mark.parametrize("offset", [-1e3, -70.0, 0.0, 5.0, 1e3])
def test_turbo_counts_progress_of_a_thousandth_whatever_the_size_of_the_cost(offset):
    search = TuRBO(initial=8, batch=4).start(_space())
    points = search.ask()
    search.tell(_outcome(points, np.ones((8, 1)), np.full(8, offset + 1.0)))
    for step in range(3):
        better = offset + 1.0 - (step + 1) * 0.002 * max(abs(offset), 1.0)
        search.tell(_outcome(points[:4], np.ones((4, 1)), np.full(4, better)))
    assert search.length == 1.6  # three successes doubled it


def test_turbo_counts_the_first_feasible_point_as_progress():
    search = TuRBO(initial=8, batch=4).start(_space())
    points = search.ask()
    search.tell(_outcome(points, np.full((8, 1), -0.5), np.full(8, -3.0)))
    search.tell(_outcome(points[:4], np.full((4, 1), 0.1), np.full(4, 9.0)))
    assert (search.successes, search.failures) == (1, 0)


def test_turbo_proposes_also_when_no_model_can_be_fitted(monkeypatch):
    from botorch.exceptions.errors import ModelFittingError

    from eda.sizing import botorch_models

    def fail(*_arguments, **_options):
        raise ModelFittingError("as it happens")

    monkeypatch.setattr(botorch_models, "fit_gpytorch_mll", fail)
    search = TuRBO(initial=8, batch=4).start(_space())
    search.tell(_sphere(search.ask()))
    points = search.ask()
    assert points.shape == (4, DIMENSION)
    assert np.all((points >= 0) & (points <= 1))
    np.testing.assert_array_equal(points, search.ask())


@pytest.mark.parametrize("family", [DifferentialEvolution, GeneticAlgorithm, NSGAII])
def test_an_evolution_that_is_begun_anew_proposes_no_design_again(family):
    known = _sphere(family(seed=3).start(_space()).ask())
    search = family(seed=3).start(_space(), known)
    again = {point.tobytes() for point in known.points}
    assert sum(point.tobytes() in again for point in search.ask()) == len(search.ask()) // 2  # the best of them
    search.tell(_sphere(search.ask()))
