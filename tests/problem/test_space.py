import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.netlist import Variable, parse_netlist
from eda.problem import DesignSpace

units = st.floats(0, 1)


@st.composite
def variables(draw, *, grid=False, signed=False):
    if signed:
        low = draw(st.floats(-100, 99))
        high = low + draw(st.floats(0.5, 100))
        scale = "linear"
    else:
        low = draw(st.floats(1e-15, 1e6))
        high = low * draw(st.floats(1.01, 1e4))
        scale = draw(st.sampled_from(["linear", "log"]))
    step = (high - low) * draw(st.floats(1e-4, 1.0)) if grid else None
    return Variable("x", low, high, scale, step)


def _decode(variable, unit):
    return DesignSpace((variable,)).decode([unit])["x"]


@given(variables() | variables(signed=True), units)
def test_encode_inverts_decode(variable, unit):
    space = DesignSpace((variable,))
    assert space.encode(space.decode([unit])) == pytest.approx([unit], abs=1e-8)


@given(variables(grid=True) | variables(grid=True, signed=True), units)
def test_a_grid_point_is_a_fixed_point_in_bounds_and_a_multiple_of_the_step(variable, unit):
    value = _decode(variable, unit)
    tolerance = 1e-11 * max(abs(variable.low), abs(variable.high))
    assert variable.low - tolerance <= value <= variable.high + tolerance
    assert abs(value - round(value / variable.step) * variable.step) <= tolerance
    space = DesignSpace((variable,))
    assert space.decode(space.encode({"x": value})) == {"x": value}


@given(variables() | variables(grid=True), units)
def test_what_is_decoded_survives_a_netlist(variable, unit):
    value = _decode(variable, unit)
    assert float(f"{value:.12g}") == value


@given(variables() | variables(grid=True) | variables(grid=True, signed=True), units, units)
def test_decode_is_monotone(variable, one, other):
    low, high = sorted((one, other))
    assert _decode(variable, low) <= _decode(variable, high)


@pytest.mark.parametrize(("low", "high"), [(1.0, 5.0), (0.0, 5.0), (-5.0, 5.0), (-5.0, 0.0), (-9.0, -5.0)])
def test_the_ends_of_the_cube_are_the_bounds_when_these_are_on_the_grid(low, high):
    variable = Variable("x", low, high, step=1.0)
    assert (_decode(variable, 0), _decode(variable, 1)) == (low, high)


def test_the_middle_of_a_log_scale_is_the_geometric_mean():
    assert _decode(Variable("x", 1e-6, 1e-4, "log"), 0.5) == pytest.approx(1e-5)
    assert _decode(Variable("x", 1e-6, 1e-4), 0.5) == pytest.approx(50.5e-6)


def test_a_grid_of_ten_nanometres_gives_every_multiple_once():
    variable = Variable("x", 0.15e-6, 0.35e-6, "log", 10e-9)
    values = {_decode(variable, unit) for unit in np.linspace(0, 1, 2001)}
    assert values == {float(f"{n * 10e-9:.12g}") for n in range(15, 36)}


@pytest.mark.parametrize("value", [0.99, 5.01, math.nan, math.inf])
def test_a_value_outside_its_bounds_is_refused_with_the_bounds(value):
    with pytest.raises(InputError, match=r"1 <= x <= 5 must hold, but got"):
        DesignSpace((Variable("x", 1.0, 5.0),)).encode({"x": value})


def test_a_missing_value_is_refused_by_name():
    with pytest.raises(InputError, match="lacks a value for 'x'"):
        DesignSpace((Variable("x", 1.0, 5.0),)).encode({"y": 2.0})


def test_values_outside_are_points_outside_of_the_cube_when_asked_for():
    space = DesignSpace((Variable("x", 1.0, 5.0), Variable("y", 1.0, 100.0, scale="log")))
    assert space.encode({"x": 6.0, "y": 0.1}, beyond=True) == pytest.approx([1.25, -0.5])
    assert space.encode({"x": -1.0, "y": 10.0}, beyond=True) == pytest.approx([-0.5, 0.5])
    with pytest.raises(InputError, match="y > 0 must hold, but got -1"):
        space.encode({"x": 2.0, "y": -1.0}, beyond=True)
    with pytest.raises(InputError, match="but got nan"):
        space.encode({"x": float("nan"), "y": 2.0}, beyond=True)


def test_an_empty_space_is_refused_with_how_to_give_bounds():
    circuit = parse_netlist("* t\n.subckt a b w=1u\nr1 b 0 {w}\n.ends\n")
    with pytest.raises(InputError, match=r"\*@ w1 = 1u\.\.100u log"):
        DesignSpace.of(circuit)


def test_the_space_of_a_circuit_is_its_bound_lines(ota):
    space = DesignSpace.of(ota)
    assert space.names == ("w1", "l1", "w3", "l3", "w5", "l5", "ib")
    assert space.dimension == 7
    assert (space.variables[0].low, space.variables[0].high, space.variables[0].step) == (0.5e-6, 200e-6, 10e-9)


def test_values_of_a_design_are_numbers(bowl):
    with pytest.raises(InputError, match="the value of x1 must be"):
        bowl().space.encode({"x1": "0.5", "x2": 0.5, "x3": 0.5})
