"""The circuits of `netlists/`: each has what a library circuit has, and its known design works."""

import json
from pathlib import Path

import pytest

from eda.benchmark.calibration import read_record
from eda.benchmark.guarding import broken_designs, reject_broken
from eda.benchmark.library import find_tasks
from eda.errors import TechnologyError
from eda.netlist import Severity, check, read_netlist
from eda.problem import load_task

ROOT = Path(__file__).parents[1]
TASKS = find_tasks(ROOT / "netlists")
FOLDERS = sorted({path.parent for path in TASKS.values()})
BROKEN = broken_designs(ROOT / "benchmarks" / "broken")


def test_the_library_is_as_large_as_it_says():
    assert len(FOLDERS) >= 28
    assert len({folder.parent.name for folder in FOLDERS}) >= 9


def test_every_task_has_a_record():
    assert not [name for name, path in TASKS.items() if read_record(path) is None]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_circuit_has_a_netlist_a_task_and_a_text_with_its_source(folder):
    circuit = read_netlist(folder / f"{folder.name}.sp")
    assert circuit.top.name == folder.name
    assert not [finding for finding in check(circuit) if finding.severity is not Severity.NOTE]
    assert (folder / f"{folder.name}.toml").is_file()
    text = (folder / "README.md").read_text()
    assert len(text.splitlines()) >= 8
    assert any(str(year) in text for year in range(1950, 2027)), "the source of the topology has a year"


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_known_design_of_a_task_meets_its_specs(name, pool):
    record = read_record(TASKS[name])
    assert record is not None
    try:
        task = load_task(TASKS[name], simulator=pool)
    except TechnologyError as missing:
        if record["technology"] in {"sky130", "generic"}:
            raise
        pytest.skip(f"the models are a data set: {missing}")
    problem = task.problem
    assert record["specs"] == [str(spec) for spec in problem.specs], f"run again: eda calibrate {name}"
    (evaluation,) = problem.evaluate([record["feasible"]["design"]])
    assert evaluation.meets(problem.specs), evaluation.failures(problem.specs)
    # random search is no match for it: fewer than 0.5 % of at least 2,000 designs
    assert record["random"]["designs"] >= 2000
    assert record["random"]["all"] < 0.005 * record["random"]["designs"]


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.task.stem}: {broken.why}")
def test_a_broken_design_is_rejected_by_the_guard_that_knows_why(broken, pool):
    row = reject_broken(broken, pool)
    assert row["holds"], json.dumps(row)


@pytest.mark.parametrize("kind", sorted({folder.parent.name for folder in FOLDERS}))
def test_every_class_has_five_broken_designs(kind):
    assert sum(broken.kind == kind for broken in BROKEN) >= 5
