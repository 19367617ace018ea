from pathlib import Path

import pytest

pytestmark = pytest.mark.ngspice


def test_a_task_is_calibrated_and_listed(eda_command, task):
    options = ("--designs", "20", "--seeds", "1", "--budget", "40", "--run-dir", task.parent / "runs")
    dry = eda_command("calibrate", task, *options, "--dry", "--json")
    assert dry.data["random"]["designs"] == 20
    assert not task.with_suffix(".record.json").exists()
    said = eda_command("calibrate", task, *options)
    assert "of random designs" in said.out
    assert said.code == (0 if dry.data["feasible"] else 1)
    (row,) = eda_command("tasks", "--folder", task.parent, "--json").data
    assert (row["task"], row["class"], row["technology"], row["variables"]) == ("ota", "opamp", "generic", 7)
    assert "ota" in eda_command("tasks", "--folder", task.parent).out


def test_no_such_folder_or_task_is_told(eda_command, tmp_path):
    assert eda_command("tasks", "--folder", tmp_path / "nowhere").code == 2
    assert "there is no task 'otta'" in eda_command("calibrate", "otta").err


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_waveforms_are_drawn(eda_command, task, tmp_path, ending):
    path = tmp_path / f"waves.{ending}"
    assert eda_command("simulate", task, "--plot", path).code in {0, 1}
    assert path.stat().st_size > 10_000
    assert "Did" not in eda_command("simulate", task, "--plot", tmp_path / "waves.txt").out
    assert "ending .pdf, .png, .svg" in eda_command("simulate", task, "--plot", Path("waves.txt")).err
