from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def _example(piece):
    """The one example in Python that has this piece."""
    (found,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.S) if piece in block]
    return found


@pytest.mark.sky130
@pytest.mark.ngspice
@pytest.mark.slow
def test_the_script_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    script = _example('write("sized.sp")')
    assert "budget=300" in script
    (tmp_path / "netlists").symlink_to(ROOT / "netlists")
    monkeypatch.chdir(tmp_path)
    # 48 simulations show that every line works; what 300 find is measured by the benchmark
    namespace = {}
    exec(compile(script.replace("budget=300", "budget=48"), "README.md", "exec"), namespace)
    everywhere = _example("supplies=[0.9, 1.1]")
    exec(compile(everywhere.replace("budget=400", "budget=20"), "README.md", "exec"), namespace)
    output = capsys.readouterr().out
    assert "48 simulations" in output
    assert "15 conditions" in output
    assert (tmp_path / "sized.sp").is_file()
    assert (tmp_path / "report.html").is_file()


def test_the_netlist_example_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    script = _example("detect_dialect(")
    (tmp_path / "netlists").symlink_to(ROOT / "netlists")
    monkeypatch.chdir(tmp_path)
    exec(compile(f"import eda\n{script}", "README.md", "exec"), {})
    assert "simulator lang=spectre" in capsys.readouterr().out


def test_the_unfinished_netlist_of_the_readme_is_completed(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(f"import eda\n{_example('eda.complete(')}", "README.md", "exec"), {})
    assert "('m4', 'gate') x " in capsys.readouterr().out
    assert "m4 out x vdd vdd" in (tmp_path / "whole.sp").read_text()


@pytest.mark.sky130
@pytest.mark.ngspice
def test_the_surrogate_of_the_readme_predicts_and_screens(monkeypatch, tmp_path, capsys):
    script = _example("Surrogate.load(")
    (tmp_path / "netlists").symlink_to(ROOT / "netlists")
    monkeypatch.chdir(tmp_path)
    exec(compile(f"import eda\n{script.replace('screen=', 'budget=4, screen=')}", "README.md", "exec"), {})
    value, low, high, _, beyond = (float(one) for one in re.findall(r"\[(\S+)\]", capsys.readouterr().out)[:5])
    assert low < value < high
    assert beyond == 0


@pytest.fixture
def cluster_example():
    return _example("clusters")


@pytest.mark.ngspice
@pytest.mark.cluster
def test_the_cluster_example_of_the_readme_runs_here(monkeypatch, tmp_path, capsys, ota, cluster_example):
    import eda

    assert "budget=300" in cluster_example
    script = cluster_example.replace("budget=300", "budget=16").replace("eda.Bayesian", "eda.sizing.Sobol")
    script = script.replace("n_workers=2", 'n_workers=2, dashboard_address=":0"')
    bench, specs = eda.OpAmpTestbench(vdd="3 V"), ["dc_gain >= 30 dB", "minimize power"]
    problem = eda.SizingProblem(ota, technology="generic", testbench=bench, specs=specs)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "README.md", "exec"), {"eda": eda, "problem": problem, "__name__": "__main__"})
    assert "5 conditions" in capsys.readouterr().out


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore:Port 8787 is already in use")
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("slurm", ["#SBATCH -p normal", "#SBATCH --cpus-per-task=8", "#SBATCH -t 04:00:00"]),
        ("lsf", ["#BSUB -q normal", "#BSUB -n 8", "#BSUB -W 04:00"]),
    ],
)
def test_the_cluster_example_of_the_readme_asks_for_what_it_says(monkeypatch, cluster_example, name, lines):
    # there is no SLURM or LSF here: what is tested is the job script that would be sent to it
    monkeypatch.setattr("dask_jobqueue.lsf.lsf_detect_units", lambda: "mb")
    namespace = {"__name__": "readme"}
    exec(compile(cluster_example, "README.md", "exec"), namespace)
    with namespace["clusters"][name]() as cluster:
        script = cluster.job_script()
    assert [line for line in lines if line not in script] == []
    assert "--nthreads 1 " in script
    assert "--nworkers 8 " in script


@pytest.mark.ngspice
def test_the_simulation_example_of_the_readme_runs(monkeypatch, tmp_path, capsys):
    script = _example("bode.png")
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "README.md", "exec"), {})
    assert (tmp_path / "bode.png").stat().st_size > 5_000
    assert "onoise_total" in capsys.readouterr().out


def test_every_command_of_the_readme_exists():
    verbs = set(re.findall(r"^eda (\w+)", README, re.M))
    assert verbs == {"doctor", "pdk", "check", "convert", "graph", "simulate", "size", "verify", "report", "bench"} | {
        "generate",
        "tasks",
        "testbenches",
        "calibrate",
        "compare",
        "complete",
        "parasitics",
        "train",
    }


def test_the_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


@pytest.mark.parametrize("page", ["README.md", "benchmarks/README.md"])
def test_linked_files_exist(page):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", (ROOT / page).read_text()):
        assert (ROOT / page).parent.joinpath(target).exists(), target
