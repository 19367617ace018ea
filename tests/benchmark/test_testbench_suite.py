"""The suite of the testbench room on one small library: what is counted, and what is timed."""

import shutil
from pathlib import Path

import pytest

from eda.benchmark.testbench import measure_testbenches
from eda.errors import InputError

AMPLIFIER = Path(__file__).parents[2] / "netlists/opamp/two_stage_miller"
SETTINGS = {"ordinary": ["dc_gain >= 0 dB"], "designs": 24, "repeats": 1, "seconds": 0.1, "seed": 0}


@pytest.fixture
def folder(tmp_path):
    for name in ("two_stage_miller.sp", "two_stage_miller_generic.toml", "two_stage_miller_generic.record.json"):
        (tmp_path / "netlists/opamp/two_stage_miller").mkdir(parents=True, exist_ok=True)
        shutil.copy(AMPLIFIER / name, tmp_path / "netlists/opamp/two_stage_miller")
    (tmp_path / "benchmarks").mkdir()
    return tmp_path / "benchmarks"


@pytest.mark.ngspice
def test_designs_that_meet_the_specs_and_do_not_work_are_counted_with_the_guard_that_says_so(folder, pool):
    recorded, ordinary, *totals = measure_testbenches(
        folder=folder, simulator=pool, tables=["specs without guards"], **SETTINGS
    )
    assert recorded["designs"] == 2000
    assert ordinary["designs"] == 24
    # any amplifier has more than 0 dB; the guards find that most random ones are biased out of their regions
    assert 0 < ordinary["of them rejected"] <= ordinary["meet all specs"] <= 24
    rejections = [int(text.rpartition(" ")[2]) for text in ordinary["first guard that fails"].split(", ")]
    assert sum(rejections) == ordinary["of them rejected"]
    assert [row["specs"] for row in totals] == ["of the task", "dc_gain >= 0 dB"]
    assert totals[1]["of them rejected"] == ordinary["of them rejected"]


@pytest.mark.ngspice
def test_an_evaluation_costs_at_least_what_its_analyses_do(folder, pool):
    (row,) = measure_testbenches(folder=folder, simulator=pool, tables=["cost"], **SETTINGS)
    assert row["task"] == "two_stage_miller_generic"
    assert row["evaluations"] >= 4
    assert row["ms inside the analyses"] > 0
    assert row["ms"] > 0.5 * row["ms inside the analyses"], "the two are of one turn, on a machine that others use"


def test_a_table_that_is_not_there_is_refused(folder, pool):
    with pytest.raises(InputError, match="there is no table 'costs'"):
        measure_testbenches(folder=folder, simulator=pool, tables=["costs"], **SETTINGS)
