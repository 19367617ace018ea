"""Our testbench without feedback, and AutoCkt's own deck by plain ngspice, say the same of a design."""

import importlib.util
import json
from pathlib import Path

import pytest

from eda.benchmark.targets import _search_targets
from eda.datasets.autockt import SizingTarget, published_targets, training_targets
from eda.problem import load_task

pytestmark = [pytest.mark.ngspice, pytest.mark.dataset("autockt")]

ROOT = Path(__file__).parents[2]
DESIGN = {"mp1": 6.0, "mn1": 33.0, "mp3": 61.0, "mn3": 3.0, "mn4": 5.0, "mn5": 15.0, "cc": 2.2e-12}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("prove_autockt", ROOT / "scripts" / "prove_autockt.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def measured(pool):
    (evaluation,) = load_task(ROOT / "benchmarks" / "tasks" / "autockt.toml", simulator=pool).problem.evaluate([DESIGN])
    return evaluation.metrics


@pytest.mark.parametrize("name", ["gain", "unity_gain_frequency", "phase_margin", "supply_current", None])
def test_the_published_deck_agrees_to_a_thousandth(script, batch, measured, monkeypatch, name):
    values = {
        "gain": 10 ** (measured["dc_gain"] / 20),
        "unity_gain_frequency": measured["unity_gain_frequency"],
        "phase_margin": measured["phase_margin"],
        "supply_current": measured["supply_current"],
    }
    easier = {key: value * (1.001 if key == "supply_current" else 0.999) for key, value in values.items()}
    if name is not None:  # one bound is a thousandth too hard
        easier[name] = values[name] * (0.999 if name == "supply_current" else 1.001)
    monkeypatch.setattr(script, "published_targets", lambda: [SizingTarget(**easier)])
    assert script.count_met({0: DESIGN}, 200, batch) == (1 if name is None else 0)


def test_answers_of_the_suite_are_read_and_met(script, batch, tmp_path):
    unit = {"_path": str(ROOT / "benchmarks" / "tasks" / "autockt.toml"), "optimizer": "bayesian", "targets": [0, 1]}
    result = _search_targets({**unit, "budget": 100})
    kept = [{"unit": {"training": name}, "result": result} for name in ("this one", "another one")]
    (tmp_path / "autockt.jsonl").write_text("\n".join(map(json.dumps, kept)))
    answers = script.read_answers(tmp_path / "autockt.jsonl", "this one")
    assert answers.keys() == {0, 1}
    assert script.count_met(answers, 200, batch) == 2


def test_published_targets_are_the_thousand():
    targets = published_targets()
    assert (len(targets), sum(target.reached for target in targets), len(training_targets())) == (1000, 938, 350)
    assert all(
        200 <= t.gain <= 400.1 and 1e6 <= t.unity_gain_frequency <= 25e6 and t.phase_margin == 60 for t in targets
    )
    assert all(1e-4 <= t.supply_current <= 1e-2 for t in targets)
    assert targets[0].specs()[2] == "phase_margin >= 60.0 deg"
