"""Statements of libraries in the spellings that kits use."""

import pytest

from eda.errors import TechnologyError
from eda.technology.definitions import parse_definitions


def test_quotes_braces_and_spaces_become_parentheses():
    statements = [
        ".param a = {0.0+f*1.5} + g*MC*AGAUSS(0,1.5e-09,1)",
        ".param\n+ b='2*a' ;  a comment\n+ c = {\"a-b/2\"}",
        ".option scale=1.0u",
    ]
    found = parse_definitions(statements)
    assert found.parameters["a"] == "(0.0+f*1.5) + g*mc*agauss(0,1.5e-09,1)"
    assert found.parameters["b"] == "(2*a)"
    assert found.parameters["c"] == "((a-b/2))"
    assert found.options == {"scale": "1.0u"}


def test_blocks_with_sizes_in_parameters():
    statements = [
        ".subckt fet d g s b mult=1",
        ".param l = 1 w = 1 swx = {w*l}",
        "Mfet d g s b base l = {l} w = {w} delvto = {swx*(1+2)}",
        ".model base.3 nmos level = 54 vth0 = {0.5+swx}",
        ".ends fet",
    ]
    block = parse_definitions(statements).blocks["fet"]
    assert block.ports == ("d", "g", "s", "b")
    assert dict(block.formals) == {"mult": "1"}
    assert dict(block.sizes) == {"l": "1", "w": "1"}
    assert dict(block.locals) == {"swx": "(w*l)"}
    assert block.elements[0].words == ("d", "g", "s", "b", "base")
    assert block.elements[0].parameters["delvto"] == "(swx*(1+2))"
    assert block.models[0].family == "base"


def test_a_comparison_is_no_assignment():
    found = parse_definitions([".param a='(x==0) ? 1 : 2' b=3"])
    assert dict(found.parameters) == {"a": "((x==0) ? 1 : 2)", "b": "3"}


def test_what_is_not_understood_is_told():
    with pytest.raises(TechnologyError, match=r"'\.include other' of the model library is not understood"):
        parse_definitions([".include other"])
