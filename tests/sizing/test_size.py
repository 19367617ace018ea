import shutil
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from multiprocessing import get_context

import pytest

from eda.errors import InputError, RunStoreError, SimulatorError
from eda.netlist import read_netlist
from eda.problem import SizingProblem
from eda.simulation import Status
from eda.sizing import (
    NSGAII,
    Bayesian,
    DifferentialEvolution,
    ExTuRBO,
    QLogNEHVI,
    Sobol,
    TuRBO,
    load_run,
    size,
)
from eda.sizing.store import read_run
from eda.testbench import OpAmpTestbench

OPTIMIZERS = {
    "sobol": Sobol(seed=1),
    "evolution": DifferentialEvolution(seed=1, population=8),
    "turbo": TuRBO(seed=1, initial=8, batch=6, candidates=50),
}
BUDGET = 20  # the last round of Sobol (16) and of the evolution (8) is cut off


@pytest.fixture(params=OPTIMIZERS)
def optimizer(request):
    return OPTIMIZERS[request.param]


@pytest.fixture(scope="module")
def uninterrupted(bowl, tmp_path_factory):
    """A run of each optimizer, made once."""
    return {
        name: size(bowl(), optimizer, budget=BUDGET, run_dir=tmp_path_factory.mktemp(name), progress=False)
        for name, optimizer in OPTIMIZERS.items()
    }


@pytest.fixture
def finished(uninterrupted, request, tmp_path):
    """The run of the optimizer, with a copy of its folder in `tmp_path`."""
    result = uninterrupted[request.node.callspec.params["optimizer"]]
    shutil.copytree(result.folder, tmp_path / result.folder.name)
    return replace(result, folder=tmp_path / result.folder.name)


@pytest.fixture
def expected(uninterrupted, request):
    return uninterrupted[request.node.callspec.params["optimizer"]].evaluations


def _size(problem, optimizer, folder, budget=BUDGET):
    return size(problem, optimizer, budget=budget, run_dir=folder, progress=False)


@pytest.mark.parametrize("budget", [1, 7, 8, 9, 20])
def test_the_budget_is_spent_exactly(bowl, calculator, tmp_path, optimizer, budget):
    simulator = calculator()
    result = _size(bowl(simulator), optimizer, tmp_path, budget)
    assert len(result.evaluations) == len(simulator.seen) == len(read_run(result.folder)[1]) == budget


def test_the_same_call_again_simulates_nothing_and_gives_the_same(bowl, calculator, tmp_path, optimizer, finished):
    simulator = calculator()
    again = _size(bowl(simulator), optimizer, tmp_path)
    assert simulator.seen == []
    assert again.evaluations == finished.evaluations
    assert (again.best, again.folder, str(again)) == (finished.best, finished.folder, str(finished))


@pytest.mark.parametrize("budgets", [(7, 20), (1, 9, 16, 17, 20)])
def test_a_larger_budget_continues(bowl, calculator, tmp_path, optimizer, expected, budgets):
    simulator = calculator()
    for budget in budgets:
        found = _size(bowl(simulator), optimizer, tmp_path, budget)
        assert found.evaluations == expected[:budget]
        assert len(simulator.seen) == budget


def test_a_smaller_budget_gives_the_first_part_and_simulates_nothing(bowl, calculator, tmp_path, optimizer, finished):
    simulator = calculator()
    for budget in (9, 3):
        assert _size(bowl(simulator), optimizer, tmp_path, budget).evaluations == finished.evaluations[:budget]
    assert _size(bowl(simulator), optimizer, tmp_path).evaluations == finished.evaluations
    assert simulator.seen == []


@pytest.mark.parametrize("after", [(0, 1), (3, 2), (8,), (10, 1, 3), (19,)])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(bowl, calculator, tmp_path, optimizer, expected, after):
    spent = []
    for k in after:
        simulator = calculator(interrupt_after=k)
        with pytest.raises(KeyboardInterrupt):
            _size(bowl(simulator), optimizer, tmp_path)
        spent += simulator.seen
    simulator = calculator()
    result = _size(bowl(simulator), optimizer, tmp_path)
    spent += simulator.seen
    assert result.evaluations == expected
    assert len(spent) == BUDGET
    assert len(set(spent)) == len({tuple(evaluation.design.values()) for evaluation in expected})


def test_failed_evaluations_are_part_of_a_run(bowl, uninterrupted):
    result = uninterrupted["sobol"]
    failed = [e for e in load_run(result.folder, bowl()).evaluations if e.status is not Status.OK]
    assert failed
    assert {(e.status, e.seconds) for e in failed} == {(Status.NO_CONVERGENCE, 0.25)}
    # each with the command that runs its deck again
    assert {e.log.partition("\nrepeat it: cd ")[0] for e in failed} == {"it did not"}
    assert len({e.log for e in failed}) == len(failed)
    assert len(failed) == sum(e.design["x1"] > 0.9 for e in result.evaluations)


def test_the_best_design_is_written_also_when_interrupted(bowl, calculator, tmp_path, optimizer):
    with pytest.raises(KeyboardInterrupt):
        _size(bowl(calculator(interrupt_after=18)), optimizer, tmp_path)
    (folder,) = tmp_path.iterdir()
    best = load_run(folder, bowl()).best
    assert read_netlist(folder / "best.sp").defaults() == best.design


def test_the_best_design_is_written_also_when_the_first_round_is_interrupted(bowl, calculator, tmp_path, optimizer):
    with pytest.raises(KeyboardInterrupt):
        _size(bowl(calculator(interrupt_after=5)), optimizer, tmp_path)
    (folder,) = tmp_path.iterdir()
    best = load_run(folder, bowl()).best
    assert read_netlist(folder / "best.sp").defaults() == best.design


@pytest.mark.parametrize("specs", [("sum >= 0.1 V",), ("sum >= 0.1 V", "bowl <= 100 V")])
def test_a_problem_without_an_objective_spends_its_budget(bowl, tmp_path, optimizer, specs):
    found = []
    problem = bowl(specs=specs)
    thread = threading.Thread(
        target=lambda: found.append(
            _size(problem, optimizer, tmp_path, 48 if optimizer != OPTIMIZERS["turbo"] else 16)
        ),
        daemon=True,
    )
    thread.start()
    thread.join(20)
    assert found, "the run waits for ever"
    assert found[0].feasible


def test_another_problem_or_optimizer_has_another_folder(bowl, tmp_path):
    runs = [
        _size(bowl(), Sobol(), tmp_path, 2),
        _size(bowl(), Sobol(seed=1), tmp_path, 2),
        _size(bowl(specs=["sum >= 1.3 V", "minimize bowl"]), Sobol(), tmp_path, 2),
    ]
    assert len({run.folder for run in runs}) == 3
    assert all(run.folder.parent == tmp_path and run.folder.name.startswith("bowl-") for run in runs)


@pytest.mark.parametrize("budget", [0, -1])
def test_a_budget_below_one_is_refused_and_leaves_nothing(bowl, tmp_path, budget):
    with pytest.raises(InputError, match=rf"`budget >= 1` must hold, but got {budget}"):
        size(bowl(), Sobol(), budget=budget, run_dir=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_bayesian_is_what_is_used_when_nothing_is_said(bowl, tmp_path):
    result = size(bowl(), budget=3, run_dir=str(tmp_path), progress=False)
    assert result.about["optimizer"] == Bayesian().describe()


def test_a_round_that_is_proposed_otherwise_now_is_refused(bowl, calculator, tmp_path, monkeypatch):
    from eda.sizing.sobol import _SobolSearch as other

    with pytest.raises(KeyboardInterrupt):
        _size(bowl(calculator(interrupt_after=5)), Sobol(), tmp_path)
    monkeypatch.setattr(Sobol, "start", lambda self, space, known=None: other(space.dimension, 99))
    with pytest.raises(RunStoreError, match=r"cannot be continued: evaluation \d+ differs.*--run-dir"):
        _size(bowl(), Sobol(), tmp_path)


def test_a_run_is_loaded_as_it_was_returned(bowl, optimizer, finished):
    loaded = load_run(str(finished.folder), bowl())
    assert loaded.evaluations == finished.evaluations
    assert loaded.about["optimizer"] == dict(optimizer.describe())
    assert (loaded.best, str(loaded)) == (finished.best, str(finished))


def test_a_run_is_read_where_nothing_can_simulate(bowl, calculator, tmp_path):
    kept = _size(bowl(), Sobol(), tmp_path, 2)

    class Missing(calculator):
        @property
        def version(self):
            raise SimulatorError("ngspice is missing")

    assert load_run(kept.folder, bowl(Missing())).evaluations == kept.evaluations


def test_a_run_of_another_problem_is_not_loaded(bowl, calculator, tmp_path):
    folder = _size(bowl(), Sobol(), tmp_path, 2).folder
    with pytest.raises(RunStoreError, match=r"of another problem \(different: specs\)"):
        load_run(folder, bowl(specs=["sum >= 1 V"]))
    with pytest.raises(RunStoreError, match="holds no run"):
        load_run(tmp_path, bowl())
    with pytest.raises(KeyboardInterrupt):
        _size(bowl(calculator(interrupt_after=0)), Sobol(7), tmp_path / "empty", 2)
    (empty,) = (tmp_path / "empty").iterdir()
    with pytest.raises(RunStoreError, match="no evaluation yet"):
        load_run(empty, bowl())


@pytest.mark.ngspice
class TestWithNgspice:
    def test_a_run_repeats_and_its_best_design_simulates_to_the_same(self, ota_problem, counting, pool, tmp_path):
        simulator = counting(pool)
        problem = ota_problem(simulator)
        result = _size(problem, Sobol(), tmp_path / "one", 48)
        assert result.evaluations == _size(problem, Sobol(), tmp_path / "two", 48).evaluations
        assert simulator.count == 96
        assert result.feasible
        written = SizingProblem(
            read_netlist(result.folder / "best.sp"),
            technology="generic",
            testbench=OpAmpTestbench(vdd="3 V"),
            specs=["minimize power"],
            simulator=pool,
        )
        (again,) = written.evaluate([{}])
        assert again.metrics.items() <= result.best.metrics.items()
        assert again.guards == result.best.guards

    @pytest.mark.parametrize("after", [5, 17, 30])
    def test_an_interrupted_run_goes_on_as_if_it_had_not_been(self, ota_problem, counting, pool, tmp_path, after):
        optimizer = DifferentialEvolution(population=12)
        whole = _size(ota_problem(), optimizer, tmp_path / "whole", 32)
        interrupted = counting(pool, interrupt_after=after)
        with pytest.raises(KeyboardInterrupt):
            _size(ota_problem(interrupted), optimizer, tmp_path / "resumed", 32)
        rest = counting(pool)
        assert _size(ota_problem(rest), optimizer, tmp_path / "resumed", 32).evaluations == whole.evaluations
        assert interrupted.count + rest.count == 32

    def test_turbo_finds_a_feasible_ota_and_improves_it(self, ota_problem, tmp_path):
        result = _size(ota_problem(), TuRBO(initial=8, candidates=200), tmp_path, 24)
        assert result.feasible
        powers = [e.metrics["power"] for e in result.evaluations[: result.first_feasible]]
        assert result.best.metrics["power"] < powers[-1]

    @pytest.mark.sky130
    def test_a_sky130_design_simulates_again_to_the_same(self, ota_problem, pool, tmp_path):
        problem = SizingProblem(
            ota_problem().source,
            technology="sky130",
            testbench=OpAmpTestbench(),
            specs=["dc_gain >= 30 dB", "minimize power"],
            simulator=pool,
        )
        result = _size(problem, Sobol(), tmp_path, 8)
        assert problem.evaluate([result.best.design]) == [result.best]
        again = SizingProblem(
            read_netlist(result.folder / "best.sp"),
            technology="sky130",
            testbench=OpAmpTestbench(),
            specs=["minimize power"],
            simulator=pool,
        )
        assert again.evaluate([{}])[0].metrics == result.best.metrics


def test_the_best_so_far_only_gets_better(uninterrupted, bowl):
    specs = bowl().specs
    for run in uninterrupted.values():
        best = [min(evaluation.rank(specs) for evaluation in run.evaluations[:n]) for n in range(1, BUDGET + 1)]
        assert all(later <= earlier for earlier, later in pairwise(best))


@pytest.mark.ngspice
def test_an_executor_gives_the_same_run_and_the_problem_keeps_its_simulator(ota, pool, tmp_path):
    bench, specs = OpAmpTestbench(vdd="3 V"), ["dc_gain >= 30 dB", "minimize power"]
    problem = SizingProblem(ota, technology="generic", testbench=bench, specs=specs, simulator=pool)
    options = {"budget": 8, "progress": False}
    here = size(problem, Sobol(), run_dir=tmp_path / "here", **options)
    spawn = partial(ProcessPoolExecutor, 2, mp_context=get_context("spawn"))
    there = size(problem, Sobol(), run_dir=tmp_path / "there", executor=spawn, **options)
    assert there.folder.name == here.folder.name
    assert [e.metrics for e in there.evaluations] == [e.metrics for e in here.evaluations]
    assert there.problem is problem
    assert problem.simulator is pool


def test_a_run_without_an_objective_ends_with_its_first_feasible_design(bowl, calculator, tmp_path):
    simulator = calculator()
    problem = bowl(simulator, ("sum >= 1.2 V",))
    result = _size(problem, Sobol(), tmp_path, 200)
    assert result.feasible
    assert len(result.evaluations) == 16  # one round
    again = _size(bowl(other := calculator(), ("sum >= 1.2 V",)), Sobol(), tmp_path, 200)
    assert other.seen == []
    assert again.evaluations == result.evaluations


def test_designs_to_start_with_come_first_and_are_built_upon(bowl, calculator, tmp_path):
    good = {"x1": 0.4, "x2": 0.4, "x3": 0.41}
    start = [good, {"x1": 0.9}]
    result = size(bowl(), DifferentialEvolution(population=8), budget=18, start=start, run_dir=tmp_path, progress=False)
    assert dict(result.evaluations[0].design) == pytest.approx(good)
    assert dict(result.evaluations[1].design) == pytest.approx({"x1": 0.9, "x2": 0.5, "x3": 0.5})
    assert any(dict(one.design) == pytest.approx(good) for one in result.evaluations[2:10])
    simulator = calculator()
    size(bowl(simulator), DifferentialEvolution(population=8), budget=18, start=start, run_dir=tmp_path, progress=False)
    assert simulator.seen == []
    plain = _size(bowl(), DifferentialEvolution(population=8), tmp_path, 18)
    assert plain.folder != result.folder


def test_a_population_takes_a_start_that_is_there_twice(bowl, tmp_path):
    result = size(bowl(), NSGAII(population=8), budget=16, start=[{}, {}], run_dir=tmp_path, progress=False)
    assert len(result.evaluations) == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": [{"x1": 3.0}]}, "0 <= x1 <= 1 must hold, but got 3"),
        ({"start": [{"x_1": 0.5}]}, "there is no variable 'x_1'. Did you mean 'x1'"),
        ({"start": [0.5]}, "a design to start with must be a Mapping, such as {'w1': 10e-6}, but got 0.5"),
        ({"start": [{}] * 30}, "`budget >= designs to start with` must hold, but got 20 and 30"),
    ],
)
def test_a_start_that_cannot_be_is_refused(bowl, tmp_path, arguments, message):
    with pytest.raises(InputError, match=message):
        size(bowl(), Sobol(), budget=20, run_dir=tmp_path, progress=False, **arguments)


def test_several_objectives_need_an_optimizer_for_them(bowl, tmp_path):
    problem = bowl(specs=("maximize sum", "minimize bowl"))
    with pytest.raises(InputError, match="searches for one objective, but got maximize sum and minimize bowl"):
        _size(problem, DifferentialEvolution(), tmp_path)
    result = _size(problem, NSGAII(population=8), tmp_path, 64)
    costs = [tuple(one.costs(problem.specs)) for one in result.pareto]
    assert len(costs) > 3
    assert costs == sorted(costs)
    assert [second for _, second in costs] == sorted((second for _, second in costs), reverse=True)
    for evaluation in result.evaluations:
        other = tuple(evaluation.costs(problem.specs))
        assert not any(other[0] < a and other[1] < b for a, b in costs)


def test_findings_are_kept_with_the_run(bowl, tmp_path):
    problem = bowl()
    result = _size(problem, ExTuRBO(initial=8, batch=4, candidates=50), tmp_path, 16)
    region, local = result.findings["region"]["objective"], result.findings["local"]["objective"]
    assert set(region) == set(local) == {"x1", "x2", "x3"}
    assert sum(region.values()) == pytest.approx(1)
    assert load_run(result.folder, problem).findings == result.findings


def test_a_budget_below_the_first_round_is_told(bowl, tmp_path, capsys):
    size(bowl(), DifferentialEvolution(population=8), budget=5, run_dir=tmp_path)
    assert "has 8 designs, and a budget of 5 ends within it" in capsys.readouterr().err
    size(bowl(), DifferentialEvolution(population=8), budget=8, run_dir=tmp_path)
    assert "ends within it" not in capsys.readouterr().err


def test_an_optimizer_for_several_objectives_refuses_one(bowl, tmp_path):
    with pytest.raises(InputError, match="nehvi needs 2 objectives"):
        _size(bowl(), QLogNEHVI(), tmp_path)


def test_a_resumed_run_says_what_is_on_disk(bowl, tmp_path, capsys):
    for budget in (8, 16):
        size(bowl(), DifferentialEvolution(population=8), budget=budget, run_dir=tmp_path)
    assert "8 simulations are on disk" in capsys.readouterr().err


def test_without_a_feasible_design_there_is_no_front(bowl, tmp_path):
    result = _size(bowl(specs=("sum >= 9 V", "maximize sum", "minimize bowl")), Sobol(), tmp_path, 8)
    assert result.pareto == ()
    assert "Pareto front: 0 designs" in str(result)


def test_what_is_simulated_elsewhere_is_part_of_what_a_run_is(bowl, tmp_path):
    result = size(bowl(), Sobol(), budget=4, temperatures=[0, 27], run_dir=tmp_path, progress=False)
    assert result.about["simulated"].keys() == {str(one) for one in result.conditions}
    hot, cold = result.about["simulated"].values()
    assert hot.keys() == {"models_sha256", "deck_sha256"}
    assert hot["deck_sha256"] != cold["deck_sha256"]
