import math
from dataclasses import replace

import numpy as np
import pytest

from eda.problem import Evaluation
from eda.problem.spec import parse_specs
from eda.simulation import Status

FAILED = [status for status in Status if status not in {Status.OK, Status.UNDEFINED_METRIC}]


@pytest.fixture
def specs(metrics):
    return parse_specs(["gain >= 60 dB", "speed >= 1 MHz", "minimize power"], metrics)


@pytest.fixture
def good(guard):
    values = {"gain": 66.0, "speed": 2e6, "power": 1e-3}
    return Evaluation({"x": 1.0}, Status.OK, values, guards=(guard(0.5), guard(0.2)))


def test_slacks_are_the_bounds_and_the_worst_guard(good, specs):
    assert good.slacks(specs) == pytest.approx([0.1, math.log10(2), 0.2])
    assert good.meets(specs)
    assert good.violation(specs) == 0
    assert good.failures(specs) == []
    assert good.rank(specs) == (0, pytest.approx(-3))


@pytest.mark.parametrize("metric", ["gain", "speed"])
@pytest.mark.parametrize("value", [0.0, -1e9, math.nan, math.inf, -math.inf])
def test_one_missed_bound_is_enough_to_fail(good, specs, metric, value):
    changed = replace(good, metrics={**good.metrics, metric: value})
    assert changed.meets(specs) == (value == math.inf)
    assert np.all(np.abs(changed.slacks(specs)) <= 1)
    assert (changed.violation(specs) > 0) == (value != math.inf)


@pytest.mark.parametrize("margin", [-1e-12, -5.0, math.nan, -math.inf, math.inf])
def test_one_guard_that_does_not_hold_is_enough_to_fail(good, specs, guard, margin):
    changed = replace(good, guards=(*good.guards, guard(margin)))
    if margin != math.inf:
        assert not changed.meets(specs)
        assert changed.failures(specs) == ["level: the output rests at 1 V"]
    assert np.all(np.isfinite(changed.slacks(specs)))


def test_a_guard_at_zero_holds(good, specs, guard):
    assert replace(good, guards=(guard(0.0),)).meets(specs)


def test_a_design_without_guards_is_never_feasible(good, specs):
    assert not replace(good, guards=()).meets(specs)
    assert replace(good, guards=()).failures(specs) == [
        "no guard says that the circuit works: a testbench must have one"
    ]


@pytest.mark.parametrize("metric", ["gain", "speed", "power"])
def test_an_undefined_metric_that_a_spec_asks_for_is_never_feasible(good, specs, metric):
    left = {name: value for name, value in good.metrics.items() if name != metric}
    status = Status.UNDEFINED_METRIC
    changed = replace(good, status=status, metrics=left, undefined={metric: "the gain does not fall"})
    assert not changed.meets(specs)
    assert changed.rank(specs) > good.rank(specs)
    assert changed.failures(specs) == [f"{metric} is undefined: the gain does not fall"]


def test_an_undefined_metric_that_nobody_asks_for_does_not_matter(good, specs):
    assert replace(good, undefined={"swing": "the output does not move"}).meets(specs)


def test_an_objective_that_is_not_a_number_is_never_feasible(good, specs):
    changed = replace(good, metrics={**good.metrics, "power": math.nan})
    assert not changed.meets(specs)
    assert min([changed, good], key=lambda evaluation: evaluation.rank(specs)) is good


@pytest.mark.parametrize("status", FAILED)
def test_a_failed_simulation_is_never_feasible(good, specs, status):
    failed = Evaluation({"x": 1.0}, status)
    assert not failed.meets(specs)
    assert not replace(good, status=status).meets(specs)
    assert failed.slacks(specs).tolist() == [-1, -1, -1]
    assert failed.cost(specs) == math.inf
    assert failed.failures(specs) == [status.value]


def test_rank_puts_feasible_designs_by_cost_before_the_others_by_violation(good, specs):
    def changed(**values):
        return replace(good, metrics={**good.metrics, **values})

    best_first = [
        changed(power=1e-6),
        good,
        changed(power=1e3),
        changed(gain=59.0, power=1e-9),
        changed(gain=50.0, power=1e-9),
        changed(gain=50.0, speed=1e3, power=1e-9),
        Evaluation({}, Status.CRASHED),
    ]
    for order in (best_first, best_first[::-1]):
        assert sorted(order, key=lambda evaluation: evaluation.rank(specs)) == best_first


def test_without_an_objective_all_feasible_designs_cost_the_same(good, metrics):
    specs = parse_specs(["gain >= 60 dB"], metrics)
    assert good.cost(specs) == 0
    assert Evaluation({}, Status.TIMEOUT).cost(specs) == 0
    assert not Evaluation({}, Status.TIMEOUT).meets(specs)


def test_failures_say_by_how_much(good, specs, guard):
    changed = replace(good, metrics={**good.metrics, "gain": 57.5, "speed": 0.4e6}, guards=(guard(-0.1),))
    assert changed.failures(specs) == [
        "level: the output rests at 1 V",
        "gain >= 60 dB is missed by 2.5 dB (57.5 dB)",
        "speed >= 1 MHz is missed by 600 kHz (400 kHz)",
    ]


def test_failures_speak_of_a_metric_that_was_not_measured(good, specs):
    (sentence,) = replace(good, metrics={"gain": 66.0, "power": 1e-3}).failures(specs)
    assert "speed" in sentence


def test_time_and_log_do_not_make_evaluations_different(good):
    assert replace(good, seconds=9.0, log="much") == good


def test_an_objective_that_compares_no_such_value_says_so(good, metrics):
    specs = parse_specs(["minimize power"], metrics)
    changed = replace(good, metrics={**good.metrics, "power": -1e-3})
    assert not changed.meets(specs)
    assert changed.failures(specs) == ["'minimize power' compares values above 0, but power is -1 mW"]
