"""The oracle must list what was written, agree with an equal circuit, and be able to disagree about everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eda.benchmark.comparison import compare
from eda.benchmark.listing import expanded
from eda.errors import NetlistError, SimulatorError
from eda.netlist import Circuit, Device, Model

DECK = """* every element
.param k=2
.func square(x) {x*x}
.model nch nmos level=1 vto={0.5*k} kp=120u
.model dio d(is=1e-14 n=1.05)
.model bip npn bf=100
.model jun njf vto=-2
.model switch sw vt=0.5 ron=1
.model relay csw it=1m
.model sheet r rsh=100
.model amplifier gain(gain=2.0)
.subckt inner a b w=1u
.model nch nmos level=1 vto={w*1e5}
m1 a b 0 0 nch w={w} l=1u m=3
r1 a n {1k*k} tc1=1m tc2=2u
e1 n 0 vol='v(a)*w+v(a,b)'
r2 n b r='1k+v(a)*w'
.ends
.subckt outer p q
x1 p n inner w={k*1u} m=1
v1 n q 0
k1 l1 l2 0.5
l1 p q 1u
l2 p q 1u ic=1m
f1 p 0 v1 2
.ends
xo in out outer m=2
r1 in 0 1k
r2 in out sheet w=2u l={k*10u}
r3 in out r='v(in)*k+1k'
c1 in 0 c={k*1p} m=2
c2 in out c='1p+v(in)*1p'
c3 in out q='v(in)*1p'
l3 in out l='1u+v(in)*1u'
v1 in 0 dc 1.8 ac 1 sin(0 1 1k)
v2 s 0 pulse(0 {k} 1n,1n 1n 10n 20n) ac=1,90
v3 t 0 pwl(0 0 1u {k}) r=0
i1 in 0 {k*1u} ac
e1 e 0 in out 2.0
e2 e 0 poly(2) in 0 out 0 0 1 {k}
e3 e 0 table {v(in)} = (0,0) (1,2)
g1 g 0 in out {k*1m} m=2
g2 g 0 cur='square(v(in))*k' m=3
f1 f 0 poly(1) v1 0 1
h1 h 0 v1 1k
b1 b 0 v=(v(in) > 0.5 ? k : 1)+pow(v(in,out),2)+i(v1)*1k tc1=1m
b2 b 0 i='-k**2*v(in)+pwl(v(in), 0,0, 1,1)'
d1 in out dio area=2 ic=0.1
q1 c bq e s bip area=2 m=2
j1 d g s jun
m1 d g s b nch w=4u l=1u m=2
m2 d g s b nch w=4u l=1u ic=1,2,3
s1 in out c d switch on
w1 in out v1 relay
t1 in 0 out 0 z0=50 td=1n
a1 %vd(in out) aout amplifier
.op
.end
"""


def device(name, nodes, model=None, value=None, controls=(), kind="", **parameters):
    return Device(name, tuple(nodes.split()), model, value, parameters, tuple(controls), None, kind)


CIRCUIT = Circuit(
    models=(
        Model("nch", "nmos", {"level": "1", "vto": "1.0", "kp": "0.00012"}),
        Model("xo.x1:nch", "nmos", {"level": "1", "vto": "0.2"}),
        Model("dio", "d", {"is": "1e-14", "n": "1.05"}),
        Model("bip", "npn", {"bf": "100"}),
        Model("jun", "njf", {"vto": "-2"}),
        Model("switch", "sw", {"vt": "0.5", "ron": "1"}),
        Model("relay", "csw", {"it": "0.001"}),
        Model("sheet", "r", {"rsh": "100"}),
        Model("amplifier", "gain", {"gain": "2"}),
        Model("unused", "nmos", {"vto": "1"}),
    ),
    devices=(
        device("m.xo.x1.m1", "in xo.n 0 0", "xo.x1:nch", w="2e-06", l="1e-06", m="6.0"),
        device("r.xo.x1.r1", "in xo.x1.n", value="2000.0", tc1="0.001", tc2="2e-06", m="2"),
        device("e.xo.x1.e1", "xo.x1.n 0", value="v=v(in)*2e-06+v(in,xo.n)", kind="b"),
        device("r.xo.x1.r2", "xo.x1.n xo.n", value="1000.0+v(in)*2e-06", m="2"),
        device("v.xo.v1", "xo.n out", value="0"),
        device("k.xo.k1", "", value="0.5", controls=("l.xo.l1", "l.xo.l2")),
        device("l.xo.l1", "in out", value="1e-06", m="2"),
        device("l.xo.l2", "in out", value="1e-06", ic="0.001", m="2"),
        device("f.xo.f1", "in 0", value="2.0", controls=("v.xo.v1",), m="2"),
        device("r1", "in 0", value="1000.0"),
        device("r2", "in out", "sheet", w="2e-06", l="2e-05"),
        device("r3", "in out", value="1000.0+2.0*v(in)"),
        device("c1", "in 0", value="2e-12", m="2"),
        device("c2", "in out", value="(1+v(in))/1e12"),
        device("c3", "in out", q="v(in)/1e12"),
        device("l3", "in out", value="1e-06*(1+v(in))"),
        device("v1", "in 0", value="dc 1.8 ac 1 sin(0 1 1000.0)"),
        device("v2", "s 0", value="ac 1 90 pulse(0 2.0 1e-09 1e-09 1e-09 1e-08 2e-08)"),
        device("v3", "t 0", value="pwl(0 0 1e-06 2.0) r=0"),
        device("i1", "in 0", value="dc 2e-06 ac 1 0"),
        device("e1", "e 0 in out", value="2.0"),
        device("e2", "e 0 in 0 out 0", value="poly(2) 0 1 2.0"),
        device("e3", "e 0", value="table {v(in)} = (0,0) (1,2)"),
        device("g1", "g 0 in out", value="0.002", m="2"),
        device("g2", "g 0", value="i=2.0*v(in)**2", kind="b", m="3"),
        device("f1", "f 0", value="poly(1) 0 1", controls=("v1",)),
        device("h1", "h 0", value="1000.0", controls=("v1",)),
        device("b1", "b 0", value="v=ternary_fcn(v(in)>0.5, 2.0, 1)+(v(in)-v(out))**2+1e3*i(v1)", tc1="0.001"),
        device("b2", "b 0", value="i=-2.0**2*v(in)+pwl(v(in),0,0,1,1)"),
        device("d1", "in out", "dio", area="2", ic="0.1"),
        device("q1", "c bq e s", "bip", area="2", m="2"),
        device("j1", "d g s", "jun"),
        device("m1", "d g s b", "nch", w="4e-06", l="1e-06", m="2"),
        device("m2", "d g s b", "nch", w="4e-06", l="1e-06", ic="1, 2, 3"),
        device("s1", "in out c d", "switch", on=""),
        device("w1", "in out", "relay", controls=("v1",)),
        device("t1", "in 0 out 0", z0="50", td="1e-09"),
        device("a1", "in out aout", "amplifier", "%vd ( * * ) *"),
    ),
)


def written(folder, text, name="deck.cir"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def listing(tmp_path_factory):
    return expanded(written(tmp_path_factory.mktemp("listing"), DECK))


def changed(changed_name, **changes):
    devices = tuple(replace(each, **changes) if each.name == changed_name else each for each in CIRCUIT.devices)
    assert devices != CIRCUIT.devices
    return replace(CIRCUIT, devices=devices)


@pytest.mark.ngspice
def test_an_equal_circuit_of_every_element_agrees(listing):
    comparison = compare(CIRCUIT, listing)
    assert comparison.differences == ()
    assert comparison.equal == comparison.values == 78
    assert comparison.devices == len(CIRCUIT.devices)
    assert comparison.models == len(CIRCUIT.models) - 1
    assert comparison.repeated == 1


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("name", "changes", "keys"),
    [
        ("r1", {"name": "r9"}, ["device", "device"]),
        ("r1", {"nodes": ("0", "in")}, ["nodes"]),
        ("m1", {"model": "pch"}, ["model"]),
        ("w1", {"controls": ("v2",)}, ["controls"]),
        ("k.xo.k1", {"controls": ("l.xo.l1", "l.xo.l3")}, ["controls"]),
        ("r1", {"value": "1000.00001"}, ["value"]),
        ("r3", {"value": "1000.0+2.0001*v(in)"}, ["value"]),
        ("r3", {"value": "1000.0"}, ["value"]),
        ("c2", {"value": "1e-12+v(out)/1e12"}, ["value"]),
        ("c3", {"parameters": {"value": "v(in)/1e12"}}, ["q", "value"]),
        ("l3", {"value": "1e-06"}, ["value"]),
        ("m1", {"parameters": {"w": "4e-06", "l": "2e-06", "m": "2"}}, ["l"]),
        ("m1", {"parameters": {"w": "4e-06", "l": "1e-06"}}, ["m"]),
        ("m1", {"parameters": {"w": "4e-06", "l": "1e-06", "m": "2", "ad": "1e-12"}}, ["ad"]),
        ("m2", {"parameters": {"w": "4e-06", "l": "1e-06", "ic": "1, 2, 4"}}, ["ic"]),
        ("m.xo.x1.m1", {"parameters": {"w": "2e-06", "l": "1e-06", "m": "2"}}, ["m"]),
        ("j1", {"parameters": {"m": "2"}}, ["m"]),
        ("s1", {"parameters": {}}, ["on"]),
        ("v1", {"value": "dc 1.8 ac 1 sin(0 1 1001.0)"}, ["sin"]),
        ("v1", {"value": "dc 1.9 ac 1 sin(0 1 1000.0)"}, ["dc"]),
        ("v1", {"value": "dc 1.8 ac 1 45 sin(0 1 1000.0)"}, ["ac"]),
        ("v1", {"value": "dc 1.8 ac 1"}, ["sin"]),
        ("v3", {"value": "pwl(0 0 1e-06 2.0)"}, ["r"]),
        ("e2", {"value": "poly(2) 0 2.0 1"}, ["value"]),
        ("e2", {"nodes": ("e", "0", "out", "0", "in", "0")}, ["nodes"]),
        ("e3", {"value": "table {v(out)} = (0,0) (1,2)"}, ["table"]),
        ("e3", {"value": "table {v(in)} = (0,0) (1,3)"}, ["points"]),
        ("g2", {"value": "v=2.0*v(in)**2"}, ["i", "v"]),
        ("g2", {"value": "i=2.0*v(in)**3"}, ["i"]),
        ("e.xo.x1.e1", {"value": "v=v(in)*2e-06+v(xo.n,in)"}, ["v"]),
        ("b1", {"value": "v=ternary_fcn(v(in)>0.5, 1, 2.0)+(v(in)-v(out))**2+1e3*i(v1)"}, ["v"]),
        ("b1", {"value": "v=ternary_fcn(v(in)>0.5, 2.0, 1)+(v(in)-v(out))**2+1e3*i(v2)"}, ["v"]),
        ("b2", {"value": "i=-2.0**2*v(in)+pwl(v(in),0,0,1,2)"}, ["i"]),
        ("a1", {"value": "* * *"}, ["value"]),
    ],
)
def test_a_planted_difference_is_found(listing, name, changes, keys):
    differences = compare(changed(name, **changes), listing).differences
    assert [each.key for each in differences] == keys
    assert str(differences[0]).startswith(changes.get("name", name).replace("r9", "r1"))


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("card", "key"),
    [
        (Model("other", "nmos", {}), "model card"),
        (Model("nch", "pmos", {"level": "1", "vto": "1.0", "kp": "0.00012"}), "type"),
        (Model("nch", "nmos", {"level": "1", "vto": "1.1", "kp": "0.00012"}), "vto"),
        (Model("nch", "nmos", {"level": "1", "vto": "1.0"}), "kp"),
    ],
)
def test_a_planted_difference_of_a_model_is_found(listing, card, key):
    models = tuple(card if each.name == "nch" else each for each in CIRCUIT.models)
    (difference,) = compare(replace(CIRCUIT, models=models), listing).differences
    assert (difference.device, difference.key) == ("nch", key)


@pytest.mark.ngspice
def test_names_under_nested_definitions_are_paths(tmp_path):
    nested = (
        "* t\n.subckt o p\n.subckt i a\nr1 a n 1k\nb1 n 0 v=v(a)*i(v1)\nv1 a 0 1\n.ends\nx1 p i\n.ends\nxo in o\n.end\n"
    )
    devices = expanded(written(tmp_path, nested)).devices
    assert set(devices) == {"r.xo.x1.r1", "b.xo.x1.b1", "v.xo.x1.v1"}
    assert devices["b.xo.x1.b1"].values == {"v": "v(in) * i(v.xo.x1.v1)"}
    assert devices["r.xo.x1.r1"].nodes == ("in", "xo.x1.n")


@pytest.mark.ngspice
def test_nothing_in_a_deck_is_run(tmp_path):
    run = f"shell touch {tmp_path}/ran\n"
    written(tmp_path, f"r2 1 0 2k\n.CONTROL\n{run}.endc\n", "part.inc")
    text = f'*ng_script\n{run}\n.control\n{run}.endc\nr1 1 0 1k\n*# {run}.include "part.inc"\nv1 1 0 1\n.end\n'
    deck = written(tmp_path, text.replace(run + "\n.control", ".control", 1))
    assert set(expanded(deck).devices) == {"r1", "r2", "v1"}
    assert not (tmp_path / "ran").exists()


@pytest.mark.ngspice
def test_a_library_is_read_by_section_from_the_folder_of_the_file_that_names_it(tmp_path):
    (tmp_path / "lib").mkdir()
    written(
        tmp_path / "lib", ".lib tt\n.param r=1k\n.include 'more.inc'\n.endl\n.lib ff\n.param r=2k\n.endl\n", "a.lib"
    )
    written(tmp_path / "lib", "r2 1 0 3k\n", "more.inc")
    devices = expanded(written(tmp_path, "* t\n.lib lib/a.lib tt\nr1 1 0 {r}\n.end\n")).devices
    assert [devices[name].values["value"] for name in ("r1", "r2")] == [1000.0, 3000.0]


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* t\nr1 1 0 {nothing}\n.end\n", "nothing"),
        ("* t\nx1 1 0 missing\n.end\n", "missing"),
        ("* t\nd1 1 0 missing\n.end\n", "valid modelname"),
        ("* t\n.include nowhere.inc\n.end\n", "there is no file"),
    ],
)
def test_a_refused_deck_says_why(tmp_path, text, message):
    with pytest.raises(NetlistError, match=message):
        expanded(written(tmp_path, text))


def test_a_missing_or_silent_simulator_is_explained(tmp_path):
    deck = written(tmp_path, "* t\nr1 1 0 1k\n.end\n")
    with pytest.raises(SimulatorError, match="not found on the PATH"):
        expanded(deck, executable="no-such-ngspice")
    silent = written(tmp_path, "#!/bin/sh\nexec sleep 60\n", "silent")
    silent.chmod(0o755)
    with pytest.raises(SimulatorError, match="did not list"):
        expanded(deck, executable=str(silent), timeout=0.2)
