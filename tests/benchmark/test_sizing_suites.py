"""Suites that size, each small enough to run here, on circuits that simulate in milliseconds."""

from pathlib import Path

import pytest

from eda.benchmark.equals import measure_equals
from eda.benchmark.overhead import measure_overhead
from eda.benchmark.pareto import measure_pareto
from eda.benchmark.pvt import measure_pvt
from eda.benchmark.targets import measure_targets
from eda.datasets.autockt import published_targets
from eda.errors import InputError
from eda.problem import load_task
from eda.sizing import RandomSearch, size

pytestmark = [pytest.mark.ngspice, pytest.mark.slow]

NETLIST = Path("netlists/opamp/five_transistor_ota/five_transistor_ota.sp").resolve()


@pytest.fixture(autouse=True)
def one_core(monkeypatch):
    """Units run in this process: starting others takes longer than their work."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)


@pytest.fixture
def task(tmp_path):
    def write(specs, rest=""):
        path = tmp_path / "ota.toml"
        path.write_text(
            f'netlist = "{NETLIST}"\ntechnology = "generic"\nspecs = {specs!r}\n[testbench]\nvdd = "3 V"\n{rest}'
        )
        return path.name

    return write


def test_pvt_counts_simulations_to_a_design_that_is_proven_everywhere(task, tmp_path):
    name = task(
        ["dc_gain >= 25 dB", "gbw >= 5 MHz"], '[verification]\ncorners = ["ss", "ff"]\ntemperatures = [0, 85]\n'
    )
    rows = measure_pvt(
        folder=tmp_path,
        run_dir=tmp_path / "runs",
        tasks=[name],
        optimizers=["random"],
        screenings=["learned", "none"],
        seeds=2,
        budget=400,
    )
    by = {row["screening"]: row for row in rows}
    assert by["learned"]["success"] == by["none"]["success"] == 1
    assert by["learned"]["passes everywhere"] == by["none"]["passes everywhere"] == 2
    # of its own designs most were not simulated under all five conditions
    assert by["learned"]["median simulations"] < 5 * by["learned"]["median designs"]
    ratio = by["none"]["median simulations"] / by["learned"]["median simulations"]
    assert by["learned"]["fewer than all conditions"] == ratio
    assert by["nominal only"]["success"] == by["nominal only"]["passes everywhere"] / 2


def test_pareto_measures_hypervolume_from_the_bounds_on(task, tmp_path):
    name = task(["gbw >= 1 MHz", "power <= 1 mW", "maximize gbw", "minimize power"])
    settings = {"folder": tmp_path, "run_dir": tmp_path / "runs", "tasks": [name], "seeds": 1, "budget": 60}
    (row,) = measure_pareto(**settings, optimizers=["nsga2"])
    assert row["hypervolume at 60"] > 0
    # the sum of rectangles below a front of two objectives, in decades from 1 MHz and 1 mW
    front = sorted(row["fronts"][0])
    area, before = 0.0, -3.0
    for gbw, power in front:
        area += (-6 - gbw) * (before - power) if power < before else 0
        before = min(before, power)
    assert row["hypervolume at 60"] == pytest.approx(area)
    with pytest.raises(InputError, match="needs a bound"):
        measure_pareto(**{**settings, "tasks": [task(["maximize gbw", "minimize power"])]}, optimizers=["nsga2"])


def test_equals_counts_to_the_best_of_random_designs(task, tmp_path):
    name = task(["dc_gain >= 25 dB", "minimize power"])
    rows = measure_equals(
        folder=tmp_path,
        run_dir=tmp_path / "runs",
        tasks=[name],
        optimizers=["bayesian", "random"],
        designs=60,
        seeds=1,
        budget=120,
    )
    problem = load_task(tmp_path / name).problem
    result = size(problem, RandomSearch(seed=1000), budget=60, run_dir=tmp_path, progress=False)
    best = result.best.rank(problem.specs)
    assert rows[0]["random feasible"] == (best[0] == 0)
    assert rows[0]["best violations"] == pytest.approx([best[1] if best[0] else 0])
    assert rows[0]["simulations to equal"][0] < 60


def test_overhead_is_what_optimizers_take_beside_simulations_of_a_given_time(task, tmp_path):
    name = task(["dc_gain >= 25 dB", "minimize power"])
    rows = measure_overhead(
        folder=tmp_path, task=name, optimizers=["random", "bayesian"], milliseconds=[1, 50], seeds=1, budget=20
    )
    share = {(row["optimizer"], row["ms per simulation"]): row["share that is not simulation"] for row in rows}
    assert share["random", 50] < share["random", 1] < share["bayesian", 1]
    assert share["bayesian", 50] < share["bayesian", 1]


@pytest.mark.dataset("autockt")
def test_targets_are_met_from_nothing_and_by_an_agent(tmp_path, monkeypatch):
    monkeypatch.setattr("eda.benchmark.targets.published_targets", lambda: published_targets()[:50])
    settings = {
        "folder": Path("benchmarks"),
        "run_dir": tmp_path,
        "task": "tasks/autockt.toml",
        "optimizers": ["bayesian"],
        "count": 2,
        "budget": 40,
        "training": [],
        "moves": 200,
        "seeds": 1,
    }
    (row,) = measure_targets(**settings, tables=["from nothing"])
    assert row["targets"] == 2
    assert len(row["simulations to feasible"]) == 2
    monkeypatch.setattr("eda.benchmark.targets._ANSWER", 3)
    rows = measure_targets(**settings, tables=["by an agent"])
    agent = rows[-1]
    assert agent["targets"] == 50
    assert agent["training simulations"] <= agent["curve"][-1]["moves"] + 1  # and the design in the middle
    assert agent["met"] + len(agent["missed"]) == 50
