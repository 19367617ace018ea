"""Rounds that are asked for while earlier ones are simulated."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from eda.errors import InputError, SimulatorError
from eda.simulation import Simulator
from eda.sizing import SCBO, Bayesian, DifferentialEvolution, RandomSearch, Sobol, size
from eda.sizing.store import read_run

QUICK = Bayesian(seed=1, initial=4, members=1, candidates=20)


class Shuffled(Simulator):
    """Workers of different speed: finishes what it has begun in any order, and takes new jobs between two results."""

    def __init__(self, inner, seed, workers=3, interrupt_after=None):
        self.inner, self.workers, self.interrupt_after = inner, workers, interrupt_after
        self.random, self.count, self.under_way = random.Random(seed), 0, []

    @property
    def version(self):
        return self.inner.version

    def run(self, jobs):
        begun, taken = [], 0
        while begun or taken < len(jobs):
            while len(begun) < self.workers and taken < len(jobs):
                begun.append(taken)
                taken += 1
            self.under_way.append(len(begun))
            if self.count == self.interrupt_after:
                raise KeyboardInterrupt
            self.count += 1
            index = begun.pop(self.random.randrange(len(begun)))
            ((_, simulation),) = self.inner.run([jobs[index]])
            yield index, simulation

    def close(self):
        pass


@pytest.fixture
def run(bowl, calculator, tmp_path):
    """A run of the bowl by a simulator with workers of different speed."""

    def make(optimizer=QUICK, *, simulator=None, folder="run", specs=("sum >= 1.2 V", "minimize bowl"), **options):
        problem = bowl(simulator or Shuffled(calculator(), seed=0), specs=specs)
        return size(problem, optimizer, **{"budget": 16, "progress": False, "run_dir": tmp_path / folder, **options})

    return make


SEVERAL = {"temperatures": [7, 57]}
CASES = {
    "nominal": (QUICK, {"ahead": 2}),
    "rounds of two": (Bayesian(seed=1, batch=2, initial=4, members=1, candidates=20), {"ahead": 1}),
    "rounds of three, far ahead": (RandomSearch(3, batch=3), {"ahead": 9}),
    "from a start": (QUICK, {"ahead": 2, "start": [{"x1": 0.7, "x2": 0.6, "x3": 0.5}]}),
    "several conditions": (QUICK, {"ahead": 2, **SEVERAL}),
    "in order": (QUICK, {"ahead": 2, "screening": "ordered", **SEVERAL}),
    "all of them": (RandomSearch(3, batch=2), {"ahead": 3, "screening": "none", **SEVERAL}),
}


@pytest.fixture(params=CASES)
def case(request, run):
    """A run of one case."""
    optimizer, options = CASES[request.param]
    return partial(run, optimizer, **options)


def test_a_run_does_not_depend_on_which_simulation_is_done_first(case, calculator):
    results = [case(simulator=Shuffled(calculator(), seed), folder=f"run {seed}").evaluations for seed in range(3)]
    # this one takes nothing new while it runs
    results.append(case(simulator=calculator(), folder="in rounds").evaluations)
    assert len(results[0]) == 16
    assert all(one == results[0] for one in results)


@pytest.mark.parametrize(("ahead", "least", "most"), [(0, 1, 1), (2, 2, 2.7), (6, 2.7, 3)])
def test_rounds_ahead_keep_workers_busy(run, calculator, ahead, least, most):
    simulator = Shuffled(calculator(), seed=0)
    run(simulator=simulator, ahead=ahead, budget=44)
    assert least <= np.mean(simulator.under_way[4:]) <= most


@pytest.mark.parametrize("after", [2, 7, 12])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(case, calculator, after):
    whole = case(folder="whole").evaluations
    interrupted = Shuffled(calculator(), seed=5, interrupt_after=after)
    with pytest.raises(KeyboardInterrupt):
        case(simulator=interrupted)
    rest = Shuffled(calculator(), seed=6)
    assert case(simulator=rest).evaluations == whole
    assert interrupted.count + rest.count == 16


def test_a_larger_budget_continues_a_run(case):
    case(budget=9)
    assert case(budget=16).evaluations == case(folder="at once", budget=16).evaluations


def test_a_round_is_asked_for_knowing_those_under_way(run):
    ahead = [tuple(one.design.values()) for one in run(ahead=4, budget=24).evaluations]
    assert len(set(ahead)) == 24
    alone = [tuple(one.design.values()) for one in run(folder="alone", budget=24).evaluations]
    assert ahead[:5] == alone[:5]  # the first round, and what was learned from it alone
    assert ahead[5:] != alone[5:]


def test_a_run_that_is_done_keeps_what_was_under_way(run):
    result = run(specs=["sum >= 1.2 V"], ahead=3, budget=40)
    (_, records, _) = read_run(result.folder)
    assert result.feasible
    assert len(records) < 40
    assert [record.number for record in records] == list(range(len(records)))
    assert result.first_feasible <= len(records) <= result.first_feasible + 4


@pytest.mark.parametrize("optimizer", [Sobol(3), RandomSearch(3, batch=4)])
def test_what_does_not_learn_asks_for_the_same_designs(run, optimizer):
    one = run(optimizer, folder="ahead", ahead=2, budget=40)
    assert one.evaluations == run(optimizer, folder="alone", budget=40).evaluations
    assert np.unique([[*e.design.values()] for e in one.evaluations], axis=0).shape == (40, 3)


def test_a_simulator_that_ends_without_an_answer_is_an_error(run, calculator):
    class Silent(Shuffled):
        def run(self, jobs):
            yield from list(super().run(jobs))[:-1]

    with pytest.raises(SimulatorError, match="without an answer"):
        run(simulator=Silent(calculator(), seed=0), ahead=2)


@pytest.mark.parametrize(
    ("optimizer", "ahead", "message"),
    [
        (QUICK, -1, "`ahead >= 0` must hold, but got -1"),
        (QUICK, "all", "ahead must be"),
        (SCBO(), 1, r"scbo waits for a whole round .* \(bayesian, random, sobol\)"),
        (DifferentialEvolution(), 1, "differential evolution waits for a whole round"),
    ],
    ids=["negative", "text", "scbo", "evolution"],
)
def test_what_cannot_be_asked_ahead_is_an_error(run, optimizer, ahead, message):
    with pytest.raises(InputError, match=message):
        run(optimizer, ahead=ahead)


@pytest.mark.ngspice
def test_ngspice_gives_the_same_with_several_processes_and_in_an_executor(ota_problem, tmp_path):
    with ThreadPoolExecutor(2) as executor:
        found = [
            size(ota_problem(), QUICK, budget=14, run_dir=tmp_path / name, progress=False, **options).evaluations
            for name, options in {
                "one": {"ahead": 2},
                "two": {"ahead": 2},
                "there": {"ahead": 2, "executor": executor},
                "alone": {},
            }.items()
        ]
    assert found[0] == found[1] == found[2]
    assert found[0][:5] == found[3][:5]
