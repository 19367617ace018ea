"""`eda bench` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SUITES = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.ngspice
def test_a_suite_is_run_recorded_and_drawn(eda_command, task):
    folder = task.parent
    (folder / "small.toml").write_text(
        'kind = "sizing"\nabout = "two of them"\ntasks = ["ota.toml"]\noptimizers = ["de", "random"]\nseeds = 2\n'
        "budget = 20\nuntil_feasible = true\n"
    )
    record, figure = folder / "small.json", folder / "small.svg"
    words = ("bench", "small", "--folder", folder, "--run-dir", folder / "runs", "-o", record, "--plot", figure)
    told = eda_command(*words)
    assert told.code == 0
    assert "two of them" in told.out
    rows = json.loads(record.read_text())["rows"]
    assert {row["optimizer"] for row in rows} == {"de", "random"}
    assert "share of runs" in figure.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("library", "-o", "nowhere/r.json"), "cannot write nowhere/r.json: its folder must exist"),
        (("library", "--plot", "nowhere/r.svg"), "cannot write nowhere/r.svg: its folder must exist"),
        (("library", "--plot", "r.xls"), "a plot is a file with the ending .pdf, .png, .svg, but got r.xls"),
        (
            ("netlist", "--plot", "r.svg"),
            "netlist has nothing to plot; suites that have are autockt, bagnet, class_ab, library, tia",
        ),
        (("libary",), "Did you mean 'library'?"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_runs(eda_command, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    refused = eda_command("bench", *words, "--folder", SUITES)
    assert refused.code == 2
    assert message in refused.err
    assert not list(tmp_path.iterdir())
