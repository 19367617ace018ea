"""Folding an expression, and making a function of it, gives what evaluating it gives."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.netlist.expressions import evaluate
from eda.netlist.folding import compiled, fold

NAMES = ("a", "b", "c")
LEAVES = st.one_of(st.sampled_from(NAMES), st.floats(0.1, 9.0).map(lambda x: f"{x:.3g}"), st.just("0"), st.just("1"))


def _grow(inner):
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "<", ">="]), inner)
    return st.one_of(
        binary.map(lambda parts: f"({parts[0]}{parts[1]}{parts[2]})"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(st.sampled_from(["abs", "sqrt"]), inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"max({parts[0]},{parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}>1?{parts[1]}:{parts[2]})"),
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=12)
VALUES = st.fixed_dictionaries({name: st.floats(0.1, 9.0) for name in NAMES})


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, VALUES, st.sets(st.sampled_from(NAMES)))
def test_folding_a_part_first_changes_no_value(text, values, early):
    try:
        expected = evaluate(text, values)
    except InputError:
        return
    known = {name: value for name, value in values.items() if name in early}
    try:
        folded = fold(text, known)
    except InputError:  # a part that the choice of a branch would have left out
        return
    found = folded if isinstance(folded, float) else evaluate(folded, values)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, VALUES)
def test_a_compiled_expression_is_its_value(text, values):
    try:
        expected = evaluate(text, values)
    except InputError:
        return
    assert compiled(text)(values) == expected


def test_what_is_multiplied_by_zero_vanishes_and_neutral_elements_too():
    assert fold("switch*agauss_draw/sqrt(w*l)", {"switch": 0.0}) == 0.0
    assert fold("1*x+0", {}) == "x"
    assert fold("0/x", {}) == 0.0


def test_names_may_stand_for_expressions():
    assert fold("2*width", {"width": "(w-dw)"}) == "(2.0*(w-dw))"
    assert fold("-x+abs(y)*sqrt(4)", {}) == "((-x)+(abs(y)*2.0))"


def test_a_condition_that_is_known_chooses_its_branch():
    assert fold("(3>2)?y:z", {}) == "y"
    assert fold("(x>2)?y:z", {"z": 3.0}) == "((x>2.0)?y:3.0)"


def test_constants_may_be_hidden_by_parameters():
    assert compiled("pi*2")({}) == pytest.approx(2 * math.pi)
    assert compiled("e*2")({"e": 3.0}) == 6


def test_a_part_without_value_is_told():
    with pytest.raises(InputError, match=r"'1/\(2-2\)\+x' has no value"):
        fold("1/(2-2)+x", {})
