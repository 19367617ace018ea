from pathlib import Path

import numpy as np
import pytest

from eda.benchmark import surrogate_data
from eda.benchmark.surrogate_accuracy import boosted, measured_speed
from eda.benchmark.surrogate_data import stored, trained
from eda.benchmark.surrogate_sizing import drawn_bounds
from eda.benchmark.surrogate_topologies import working_designs
from eda.problem.spec import parse_specs
from eda.surrogate import Samples

METRICS = ["dc_gain", "gbw", "power"]


@pytest.fixture(scope="module")
def designs():
    rng = np.random.default_rng(0)
    points = rng.random((200, 3))
    values = {
        "sum": np.where(points[:, 0] > 0.9, np.nan, points.sum(axis=1)),
        "bowl": ((points - 0.3) ** 2).sum(axis=1),
    }
    return Samples(points, values, 0.8 - points[:, 1])


def test_designs_work_where_guards_hold_and_metrics_are_defined(designs):
    wanted = (designs.points[:, 1] <= 0.8) & (designs.points[:, 0] <= 0.9)
    np.testing.assert_array_equal(designs.working, wanted)
    some = working_designs(designs, 20, np.random.default_rng(0))
    assert len(some) == 20
    assert some.working.all()
    assert list(designs.ordered(["bowl"]).values) == ["bowl"]


def test_simulations_are_stored_once(pool, tmp_path):
    task = Path(__file__).parents[2] / "netlists/opamp/five_transistor_ota/five_transistor_ota.toml"
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


def test_boosting_says_how_far_it_is_off():
    rng = np.random.default_rng(0)
    inputs = rng.random((1500, 2))
    values = inputs[:, 0] + 0.1 * rng.standard_normal(1500)
    asked = rng.random((500, 2))
    found, half = boosted(inputs, values, asked, 0)
    inside = np.abs(asked[:, 0] + 0.1 * rng.standard_normal(500) - found) <= half
    assert 0.82 < inside.mean() < 0.97


def test_drawn_bounds_are_met_by_a_design_and_by_few_others(designs, bowl):
    problem = bowl(specs=("sum >= 1 V", "bowl <= 0.4 V"))
    working = designs[designs.working]
    for seed in range(5):
        bounds = drawn_bounds(problem, working, ["sum", "bowl"], np.random.default_rng(seed))
        least, most = parse_specs(bounds, problem.testbench.metrics)
        assert (least.sense, most.sense) == (">=", "<=")
        met = (working.values["sum"] >= least.bound) & (working.values["bowl"] <= most.bound)
        assert 1 <= met.sum() < 0.5 * len(working)


def test_speed_is_measured_by_threads_and_batches(designs, bowl):
    rows = measured_speed(bowl(), designs, (1, 50), 2)
    assert [(row["threads"], row["designs"]) for row in rows] == [(1, 1), (1, 50), (2, 1), (2, 50)]
    assert all(row["us each"] > 0 for row in rows)
