"""Circuits as JSON: nothing is lost, what is written fits the schema, and what describes no circuit is refused."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from eda.errors import InputError, NetlistError
from eda.netlist import Circuit, Include, format_netlist, parse_netlist, read_netlist
from eda.netlist.json_form import circuit_from_json, circuit_to_json, schema

SHIPPED = sorted((Path(__file__).parents[2] / "netlists").rglob("*.sp"))
# the circuits that the writers are tested with
WRITER = runpy.run_path(str(Path(__file__).with_name("test_writer.py")))
circuits, DIALECTS = WRITER["_circuits"], WRITER["GRAMMARS"]


def as_it_is(circuit):
    """A circuit with what comparisons leave out."""
    return circuit, circuit.dialect, circuit.spelling


def through_text(data):
    return json.loads(json.dumps(data, allow_nan=False))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == "eda.circuit.schema.json"


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_circuit_comes_back_from_json_that_fits_the_schema(dialect, data):
    circuit = data.draw(circuits(dialect))
    written = through_text(circuit_to_json(circuit))
    Draft202012Validator(schema()).validate(written)
    assert as_it_is(circuit_from_json(written)) == as_it_is(circuit)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_netlists_come_back(path):
    circuit = read_netlist(path)
    written = through_text(circuit_to_json(circuit))
    Draft202012Validator(schema()).validate(written)
    assert as_it_is(circuit_from_json(written)) == as_it_is(circuit)
    assert len(circuit_from_json(written).top.variables) == len(circuit.top.variables) > 0


TEXTS = {
    "ngspice": """* Title: 50 % of 'it'
.include "models.sp"
.lib 'lib.sp' tt
.param ic=1 tc={ic*2}
.model NCH nmos level=14 version=4.5.0 vto=0.5
.model amp gain(in=[1 2] gain=2)
M1 D g s b NCH w=1u ic=1,2,3
r1 a b 1k tc=1m,2u
d1 a b dio off
b1 a b v='v(a,b)*2+i(v1)'
a1 [~a %vd(b c)] null amp
e1 a 0 poly(1) b 0 0 1
e2 a 0 value='v(b)'
k1 l1 l2 l3 0.5
v1 a 0 dc 1 ac 1 pwl(0 0 1n 1) r=0
.control
run
.endc
.tran 1n 1u
""",
    "cdl": """.SUBCKT inv A Y VDD
*.PININFO A:I Y:O VDD:B
M1 Y A VDD VDD $[pch] W=1u $X=1 $Y="a b"
R1 A Y $SUB=VDD
.ENDS
""",
    "spectre": "subckt inv (a y)\nparameters w=1u\nm1 (y a 0 0) nch w=w\nends inv\nx1 (a b) inv\nop1 dc\n",
}


@pytest.mark.parametrize("dialect", TEXTS)
def test_all_that_readers_make_comes_back(dialect):
    circuit = parse_netlist(TEXTS[dialect], dialect=dialect, includes="keep", control="keep")
    written = through_text(circuit_to_json(circuit))
    Draft202012Validator(schema()).validate(written)
    back = circuit_from_json(written, control="keep")
    assert as_it_is(back) == as_it_is(circuit)
    assert format_netlist(back, dialect=dialect) == format_netlist(circuit, dialect=dialect)


def test_locations_are_left_out():
    circuit = parse_netlist("* t\nr1 a b 1k\n")
    assert circuit.devices[0].location is not None
    assert circuit_from_json(circuit_to_json(circuit)).devices[0].location is None
    assert "location" not in json.dumps(circuit_to_json(circuit))


def test_fields_that_are_empty_are_left_out():
    assert circuit_to_json(Circuit()) == {"format": "eda.circuit/1", "dialect": "ngspice"}
    assert circuit_from_json({"format": "eda.circuit/1"}) == Circuit()
    assert circuit_to_json(Circuit(includes=(Include("a"),)))["includes"] == [{"path": "a"}]


# faults, in an otherwise good circuit; the message must name the place


def with_devices(*devices):
    return {"devices": [{"nodes": ["a", "b"], **device} for device in devices]}


def with_block(**fields):
    return {"subcircuits": [{"name": "s", "ports": ["a", "b"], **fields}]}


def bounds(**fields):
    return with_block(parameters={"w": "1u"}, variables=[{"name": "w", "low": 1, "high": 2, **fields}])


NO_CIRCUIT = [
    ([], "at the top"),
    (None, "at the top"),
    ("text", "at the top"),
    ({"format": "eda.circuit/2"}, "at format"),
    ({"title": 3}, "at title"),
    ({"dialect": "pspice"}, "at dialect"),
    ({"nodes": []}, "'nodes' was unexpected"),
    ({"globals": ["a b"]}, "at globals/0"),
    ({"globals": ["VDD"]}, "at globals/0"),
    ({"parameters": {"k": 1}}, "at parameters/k"),
    ({"parameters": {"1k": "1"}}, "at parameters: '1k'"),
    ({"parameters": {"k": ""}}, "at parameters/k"),
    ({"includes": [{}]}, "at includes/0"),
    ({"spelling": {"a": "a b"}}, "at spelling/a"),
    ({"models": [{"name": "nch"}]}, "at models/0"),
    ({"models": [{"name": "nch", "type": "n mos"}]}, "at models/0/type"),
    ({"devices": [{"name": "r1"}]}, "at devices/0: 'nodes'"),
    (with_devices({"name": "r1", "value": "1"}, {"name": "R2", "value": "1"}), "at devices/1/name"),
    (with_devices({"name": "r1", "value": 1}), "at devices/0/value"),
    (with_devices({"name": "r1", "value": "1", "kind": "rr"}), "at devices/0/kind"),
    (with_block(devices=[{"name": "r1", "nodes": "ab"}]), "at subcircuits/0/devices/0/nodes"),
    (with_block(subcircuits=[{"name": "t"}]), "at subcircuits/0/subcircuits/0"),
    (bounds(low="1"), "at subcircuits/0/variables/0/low"),
    (bounds(scale="lin"), "at subcircuits/0/variables/0/scale"),
    # what no schema can say
    ({"parameters": {"k": "1+"}}, "k of the netlist"),
    ({"models": [{"name": "nch", "type": "nmos", "parameters": {"vto": "1 2"}}]}, "vto of nch"),
    ({"models": [{"name": "nch", "type": "nmos"}] * 2}, "'nch' stands twice among models"),
    (with_devices({"name": "1", "value": "1"}), "'1' begins with no element letter"),
    (with_devices({"name": "m1", "nodes": ["a"] * 4}), "'m1'"),
    (with_devices({"name": "m1", "model": "nch"}), "'m1'"),
    (with_devices({"name": "x1"}), "'x1'"),
    (with_devices({"name": "r1", "value": "1", "nodes": ["a"]}), "'r1'"),
    (with_devices({"name": "r1", "value": "1+"}), "value of 'r1'"),
    (with_devices({"name": "r1", "value": "1", "parameters": {"tc1": "1+"}}), "tc1 of r1"),
    (with_devices({"name": "v1", "value": "sin(0 1"}), "sin"),
    (with_devices({"name": "v1", "value": "saw(0 1)"}), "saw"),
    (with_devices({"name": "b1", "value": "2*v(a)"}), "'b1'"),
    (with_devices({"name": "r1", "value": "1"}, {"name": "r1", "value": "1"}), "'r1' stands twice among the devices"),
    ({"subcircuits": [{"name": "s", "ports": []}] * 2}, "'s' stands twice among subcircuits"),
    ({"subcircuits": [{"name": "s", "ports": ["a", "a"]}]}, "'a' stands twice among the ports of s"),
    (with_block(devices=[{"name": "r1", "nodes": ["a", "b"], "value": "1"}] * 2), "the devices of s"),
    (bounds(low=3), "'w'"),
    (bounds(low=0, scale="log"), "'w'"),
    (bounds(step=5), "'w'"),
]


@pytest.mark.parametrize(("fault", "place"), NO_CIRCUIT, ids=lambda part: json.dumps(part)[:60])
def test_a_fault_is_refused_with_its_place(fault, place):
    data = {"format": "eda.circuit/1", **fault} if isinstance(fault, dict) else fault
    with pytest.raises(NetlistError) as caught:
        circuit_from_json(data, name="amp.json")
    assert str(caught.value).startswith("amp.json: ")
    assert place in str(caught.value)


def test_the_first_of_several_faults_is_told_with_their_number():
    with pytest.raises(NetlistError, match=r"at devices/0/value: 1 is not of type 'string'(.|\n)*2 faults in all"):
        circuit_from_json(
            {"format": "eda.circuit/1", **with_devices({"name": "r1", "value": 1}, {"name": "r2", "value": 2})}
        )


# JSON comes from strangers: what is accepted must be a circuit, so that its text says the same again

SPLIT = "a\nr9 x y 1"
DOUBTFUL = [
    {"title": SPLIT},
    {"title": "a\n.control\nshell date\n.endc"},
    {"statements": ["r9 x y 1"]},
    {"statements": [".op\nr9 x y 1"]},
    {"statements": [".control\nshell date\n.endc"]},
    {"statements": [".include 'x'"]},
    {"includes": [{"path": 'a"\nr9 x y 1\n*"'}]},
    {"includes": [{"path": ""}]},
    {"spelling": {"r1": "c1"}, **with_devices({"name": "r1", "value": "1"})},
    {"spelling": {"r1": "R1\n"}, **with_devices({"name": "r1", "value": "1"})},
    {"globals": ["a\n"]},
    {"parameters": {"sin": "1"}},
    {"parameters": {"k\n": "1"}},
    {"parameters": {"k": "1\n"}},
    {"parameters": {"ic": "1 $$"}},
    {"parameters": {"k": '"open'}},
    {"parameters": {"k": "[1 2"}},
    {"models": [{"name": "nch", "type": "nmos", "parameters": {"version": "1; x"}}]},
    with_devices({"name": "r1\n", "value": "1"}),
    with_devices({"name": "r1", "value": "1\n"}),
    with_devices({"name": "r1", "value": "1", "parameters": {"w": '"open'}}),
    with_devices({"name": "r1", "value": "1", "controls": ["v1"]}),
    with_devices({"name": "r1", "value": "1", "nodes": ["gnd", "b"]}),
    with_devices({"name": "r1"}),
    with_devices({"name": "e1", "value": "))"}),
    with_devices({"name": "e1", "value": "1"}),
    with_devices({"name": "e1", "value": "1", "nodes": []}),
    with_devices({"name": "f1", "value": "1"}),
    with_devices({"name": "b1"}),
    with_devices({"name": "b1", "value": "v=(("}),
    with_devices({"name": "b1", "value": "v=v(a) r9 x y"}),
    with_devices({"name": "k1", "value": "1", "nodes": []}),
    with_devices({"name": "k1", "value": "1", "nodes": ["a"], "controls": ["l1", "l2"]}),
    with_devices({"name": "a1", "model": "amp", "value": "* * *"}),
    with_devices({"name": "a1", "model": "amp"}),
    with_devices({"name": "q1", "model": "npn", "nodes": ["a", "b", "c"], "value": "3"}),
    with_devices({"name": "x1", "model": "s", "value": "3"}),
    with_block(variables=[{"name": "w", "low": 1, "high": 2}]),
    with_block(parameters={"w": "1"}, variables=[{"name": "w", "low": 1, "high": 2}] * 2),
    with_block(parameters={"w": "1"}, variables=[{"name": "w", "low": 1, "high": float("inf")}]),
    with_block(parameters={"max": "1"}),
    with_block(directions={"z": "i"}),
    with_block(directions={"a": "i\nr9 x y 1"}),
]


@pytest.mark.parametrize("doubtful", DOUBTFUL, ids=lambda data: json.dumps(data)[:90])
def test_what_is_accepted_can_be_written_and_read_again(doubtful):
    try:
        circuit = circuit_from_json({"format": "eda.circuit/1", **doubtful})
        text = format_netlist(circuit)
    except (NetlistError, InputError):  # refused by the form, or by the dialect
        return
    assert circuit_from_json(circuit_to_json(circuit)) == circuit
    # gnd is another node than 0 in JSON, and is renamed in a dialect where it is the ground
    dialect = "cdl" if "gnd_net" in text else "ngspice"
    assert parse_netlist(text.replace("gnd_net", "gnd"), dialect=dialect, includes="keep", control="keep") == circuit


@pytest.mark.parametrize("depth", [10, 300, 3000])
def test_blocks_nested_very_deep_are_refused_or_read(depth):
    block = {"name": "s", "ports": []}
    for _ in range(depth):
        block = {"name": "s", "ports": [], "subcircuits": [block]}
    try:
        circuit = circuit_from_json({"format": "eda.circuit/1", "subcircuits": [block]})
    except NetlistError:
        assert depth > 10
    else:
        assert len(list(circuit.walk())) == depth + 1
