from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import eda
from eda.errors import InputError
from eda.testbench import Conditions

pytestmark = pytest.mark.ngspice
SPECS = ["dc_gain >= 40 dB", "phase_margin >= 60 deg"]


@pytest.fixture(scope="module")
def problem(pool):
    circuit = eda.read_netlist("netlists/opamp/five_transistor_ota/five_transistor_ota.sp")
    bench = eda.OpAmpTestbench(vdd="3 V")
    return eda.SizingProblem(circuit, technology="generic", testbench=bench, specs=SPECS, simulator=pool)


def test_every_combination_is_simulated_once(problem):
    outcome = eda.verify(problem, corners="all", temperatures=[-40, 125], supplies=[0.9, 1.1])
    conditions = [row.conditions for row in outcome.rows]
    assert len(conditions) == len(set(conditions)) == 20
    assert {c.corner for c in conditions} == {"tt", "ff", "ss", "sf", "fs"}
    powers = {row.evaluation.metrics["power"] for row in outcome.rows}
    assert len(powers) == 20


def test_an_executor_gives_the_same_and_the_problem_keeps_its_simulator(problem, pool):
    with ThreadPoolExecutor(2) as executor:
        there = eda.verify(problem, temperatures=[-40, 125], executor=executor)
    assert [row.evaluation.metrics for row in there.rows] == [
        row.evaluation.metrics for row in eda.verify(problem, temperatures=[-40, 125]).rows
    ]
    assert problem.simulator is pool


def test_a_row_equals_a_problem_at_those_conditions(problem):
    (row,) = eda.verify(problem, corners=["ss"], temperatures=[125], supplies=[0.9]).rows
    there = eda.SizingProblem(
        problem.source,
        technology="generic",
        testbench=problem.testbench,
        specs=SPECS,
        conditions=Conditions("ss", 125, 0.9),
        simulator=problem.simulator,
    )
    assert there.evaluate([{}])[0].metrics == row.evaluation.metrics


def test_failing_rows_are_named_with_metric_and_margin(problem):
    nominal = problem.evaluate([{}])[0].metrics["gbw"]
    outcome = eda.verify(problem, temperatures=[27, 125], specs=[f"gbw >= {nominal:.6g} Hz"])
    assert not outcome.passed
    failing = {str(row.conditions) for row in outcome.failing}
    assert "tt 125 °C" in failing
    text = str(outcome)
    for conditions in failing:
        assert f"FAILS at {conditions}: gbw >= " in text
    assert "is missed by" in text
    assert f"fails at {len(failing)} of 10 conditions" in text


def test_the_worst_row_has_the_lowest_value(problem):
    outcome = eda.verify(problem, temperatures=[-40, 27, 125])
    worst = {spec.metric.name: row.evaluation.metrics[spec.metric.name] for spec, row in outcome.worst()}
    assert worst["dc_gain"] == min(row.evaluation.metrics["dc_gain"] for row in outcome.rows)


def test_the_worst_of_rows_that_all_pass_by_far_is_still_the_worst(problem):
    outcome = eda.verify(problem, corners="all", specs=["gbw >= 1 Hz"])
    ((_, row),) = outcome.worst()
    assert row.evaluation.metrics["gbw"] == min(r.evaluation.metrics["gbw"] for r in outcome.rows)


def test_one_temperature_may_be_a_number(problem):
    assert len(eda.verify(problem, corners="tt", temperatures=85).rows) == 1


def test_sizes_replace_those_of_the_netlist(problem):
    outcome = eda.verify(problem, corners="tt", sizes={"ib": 1e-15})
    assert not outcome.passed
    assert any("conducting" in reason for reason in outcome.rows[0].evaluation.failures(outcome.specs))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"corners": ["tx"]}, "has no corner 'tx'"),
        ({"temperatures": []}, "at least one corner"),
        ({"sizes": {"w9": 1e-6}}, "has no parameter 'w9'"),
        ({"specs": ["nothing >= 1"]}, "unknown metric"),
        ({"specs": "dc_gain >= 1 dB"}, r"specs are a list, such as .* but got 'dc_gain >= 1 dB'"),
    ],
)
def test_bad_arguments_are_explained(problem, arguments, message):
    with pytest.raises(InputError, match=message):
        eda.verify(problem, **arguments)
    with pytest.raises(InputError, match=r"design must be a SizingProblem, such as the result of eda.size"):
        eda.verify("ota.sp")
