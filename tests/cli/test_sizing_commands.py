"""Commands around sizing: conditions, starts, agents, reports and comparisons of runs."""

import json
import re
from pathlib import Path

import pytest

from eda import sizing
from eda.netlist import read_netlist
from eda.problem import load_task

pytestmark = pytest.mark.ngspice


@pytest.fixture
def size(eda_command, task, tmp_path):
    def run(*words, optimizer="sobol", budget=16):
        common = ("size", task, "--optimizer", optimizer, "--budget", budget, "--run-dir", tmp_path / "runs", "--json")
        return eda_command(*common, *words)

    return run


def test_a_design_for_all_conditions_is_proven_under_them(size, eda_command, task):
    found = size("--corners", "ss,ff", "--temperatures=0,80", "--spec", "dc_gain >= 25 dB", budget=40)
    assert found.code == 0
    assert found.data["conditions"] == ["tt 27 °C", "ss 0 °C", "ss 80 °C", "ff 0 °C", "ff 80 °C"]
    verified = eda_command(
        *("verify", task, found.data["netlist"], "--corners", "ss,ff", "--temperatures=0,80", "--json"),
        *("--spec", "dc_gain >= 25 dB"),
    )
    assert verified.code == 0
    worst = min(row["metrics"]["dc_gain"] for row in verified.data["rows"])
    assert found.data["metrics"]["dc_gain"] == pytest.approx(worst)


def test_everywhere_are_the_conditions_of_the_verification(size):
    assert size("--everywhere").data["conditions"] == [
        "tt 27 °C",
        *(f"{corner} {degrees} °C" for corner in ("tt", "ff", "ss", "sf", "fs") for degrees in (0, 80)),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--corners", "fast"), "corner"),
        (("--temperatures", "warm"), "--temperatures takes numbers"),
        (("--supplies", "0"), "a supply is a factor on the testbench's supply"),
        (("--supplies", "3.3"), "got 3.3; volts are given to the testbench"),
        (("--monte-carlo", "3"), "no statistics"),
        (("--agent", "a.safetensors"), "--agent is for --optimizer agent"),
    ],
)
def test_bad_conditions_are_explained(size, words, message):
    refused = size(*words)
    assert refused.code == 2
    assert message in refused.err


def test_the_sizes_of_another_circuit_are_no_start(size):
    refused = size("--start", "netlists/opamp/current_mirror_ota/current_mirror_ota.sp")
    assert refused.code == 2
    assert "another circuit than that of the task" in refused.err


def test_the_sizes_of_a_circuit_with_more_of_them_are_no_start(size, task, tmp_path):
    netlist = task.with_name("ota.sp").read_text()
    first = next(line for line in netlist.splitlines() if line.lower().startswith(".subckt"))
    (tmp_path / "more.sp").write_text(netlist.replace(first, f"{first} w99=1u"))
    refused = size("--start", tmp_path / "more.sp")
    assert refused.code == 2
    assert "it has w99 as well" in refused.err


@pytest.mark.sky130
def test_transistors_beyond_their_voltage_are_told(size):
    told = "the supply is up to 3 V, but sky130_fd_pr__nfet_01v8 is made for 1.8 V"
    assert told in size("--technology", "sky130", budget=1).err
    assert told not in size(budget=1).err


def test_designs_by_gm_id_come_first(size):
    found = size("--gm-id", budget=18)
    usual = size(budget=18)
    assert found.data["run"] != usual.data["run"]
    assert found.code == 0


def test_what_is_in_the_way_is_told(size):
    refused = size("--spec", "dc_gain >= 90 dB", "--spec", "gbw >= 1 MHz")
    assert refused.code == 1
    assert refused.data["conflicts"][0].startswith("no design that works met 'dc_gain >= 90 dB': the nearest has ")


def test_runs_are_compared(size, eda_command, tmp_path):
    runs = [size(optimizer=name).data["run"] for name in ("sobol", "random")]
    page = tmp_path / "compare.html"
    compared = eda_command("compare", *runs, "-o", page, "--json")
    assert compared.code == 0
    assert [row["run"] for row in compared.data] == ["sobol, seed 0", "random, seed 0"]
    assert "data-plot" in page.read_text()
    other = size("--spec", "dc_gain >= 20 dB").data["run"]
    refused = eda_command("compare", runs[0], other)
    assert refused.code == 2
    assert "the same specs" in refused.err


def test_a_run_that_was_given_designs_is_compared_as_such(size, eda_command):
    cold = size()
    warm = size("--start", cold.data["netlist"])
    compared = eda_command("compare", cold.data["run"], warm.data["run"], "--json")
    assert [row["run"] for row in compared.data] == ["sobol, seed 0", "sobol, seed 0, from 1 given design"]


def test_a_start_out_of_bounds_is_told_with_its_file(size, tmp_path):
    outside = tmp_path / "outside.sp"
    sized = size().data["netlist"]
    outside.write_text(re.sub(r"\bw1=\S+", "w1=1", Path(sized).read_text()))
    refused = size("--start", outside)
    assert refused.code == 2
    assert f"{outside}: " in refused.err
    assert "w1 <= " in refused.err


def test_a_sized_netlist_has_the_bounds_that_were_used(size, task):
    task.write_text(task.read_text() + '[space]\nw1 = "4u..50u log"\nw3 = "5u..60u log"\n')
    bounds = {v.name: (v.low, v.high) for v in read_netlist(size().data["netlist"]).top.variables}
    assert bounds == {"w1": (4e-6, 50e-6), "w3": (5e-6, 60e-6)}


def test_the_report_gives_the_command_and_the_terminal_the_verdict(size, eda_command, task, tmp_path):
    task.write_text(task.read_text() + "supplies = [1, 0.4]\n")  # nothing works at 1.2 V
    run = size("--spec", "dc_gain >= 31 dB").data["run"]
    page = tmp_path / "report.html"
    assert eda_command("report", run, "-o", page, "--no-verification").code == 0
    told = eda_command("report", run, "-o", page)
    assert told.code == 1
    assert re.search(r"fails at \d+ of 20 conditions", told.out)
    assert "--spec &#x27;dc_gain &gt;= 31 dB&#x27;" in page.read_text()


def test_the_report_verifies_by_the_specs_that_the_run_had(size, eda_command, task, tmp_path):
    task.write_text(re.sub(r"(\[verification\]\n)", r'\1specs = ["dc_gain >= 90 dB"]\n', task.read_text()))
    page = tmp_path / "report.html"
    usual, other = size(), size("--spec", "dc_gain >= 20 dB")
    assert usual.code == other.code == 0
    assert "fails at" in eda_command("report", usual.data["run"], "-o", page).out
    assert "holds at all" in eda_command("report", other.data["run"], "-o", page).out


def test_what_calibration_leaves_is_no_run_to_compare(size, eda_command, task, tmp_path):
    run = size().data["run"]
    words = ("--designs", 4, "--seeds", 1, "--budget", 4, "--dry", "--run-dir", tmp_path / "runs")
    eda_command("calibrate", task, *words)
    assert eda_command("compare", *(tmp_path / "runs").glob("five_transistor_ota-*")).code == 0
    (drawn,) = (tmp_path / "runs").rglob("*-random-*")
    for command in (("compare", run, drawn), ("report", drawn)):
        refused = eda_command(*command, "--task", task)
        assert refused.code == 2
        assert "holds simulations, but no search" in refused.err


def test_a_run_that_does_not_know_its_task_asks_for_it(eda_command, task, tmp_path):
    problem = load_task(task).problem
    origin = {"script": "sweep.py"}
    run = sizing.size(
        problem, sizing.Sobol(), budget=4, run_dir=tmp_path / "python", origin=origin, progress=False
    ).folder
    refused = eda_command("report", run, "-o", tmp_path / "report.html")
    assert refused.code == 2
    assert "give --task TASK" in refused.err
    words = ("report", run, "-o", tmp_path / "report.html", "--task", task, "--no-verification")
    assert eda_command(*words).code == 0


def test_an_agent_is_trained_kept_and_plays(size, eda_command, task, tmp_path):
    task.write_text(task.read_text() + '[targets]\ndc_gain = ["25 dB", "35 dB"]\n')
    words = ("train", "agent", task, "--simulations", 1300, "--run-dir", tmp_path / "runs", "--json")
    trained = eda_command(*words)
    assert trained.code == 0
    assert trained.data["agent"] == str(tmp_path / "ota.agent.safetensors")
    assert 1300 <= trained.data["curve"][-1]["moves"] < 1350
    assert json.loads((tmp_path / "ota.agent.json").read_text())["card"]["training"]["algorithm"] == "ppo"
    specs = ("--spec", "dc_gain >= 25 dB", "--spec", "phase_margin >= 45 deg")
    played = size(*specs, optimizer="agent", budget=5)
    assert played.data["simulations"] >= 1
    refused = size("--spec", "dc_gain >= 25 dB", "--spec", "gbw >= 1 MHz", optimizer="agent", budget=5)
    assert refused.code == 2
    assert "trained for specs on dc_gain, phase_margin" in refused.err
    unknown = eda_command("train", "agent", task, "--algorithm", "sac")
    assert unknown.code == 2
    assert "ppo or ddpg" in unknown.err
    # its run lies beside those that size; it is no run to compare
    compared = eda_command("compare", played.data["run"], *(tmp_path / "runs").iterdir(), "--json")
    assert {row["folder"] for row in compared.data} == {played.data["run"]}
    assert compared.err.count("is left out: it is of a training") == 1


def test_specs_of_the_user_may_leave_out_metrics_that_have_targets(size, task):
    task.write_text(task.read_text() + '[targets]\ndc_gain = ["25 dB", "35 dB"]\n')
    assert size("--spec", "phase_margin >= 45 deg").code == 0
    task.write_text(task.read_text() + 'dc_gian = ["25 dB", "35 dB"]\n')
    refused = size("--spec", "phase_margin >= 45 deg")
    assert refused.code == 2
    assert "'dc_gian'" in refused.err
