import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.netlist import (
    DEVICE_TYPES,
    Circuit,
    Device,
    Model,
    Subcircuit,
    Variable,
    check,
    format_netlist,
    parse_netlist,
    read_netlist,
)

OPAMPS = sorted((Path(__file__).parents[2] / "netlists" / "opamp").glob("*.sp"))

# generated circuits

_names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(lambda n: n not in {"gnd", "params"})
_nodes = st.one_of(_names.map("n_".__add__), st.integers(0, 99).map(str))
_numbers = st.sampled_from(["1", "-2.5", "10u", "2.5meg", "1e-3", "0.18um"])
_expressions = st.one_of(_numbers, st.sampled_from(["w1", "2*w1", "(a+b)/2", "a > 1 ? b : c", "max(a, 2*(b+1))"]))
_parameters = st.dictionaries(_names, _expressions, max_size=3)
_sources = st.sampled_from([None, "dc 1.8 ac 1", "DC {vdd}", "sin(0 1 1k)", "pwl(0 0 1n 1.8)"])


@st.composite
def _devices(draw, name):
    row = DEVICE_TYPES[name[0]]
    pins = len(row.pins) or draw(st.integers(1, 5))
    pins -= draw(st.integers(0, row.optional))
    nodes = tuple(draw(st.lists(_nodes, min_size=pins, max_size=pins)))
    if row.value == "text":
        return Device(name, nodes, value=draw(_sources))
    model = f"mod_{name}" if row.model == "required" or (row.model == "optional" and draw(st.booleans())) else None
    value = draw(_expressions) if row.value == "expression" else None
    if nodes[2:3] and row.letter in "eg" and re.match("value|vol|cur|poly|table|laplace", nodes[2]):
        nodes = (*nodes[:2], "n", *nodes[3:])
    controls = tuple(f"v{i}" for i in range(row.controls))
    return Device(name, nodes, model, value, draw(_parameters), controls)


@st.composite
def _blocks(draw, name, depth=1):
    parameters = draw(_parameters)
    letters = draw(st.lists(st.sampled_from(sorted(DEVICE_TYPES)), max_size=3))
    inner = draw(st.integers(0, depth)) if depth else 0
    return Subcircuit(
        name,
        tuple(draw(st.lists(_nodes, max_size=8, unique=True))),
        parameters,
        draw(_parameters),
        tuple(draw(_devices(f"{letter}{i}")) for i, letter in enumerate(letters)),
        tuple(Model(f"mod{i}", "nmos", draw(_parameters)) for i in range(draw(st.integers(0, 2)))),
        tuple(draw(_blocks(f"{name}_{i}", depth - 1)) for i in range(inner)),
        tuple(draw(_variables(parameter)) for parameter in parameters),
    )


@st.composite
def _variables(draw, name):
    low, high = sorted(draw(st.lists(st.floats(1e-15, 1e12), min_size=2, max_size=2, unique=True)))
    step = draw(st.none() | st.floats((high - low) / 1e6, high - low, exclude_min=True))
    return Variable(name, low, high, draw(st.sampled_from(["linear", "log"])), step)


@st.composite
def _circuits(draw):
    shell = draw(_blocks("shell"))
    return Circuit(
        title=draw(st.sampled_from(["", "A title", "Ünïcode: 50 % of it"])),
        subcircuits=tuple(draw(_blocks(f"blk{i}")) for i in range(draw(st.integers(0, 2)))),
        devices=shell.devices,
        models=shell.models,
        parameters=shell.locals,
        globals=tuple(draw(st.lists(_nodes, max_size=3))),
        statements=tuple(draw(st.lists(st.sampled_from([".options reltol=1e-4", ".temp 27", ".op"]), max_size=3))),
    )


@settings(max_examples=60, deadline=None)
@given(_circuits())
def test_reading_what_was_written_gives_the_same_circuit(circuit):
    assert parse_netlist(format_netlist(circuit)) == circuit


@pytest.mark.parametrize("path", OPAMPS, ids=lambda path: path.stem)
def test_the_shipped_netlists_round_trip_and_break_no_rule(path):
    circuit = read_netlist(path)
    assert parse_netlist(format_netlist(circuit)) == circuit
    assert circuit.name == path.stem
    assert check(circuit) == []
    for variable in circuit.top.variables:
        assert variable.low <= circuit.defaults()[variable.name] <= variable.high


def test_there_are_shipped_netlists():
    assert {"five_transistor_ota", "two_stage_miller"} <= {path.stem for path in OPAMPS}


# the form of the text


def test_the_spelling_of_the_source_is_written():
    text = "* T\n.subckt Amp IN Out\nRload IN Out 1k\n.ends\n"
    written = format_netlist(parse_netlist(text))
    assert ".subckt Amp IN Out" in written
    assert "Rload IN Out 1k" in written


def test_numbers_are_written_bare_and_expressions_in_braces():
    written = format_netlist(parse_netlist("* t\nr1 a b '2*x' tc1=1m\n"))
    assert "r1 a b {2*x} tc1=1m" in written


def test_long_lines_are_continued():
    device = Device("x1", tuple(f"node{i}" for i in range(60)), "sub")
    written = format_netlist(Circuit(devices=(device,)))
    assert max(map(len, written.splitlines())) <= 110
    assert parse_netlist(written).devices == (device,)


@pytest.mark.parametrize(
    "line",
    [
        ".meas tran t1 trig v(a)  val=0.5" + "  rise=1" * 20,
        f"r1 a b {{{'a  +  ' * 30}b}}",
        f"v1 a 0 pwl({'  1n 1' * 30})",
    ],
)
def test_runs_of_blanks_in_long_lines_do_not_change_the_circuit(line):
    circuit = parse_netlist(f"* t\n{line}\n")
    assert parse_netlist(format_netlist(circuit)) == circuit


def test_a_design_variable_rides_on_a_comment_line():
    block = Subcircuit("s", ("a",), {"w": "1u"}, variables=(Variable("w", 1e-6, 1e-4, "log", 5e-9),))
    assert "*@ w = 1e-06..0.0001 log step 5e-09" in format_netlist(Circuit(subcircuits=(block,))).splitlines()


def test_bounds_are_written_to_the_last_digit():
    block = Subcircuit("s", (), {"w": "1"}, variables=(Variable("w", 0.1, 0.1 + 0.2, step=1 / 3 - 0.2),))
    assert parse_netlist(format_netlist(Circuit(subcircuits=(block,)))).top == block
