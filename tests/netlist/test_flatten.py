"""The expected devices are what ngspice 39 prints for `listing expand`, numbers shortened, unless it says otherwise."""

import time

import pytest

from eda.errors import InputError, NetlistError
from eda.netlist import evaluate, parse_netlist
from eda.netlist.flatten import flatten


def _flat(text, **options):
    return flatten(parse_netlist(text, name="n.sp", dialect=options.pop("dialect", "ngspice")), **options)


def _values(text, **options):
    return {device.name: device.value for device in _flat(text, **options).devices}


# parameters

# the names that a resistor uses are looked up in its block, then in the blocks that call it, then globally
DYNAMIC = """* t
.param g=10
.subckt leaf a w=1
r1 a 0 {w}
r2 a 0 {q}
r3 a 0 {g}
.ends
.subckt mid a q=5 g=7
.param z={q*2}
x1 a leaf w={q*2}
x2 a leaf w={w}
r9 a 0 {z}
.ends
.subckt outer a w=3
xm a mid q=6
xn a mid z=100
.ends
x1 n outer
x2 n outer w=4
"""


def test_names_are_looked_up_in_the_calling_blocks_and_a_call_may_set_a_param_of_the_block():
    assert _values(DYNAMIC) == {
        "r.x1.xm.x1.r1": "12",
        "r.x1.xm.x1.r2": "6",
        "r.x1.xm.x1.r3": "7",
        "r.x1.xm.x2.r1": "3",
        "r.x1.xm.x2.r2": "6",
        "r.x1.xm.x2.r3": "7",
        "r.x1.xm.r9": "12",
        "r.x1.xn.x1.r1": "10",
        "r.x1.xn.x1.r2": "5",
        "r.x1.xn.x1.r3": "7",
        "r.x1.xn.x2.r1": "3",
        "r.x1.xn.x2.r2": "5",
        "r.x1.xn.x2.r3": "7",
        "r.x1.xn.r9": "100",
        "r.x2.xm.x1.r1": "12",
        "r.x2.xm.x1.r2": "6",
        "r.x2.xm.x1.r3": "7",
        "r.x2.xm.x2.r1": "4",
        "r.x2.xm.x2.r2": "6",
        "r.x2.xm.x2.r3": "7",
        "r.x2.xm.r9": "12",
        "r.x2.xn.x1.r1": "10",
        "r.x2.xn.x1.r2": "5",
        "r.x2.xn.x1.r3": "7",
        "r.x2.xn.x2.r1": "4",
        "r.x2.xn.x2.r2": "5",
        "r.x2.xn.x2.r3": "7",
        "r.x2.xn.r9": "100",
    }


# definition of the block, its call, and the values of its parameters a and b; around the call a=100 and b=200
CALLS = [
    ("b=1 a=2", "", "2 1"),
    ("b=1 a=2", "b={a} a=7", "7 7"),
    ("b=1 a=2", "b={a} a={7}", "7 7"),
    ("b=1 a=2", "a=7 b={a}", "7 7"),
    ("b=1 a=2", "a={b} b=7", "7 7"),
    ("b=1 a=2", "b=7 a={b}", "7 7"),
    ("a=2 b=1", "b={a} a=7", "7 7"),
    ("a=2 b=1", "a={b} b=7", "7 7"),
    ("b=1 a=2", "b={a+1} a={b+1}", "102 101"),
    ("b=1 a={b}", "b=3", "3 3"),
    ("b=1 a={b}", "a=3", "3 1"),
    ("a={b} b=1", "b=3", "3 3"),
    ("a={b*2} b=1", "a={b*10} b=5", "50 5"),
    ("a=1 b=2", "a={a*2} b={a}", "200 200"),
    ("a=1 b=2", "b={a} a={a*2}", "200 200"),
    ("a=1 b=2", "a={b} b={a}", "200 200"),
    ("a=1", "a=3 b=5", "3 200"),  # b is no parameter of the block: ngspice leaves it out
]


@pytest.mark.parametrize(("definition", "call", "values"), CALLS)
def test_a_call_is_evaluated_as_ngspice_does(definition, call, values):
    text = f"* t\n.param a=100 b=200\n.subckt s p {definition}\nra p 0 {{a}}\nrb p 0 {{b}}\n.ends\nx1 n s {call}\n"
    assert " ".join(_values(text).values()) == values


@pytest.mark.parametrize("dialect", ["hspice", "ltspice", "spectre"])
def test_other_dialects_evaluate_a_call_in_the_calling_block(dialect):
    text = "* t\n.param a=100 b=200\n.subckt s p a=1 b=2\nra p 0 {a}\nrb p 0 {b}\n.ends\nx1 n s a='b+1' b='a+1'\n"
    if dialect == "spectre":
        text = (
            "parameters a=100 b=200\nsubckt s p\nparameters a=1 b=2\nra (p 0) resistor r=a\nrb (p 0) resistor r=b\n"
            "ends\nx1 (n) s a=b+1 b=a+1\n"
        )
    if dialect == "hspice":
        text = text.replace(".param", ".option parhier=local\n.param")
    assert " ".join(_values(text, dialect=dialect).values()) == "201 101"


def test_a_default_may_use_the_same_name_of_the_calling_block():
    text = "* t\n.param w=3\n.subckt s a w={w*2}\nr1 a 0 {w}\n.ends\nx1 n s\nx2 n s w={w}\n"
    assert _values(text) == {"r.x1.r1": "6", "r.x2.r1": "3"}


def test_definitions_need_no_order():
    text = "* t\n.param c={b+1} b={a*2} a=3\n.subckt s p l={k} k={c}\nr1 p 0 {l}\n.ends\nx1 n s\n"
    assert _values(text) == {"r.x1.r1": "7"}


def test_undefined_names_stay_expressions():
    text = "* t\n.param a=2\n.subckt s p w=1\nr1 p 0 {w*u+a}\nr2 p 0 {temper*w}\n.ends\nx1 n s w={a*3}\n"
    assert _values(text) == {"r.x1.r1": "(6)*u+(2)", "r.x1.r2": "temper*(6)"}


# nodes, models, references

PLACED = """* t
.global vdd
.param k=3 c=0.5
.model gm nmos level=1 vto=0.5
.subckt s a b vt=0.4
.model nch nmos level=1 vto={vt}
m1 vdd a b 0 nch w=1u l=1u
m2 vdd a x 0 gm w=1u l=1u m=3
v1 a y 0
f1 a 0 v1 2
b1 a 0 v={v(a,y)*i(v1)+k+v(0)+v(vdd)}
g1 a 0 a y {k}
e1 a 0 poly(2) a 0 y 0 0 1 {k}
l1 a y 1n
l2 a y 1n
k1 l1 l2 {c}
v2 a 0 dc {k} sin(0 {k*2} 1k)
.ends
.subckt t a
x1 a y s
x2 a y s vt=0.6
.ends
x1 n t
"""


def _line(device):
    parameters = " ".join(f"{key}={text}" for key, text in device.parameters.items())
    parts = (device.name, *device.nodes, *device.controls, device.model, device.value, parameters)
    return " ".join(filter(None, parts))


def test_nodes_models_and_references_are_placed():
    flat = _flat(PLACED)
    assert [_line(device) for device in flat.devices[:11]] == [
        "m.x1.x1.m1 vdd n x1.y 0 x1.x1:nch w=1e-06 l=1e-06",
        "m.x1.x1.m2 vdd n x1.x1.x 0 gm w=1e-06 l=1e-06 m=3",
        "v.x1.x1.v1 n x1.x1.y 0",
        "f.x1.x1.f1 n 0 v.x1.x1.v1 2",
        "b.x1.x1.b1 n 0 v=v(n,x1.x1.y)*i(v.x1.x1.v1)+(3)+v(0)+v(vdd)",
        "g.x1.x1.g1 n 0 n x1.x1.y 3",
        "e.x1.x1.e1 n 0 n 0 x1.x1.y 0 poly(2) 0 1 3",
        "l.x1.x1.l1 n x1.x1.y 1e-09",
        "l.x1.x1.l2 n x1.x1.y 1e-09",
        "k.x1.x1.k1 l.x1.x1.l1 l.x1.x1.l2 0.5",
        "v.x1.x1.v2 n 0 dc 3 sin(0 6 1000)",
    ]
    assert [(model.name, model.parameters["vto"]) for model in flat.models] == [
        *(("gm", "0.5"), ("x1.x1:nch", "0.4"), ("x1.x2:nch", "0.6")),
    ]
    assert flat.subcircuits == ()


def test_the_ground_in_an_expression_stays_the_ground():
    text = "* t\n.subckt s a\nb1 a 0 v={v(gnd,a)}\n.ends\nx1 n s\n"
    assert _values(text) == {"b.x1.b1": "v=v(0,n)"}


def test_a_nested_block_hides_one_of_the_same_name():
    text = (
        "* t\n.subckt s a\nr1 a 0 1\n.ends\n.subckt t a\n.subckt s a\nr2 a 0 2\n.ends\nx1 a s\n.ends\nx1 n t\nx2 n s\n"
    )
    assert _values(text) == {"r.x1.x1.r2": "2", "r.x2.r1": "1"}  # ngspice 39 calls the first `r.x1.r.x1.r2`


def test_calls_of_blocks_that_are_not_defined_stay():
    text = "* t\n.subckt s a\nx2 a b other w={w1}\n.ends\nx1 n s\n"
    (device,) = _flat(text).devices
    assert _line(device) == "x.x1.x2 n x1.b other w=w1"


# multipliers: ngspice 39 keeps only the outermost one of nested calls; the current of copies of copies is the product


@pytest.mark.parametrize(
    ("line", "multiplier"),
    [
        *(("m1 d g s b n", "6"), ("m1 d g s b n m=5", "30"), ("r1 a b 1k m={k}", "42"), ("c1 a b 1p", "6")),
        *(("d1 a b dd", "6"), ("x1 a b other", "6"), ("v1 a b 1", None), ("e1 a b c d 1", None)),
        *(("l1 a b 1n", "6"), ("i1 a b 1", "6"), ("g1 a b c d 1", "6"), ("b1 a b i=v(c)", "6")),
    ],
)
def test_multipliers_of_calls_multiply(line, multiplier):
    text = f"* t\n.param k=7\n.subckt s a b\n{line}\n.ends\n.subckt t a\nx1 a y s m=2\n.ends\nx1 n t m=3\n"
    (device,) = _flat(text).devices
    assert device.parameters.get("m") == multiplier


def test_an_unknown_multiplier_stays_an_expression():
    text = "* t\n.subckt s a\nr1 a 0 1 m=2\n.ends\nx1 n s m={mm}\n"
    assert evaluate(_flat(text).devices[0].parameters["m"], {"mm": 5.0}) == 10


def test_a_parameter_called_m_is_no_multiplier():
    text = "* t\n.subckt s a m=1\nr1 a 0 {m}\n.ends\nx1 n s m=4\n"
    (device,) = _flat(text).devices
    assert (device.value, dict(device.parameters)) == ("4", {})


# the top block


def test_a_top_block_keeps_its_ports_and_parameters():
    text = (
        "* t\n.param g=2\n.subckt leaf a w=1\nr1 a x {w}\n.ends\n.subckt top inp out l={g*3}\n.model nn nmos vto={l}\n"
        "x1 inp leaf w={l}\nm1 out x 0 0 nn\n.ends\n"
    )
    flat = _flat(text)
    top = flat.top
    assert (top.name, top.ports, top.parameters) == ("top", ("inp", "out"), {"l": "6"})
    assert [_line(device) for device in top.devices] == ["r.x1.r1 inp x1.x 6", "m1 out x 0 0 nn"]
    assert (flat.devices, [model.parameters["vto"] for model in flat.models]) == ((), ["6"])


def test_flattening_twice_changes_nothing():
    for text in (DYNAMIC, PLACED):
        once = _flat(text)
        assert flatten(once) == once


# what is refused

REFUSED = {
    "recursion": (".subckt s a\nx1 a s\n.ends\nx1 n s\n", "'s' calls itself"),
    "mutual recursion": (".subckt s a\nx1 a t\n.ends\n.subckt t a\nx1 a s\n.ends\nx1 n s\n", "calls itself"),
    "nodes": (".subckt s a\nr1 a 0 1\n.ends\nx1 n m s\n", "gives 2 nodes, but 's' has 1 ports"),
    "cycle": (".param a={b} b={a}\nr1 n 0 {a}\n", "defined by each other: a, b"),
    "cycle in a block": (".subckt s p a={b} b={a}\nr1 p 0 {a}\n.ends\nx1 n s\n", "defined by each other: a, b"),
    "local of itself": (".param w=1\n.subckt s p\n.param w={w*2}\nr1 p 0 {w}\n.ends\nx1 n s\n", "w"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_flat_form_is_refused(case):
    text, message = REFUSED[case]
    with pytest.raises(NetlistError, match=message):
        _flat(f"* t\n{text}")


def test_no_top_is_refused():
    with pytest.raises(InputError, match="found: a, b"):
        _flat("* t\n.subckt a p\n.ends\n.subckt b p\n.ends\n")


def test_the_number_of_devices_is_bounded():
    text = "* t\n.subckt s a\nr1 a 0 1\nr2 a 0 1\n.ends\nx1 n s\nx2 n s\n"
    assert len(_flat(text, most=4).devices) == 4
    with pytest.raises(NetlistError, match="may have 3 devices, but this one has 4"):
        _flat(text, most=3)


@pytest.mark.parametrize(("calls", "levels"), [(10, 30), (2, 90), (1, 150), (100, 4), (10, 99)])
def test_blocks_that_multiply_are_refused_quickly(calls, levels):
    blocks = "".join(
        f".subckt s{i} a\n" + "".join(f"x{k} a s{i + 1}\n" for k in range(calls)) + ".ends\n" for i in range(levels)
    )
    begin = time.perf_counter()
    with pytest.raises(NetlistError, match=r"may have|deeper than"):
        _flat(f"* t\n{blocks}.subckt s{levels} a\nr1 a 0 1\n.ends\nx1 n s0\n", most=1_000_000)
    assert time.perf_counter() - begin < 2


def test_empty_blocks_that_multiply_are_refused_quickly():
    blocks = "".join(
        f".subckt s{i} a\n" + "".join(f"x{k} a s{i + 1}\n" for k in range(10)) + ".ends\n" for i in range(9)
    )
    begin = time.perf_counter()
    with pytest.raises(NetlistError, match="may have"):
        _flat(f"* t\n{blocks}.subckt s9 a\n.ends\nx1 n s0\n", most=1_000)
    assert time.perf_counter() - begin < 2
