"""What ngspice reads in its own way is told apart; that it comes out so is tested with circuits."""

import pytest

from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.simulation.misreadings import has_nested_choice, refuse_misread, with_bare_values


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        ("a?b:c", False),
        ("(a?b:c)*(d?e:f)", False),
        ("a?(b?1:2):3", False),
        ("a?b?1:2:3", True),
        ("((w>2?w>3?1:2:3)*1e-6)", True),
    ],
)
def test_a_choice_in_a_branch_needs_parentheses(text, nested):
    assert has_nested_choice(text) is nested


@pytest.mark.parametrize(
    ("body", "parameters", "message"),
    [
        ("r1 a 0 {e}", ["e"], "'e', as a constant is"),
        ("x1 a two m=2\n.subckt two b\nr1 b 0 1k m=3\n.ends", [], "x1 multiplies"),
        ("x1 a two m=2\n.subckt two b\nx1 b one\n.ends\n.subckt one b\nr1 b 0 1k m=3\n.ends", [], "x1 multiplies"),
    ],
)
def test_what_would_be_read_otherwise_is_refused(body, parameters, message):
    with pytest.raises(InputError, match=message):
        refuse_misread(parse_netlist(f"* t\n{body}"), parameters)


def test_one_multiplier_is_no_trouble():
    refuse_misread(parse_netlist("* t\nx1 a two m=2\n.subckt two b\nr1 b 0 1k\n.ends"), ["r"])


def test_a_block_that_calls_itself_is_left_to_others():
    refuse_misread(parse_netlist("* t\nx1 a two m=2\n.subckt two b\nx2 b two\n.ends"), [])


def test_a_parameter_behind_a_capacitor_is_its_value_and_a_model_is_its_model():
    circuit = parse_netlist("* t\nc1 a 0 cload\nc2 a 0 cmod\n.model cmod c cap=1p")
    first, second = with_bare_values(circuit, ["cload", "cmod"]).devices
    assert (first.value, first.model) == ("cload", None)
    assert second.model == "cmod"
