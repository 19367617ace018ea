"""What means one thing in one dialect and another in the next, and what belongs to a circuit wherever it goes."""

import pytest

from eda.errors import InputError, NetlistError
from eda.graph import canonical_hash, to_graph
from eda.netlist import check, detect_dialect, parse_netlist
from eda.netlist.flatten import flatten
from eda.netlist.writer import format_netlist


def _device(text, dialect, name):
    return next(one for one in parse_netlist(text, dialect=dialect).devices if one.name == name)


@pytest.mark.parametrize(("dialect", "value"), [("ngspice", 3.0), ("ltspice", 3.0), ("hspice", 3e-18), ("cdl", 3e-18)])
def test_a_is_an_ampere_or_atto(dialect, value):
    from eda.netlist import evaluate

    device = _device("* a\nr1 a 0 3A\n", dialect, "r1")
    assert evaluate(device.value) == pytest.approx(value)


@pytest.mark.parametrize(("dialect", "written"), [("hspice", "i1 0 out 2"), ("spectre", "dc=2.0"), ("ngspice", "2a")])
def test_amperes_stay_amperes(dialect, written):
    circuit = parse_netlist("* a\ni1 0 out 2A\nr1 out 0 1\n", dialect="ngspice")
    assert written in format_netlist(circuit, dialect=dialect)


def test_arguments_may_have_the_names_of_keys():
    text = "* a\n.param td=1n tr=2n tf=3n pw=4n per=10n vdd=1\nv1 a 0 pulse(0 vdd td tr tf pw per)\nr1 a 0 1k\n"
    assert _device(text, "hspice", "v1").value == "pulse(0 {vdd} {td} {tr} {tf} {pw} {per})"
    repeated = "* a\nv1 a 0 pwl(0 0 1n 1 r=0 td=2n)\n"
    assert _device(repeated, "hspice", "v1").value == "pwl(0 0 1n 1) r=0 td=2n"


@pytest.mark.parametrize("dialect", ["ngspice", "hspice"])
def test_a_name_that_begins_a_comment_there_is_refused(dialect):
    circuit = parse_netlist("// a\nsimulator lang=spectre\nr0 (\\$1 0) resistor r=1k\n", dialect="spectre")
    with pytest.raises(InputError, match="mean something else there"):
        format_netlist(circuit, dialect=dialect)


SCALED = """* sizes in micrometres
.option scale=1u
.subckt amp d g s b
m1 d g s b nch w=0.1 l=0.05
.ends
"""


def test_the_scale_of_sizes_goes_with_the_circuit():
    circuit = parse_netlist(SCALED)
    assert circuit.scale == 1e-6
    assert circuit.with_top("amp").scale == circuit.bare().scale == 1e-6
    for dialect in ("ngspice", "hspice"):
        assert parse_netlist(format_netlist(circuit, dialect=dialect, statements="drop"), dialect=dialect).scale == 1e-6
    for dialect in ("ltspice", "spectre", "cdl"):
        with pytest.raises(InputError, match="scale"):
            format_netlist(circuit, dialect=dialect, statements="drop")
    found = [one.rule for one in check(circuit, smallest={"nch": (0.42e-6, 0.15e-6)})]
    assert found.count("size-below-minimum") == 2


def test_the_scale_of_spectre_is_one_too():
    text = "// a\nsimulator lang=spectre\nr0 (a 0) resistor r=1k\nsimulatorOptions options reltol=1e-3 scale={}\n"
    scaled, plain = (parse_netlist(text.format(scale), dialect="spectre") for scale in ("1e-6", "1.0"))
    assert ".option scale=1e-06" in format_netlist(scaled, dialect="ngspice", statements="drop")
    assert "scale" not in format_netlist(plain, dialect="ngspice", statements="drop")
    assert "scale=1e-06" in format_netlist(scaled, dialect="spectre", statements="drop")


def test_sizes_in_micrometres_by_a_comment_are_refused():
    with pytest.raises(NetlistError, match="SCALE MICRON"):
        parse_netlist("*.SCALE MICRON\n.subckt a b c\nm1 b c b b nch w=1 l=1\n.ends\n", dialect="cdl")
    assert parse_netlist("*.SCALE METER\n.subckt a b c\nm1 b c b b nch w=1u l=1u\n.ends\n", dialect="cdl").scale == 1


def test_long_comments_of_spectre_are_one_line():
    ports = " ".join(f"bus_signal_{n}" for n in range(20))
    directions = " ".join(f"bus_signal_{n}:I" for n in range(20))
    text = f"* a\n.subckt wide {ports}\n*.PININFO {directions}\nr1 bus_signal_0 bus_signal_1 1k\n.ends\n"
    written = format_netlist(parse_netlist(text), dialect="spectre")
    assert any(line.startswith("*.PININFO") and line.endswith("bus_signal_19:I") for line in written.splitlines())


MACRO = """* a macro model
v1 in 0 1
b1 out 0 v=2*v(in)
r1 out 0 1k
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (MACRO, "dangling-net"),
        ("* a\n.subckt op inp inn out\nb1 out 0 v=1e3*(v(inp)-v(inn))\nr1 out 0 1k\n.ends\n", "unused-port"),
        ("* a\n.param rterm=50\nv1 a 0 1\nr1 a 0 {rterm}\n", "suspicious-value"),
        ("* a\nv1 a 0 1 rser=1\nv2 a 0 1 rser=1\nr1 a 0 1k\n", "voltage-loop"),
        ("* a\nv1 a 0 1\nl1 a 0 1u rser=1\nr1 a 0 1k\n", "voltage-loop"),
    ],
)
def test_no_false_alarm(text, rule):
    assert rule not in {one.rule for one in check(parse_netlist(text, dialect="ltspice" if "rser" in text else "auto"))}


def test_a_setting_is_no_parameter():
    text = "// a\nsimulator lang=spectre\nv0 (a 0) vsource dc=1\nr0 (a 0) resistor r=1k isnoisy=no\n"
    assert "undefined-parameter" not in {one.rule for one in check(parse_netlist(text, dialect="spectre"))}


def test_the_order_of_parameters_does_not_matter():
    text = "* a\n.subckt amp d g s b {}\nm1 d g s b nch w={{wp}} l=1u\n.ends\n"
    one, other = (parse_netlist(text.format(order)) for order in ("wp={2*wn} wn=1u", "wn=1u wp={2*wn}"))
    assert one.defaults() == other.defaults() == {"wp": 2e-6, "wn": 1e-6}
    assert one.free_parameters() == {"wn": 1e-6}
    assert canonical_hash(one, values=True) == canonical_hash(other, values=True)
    assert to_graph(one)["device"].x.equal(to_graph(other)["device"].x)
    with pytest.raises(InputError, match="defined by each other: a, b"):
        parse_netlist("* a\n.subckt amp d s a={b} b={a}\nr1 d s {a}\n.ends\n").defaults()


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("* for ngspice, not for HSPICE\nb1 out 0 v=2*v(in)\n", "ngspice"),
        ("* a\nx1 a b gnd inv w={2u / 3}\n", "ngspice"),
        ("* a\nx1 a b gnd / inv\n", "cdl"),
    ],
)
def test_dialects_are_told_by_what_is_no_accident(text, dialect):
    assert detect_dialect(text).dialect == dialect


def test_the_ideal_diode_of_ltspice_goes_nowhere_else():
    circuit = parse_netlist("* a\nd1 a 0 di\n.model di d(ron=.1 roff=1g vfwd=.3)\n", dialect="ltspice")
    assert "vfwd" in format_netlist(circuit, dialect="ltspice")
    with pytest.raises(InputError, match="ideal diode"):
        format_netlist(circuit, dialect="ngspice")


@pytest.mark.parametrize(
    "title", ["Low noise amplifier 2.4 GHz", "LC tank tuned 5 GHz", "Current mirror with 2 stages"]
)
def test_a_title_may_have_numbers(title):
    assert parse_netlist(f"{title}\nr1 a 0 1k\n", dialect="ngspice").title == title


def test_a_first_line_that_is_an_element_is_refused():
    with pytest.raises(NetlistError, match="begin it with"):
        parse_netlist("rload out gnd 1k\nr2 a 0 1k\n", dialect="ngspice")


def test_a_line_has_no_copies():
    text = "* a\n.subckt cell a b\nt1 a 0 b 0 z0=50 td=1n\n.ends\nx1 c d cell m=2\nr1 c d 1k\n"
    with pytest.raises(NetlistError, match="called with m, and T elements have none"):
        flatten(parse_netlist(text))


def test_templates_are_found_in_linear_time():
    with pytest.raises(NetlistError):
        parse_netlist("* a\nr1 a 0 " + "{%" * 200_000 + "\n", dialect="ngspice")


HIERARCHY = """* a
{option}
.param w=10u
.subckt n d g s b w=1u l=2u
m1 d g s b nch w=w l=l
.ends
x1 d g 0 0 n w=5u
x2 d g 0 0 n
"""


def test_parameters_of_an_hspice_netlist_come_first_unless_it_says_otherwise():
    first = parse_netlist(HIERARCHY.format(option="* nothing"), dialect="hspice")
    local = parse_netlist(HIERARCHY.format(option=".option parhier=local"), dialect="hspice")
    usual = parse_netlist(HIERARCHY.format(option="* nothing").replace("w=w l=l", "w={w} l={l}"), dialect="ngspice")
    widths = [[float(one.parameters["w"]) for one in flatten(circuit).devices] for circuit in (first, local, usual)]
    assert widths == [[1e-5, 1e-5], [5e-6, 1e-6], [5e-6, 1e-6]]
    assert flatten(first).devices[0].parameters["l"] == flatten(local).devices[0].parameters["l"]
    assert "w=5u" in format_netlist(first, dialect="hspice")
    with pytest.raises(InputError, match="the parameter w: in HSPICE it sets those of its name"):
        format_netlist(first, dialect="ngspice")
    format_netlist(local, dialect="ngspice", statements="drop")


def test_nodes_that_are_named_without_v_are_not_taken_out_of_a_block():
    text = "* a\n.subckt f in out\ne1 out 0 laplace {} 1 / 1 1u\n.ends\nx1 a b f\nr1 a b 1k\n"
    with pytest.raises(NetlistError, match="names nodes without v"):
        flatten(parse_netlist(text.format("in 0"), dialect="hspice"))


@pytest.mark.parametrize("line", ["f1 a 0 vxx 2", "h1 a 0 vxx 2", "l1 a 0 1u\nk1 l1 l9 0.5"])
def test_what_is_sensed_or_coupled_must_be_there(line):
    found = {one.rule for one in check(parse_netlist(f"* a\nvx a 0 1\nr1 a 0 1k\n{line}\n"))}
    assert "undefined-control" in found
    there = line.replace("vxx", "vx").replace("l9", "l2") + ("\nl2 a 0 1u" if "k1" in line else "")
    found = {one.rule for one in check(parse_netlist(f"* a\nvx a 0 1\nr1 a 0 1k\n{there}\n"))}
    assert "undefined-control" not in found
