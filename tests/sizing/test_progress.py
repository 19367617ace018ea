import pytest

from eda.problem import Evaluation
from eda.simulation import Status
from eda.sizing import Sobol, size
from eda.sizing.progress import show_progress
from eda.testbench import Guard

GUARDS = (Guard("alive", 1.0, "it is"),)


def _evaluation(total, bowl):
    return Evaluation({}, Status.OK, {"sum": total, "bowl": bowl}, guards=GUARDS)


def _lines(capsys, problem, evaluations):
    with show_progress(problem, len(evaluations), shown=True) as report:
        for evaluation in evaluations:
            report(evaluation)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


@pytest.mark.parametrize(
    ("evaluations", "words"),
    [
        ([(1.3, 0.5), (1.3, 0.25), (0.1, 0.0)], "all specs met, bowl 250 mV"),
        ([(0.1, 0.5), (0.2, 0.25), (0.1, 0.0)], "1 specs or guards missed"),
    ],
)
def test_without_a_terminal_the_end_is_one_plain_line(capsys, bowl, evaluations, words):
    lines = _lines(capsys, bowl(), [_evaluation(*values) for values in evaluations])
    assert lines == [f"bowl: 3 of 3 simulations, {words}"]


def test_a_problem_without_an_objective_has_no_value_to_show(capsys, bowl):
    assert _lines(capsys, bowl(specs=["sum >= 1.2 V"]), [_evaluation(1.3, 0.5)]) == [
        "bowl: 1 of 1 simulations, all specs met"
    ]


def test_designs_to_learn_from_are_only_counted(capsys, bowl):
    with show_progress(bowl(), 1, shown=True, judged=False) as report:
        report(_evaluation(1.3, 0.5))
    assert capsys.readouterr().err == "bowl: 1 of 1 simulations\n"


def test_a_line_now_and_then(capsys, bowl, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("eda.sizing.progress.time.monotonic", lambda: next(clock))
    lines = _lines(capsys, bowl(), [_evaluation(1.3, 0.5)] * 9)
    assert 1 < len(lines) < 9
    assert lines[-1].startswith("bowl: 9 of 9 simulations")


def test_nothing_is_shown_when_not_wanted(capsys, bowl, tmp_path):
    size(bowl(), Sobol(), budget=4, run_dir=tmp_path, progress=False)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_terminal_has_a_bar(capsys, bowl, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with show_progress(bowl(), 2, shown=True) as report:
        report(_evaluation(1.3, 0.5))
        report(_evaluation(1.3, 0.25))
    text = capsys.readouterr().err
    assert "2/2" in text
    assert "bowl 250 mV" in text
