from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.netlist import (
    DEVICE_TYPES,
    Circuit,
    Device,
    Model,
    Severity,
    Subcircuit,
    Variable,
    check,
    format_netlist,
    parse_netlist,
    read_netlist,
)

OPAMPS = sorted((Path(__file__).parents[2] / "netlists").rglob("*.sp"))

# generated circuits: over all that a dialect can express


@dataclass(frozen=True)
class _Grammar:
    """What circuits of a dialect are made of."""

    letters: str
    models: tuple[str, ...] = ("nmos", "pmos", "npn", "pnp", "njf", "d", "r", "c")
    expressions: tuple[str, ...] = ("w1", "2*w1", "(a+b)/2", "max(a, 2*(b+1))", "-w1**2")
    numbers: tuple[str, ...] = ("1", "-2.5", "10u", "2.5meg", "1e-3", "0.18u")
    waves: tuple[str, ...] = ("sin(0 {a*2} 1k)", "pwl(0 0 1n 1.8)", "pulse(0 1 0 1n 1n 5n 10n)", "exp(0 1 1n 2n)")
    polynomials: bool = True
    nested: bool = True
    statements: tuple[str, ...] = (".temp 27", ".op", ".options reltol=1e-4")
    titles: tuple[str, ...] = ("", "A title", "Ünïcode: 50 % of it")
    comments: bool = True  # directions and bounds, which ride on comment lines
    locals: bool = True
    ground_port: bool = False


GRAMMARS = {
    "ngspice": _Grammar(
        "rcklviefghbdqjmzswtoyupnax",
        (*("nmos", "pmos", "npn", "d", "r", "sw", "d_dff"),),
        ("w1", "2*w1", "-w1**2", "a > 1 ? b : c", "max(a, 2*(b+1))"),
        waves=("sin(0 {a*2} 1k)", "pwl(0 0 1n 1.8) r=0", "trnoise(1 1n 0 0)", "external()"),
        statements=(".options reltol=1e-4", ".temp 27", ".op", ".meas tran t1 when v(a)=1"),
        ground_port=True,
    ),
    "hspice": _Grammar("rcklviefghbdqjmtx"),
    "ltspice": _Grammar("rcklviefghbdqjmzswtoux"),
    "cdl": _Grammar("rcldqjmx", (), nested=False, statements=(), titles=("",)),
    "spectre": _Grammar(
        "rcklviefghbdqjmtx",
        polynomials=False,
        statements=("op1 dc", "tran1 tran stop=1u"),
        titles=("",),
        comments=False,
        locals=False,
    ),
}

_names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: name not in {"gnd", "ground", "params", "m", "tc", "ic", "version", "type", "off", "on", *"rclik"}
)
_parameter_names = _names.map("p_".__add__) | st.sampled_from(["w", "m"])
_nodes = _names.map("n_".__add__) | st.integers(0, 99).map(str)


@st.composite
def _sources(draw, grammar):
    direct = draw(st.sampled_from(["", "1.8", "{2*w1}"]))
    others = [draw(st.sampled_from(["", "ac 1", "ac 1 90"])), draw(st.sampled_from(("", *grammar.waves)))]
    if any(others) and direct:
        direct = f"dc {direct}"
    return " ".join(filter(None, [direct, *others])) or None


@st.composite
def _polynomials(draw, name, nodes, number):
    order = draw(st.integers(1, 3))
    value = f"poly({order}) {' '.join(draw(st.lists(number | st.just('{2*w1}'), min_size=1, max_size=4)))}"
    if name[0] in "eg":
        sensed = draw(st.lists(_nodes, min_size=2 * order, max_size=2 * order))
        return Device(name, (*nodes[:2], *sensed), value=value)
    return Device(name, nodes, value=value, controls=tuple(f"v{i}" for i in range(order)))


@st.composite
def _devices(draw, grammar, letter, index):
    name, row = f"{letter}{index}", DEVICE_TYPES[letter]
    number, expression = st.sampled_from(grammar.numbers), st.sampled_from(grammar.numbers + grammar.expressions)
    parameters = st.dictionaries(_parameter_names, expression, max_size=3)
    pins = len(row.pins) or draw(st.integers(1, 5))
    pins = 0 if letter == "k" else pins - draw(st.integers(0, row.optional))
    nodes = tuple(draw(st.lists(_nodes, min_size=pins, max_size=pins)))
    if letter in "vi":
        return Device(name, nodes, value=draw(_sources(grammar)))
    if letter == "b":
        text = draw(st.sampled_from(["v=v(n_a,n_b)*2", "i=i(v0)+w1*v(n_a)", "v=2*w1"]))
        if grammar is GRAMMARS["hspice"]:  # where a behavioural source is an E or a G
            return Device({"v": "e", "i": "g"}[text[0]] + name, nodes, value=text, kind="b")
        return Device(name, nodes, value=text)
    if letter == "a":
        form = draw(st.sampled_from(["* *", "[ * ~ * ] *", "%vd ( * * ) null *", "~ * %i *"]))
        nodes = tuple(draw(st.lists(_nodes, min_size=form.count("*"), max_size=form.count("*"))))
        return Device(name, nodes, "mod", form)
    if letter in "efgh" and grammar.polynomials and draw(st.booleans()):
        return draw(_polynomials(name, nodes, number))
    controls = tuple(f"v{i}" for i in range(row.controls)) if row.controls > 0 else ()
    if letter == "k":
        controls = tuple(f"l{i}" for i in range(draw(st.integers(2, 4 if grammar.polynomials else 2))))
        return Device(name, (), None, draw(expression), {}, controls)
    if row.model == "required" or (row.model == "optional" and draw(st.booleans())):
        kind = "x" if not grammar.locals and letter != "x" else ""  # Spectre: a model that is not in the netlist
        return Device(name, nodes, f"mod_{letter}", None, draw(parameters), controls, kind=kind)
    value = draw(expression) if row.value == "expression" else None
    return Device(name, nodes, None, value, draw(parameters), controls)


@st.composite
def _blocks(draw, grammar, name, depth=1):
    expression = st.sampled_from(grammar.numbers + grammar.expressions)
    assignments = st.dictionaries(_parameter_names, expression, max_size=3)
    parameters = draw(assignments)
    letters = draw(st.lists(st.sampled_from(grammar.letters), max_size=4))
    inner = draw(st.integers(0, depth)) if depth and grammar.nested else 0
    ports = tuple(
        draw(st.lists(_nodes.filter(lambda node: grammar.ground_port or node != "0"), max_size=6, unique=True))
    )
    kinds = draw(st.lists(st.sampled_from(grammar.models), max_size=2)) if grammar.models else []
    models = tuple(Model(f"own{i}", kind, _card(kind, draw(assignments))) for i, kind in enumerate(kinds))
    return Subcircuit(
        name,
        ports,
        parameters,
        draw(assignments) if grammar.locals else {},
        tuple(draw(_devices(grammar, letter, i)) for i, letter in enumerate(letters)),
        models,
        tuple(draw(_blocks(grammar, f"{name}_{i}", depth - 1)) for i in range(inner)),
        tuple(draw(_variables(parameter)) for parameter in parameters) if grammar.comments else (),
        directions=dict.fromkeys(ports[:2], "i") if grammar.comments else {},
    )


def _card(kind, parameters):
    """Parameters of a model; a level is what other dialects keep."""
    return {"level": "1", **parameters} if kind in {"nmos", "pmos"} else parameters


@st.composite
def _variables(draw, name):
    low, high = sorted(draw(st.lists(st.floats(1e-15, 1e12), min_size=2, max_size=2, unique=True)))
    step = draw(st.none() | st.floats((high - low) / 1e6, high - low, exclude_min=True))
    return Variable(name, low, high, draw(st.sampled_from(["linear", "log"])), step)


@st.composite
def _circuits(draw, dialect):
    grammar = GRAMMARS[dialect]
    shell = draw(_blocks(grammar, "shell"))
    parameters = draw(st.dictionaries(_parameter_names, st.sampled_from(grammar.numbers), max_size=3))
    return Circuit(
        title=draw(st.sampled_from(grammar.titles)),
        subcircuits=tuple(draw(_blocks(grammar, f"blk{i}")) for i in range(draw(st.integers(0, 2)))),
        devices=shell.devices,
        models=shell.models,
        parameters=parameters,
        globals=tuple(draw(st.lists(_nodes, max_size=3, unique=True))),
        statements=tuple(draw(st.lists(st.sampled_from(grammar.statements), max_size=3))) if grammar.statements else (),
        dialect=dialect,
    )


@pytest.mark.parametrize("dialect", GRAMMARS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_reading_what_was_written_gives_the_same_circuit(dialect, data):
    circuit = data.draw(_circuits(dialect))
    assert parse_netlist(format_netlist(circuit, dialect=dialect), dialect=dialect) == circuit


@pytest.mark.parametrize("target", GRAMMARS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_another_dialect_can_read_it_or_is_told_why_not(target, data):
    circuit = data.draw(_circuits("ngspice"))
    try:
        text = format_netlist(circuit, dialect=target)
    except InputError as error:
        head, *reasons = str(error).splitlines()
        assert head == f"{target} cannot express this circuit:"
        assert all(": " in reason or reason.endswith(" more") for reason in reasons)
        assert reasons
        return
    again = parse_netlist(text, dialect=target)
    assert [len(block.devices) for block in again.walk()] == [len(block.devices) for block in circuit.walk()]
    assert [device.nodes for device in again.devices] == [device.nodes for device in circuit.devices]


@pytest.mark.parametrize("path", OPAMPS, ids=lambda path: path.stem)
def test_the_shipped_netlists_round_trip_and_break_no_rule(path):
    circuit = read_netlist(path)
    assert parse_netlist(format_netlist(circuit)) == circuit
    assert path.stem.startswith(circuit.name)  # a variant may stand beside it
    assert all(finding.severity is Severity.NOTE for finding in check(circuit))
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
