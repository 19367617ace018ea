import pytest

from eda.problem import Evaluation
from eda.problem.spec import parse_specs
from eda.problem.table import SpecRow, format_table, spec_rows
from eda.simulation import Status


@pytest.fixture
def specs(metrics):
    return parse_specs(["gain >= 60 dB", "power <= 1 mW", "maximize speed"], metrics)


def test_a_row_per_spec_then_per_guard(specs, guard):
    values = {"gain": 66.0, "power": 1.25e-3, "speed": 2e6}
    evaluation = Evaluation({}, Status.OK, values, guards=(guard(0.5), guard(-0.5)))
    assert spec_rows(evaluation, specs) == [
        SpecRow("gain >= 60 dB", "66 dB", "+6 dB", met=True),
        SpecRow("power <= 1 mW", "1.25 mW", "-250 uW", met=False),
        SpecRow("maximize speed", "2 MHz", "", met=None),
        SpecRow("guard: level", "the output rests at 1 V", "", met=True),
        SpecRow("guard: level", "the output rests at 1 V", "", met=False),
    ]


def test_what_is_undefined_is_not_met_and_says_why(specs, guard):
    evaluation = Evaluation(
        {}, Status.UNDEFINED_METRIC, {"power": 1e-3}, {"speed": "it never falls"}, guards=(guard(),)
    )
    rows = spec_rows(evaluation, specs)
    assert [(row.value, row.met) for row in rows[:3]] == [
        ("undefined: not measured", False),
        ("1 mW", True),
        ("undefined: it never falls", False),
    ]


def test_a_failed_simulation_meets_nothing(specs):
    rows = spec_rows(Evaluation({}, Status.NO_CONVERGENCE), specs)
    assert [(row.requirement, row.value, row.met) for row in rows] == [
        (str(spec), "no convergence", False) for spec in specs
    ]


def test_columns_are_aligned_and_lines_have_no_trailing_blanks():
    text = format_table(("spec", "met"), [("a long one", "yes"), ("b", "")])
    assert text.splitlines() == ["spec        met", "----------  ---", "a long one  yes", "b"]


def test_a_table_without_rows_is_its_header():
    assert format_table(("spec", "met"), []) == "spec  met\n----  ---"
