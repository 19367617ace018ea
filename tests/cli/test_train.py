import re

import pytest

from eda.surrogate import ensemble

pytestmark = pytest.mark.ngspice

TARGETS = """
[targets]
dc_gain = ["25 dB", "35 dB"]
"""


@pytest.fixture
def practised(task, tmp_path, monkeypatch, eda_command):
    monkeypatch.setattr(ensemble, "_STEPS", 100)
    monkeypatch.setattr(ensemble, "_WIDTH", 64)
    task.write_text(task.read_text() + TARGETS)
    trained = eda_command("train", "sizing", task, "--simulations", 120, "--run-dir", tmp_path / "runs", "--json")
    assert trained.code == 0
    return trained


def test_a_practised_task_answers_new_bounds(practised, task, tmp_path, eda_command):
    assert practised.data["simulations"] == 120
    assert practised.data["experience"] == str(tmp_path / "ota.experience.safetensors")
    assert practised.data["determination"].keys() == {"dc_gain", "phase_margin", "guards"}
    answered = eda_command(
        *("size", task, "--optimizer", "amortised", "--budget", 20, "--run-dir", tmp_path / "runs", "--json"),
        *("--spec", "dc_gain >= 33 dB", "--spec", "phase_margin >= 45 deg"),
    )
    assert answered.code == 0
    assert answered.data["first_feasible"] <= 10
    assert "whatever becomes of" not in answered.err
    missed = eda_command(
        *("size", task, "--optimizer", "amortised", "--budget", 1, "--run-dir", tmp_path / "runs"),
        *("--spec", "dc_gain >= 120 dB", "--spec", "phase_margin >= 45 deg", "--spec", "minimize power"),
    )
    assert "whatever becomes of 'minimize power'" in missed.err
    assert "by its experience" in missed.out


def test_training_again_says_what_it_replaces_and_what_it_predicts_badly(
    practised, task, tmp_path, monkeypatch, eda_command
):
    monkeypatch.setattr(ensemble, "_STEPS", 1)
    again = eda_command("train", "sizing", task, "--simulations", 120, "--run-dir", tmp_path / "other")
    assert again.code == 0
    assert "120 designs, in place of what was there" in again.out
    assert "R2 is below 0.9 for dc_gain" in again.out


@pytest.mark.parametrize("what", ["sizing", "agent"])
def test_weights_overwrite_no_task_and_not_their_own_card(task, tmp_path, eda_command, what):
    before = task.read_text()
    for name in ("ota.toml", "x.json"):
        refused = eda_command("train", what, task, "-o", tmp_path / name)
        assert refused.code == 2
        assert "a .safetensors file" in refused.err
    assert task.read_text() == before


def test_an_experience_of_another_task_is_refused(practised, task, tmp_path, eda_command):
    task.write_text(task.read_text().replace('vdd = "3 V"', 'vdd = "2.9 V"'))
    refused = eda_command("size", task, "--optimizer", "amortised", "--run-dir", tmp_path / "runs")
    assert refused.code == 2
    assert "was trained on another problem" in refused.err
    assert "testbench.vdd: 3 V there, 2.9 V here" in refused.err
    assert "Traceback" not in refused.err


def test_sizing_without_experience_says_how_to_get_it(task, tmp_path, eda_command):
    refused = eda_command("size", task, "--optimizer", "amortised", "--run-dir", tmp_path / "runs")
    assert refused.code == 2
    assert "eda train sizing" in refused.err
    misplaced = eda_command("size", task, "--experience", "some.safetensors", "--run-dir", tmp_path / "runs")
    assert misplaced.code == 2
    assert "--optimizer amortised" in misplaced.err


def test_a_sized_netlist_is_a_start(task, tmp_path, eda_command):
    words = ("size", task, "--run-dir", tmp_path / "runs", "--optimizer", "sobol", "--json")
    first = eda_command(*words, "--budget", 48)
    again = eda_command(*words, "--budget", 1, "--start", first.data["netlist"])
    assert again.data["design"] == pytest.approx(first.data["design"])
    assert again.data["metrics"] == pytest.approx(first.data["metrics"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[targets]\ngbw = ["1 MHz", "2 MHz"]', "a target is a range of bounds of a spec, but no spec bounds 'gbw'"),
        ('[targets]\ndc_gain = "30 dB"', "a target is a list of two quantities"),
        ('[targets]\ndc_gain = ["30 dB", "20 dB"]', "`low <= high` must hold for the target dc_gain"),
        ('[targets]\ndc_gain = ["30 dB", "20 MHz"]', "MHz"),
    ],
)
def test_targets_that_cannot_be_are_explained(task, tmp_path, eda_command, table, message):
    task.write_text(f"{task.read_text()}\n{table}\n")
    refused = eda_command("train", "sizing", task, "--run-dir", tmp_path / "runs")
    assert refused.code == 2
    assert message in refused.err


@pytest.mark.ngspice
def test_surrogates_are_trained_from_stored_simulations(eda_command, task, tmp_path, monkeypatch):
    monkeypatch.setattr("eda.surrogate.surrogate._STEPS", 5)
    monkeypatch.setattr("eda.surrogate.distillation._STEPS", 5)
    words = ("train", "surrogate", task, "--simulations", 200, "--run-dir", tmp_path / "runs", "--json")
    done = eda_command(*words)
    assert done.code == 0
    assert done.data["simulations"] == 200
    assert done.data["determination"].keys() == {"dc_gain", "phase_margin", "power", "guards"}
    path = task.with_suffix(".surrogate.safetensors")
    assert done.data["surrogate"] == str(path)
    assert path.is_file()
    assert not list((tmp_path / "runs").glob("*.state"))
    again = eda_command(*words)
    assert again.data == done.data, "the same simulations and the same seed"
    plain = eda_command(*words[:-1])
    assert re.search(
        r"200 designs, of which \d+ work; R2 is of \d+ (working designs|designs, working or not) held out", plain.out
    )
    assert "R2 is below 0.9 for" in plain.out


@pytest.mark.ngspice
def test_a_surrogate_sizes_and_screens(eda_command, task, tmp_path, monkeypatch):
    monkeypatch.setattr("eda.surrogate.surrogate._STEPS", 20)
    monkeypatch.setattr("eda.surrogate.distillation._STEPS", 20)
    runs = ("--run-dir", tmp_path / "runs", "--json")
    eda_command("train", "surrogate", task, "--simulations", 300, *runs)
    path = task.with_suffix(".surrogate.safetensors")
    bounds = ("--spec", "dc_gain >= 33 dB", "--spec", "phase_margin >= 45 deg")
    sized = eda_command("size", task, "--optimizer", "insight", "--budget", 20, *bounds, *runs)
    assert sized.code == 0
    assert sized.data["first_feasible"] <= 10
    assert 0 <= sized.data["findings"]["probability"] <= 1
    screened = eda_command("size", task, "--optimizer", "random", "--screen", path, "--budget", 50, *bounds, *runs)
    assert screened.code == 0
    assert screened.data["findings"]["designs screened out"] >= 0
    foreign = eda_command("size", task, "--optimizer", "insight", "--spec", "cmrr >= 30 dB", *runs)
    assert foreign.code == 2
    assert "the spec 'cmrr >= 30 dB' is about another metric" in foreign.err
    misplaced = eda_command("size", task, "--surrogate", path, *runs)
    assert misplaced.code == 2
    assert "--surrogate is for --optimizer insight" in misplaced.err


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--metric", "gian"), "there is no metric 'gian'. Known: .*dc_gain"), (("-o", "here.txt"), "safetensors")],
)
def test_bad_settings_of_surrogates_are_refused(eda_command, task, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    done = eda_command("train", "surrogate", task, *words)
    assert done.code == 2
    assert re.search(message, done.err)


def test_all_tasks_are_looked_at_before_the_first_is_simulated(eda_command, task, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(task.read_text().replace("dc_gain", "dc_gian"))
    done = eda_command("train", "surrogate", task, other, "--simulations", 100, "--run-dir", tmp_path / "runs")
    assert done.code == 2
    assert "dc_gian" in done.err
    assert not (tmp_path / "runs").exists()


def test_one_output_is_for_one_task(eda_command, task):
    done = eda_command("train", "surrogate", task, task, "-o", "one.safetensors")
    assert done.code == 2
    assert "one task" in done.err
