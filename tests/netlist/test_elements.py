import pytest

from eda.netlist import DEVICE_TYPES, format_netlist, parse_netlist

# line -> nodes, model, value, parameters, controls; every row of the table stands here
LINES = {
    "r1 a b 1k": ("a b", None, "1k", {}, ()),
    "r2 a b {2*rr} tc1=1m": ("a b", None, "2*rr", {"tc1": "1m"}, ()),
    "r3 a b rmod w=1u l=2u": ("a b", "rmod", None, {"w": "1u", "l": "2u"}, ()),
    "r4 a b rmod 2k": ("a b", "rmod", "2k", {}, ()),
    "r5 a b r='x+1'": ("a b", None, "x+1", {}, ()),
    "c1 a b 1p ic=0": ("a b", None, "1p", {"ic": "0"}, ()),
    "l1 a b 1n": ("a b", None, "1n", {}, ()),
    "v1 a 0 DC 1.8 AC 1": ("a 0", None, "dc 1.8 ac 1", {}, ()),
    "v2 a 0": ("a 0", None, None, {}, ()),
    "v3 a 0 pulse(0 1 0 1n 1n 5n 10n)": ("a 0", None, "pulse(0 1 0 1n 1n 5n 10n)", {}, ()),
    "i1 a 0 dc {ib}": ("a 0", None, "{ib}", {}, ()),
    "e1 a b c d 10": ("a b c d", None, "10", {}, ()),
    "e2 a b value={V(c)*2}": ("a b", None, "v=v(c)*2", {}, ()),
    "g1 a b c d {gm}": ("a b c d", None, "gm", {}, ()),
    "g2 a b poly(1) c d 0 1m": ("a b c d", None, "poly(1) 0 1m", {}, ()),
    "f1 a b v1 3": ("a b", None, "3", {}, ("v1",)),
    "h1 a b v1 1k": ("a b", None, "1k", {}, ("v1",)),
    "b1 a b v={v(c)^2}": ("a b", None, "v=v(c)**2", {}, ()),
    "d1 a b dmod": ("a b", "dmod", None, {}, ()),
    "d2 a b dmod 2": ("a b", "dmod", None, {"area": "2"}, ()),
    "q1 c b e qmod": ("c b e", "qmod", None, {}, ()),
    "q2 c b e s 2n2222": ("c b e s", "2n2222", None, {}, ()),
    "q3 c b e qmod 4": ("c b e", "qmod", None, {"area": "4"}, ()),
    "q4 c b e s qmod m=2": ("c b e s", "qmod", None, {"m": "2"}, ()),
    "j1 d g s jmod": ("d g s", "jmod", None, {}, ()),
    "m1 d g s b nmos w=1u l={l1} m=2": ("d g s b", "nmos", None, {"w": "1u", "l": "l1", "m": "2"}, ()),
    "z1 d g s zmod": ("d g s", "zmod", None, {}, ()),
    "s1 a b c d smod": ("a b c d", "smod", None, {}, ()),
    "w1 a b v1 wmod": ("a b", "wmod", None, {}, ("v1",)),
    "k1 l1 l2 0.9": ("", None, "0.9", {}, ("l1", "l2")),
    "t1 a 0 b 0 z0=50 td=1n": ("a 0 b 0", None, None, {"z0": "50", "td": "1n"}, ()),
    "o1 a 0 b 0 omod": ("a 0 b 0", "omod", None, {}, ()),
    "y1 a 0 b 0 ymod len=2": ("a 0 b 0", "ymod", None, {"len": "2"}, ()),
    "u1 a b 0 umod l=50u": ("a b 0", "umod", None, {"l": "50u"}, ()),
    "p1 a b 0 c d 0 pmod": ("a b 0 c d 0", "pmod", None, {}, ()),
    "n1 a b c vamod": ("a b c", "vamod", None, {}, ()),
    "a1 [a ~b] %vd(c d) null amod": ("a b c d", "amod", "[ * ~ * ] %vd ( * * ) null", {}, ()),
    "x1 a b c sub": ("a b c", "sub", None, {}, ()),
    "x2 a b sub params: w=1u m=4": ("a b", "sub", None, {"w": "1u", "m": "4"}, ()),
}


@pytest.mark.parametrize("line", LINES)
def test_an_element_line_is_read_and_written(line):
    nodes, model, value, parameters, controls = LINES[line]
    circuit = parse_netlist(f"* t\n{line}\n")
    (device,) = circuit.devices
    assert device.name == line.split()[0]
    assert " ".join(device.nodes) == nodes
    assert (device.model, device.value, device.parameters, device.controls) == (
        model,
        value,
        parameters,
        controls,
    )
    assert len(device.pins) == len(device.nodes)
    assert parse_netlist(format_netlist(circuit)) == circuit


def test_every_row_of_the_table_is_exercised_above():
    assert {line[0] for line in LINES} == set(DEVICE_TYPES)


@pytest.mark.parametrize(
    ("line", "pins"),
    [
        ("q1 c b e qmod", "collector base emitter"),
        ("m1 d g s b n", "drain gate source bulk"),
        ("x1 a b sub", "0 1"),
    ],
)
def test_pins_are_named_one_per_node(line, pins):
    assert " ".join(parse_netlist(f"* t\n{line}\n").devices[0].pins) == pins
