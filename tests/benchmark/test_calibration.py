"""Difficulty of tasks: what is recorded beside them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eda.benchmark.calibration import calibrate, read_record, record_path
from eda.benchmark.library import find_tasks, library_rows, task_file
from eda.errors import InputError
from eda.problem import load_task

OTA = Path(__file__).parents[2] / "netlists/opamp/five_transistor_ota/five_transistor_ota.sp"
TASK = """
netlist = "ota.sp"
technology = "generic"
specs = ["dc_gain >= 34 dB", "phase_margin >= 60 deg", "minimize power"]
[testbench]
vdd = "3 V"
"""


@pytest.fixture
def task(tmp_path):
    tmp_path.joinpath("ota.sp").write_text(OTA.read_text())
    path = tmp_path / "ota.toml"
    path.write_text(TASK)
    return path


@pytest.mark.ngspice
def test_a_calibration_counts_hits_and_finds_a_design_that_works(task, pool):
    loaded = load_task(task, simulator=pool)
    found = calibrate(loaded, designs=40, seeds=2, budget=60, seed=1, run_dir=task.parent / "runs")
    random = found.data["random"]
    assert 0 <= random["all"] <= random["specs met, guards ignored"] <= random["hits"]["dc_gain >= 34 dB"] <= 40
    assert random["hits"]["dc_gain >= 34 dB"] > 0
    assert random["ranges"]["power"]["low"] < random["ranges"]["power"]["high"]
    assert len(found.data["reference"]["simulations to feasible"]) == 2
    assert (found.data["devices"], found.data["transistors"], found.data["variables"]) == (7, 6, 7)
    (again,) = loaded.problem.evaluate([found.data["feasible"]["design"]])
    assert again.meets(loaded.problem.specs)
    assert again.metrics == found.data["feasible"]["metrics"]
    assert found.write() == record_path(task)
    assert read_record(task) == json.loads(json.dumps(found.data))
    (row,) = library_rows(find_tasks(task.parent))
    assert (row["task"], row["devices"], row["random hits"]) == ("ota", 7, f"{random['all']}/40")
    for runs, middle in (([300, None, 100, None, 200], "300 (3/5)"), ([None, 100, None], "- (1/3)")):
        found.data["reference"]["simulations to feasible"] = runs
        found.write()
        assert library_rows(find_tasks(task.parent))[0]["reference"] == middle


@pytest.mark.ngspice
def test_random_designs_are_simulated_once_whatever_the_bounds_of_the_specs(task, pool):
    settings = {"seeds": 1, "budget": 1, "seed": 1, "run_dir": task.parent / "runs"}
    first = calibrate(load_task(task, simulator=pool), designs=12, **settings).data["random"]
    task.write_text(TASK.replace("34 dB", "0 dB"))
    loose = load_task(task, simulator=pool).problem
    simulated = []
    loose.stream, stream = (
        lambda points, *others: simulated.append(len(points)) or stream(points, *others),
        loose.stream,
    )
    again = calibrate(replace(load_task(task, simulator=pool), problem=loose), designs=16, **settings).data["random"]
    assert simulated[0] == 4, "twelve are on disk"
    assert again["hits"]["dc_gain >= 0 dB"] > first["hits"]["dc_gain >= 34 dB"]


def test_what_cannot_be_measured_is_refused(task, tmp_path):
    loaded = load_task(task)
    with pytest.raises(InputError, match="`designs >= 1` must hold"):
        calibrate(loaded, designs=0, seeds=1, budget=1, seed=0, run_dir=tmp_path)


def test_a_record_that_is_damaged_is_told_with_the_remedy(task):
    record_path(task).write_text("{")
    with pytest.raises(InputError, match="Make it again: eda calibrate"):
        read_record(task)


def test_tasks_are_found_by_name(task):
    assert task_file("ota", task.parent) == task
    assert task_file(str(task), Path("nowhere")) == task
    with pytest.raises(InputError, match="Did you mean 'ota'"):
        task_file("otta", task.parent)
    with pytest.raises(InputError, match="there is no folder"):
        find_tasks(task.parent / "nowhere")
