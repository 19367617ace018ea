from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import rankdata

from eda.benchmark import find_suites, load_suite, run_suite
from eda.errors import EDAError, InputError

SUITES = Path(__file__).parents[2] / "benchmarks"
TASK = """
netlist = "ota.sp"
technology = "generic"
specs = ["dc_gain >= 30 dB", "minimize power"]
[testbench]
vdd = "3 V"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ota.sp").write_text(
        (SUITES.parent / "netlists/opamp/five_transistor_ota/five_transistor_ota.sp").read_text()
    )
    (tmp_path / "ota.toml").write_text(TASK)
    return tmp_path


def suite(folder, text):
    (folder / "suite.toml").write_text(text)
    return load_suite("suite", folder)


def test_every_suite_of_the_project_can_be_read():
    assert {"autockt", "library", "netlist"} <= find_suites(SUITES).keys()
    for name in find_suites(SUITES):
        assert load_suite(name, SUITES).about


@pytest.mark.ngspice
def test_a_sizing_suite_has_a_row_per_optimizer_and_resumes(folder):
    text = 'kind = "sizing"\ntasks = ["ota.toml"]\noptimizers = ["de", "sobol"]\nseeds = 2\nbudget = 30\n'
    text += "until_feasible = false\n"
    first = run_suite(suite(folder, text), run_dir=folder / "runs")
    over_all, rows = first.rows[:2], first.rows[2:]
    assert [(row["optimizer"], len(row["simulations to feasible"])) for row in rows] == [("de", 2), ("sobol", 2)]
    assert sorted(row["mean rank"] for row in over_all) == pytest.approx([1, 2]) or over_all[0]["mean rank"] == 1.5
    kept = next(folder.glob("runs/suites-*/sizing.jsonl")).read_text()
    assert len(kept.splitlines()) == 4
    assert run_suite(suite(folder, text), run_dir=folder / "runs").rows == first.rows
    data = json.loads(json.dumps(first.as_data()))
    assert data["versions"]["simulator"].startswith("ngspice-")
    assert data["settings"]["seeds"] == 2
    assert "median best" in str(first)
    assert next(folder.glob("runs/suites-*/sizing.jsonl")).read_text() == kept


@pytest.mark.ngspice
def test_what_another_version_ran_is_run_again(folder, monkeypatch):
    text = 'kind = "sizing"\ntasks = ["ota.toml"]\noptimizers = ["random"]\nseeds = 1\nbudget = 3\n'
    text += "until_feasible = false\n"
    first = run_suite(suite(folder, text), run_dir=folder / "runs")
    monkeypatch.setattr("eda.benchmark.suite.versions", lambda: {**first.versions, "numpy": "0.1"})
    assert run_suite(suite(folder, text), run_dir=folder / "runs").versions["numpy"] == "0.1"
    assert len(list(folder.glob("runs/suites-*/sizing.jsonl"))) == 2


@pytest.mark.ngspice
def test_runs_that_end_with_a_feasible_design_rank_by_their_simulations(folder):
    text = 'kind = "sizing"\ntasks = ["ota.toml"]\noptimizers = ["cma", "sobol", "random"]\nseeds = 3\nbudget = 40\n'
    over_all = run_suite(suite(folder, text + "until_feasible = true\n"), run_dir=folder / "runs").rows
    firsts = np.array([row["simulations to feasible"] for row in over_all[3:]], dtype=float)
    expected = rankdata(np.where(np.isnan(firsts), np.inf, firsts), axis=0).mean(axis=1)
    assert np.isfinite(firsts).any()
    assert [row["mean rank"] for row in over_all[:3]] == pytest.approx(expected)
    assert "median best cost" not in over_all[3]


@pytest.mark.ngspice
def test_tasks_that_an_optimizer_was_tuned_on_are_left_out(folder):
    (folder / "other.toml").write_text(TASK)
    text = 'kind = "sizing"\ntasks = ["ota.toml", "other.toml"]\noptimizers = ["random"]\nseeds = 1\nbudget = 5\n'
    text += "until_feasible = true\nleft_out = "
    rows = run_suite(suite(folder, f'{text}["ota"]\n'), run_dir=folder / "runs").rows
    assert [row["task"] for row in rows[1:]] == ["other"]
    with pytest.raises(InputError, match=r"there is no task to leave out, 'oat'. Did you mean 'ota'"):
        run_suite(suite(folder, f'{text}["oat"]\n'), run_dir=folder / "runs")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kind = "sizzing"', "unknown kind 'sizzing'. Did you mean 'sizing'?"),
        ("kind = ", "no TOML file"),
    ],
)
def test_a_bad_suite_is_explained(folder, text, message):
    with pytest.raises(InputError, match=message):
        suite(folder, text)


def test_an_unknown_suite_or_optimizer_is_explained(folder):
    with pytest.raises(InputError, match="there is no suite 'sizzing'"):
        load_suite("sizzing", SUITES)
    text = (
        'kind = "sizing"\ntasks = ["ota.toml"]\noptimizers = ["tubro"]\nseeds = 1\nbudget = 1\nuntil_feasible = false\n'
    )
    with pytest.raises(InputError, match="Did you mean 'exturbo' or 'turbo'"):
        run_suite(suite(folder, text), run_dir=folder)
    with pytest.raises(InputError, match=r"unknown setting 'buget'. Did you mean 'budget'"):
        run_suite(suite(folder, text.replace("budget", "buget")), run_dir=folder)
    with pytest.raises(InputError, match=r"a suite of the kind sizing, as .*, has no tables to choose"):
        run_suite(suite(folder, text), run_dir=folder, overrides={"tables": ["x"]})
    with pytest.raises(InputError, match="a setting is missing: budget"):
        run_suite(suite(folder, text.replace("budget = 1\n", "")), run_dir=folder)
    for wrong in ("0", '"40"', "2.5"):
        with pytest.raises(InputError, match=r"`budget` must be a whole number, 1 or more, but got"):
            run_suite(
                suite(folder, text.replace("tubro", "de").replace("budget = 1", f"budget = {wrong}")), run_dir=folder
            )


def test_an_unknown_table_is_explained_before_it_replaces_a_record():
    with pytest.raises(InputError, match=r"there is no table 'from nothin'. Did you mean 'from nothing'"):
        run_suite(load_suite("autockt", SUITES), run_dir=SUITES, overrides={"tables": ["from nothin"]})


def test_a_suite_may_be_a_file_anywhere(folder):
    (folder / "own.toml").write_text('kind = "sizing"\nabout = "mine"\n')
    assert load_suite(str(folder / "own.toml"), folder / "nowhere").about == "mine"


@pytest.mark.ngspice
def test_where_nobody_has_a_design_nobody_is_best(folder):
    (folder / "hard.toml").write_text(TASK.replace("dc_gain >= ", "dc_gain >= 1"))
    text = 'kind = "sizing"\ntasks = ["hard.toml"]\noptimizers = ["random", "sobol"]\nseeds = 1\nbudget = 4\n'
    rows = run_suite(suite(folder, text + "until_feasible = true\n"), run_dir=folder / "runs").rows[:2]
    assert [(row["best of all in"], row["without a design in"]) for row in rows] == [(0, 1), (0, 1)]
    assert [row["within 4"] for row in rows] == [0, 0]
    with pytest.raises(EDAError, match="nehvi needs 2 objectives"):
        run_suite(suite(folder, text.replace("random", "nehvi") + "until_feasible = true\n"), run_dir=folder / "runs")
