from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import eda

ROOT = Path(__file__).parents[2]
TASK = ROOT / "netlists/opamp/two_stage_miller/two_stage_miller.toml"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("prove_netlist", ROOT / "scripts/prove_netlist.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.sky130
@pytest.mark.ngspice
def test_a_sized_netlist_gives_the_stated_metrics_in_plain_ngspice_with_the_full_library(script, pool, tmp_path):
    problem = eda.load_task(TASK, simulator=pool).problem
    result = eda.size(problem, eda.sizing.DifferentialEvolution(), budget=48, run_dir=tmp_path, progress=False)
    path = result.circuit.write(tmp_path / "sized.sp")
    plain = script.plain_metrics(problem.testbench, path)
    stated = {name: result.best.metrics[name] for name in plain}
    assert stated == pytest.approx(plain, rel=1e-3)


@pytest.mark.sky130
@pytest.mark.ngspice
def test_a_wrong_size_is_noticed(script, pool, tmp_path):
    problem = eda.load_task(TASK, simulator=pool).problem
    (evaluation,) = problem.evaluate([{}])
    path = problem.circuit.sized({"w1": 11e-6}).write(tmp_path / "other.sp")
    assert script.plain_metrics(problem.testbench, path)["gbw"] != pytest.approx(evaluation.metrics["gbw"], rel=1e-3)
