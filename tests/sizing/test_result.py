from dataclasses import replace

import pytest

from eda.problem import Evaluation
from eda.simulation import Status
from eda.sizing import Result
from eda.testbench import Conditions, Guard


def _evaluation(total, bowl, margin=1.0):
    values = {"sum": total, "bowl": bowl}
    design = {"x1": total / 3, "x2": total / 3, "x3": total / 3}
    return Evaluation(design, Status.OK, values, guards=(Guard("alive", margin, "it is"),))


@pytest.fixture
def result(bowl, tmp_path):
    runs = (_evaluation(1.0, 0.1), _evaluation(1.3, 0.4), _evaluation(1.4, 0.2), _evaluation(1.5, 0.2))
    return Result(bowl(), {"optimizer": "by hand"}, runs, tmp_path)


def test_the_best_is_the_earliest_of_the_cheapest_feasible_designs(result):
    assert result.best is result.evaluations[2]
    assert result.feasible
    assert result.first_feasible == 2


def test_without_a_feasible_design_the_nearest_is_the_best(result):
    runs = (_evaluation(0.5, 0.1), _evaluation(1.1, 0.4), Evaluation({"x1": 0.95}, Status.CRASHED))
    result = replace(result, evaluations=runs)
    assert result.best is runs[1]
    assert not result.feasible
    assert result.first_feasible is None
    assert "no feasible design" in str(result)


def test_the_text_has_a_row_per_spec_and_guard(result):
    lines = str(result).splitlines()
    assert lines[0] == "bowl in generic, tt 27 °C: 4 simulations, first feasible design after 2"
    assert [line.split("  ")[0] for line in lines[3:]] == ["sum >= 1.2 V", "minimize bowl", "guard: alive"]
    assert lines[3].split()[-3:] == ["+200", "mV", "yes"]
    assert lines[4].split()[-3:] == ["200", "mV", "-"]
    assert lines[5].split()[-1] == "yes"


def test_the_text_says_no_where_something_is_missed(result):
    text = str(replace(result, evaluations=(_evaluation(1.3, 0.1, margin=-0.5),)))
    *_, guard, reason = text.splitlines()
    assert guard.split() == ["guard:", "alive", "it", "is", "NO"]
    assert reason.startswith("in the way: no design works: the guard alive fails in each")


def test_the_text_of_a_run_of_failures_says_why(result):
    text = str(replace(result, evaluations=(Evaluation({"x1": 0.95}, Status.TIMEOUT),)))
    assert text.count("timeout") == 2
    assert "NO" in text


def test_the_circuit_has_the_sizes_of_the_best_design(result):
    assert result.circuit.defaults() == pytest.approx(result.best.design, rel=1e-11)


@pytest.fixture
def at_corners(result):
    """Three designs at three temperatures: of the first one is known that it fails when it is hot."""
    conditions = tuple(Conditions(temperature=degrees) for degrees in (27, 0, 80))
    first, cold, hot, second, third = (_evaluation(2.0, 0.5, m) for m in (1.0, 1.0, -1.0, -0.9, -0.2))
    second, third = replace(second, design={"x1": 0.1}), replace(third, design={"x1": 0.2})
    runs = (first, cold, hot, second, third, first)
    return replace(result, evaluations=runs, conditions=conditions, places=(0, 1, 2, 0, 0, 0))


def test_a_design_is_judged_by_all_that_is_known_of_it(at_corners):
    assert [one.design["x1"] for one in at_corners.designs] == pytest.approx([2 / 3, 0.1, 0.2])
    assert [min(guard.margin for guard in one.guards) for one in at_corners.designs] == pytest.approx(
        [-1, -0.9, -2 / 3]
    )
    assert at_corners.best.design == {"x1": 0.2}
    # simulated again at nominal conditions, it is still known to fail where it is hot
    assert at_corners.trace[-1] == at_corners.trace[2]
    assert not any("budget ended too early" in sentence for sentence in at_corners.conflicts)


def test_a_design_that_was_proposed_twice_is_on_the_front_once(result, bowl):
    runs = (_evaluation(1.3, 0.2), _evaluation(1.5, 0.4), _evaluation(1.3, 0.2))
    fronts = replace(result, problem=bowl(specs=("minimize bowl", "maximize sum")), evaluations=runs)
    assert [one.metrics["sum"] for one in fronts.pareto] == [1.3, 1.5]
    assert "Pareto front: 2 designs" in str(fronts)
