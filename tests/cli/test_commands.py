from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eda.errors import RunStoreError
from eda.netlist import read_netlist
from eda.sizing.store import read_run

ROOT = Path(__file__).parents[2]


def test_help_names_every_command_and_the_exit_codes(eda_command):
    outcome = eda_command("--help")
    assert outcome.code == 0
    for verb in ("doctor", "pdk", "check", "simulate", "size", "verify", "report", "bench"):
        assert verb in outcome.out
        assert "Example" in eda_command(verb, "--help").out or verb == "pdk"
    assert "3 simulator" in " ".join(outcome.out.split())


@pytest.mark.ngspice
def test_doctor_finds_a_working_simulator(eda_command):
    outcome = eda_command("doctor", "--json")
    assert outcome.code == 0
    assert {row["check"]: row["ok"] for row in outcome.data}["divider, by the library"]


def test_doctor_without_ngspice_says_what_to_install(eda_command, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    outcome = eda_command("doctor")
    assert outcome.code == 3
    assert "apt-get install ngspice" in outcome.out


def test_pdk_list_and_an_unknown_kit(eda_command):
    assert eda_command("pdk", "list", "--json").data["generic"]["installed"] is True
    outcome = eda_command("pdk", "install", "sky13")
    assert outcome.code == 2
    assert "Did you mean 'sky130'?" in outcome.err


def test_check_passes_our_netlists_and_fails_a_floating_gate(eda_command, tmp_path):
    assert eda_command("check", ROOT / "netlists/opamp/two_stage_miller/two_stage_miller.sp").code == 0
    bad = tmp_path / "bad.sp"
    bad.write_text("* t\n.subckt amp out vdd vss\nm1 out g vss vss nmos\nm2 out g vdd vdd pmos\n.ends\n")
    outcome = eda_command("check", bad, "--json")
    assert outcome.code == 1
    assert [finding["rule"] for finding in outcome.data["findings"]] == ["floating-gate"]


@pytest.mark.ngspice
def test_simulate_shows_metrics_and_misses_a_spec(eda_command, task):
    good = eda_command("simulate", task, "--json")
    assert good.code == 0
    assert good.data["metrics"]["dc_gain"] > 30
    bad = eda_command("simulate", task, "-p", "ib=1e-15")
    assert bad.code == 1
    assert "guard conducting       FAILS" in bad.out
    assert "missed: conducting" in bad.out


@pytest.mark.ngspice
def test_both_backends_give_the_same_figures(eda_command, task):
    library, batch = (eda_command("simulate", task, "--json", *more).data["metrics"] for more in ((), ("--batch",)))
    assert batch == pytest.approx(library, rel=1e-9)


@pytest.mark.ngspice
def test_size_verify_and_report(eda_command, task, tmp_path):
    command = ("size", task, "--optimizer", "sobol", "--budget", 16, "--run-dir", tmp_path / "runs")
    sized = eda_command(*command, "-o", tmp_path / "sized.sp", "--json")
    assert sized.code == 0
    assert sized.data["simulations"] == 16
    assert read_netlist(tmp_path / "sized.sp").defaults()["w1"] == pytest.approx(sized.data["design"]["w1"])
    text = eda_command(*command)
    assert "dc_gain >= 30 dB" in text.out
    assert "guard: saturated" in text.out
    verified = eda_command("verify", task, tmp_path / "sized.sp", "--json", "--corners", "tt,ss")
    assert len(verified.data["rows"]) == 4
    assert verified.data["rows"][0]["metrics"]["power"] != verified.data["rows"][1]["metrics"]["power"]
    page = tmp_path / "report.html"
    assert eda_command("report", sized.data["run"], "-o", page, "--no-verification").code == 0
    assert "dc_gain &gt;= 30 dB" in page.read_text()


@pytest.mark.ngspice
def test_an_impossible_spec_ends_with_1_and_says_what_is_missed(eda_command, task, tmp_path):
    words = ("size", task, "--optimizer", "sobol", "--budget", 4, "--run-dir", tmp_path, "--spec", "dc_gain >= 200 dB")
    outcome = eda_command(*words)
    assert outcome.code == 1
    assert "missed: dc_gain >= 200 dB is missed by" in outcome.out


@pytest.mark.ngspice
def test_a_deck_that_ngspice_refuses_says_why_and_has_exit_code_3(eda_command, task, tmp_path):
    netlist = task.parent / "ota.sp"
    netlist.write_text(netlist.read_text().replace("dc {ib}", "dc {1/zero}").replace("ib=20u", "ib=20u zero=0"))
    outcome = eda_command("simulate", task)
    assert outcome.code == 3
    assert "ngspice refused the deck (" in outcome.out
    sized = eda_command("size", task, "--budget", 50, "--optimizer", "sobol", "--run-dir", tmp_path / "runs")
    assert sized.code == 3
    assert "no design can be simulated" in sized.err


@pytest.mark.ngspice
@pytest.mark.cluster
def test_a_run_can_be_begun_here_and_continued_on_a_cluster(eda_command, task, tmp_path):
    from distributed import LocalCluster

    words = ("size", task, "--optimizer", "sobol", "--run-dir", tmp_path / "runs", "--json")
    here = eda_command(*words, "--budget", 8, "--workers", 1).data
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster:
        there = ("--scheduler", cluster.scheduler_address)
        sized = eda_command(*words, "--budget", 16, *there, "-o", tmp_path / "sized.sp").data
        verified = eda_command("verify", task, tmp_path / "sized.sp", "--json", *there).data
        simulated = eda_command("simulate", task, "--netlist", tmp_path / "sized.sp", "--json", *there).data
    assert (sized["run"], sized["simulations"]) == (here["run"], 16)
    assert verified == eda_command("verify", task, tmp_path / "sized.sp", "--json", "--workers", 2).data
    assert simulated == eda_command("simulate", task, "--netlist", tmp_path / "sized.sp", "--json").data


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("size", "--scheduler", "tcp://127.0.0.1:9"), 3, "no Dask scheduler answers at tcp://127.0.0.1:9"),
        (("size", "--scheduler", "login1"), 2, "reads like tcp://login1:8786, but got 'login1'"),
        (("size", "--scheduler", "tcp://127.0.0.1:9", "--workers", 2), 2, "leave it out with --scheduler"),
        (("simulate", "--scheduler", "tcp://127.0.0.1:9", "--batch"), 2, "give it or --scheduler, not both"),
    ],
)
def test_a_scheduler_that_cannot_be_used_is_explained(eda_command, task, words, code, message):
    outcome = eda_command(words[0], task, *words[1:])
    assert outcome.code == code
    assert message in outcome.err


def test_an_output_that_cannot_be_or_would_overwrite_the_task_is_refused_first(eda_command, task, tmp_path):
    netlist = task.with_name("ota.sp")
    for output in (task, netlist, tmp_path, tmp_path / "no" / "folder.sp"):
        before = task.read_text() + netlist.read_text()
        outcome = eda_command("size", task, "-o", output, "--run-dir", tmp_path / "runs")
        assert outcome.code == 2
        assert str(output) in outcome.err
        assert task.read_text() + netlist.read_text() == before
    assert not (tmp_path / "runs").exists()
    assert f"{task} is a task" in eda_command("report", tmp_path / "runs" / "a", "-o", task).err


@pytest.mark.ngspice
@pytest.mark.parametrize("how", [[], ["--batch"]])
def test_simulate_gives_up_when_told(eda_command, task, how):
    given_up = eda_command("simulate", task, "--timeout", "0.001", *how)
    assert given_up.code == 3
    assert "timeout (no result after 0.001 s)" in given_up.out
    refused = eda_command("simulate", task, "--timeout", "0", *how)
    assert refused.code == 2
    assert "0.001" in refused.err


def test_simulate_uses_the_conditions_of_the_task_unless_told_otherwise(eda_command, task):
    task.write_text(f'{task.read_text()}[conditions]\ncorner = "ss"\ntemperature = 85\n')
    assert eda_command("simulate", task, "--json").data["conditions"] == "ss 85 °C"
    assert eda_command("simulate", task, "--json", "--corner", "ff").data["conditions"] == "ff 85 °C"


BAD = {
    "two requirements": (("--spec", "gbw >= 1 MHz <= 3 MHz"), "a spec reads like"),
    "a comma": (("--spec", "gbw >= 1,5 MHz"), "a number in Hz was expected"),
    "millihertz": (("--spec", "gbw >= 10 mhz"), "write Hz, capitals count"),
    "unknown metric": (("--spec", "dcgain >= 70 dB"), "unknown metric 'dcgain'. Did you mean 'dc_gain'?"),
    "unknown unit": (("--spec", "gbw >= 10 MV"), "is in V, but a quantity in Hz was expected"),
    "unknown technology": (("--technology", "sky131"), "Did you mean 'sky130'?"),
    "contradiction": (("--spec", "dc_gain >= 70 dB", "--spec", "dc_gain <= 60 dB"), "contradict"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_options_are_explained(eda_command, task, tmp_path, case):
    words, message = BAD[case]
    outcome = eda_command("size", task, "--run-dir", tmp_path, "--budget", 1, *words)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) < 25


NETLISTS = {
    "syntax": ("* t\n.subckt ota inp inn out vdd vss w1=1u\n*@ w1 = 1u..2u\nm1 a b c\n.ends\n", "ota.sp:4:"),
    "no bounds": ("* t\n.subckt ota inp inn out vdd vss\nr1 inp out 1k\n.ends\n", "a design space needs at least one"),
    "no parameter": ("* t\n.subckt ota inp inn out vdd vss\n*@ w1 = 1u..2u\n.ends\n", "no parameter of 'ota'"),
    "missing port": ("* t\n.subckt ota inp inn vo vdd vss a=1\n*@ a = 1..2\n.ends\n", "lacks 'out'"),
    "unknown model": (
        "* t\n.subckt ota inp inn out vdd vss a=1\n*@ a = 1..2\nm1 out inp vss vss nmoss\n.ends\n",
        "the model 'nmoss' of m1 is unknown to generic. Did you mean 'nmos' or 'pmos'?",
    ),
    "a function's name": ("* t\n.subckt a inp inn out vdd vss ln=1u\n.ends\n", "ota.sp:2:31: 'ln' is a function"),
    "missing include": ("* t\n.include gone.sp\n", "ota.sp:2:1: cannot read"),
    "command": ("* t\n.control\nshell rm -rf /\n.endc\n", "can run commands, so it is refused"),
}


@pytest.mark.parametrize("case", NETLISTS)
def test_bad_netlists_are_explained(eda_command, task, case):
    text, message = NETLISTS[case]
    (task.parent / "ota.sp").write_text(text)
    outcome = eda_command("simulate", task)
    assert outcome.code == 2
    assert message in outcome.err


def test_a_missing_kit_names_the_remedy(eda_command, task, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "empty"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    outcome = eda_command("simulate", task, "--technology", "sky130")
    assert outcome.code == 2
    assert "eda pdk install sky130" in outcome.err


def test_an_unwritable_run_folder_is_explained(eda_command, task, tmp_path):
    (tmp_path / "file").write_text("in the way")
    outcome = eda_command("size", task, "--run-dir", tmp_path / "file", "--budget", 1)
    assert outcome.code == 2
    assert "cannot write the run folder" in outcome.err


def test_a_missing_ngspice_has_exit_code_3(eda_command, task, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    outcome = eda_command("simulate", task, "--batch")
    assert outcome.code == 3
    assert "apt-get install ngspice" in outcome.err


@pytest.mark.ngspice
def _evaluated(folder):
    """Whether a run has an evaluation on disk."""
    try:
        return any(len(read_run(path.parent)[1]) for path in folder.glob("runs/*/run.sqlite"))
    except RunStoreError:
        return False  # it is being made


def test_ctrl_c_ends_at_once_says_how_to_resume_and_leaves_nothing(task, tmp_path):
    words = [sys.executable, "-m", "eda.cli.main", "size", str(task), "--optimizer", "sobol", "--budget", "100000"]
    process = subprocess.Popen(
        [*words, "--run-dir", str(tmp_path / "runs")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    deadline = time.monotonic() + 60
    while not _evaluated(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    children = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b"the same call goes on from there" in error
    assert b"Traceback" not in error
    assert children, "workers were running"
    assert not any(Path("/proc", child).exists() for child in children)
    (run,) = tmp_path.glob("runs/*")
    assert (run / "best.sp").is_file()
