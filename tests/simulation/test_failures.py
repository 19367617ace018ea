"""What failed can be run again by plain ngspice."""

import subprocess

import pytest

from eda.problem import SizingProblem
from eda.problem.evaluation import REPEAT
from eda.simulation import Ac, Deck, Job, Op, Simulation, Status, WorkerPool, failures
from eda.testbench import OpAmpTestbench

DECK = Deck("", "v1 a 0 {x}\nv2 a 0 2", {"x": 1.0}, (Op(),), ("v(a)",), setup=("set ngbehavior=hsa",))


@pytest.mark.ngspice
def test_the_command_runs_the_same_deck(kept_failures):
    command = failures.keep_failure(Job(DECK, {"x": 3.0}), Simulation(Status.SINGULAR_MATRIX, log="told"), "design 7")
    (kept,) = kept_failures.iterdir()
    assert (kept / "deck.sp").read_text().startswith("* design 7: singular matrix")
    assert ".param x=3.0" in (kept / "deck.sp").read_text()
    assert "set ngbehavior=hsa" in (kept / ".spiceinit").read_text()
    output = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "singular matrix" in (output.stdout + output.stderr).lower()


def test_only_the_newest_are_kept(kept_failures, monkeypatch):
    monkeypatch.setattr(failures, "_MOST", 3)
    for x in range(6):
        failures.keep_failure(Job(DECK, {"x": float(x)}), Simulation(Status.CRASHED), "a design")
    assert len(list(kept_failures.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_no_second_failure(kept_failures):
    kept_failures.write_text("in the way")
    assert failures.keep_failure(Job(DECK), Simulation(Status.CRASHED), "a design") == ""


@pytest.mark.ngspice
def test_an_evaluation_says_how_to_repeat_it(kept_failures, miller):
    with WorkerPool(1, timeout=1e-4) as pool:
        problem = SizingProblem(
            miller, technology="generic", testbench=OpAmpTestbench(), specs=["dc_gain >= 60 dB"], simulator=pool
        )
        (evaluation,) = problem.evaluate([{"cc": 1e-12}])
    assert evaluation.status is Status.TIMEOUT
    (sentence,) = evaluation.failures(problem.specs)
    assert sentence.startswith("timeout (no result after 0.0001 s)")
    assert REPEAT in sentence
    assert str(kept_failures) in sentence


@pytest.mark.ngspice
def test_a_deck_with_settings_is_kept_with_them(kept_failures):
    deck = Deck(
        "",
        "v1 a 0 1\nr1 a 0 1k",
        {},
        (Op(), Ac(1, 10, 1), Ac(1, 10, 1, name="psrr")),
        ("v(a)",),
        switched={"@v1[acmag]": 0.0},
        settings={"psrr": {"@v1[acmag]": 1.0}},
    )
    command = failures.keep_failure(Job(deck), Simulation(Status.CRASHED), "a design at 27 °C")
    (kept,) = kept_failures.iterdir()
    text = (kept / "deck.sp").read_text(encoding="utf-8")
    assert text.startswith("* a design at 27 °C")
    assert "alter @v1[acmag]" in text
    subprocess.run(command, shell=True, capture_output=True, check=False)
    assert (kept / "2.raw").is_file()
