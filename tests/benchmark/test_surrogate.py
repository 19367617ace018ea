from pathlib import Path

import numpy as np
import pytest

from eda.benchmark import surrogate_data, surrogate_topologies
from eda.benchmark.surrogate import measure_surrogates
from eda.benchmark.surrogate_accuracy import measured_speed
from eda.benchmark.surrogate_data import stored, trained
from eda.benchmark.surrogate_sizing import drawn_bounds
from eda.benchmark.surrogate_topologies import working_designs
from eda.errors import InputError
from eda.problem.spec import parse_specs
from eda.surrogate import Samples

METRICS = ["dc_gain", "gbw", "power"]
NETLISTS = Path(__file__).parents[2] / "netlists"


@pytest.fixture(scope="module")
def designs():
    rng = np.random.default_rng(0)
    points = rng.random((200, 3))
    values = {
        "sum": np.where(points[:, 0] > 0.9, np.nan, points.sum(axis=1)),
        "bowl": ((points - 0.3) ** 2).sum(axis=1),
    }
    return Samples(points, values, 0.8 - points[:, 1])


@pytest.fixture
def quick(monkeypatch):
    """Hardly any training."""
    for module in ("surrogate", "distillation"):
        monkeypatch.setattr(f"eda.surrogate.{module}._STEPS", 5)


def test_designs_work_where_guards_hold_and_metrics_are_defined(designs):
    wanted = (designs.points[:, 1] <= 0.8) & (designs.points[:, 0] <= 0.9)
    np.testing.assert_array_equal(designs.working, wanted)
    some = working_designs(designs, 20, np.random.default_rng(0))
    assert len(some) == 20
    assert some.working.all()
    assert list(designs.ordered(["bowl"]).values) == ["bowl"]


@pytest.mark.ngspice
@pytest.mark.sky130
def test_simulations_are_stored_once(pool, tmp_path):
    task = NETLISTS / "opamp/five_transistor_ota/five_transistor_ota.toml"
    told = stored(task, METRICS, 8, 0, tmp_path, pool)
    found = Samples.load(told["_designs"])
    assert len(found) == 8
    assert list(found.values) == METRICS

    class Nobody:
        def stream(self, *_):
            raise AssertionError("it is on disk")

    again = stored(task, METRICS, 8, 0, tmp_path, Nobody())
    assert again == told
    assert stored(task, METRICS, 9, 0, tmp_path, pool)["data"] != told["data"]


@pytest.mark.usefixtures("quick")
def test_surrogates_are_trained_once(designs, bowl, tmp_path, monkeypatch):
    problem, asked = bowl(), designs.points[:3]
    first = trained(problem, designs, rounds=1, seed=0, folder=tmp_path)
    for change in ({"samples": designs[:150]}, {"rounds": 2}, {"seed": 1}):
        settings = {"samples": designs, "rounds": 1, "seed": 0} | change
        other = trained(problem, **settings, folder=tmp_path)
        assert (other.scaled(asked)[0] != first.scaled(asked)[0]).all()
    monkeypatch.setattr(surrogate_data.Surrogate, "fit", None)
    again = trained(problem, designs, rounds=1, seed=0, folder=tmp_path)
    np.testing.assert_array_equal(again.scaled(asked), first.scaled(asked))
    assert not list(tmp_path.glob("*.state"))


def test_drawn_bounds_are_met_by_a_design_and_by_few_others(designs, bowl):
    problem = bowl(specs=("sum >= 1 V", "bowl <= 0.4 V"))
    working = designs[designs.working]
    for seed in range(5):
        bounds = drawn_bounds(problem, working, ["sum", "bowl"], np.random.default_rng(seed))
        least, most = parse_specs(bounds, problem.testbench.metrics)
        assert (least.sense, most.sense) == (">=", "<=")
        met = (working.values["sum"] >= least.bound) & (working.values["bowl"] <= most.bound)
        assert 1 <= met.sum() < 0.5 * len(working)


@pytest.mark.usefixtures("quick")
def test_speed_is_measured_by_threads_and_batches(designs, bowl):
    rows = measured_speed(bowl(), designs, (1, 50), 2)
    assert [(row["threads"], row["designs"]) for row in rows] == [(1, 1), (1, 50), (2, 1), (2, 50)]
    assert all(row["us each"] > 0 for row in rows)


@pytest.mark.ngspice
@pytest.mark.usefixtures("quick")
def test_the_suite_has_every_method_and_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # all of it in this process
    for rounds in ("_FINE_ROUNDS", "_SCRATCH_ROUNDS"):
        monkeypatch.setattr(surrogate_topologies, rounds, 1)
    monkeypatch.setattr("eda.surrogate.autoregressive._STEPS", 5)
    monkeypatch.setattr("eda.benchmark.regressors._GP_HYPER", 40)
    for name, value in {"_ROUND": 64, "_FIRST": 128, "_STEPS": 10}.items():
        monkeypatch.setattr(f"eda.sizing.exploration.{name}", value)
    tasks = [f"opamp/{name}/{name}_generic" for name in ("two_stage_miller", "two_stage_simple_miller")]
    settings = {
        "folder": NETLISTS.parent / "benchmarks", "run_dir": tmp_path, "tasks": tasks, "cheap": ["dc_gain"],
        "expensive": ["power"], "seeds": 1, "simulations": 384, "tested": 320, "rounds": 1, "few": {200: 1},
        "few_tasks": ["two_stage_miller_generic"], "tables": ["accuracy", "autoregressive", "speed", "topologies"],
        "batches": (1, 20),
        "topologies": {"designs": 60, "rounds": 1, "shape": {"width": 16, "layers": 1}, "few": [20]},
    }  # fmt: skip
    rows = measure_surrogates(**settings)
    told = {(row["table"], row.get("task", row.get("left out")), row.get("method")) for row in rows}
    two, simple = "two_stage_miller_generic", "two_stage_simple_miller_generic"
    baselines = ("gradient boosting", "Gaussian process")
    for task in (two, simple):
        assert {("accuracy", task, method) for method in ("ensemble", *baselines)} <= told
        assert {("topologies", task, f"this one, {method}") for method in ("same network", *baselines)} <= told
        assert ("speed", task, None) in told
    few = ("direct, ensemble", "autoregressive", *baselines)
    assert {
        ("autoregressive", two, method + more) for method in few for more in ("", ", cheap ones measured")
    } - told == {("autoregressive", two, "direct, ensemble, cheap ones measured")}
    of_seed = [row for row in rows if row["table"] != "speed"]
    assert [row for row in measure_surrogates(**settings) if row["table"] != "speed"] == of_seed
    some = {**settings, "tables": ["topologies"], "topologies": {**settings["topologies"], "left_out": [two]}}
    assert {row["left out"] for row in measure_surrogates(**some)} == {two}
    some["topologies"]["left_out"] = ["two_stage"]
    with pytest.raises(InputError, match="task to leave out"):
        measure_surrogates(**some)
    scores = [row["R2 dc_gain"] for row in rows if row["table"] == "accuracy" and row["method"] != "ensemble"]
    assert min(scores) > 0.3
