"""A short run of the fault script: every kind once, and what it counts is what happened."""

import importlib.util
from pathlib import Path

import pytest

from eda.simulation import Simulation, Status

pytestmark = pytest.mark.ngspice


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).parents[2] / "scripts" / "inject_faults.py"
    spec = importlib.util.spec_from_file_location("inject_faults", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.dataset("autockt")
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_every_fault_has_its_status_and_every_good_result_is_right(script, mode):
    rows = script.faults(mode, 160, seed=1)
    assert [row["fault"] for row in rows] == ["none", *script.poison(script.autockt().deck)]
    assert rows[0]["workers killed by SIGKILL"] == 1
    for row in rows:
        assert row["right"] == row["evaluations"] > 0, row
        assert row["left behind"] == []


@pytest.mark.dataset("autockt")
def test_a_wrong_result_is_not_counted_as_right(script):
    deck = script.autockt().deck
    (good,) = script.clean_run("exact", [script.Job(deck)])
    (other,) = script.clean_run("exact", [script.Job(deck, {"mn5": 61.0})])
    assert script.same(good, good, exact=True)
    assert not script.same(good, other, exact=True)
    assert not script.same(good, other, exact=False)
    assert not script.same(good, Simulation(Status.CRASHED), exact=False)
