"""Random functions become expressions in named deviates with the right spread."""

import pytest

from eda.errors import TechnologyError
from eda.netlist import evaluate
from eda.technology.deviates import Deviates


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("agauss(5, 3, 1)", "z_x", 5 + 3 * 2),
        ("agauss(5, 3, 3)", "z_x", 5 + 2),
        ("gauss(5, 0.1, 1)", "z_x", 5 * 1.2),
        ("aunif(5, 3)", "zu_x", 5 + 3 * 2),
        ("unif(5, 0.1)", "zu_x", 5 * 1.2),
    ],
)
def test_each_function_in_its_deviate(text, name, value):
    deviates = Deviates("z")
    expression = deviates.named(text, "x")
    assert deviates.names == [name]
    assert evaluate(expression, {name: 2.0}) == pytest.approx(value)


def test_arguments_may_be_expressions_and_each_occurrence_is_another_number():
    deviates = Deviates("mc")
    expression = deviates.named("1+agauss(0,2*(a+1),1)-agauss(0,1,1)", "p")
    assert deviates.names == ["mc_p", "mc_p_1"]
    assert evaluate(expression, {"a": 2.0, "mc_p": 1.0, "mc_p_1": 10.0}) == pytest.approx(1 + 6 - 10)


def test_a_call_that_lacks_something_is_told():
    with pytest.raises(TechnologyError, match="lacks an argument"):
        Deviates("z").named("agauss(0,1)", "x")
    with pytest.raises(TechnologyError, match="is not closed"):
        Deviates("z").named("agauss(0,1", "x")
