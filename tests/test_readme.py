from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.sky130
@pytest.mark.ngspice
@pytest.mark.slow
def test_the_script_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    script = re.findall(r"```python\n(.*?)```", README, re.S)[0]
    assert "budget=300" in script
    (tmp_path / "netlists").symlink_to(ROOT / "netlists")
    monkeypatch.chdir(tmp_path)
    # 48 simulations show that every line works; what 300 find is measured by the benchmark
    exec(compile(script.replace("budget=300", "budget=48"), "README.md", "exec"), {})
    output = capsys.readouterr().out
    assert "48 simulations" in output
    assert "15 conditions" in output
    assert (tmp_path / "sized.sp").is_file()


def test_the_netlist_example_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    script = re.findall(r"```python\n(.*?)```", README, re.S)[1]
    (tmp_path / "netlists").symlink_to(ROOT / "netlists")
    monkeypatch.chdir(tmp_path)
    exec(compile(f"import eda\n{script}", "README.md", "exec"), {})
    assert "simulator lang=spectre" in capsys.readouterr().out


def test_every_command_of_the_readme_exists():
    verbs = set(re.findall(r"^eda (\w+)", README, re.M))
    assert verbs == {"doctor", "pdk", "check", "convert", "graph", "simulate", "size", "verify", "report", "bench"}


def test_the_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


def test_linked_files_exist():
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).is_file(), target
