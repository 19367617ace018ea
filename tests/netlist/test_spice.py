"""Cards and conventions of all dialects of the SPICE family; element lines have their own file."""

import pytest

from eda.errors import NetlistError
from eda.netlist import parse_netlist, read_netlist


def _read(text, dialect="ngspice", **options):
    head = "" if dialect == "cdl" else "* t\n"
    return parse_netlist(head + text, name="n.sp", dialect=dialect, **options)


# values of the resistor on the line, by dialect
VALUES = {
    ("ngspice", "r1 a b 1m"): "1m",
    ("ngspice", "r1 a b 1meg"): "1meg",
    ("ngspice", "r1 a b '2*w'"): "2*w",
    ("ngspice", 'r1 a b "2*w"'): "2*w",
    ("ngspice", "r1 a b {2*W}"): "2*w",
    ("ngspice", "r1 a b r = 2k"): "2k",
    ("ngspice", "r1 a b 1k ; c"): "1k",
    ("ngspice", "r1 a b 1k $ c"): "1k",
    ("ngspice", "r1 a b 1k $c"): "1k",  # ngspice 39: `$` begins a comment behind a blank
    ("ngspice", "r1 a b 1k // c"): "1k",
    ("ngspice", "r1 a b\n\n* c\n\n+ 1k"): "1k",
    ("ngspice", "r1 a b\r\n+ 1k\r"): "1k",
    ("hspice", "r1 a b 1k $c"): "1k",
    ("hspice", "r1 a b 1x"): "1meg",
    ("hspice", "r1 a b '2x*w'"): "2meg*w",
    ("hspice", "r1 a b 1xohm"): "1meg",
    ("ltspice", "r1 a b 2k7"): "2.7k",
    ("ltspice", "r1 a b {2k7+w}"): "2.7k+w",
    ("ltspice", "r1 a b 1µ ; c"): "1u",
    ("ltspice", "r1 a b 1Meg"): "1meg",
    ("ltspice", "r1 a b {if(w,1,2)}"): "ternary_fcn(w,1,2)",
    ("ltspice", "r1 a b {arctan(1)}"): "atan(1)",
    ("cdl", "r1 a b 1k $ c"): "1k",
    ("cdl", "r1 a b 1k $[rp]"): "1k",
    ("cdl", "*.MEGA\nr1 a b 1MEG"): "1meg",
}


@pytest.mark.parametrize(("dialect", "line"), VALUES)
def test_values(dialect, line):
    (device,) = _read(line + "\n", dialect).devices
    assert (device.value, device.nodes) == (VALUES[dialect, line], ("a", "b"))


@pytest.mark.parametrize("line", ["e1 a 0 value='v(x)*1x'", "e1 a 0 vol='v(x)*1x'", "g1 a 0 cur='v(x)*1x'"])
def test_numbers_in_behavioural_sources_are_those_of_the_dialect(line):
    (device,) = _read(line + "\n", "hspice").devices
    assert device.value[2:] == "v(x)*1meg"


@pytest.mark.parametrize(
    ("dialect", "grounds", "others"),
    [
        ("ngspice", ["0", "gnd", "GND"], ["gnd!", "ground"]),
        ("hspice", ["0", "gnd", "gnd!", "GROUND"], ["vss"]),
        ("ltspice", ["0", "Gnd"], ["gnd!", "ground"]),
        ("cdl", ["0"], ["gnd", "gnd!"]),
    ],
)
def test_names_of_the_ground(dialect, grounds, others):
    lines = "".join(f"r{i} {node} x 1\n" for i, node in enumerate([*grounds, *others]))
    nodes = [device.nodes[0] for device in _read(lines, dialect).devices]
    assert nodes == ["0"] * len(grounds) + others


@pytest.mark.parametrize("line", ["b1 a 0 v=v(GND,x)", "e1 a 0 value={v(gnd,x)}"])
def test_the_ground_in_an_expression_is_node_0(line):
    (device,) = _read(line + "\n").devices
    assert device.value == "v=v(0,x)"


def test_parentheses_in_the_coefficients_of_a_polynomial_are_kept():
    (device,) = _read("g1 a 0 poly(1) (c,0) 0 {(p+q)*2}\n").devices
    assert (device.nodes, device.value) == (("a", "0", "c", "0"), "poly(1) 0 {(p+q)*2}")


def test_a_model_may_have_vectors():
    (model,) = _read(".model s1 summer(in_gain=[1.0 2.0] out_gain=1)\n").models
    assert model.parameters == {"in_gain": "[1.0 2.0]", "out_gain": "1"}


# parameters of lines


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        ("r1 a b 1k tc=1m,2u", {"tc1": "1m", "tc2": "2u"}),
        ("r1 a b 1k tc=1m 2u", {"tc1": "1m", "tc2": "2u"}),
        ("m1 d g s b n ic=0,1,{x}", {"ic": "0,1,x"}),
        ("c1 a b 1p ic=0.5", {"ic": "0.5"}),
        ("x1 a b s params: w=1u m=2", {"w": "1u", "m": "2"}),
        ("x1 a b s PARAMS: w=1u", {"w": "1u"}),
        ("x1 a b s m={2*k}", {"m": "2*k"}),
        ("m1 d g s b n w=2*1u l='l1'", {"w": "2*1u", "l": "l1"}),
    ],
)
def test_parameters_of_a_line(line, parameters):
    assert _read(line + "\n").devices[0].parameters == parameters


# blocks and parameters


@pytest.mark.parametrize(("opening", "closing"), [(".subckt", ".ends"), (".SUBCKT", ".ENDS s"), (".macro", ".eom S")])
def test_blocks(opening, closing):
    (block,) = _read(f"{opening} s a gnd2 params: w=1 l='2*w'\nr1 a gnd2 1\n{closing}\n", "hspice").subcircuits
    assert (block.ports, block.parameters) == (("a", "gnd2"), {"w": "1", "l": "2*w"})


@pytest.mark.parametrize("card", [".param", ".PARAM", ".params", ".parameter"])
def test_param_cards(card):
    assert _read(f"{card} a=1, b = {{a+1}} c='b' d=a+b e = a + b\n").parameters == {
        "a": "1",
        "b": "a+1",
        "c": "b",
        "d": "a+b",
        "e": "a + b",
    }


def test_global_nodes_of_all_cards():
    assert _read(".global vdd! gnd\n").globals == ("vdd!", "0")
    assert _read("*.GLOBAL vdd! vss!:P\n.GLOBAL vee!\n", "cdl").globals == ("vdd!", "vss!", "vee!")
    assert _read("*.GLOBAL vdd!\n", "hspice").globals == ()


# functions


@pytest.mark.parametrize(
    ("dialect", "lines", "value"),
    [
        ("ngspice", ".func f(x,y) {x*y+1}\nr1 a b {f(2,w)}", "((2)*(w)+1)"),
        ("ngspice", ".func f(x) = {2*x}\nr1 a b {1+f(f(w))}", "1+(2*((2*(w))))"),
        ("ngspice", ".func f(x) {x+w}\n.param w=2 f=3\nr1 a b {f(1)+f}", "((1)+w)+f"),
        ("hspice", ".param f(x)='2*x'\n.param g(y)='f(y)+1'\nr1 a b 'g(3)'", "((2*((3)))+1)"),
        ("hspice", ".param f(x)='2*x' w=3\nr1 a b 'f(w)'", "(2*(w))"),
        ("ltspice", ".param f(x)={2*x}\nr1 a b {f(3)}", "(2*(3))"),
        ("ltspice", "r1 a b {f(3)}\n.func f(x) {2*x}", "(2*(3))"),  # ngspice, too, takes functions from below
        ("ngspice", "r1 a b {f(3)}\n.func f(x) {2*x}", "(2*(3))"),
    ],
)
def test_calls_of_functions_are_replaced(dialect, lines, value):
    assert _read(lines + "\n", dialect).devices[0].value == value


@pytest.mark.parametrize("line", ["b1 a 0 v={f(v(x))}", "e1 a 0 value={f(v(x))}", "g1 a 0 cur='f(v(x))'"])
def test_calls_of_functions_in_behavioural_sources_are_replaced(line):
    (device,) = _read(f".func f(x) {{2*x}}\n{line}\n").devices
    assert device.value[2:] == "(2*(v(x)))"


def test_a_function_of_a_block_stays_in_it():
    # ngspice 39 gives 3 inside and 2 outside
    circuit = _read(".func f(x) {2*x}\n.subckt s a\n.func f(x) {3*x}\nr1 a 0 {f(1)}\n.ends\nr2 a 0 {f(1)}\n")
    assert circuit.subcircuits[0].devices[0].value == "(3*(1))"
    assert circuit.devices[0].value == "(2*(1))"


@pytest.mark.parametrize(
    "lines",
    [
        ".func f(x) {f(x-1)}\nr1 a b {f(3)}",
        "".join(f".func f{i + 1}(x) {{f{i}(x)+f{i}(x)+f{i}(x)}}\n" for i in range(40)).replace("f0(x)", "x")
        + "r1 a b {f40(1)}",
        ".func f(x) {x}\nr1 a b {f(1,2)}",
    ],
)
def test_functions_that_never_end_or_do_not_fit_are_refused(lines):
    with pytest.raises(NetlistError, match=r"too deep|unknown function|characters|takes 1 arguments"):
        _read(lines + "\n")


# CDL


def test_directions_go_over_continuations_of_comments():
    (block,) = _read(".subckt s a y vdd\n*.PININFO A:I Y:O\n*+ vdd:B\n.ends\n", "cdl").subcircuits
    assert block.directions == {"a": "i", "y": "o", "vdd": "b"}


# line -> nodes, model, value, parameters
CDL = {
    "XI0 a b / inv w=1u": ("a b", "inv", None, {"w": "1u"}),
    "XI0 a b inv": ("a b", "inv", None, {}),
    "XI0 a b / inv $T=0 0 0 0 m=2": ("a b", "inv", None, {"m": "2"}),
    "R0 a b 1k $[rp] $X=1 $Y=-2": ("a b", "rp", "1k", {"$x": "1", "$y": "-2"}),
    "R0 a b 1k $[rp] $SUB=vss": ("a b", "rp", "1k", {"$sub": "vss"}),
    "R0 a b 1k $SUB=vss!": ("a b", None, "1k", {"$sub": "vss!"}),
    "R0 a b $[rp] W=1u L=2u": ("a b", "rp", None, {"w": "1u", "l": "2u"}),
    "C0 a b 1p $[cp]": ("a b", "cp", "1p", {}),
    "D0 a b dd 1p": ("a b", "dd", None, {"area": "1p"}),
    "Q0 c b e npn 2 $X=1": ("c b e", "npn", None, {"area": "2", "$x": "1"}),
    "M0 d g s b nch W=1u L=0.1u": ("d g s b", "nch", None, {"w": "1u", "l": "0.1u"}),
    "MM0 d g s b nch W=1u $LDD[nch]": ("d g s b", "nch", None, {"w": "1u"}),
}


@pytest.mark.parametrize("line", CDL)
def test_elements_of_cdl(line):
    (device,) = _read(line + "\n", "cdl").devices
    nodes, model, value, parameters = CDL[line]
    assert (" ".join(device.nodes), device.model, device.value) == (nodes, model, value)
    kept = {key: text for key, text in device.parameters.items() if key not in {"$t", "$ldd"}}
    assert kept == parameters


def test_cdl_has_no_title_and_may_say_nothing_in_param():
    circuit = _read(".PARAM\nR0 a b 1k\n.PARAM w=1\n", "cdl")
    assert (circuit.title, circuit.parameters, circuit.devices[0].name) == ("", {"w": "1"}, "r0")


# further runs, .control, templates


def test_what_follows_alter_is_kept_as_text():
    text = "r1 a b 1\n.tran 1n 1u\n.alter hot\nR1 a b 2\n.param w=2\n.subckt foo a\n.ends\n.temp 125\n.end\nx\n"
    circuit = _read(text, "hspice")
    assert [device.value for device in circuit.devices] == ["1"]
    assert circuit.statements[1:] == (".alter hot", "R1 a b 2", ".param w=2", ".subckt foo a", ".ends", ".temp 125")


def test_control_is_refused_or_kept_unrun():
    text = ".control\n  run\nshell ls\n.endc\nr1 a b 1\n"
    with pytest.raises(NetlistError, match="can run commands"):
        _read(text)
    circuit = _read(text, control="keep")
    assert circuit.statements == (".control\n  run\nshell ls\n.endc",)
    assert circuit.devices[0].location.line == 6
    with pytest.raises(NetlistError, match="not closed"):
        _read(".control\nrun\n", control="keep")


@pytest.mark.parametrize(
    "line",
    [
        *("r1 a b {{x}}", "r1 a b {{ x }}", "m1 d g s b n w={{w}} l=1u", ".param w={{w}}", "v1 a 0 {{v}}"),
        *("b1 a 0 v={{x}}", "{% if a %}", "<% x %>", ".include '{{f}}'", "x1 a b {{name}}"),
    ],
)
def test_templates_are_refused(line):
    with pytest.raises(NetlistError, match="placeholder of a template"):
        _read(line + "\n")


# faults, marked by «

BAD = {
    "mega or milli": ("cdl", "*.MEGA\nR0 a b «1M\n", "mega or milli"),
    "connect": ("cdl", "«*.CONNECT a b\n", "behind its back"),
    "equiv": ("cdl", "«*.EQUIV a=b\n", "behind its back"),
    "pininfo": ("cdl", ".subckt s a\n«*.PININFO a\n.ends\n", "pairs like"),
    "slash": ("cdl", ".subckt s «/ a\n.ends\n", "a name was expected"),
    "no source in cdl": ("cdl", "«v1 a 0 1\n", "starts no known element"),
    "no scattering": ("hspice", "* t\n«s1 a b c d sm\n", "starts no known element"),
    "three coefficients": ("ngspice", "* t\nr1 a b 1k tc=«1,2,3\n", "one or two coefficients"),
    "empty param": ("ngspice", "* t\n«.param\n", ".param needs assignments"),
    "if": ("ngspice", "* t\n«.if (a)\nr1 a b 1\n.endif\n", "is not understood"),
    "kept include in a block": ("ngspice", "* t\n.subckt s a\n«.include x.sp\n.ends\n", "kept unread"),
    "opamp": ("hspice", "* t\ne1 a 0 «opamp c d\n", "opamp"),
    "waveform file": ("ltspice", "* t\nv1 a 0 «PWL file=x.txt\n", "file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_place(case):
    dialect, marked, message = BAD[case]
    before, text = marked.split("«")[0], marked.replace("«", "")
    with pytest.raises(NetlistError, match=message) as caught:
        parse_netlist(text, name="n.sp", dialect=dialect, includes="keep")
    place = (before.count("\n") + 1, len(before.split("\n")[-1]) + 1)
    assert (caught.value.line, caught.value.column) == place


# library sections

LIBRARY = "* a library\n.lib tt\n.param a=1\n.endl tt\n.LIB 'FF' $ fast\n.param a=2\n.ENDL\n.lib open\n.param a=3\n"


def _library(tmp_path, card, **files):
    for name, text in {"models": LIBRARY, **files}.items():
        (tmp_path / f"{name}.lib").write_text(text)
    (tmp_path / "m.sp").write_text(f"* t\n{card}\n")
    return read_netlist(tmp_path / "m.sp", dialect="hspice")


@pytest.mark.parametrize(("section", "value"), [("tt", "1"), ("FF", "2")])
def test_a_section_of_a_library(tmp_path, section, value):
    assert _library(tmp_path, f".lib 'models.lib' {section}").parameters == {"a": value}


@pytest.mark.parametrize(
    ("section", "message", "hint"),
    [("ss", "no section 'ss'", "Known: ff, open, tt"), ("open", "'open' is not closed", ".endl")],
)
def test_a_section_that_is_missing_or_open_is_refused(tmp_path, section, message, hint):
    with pytest.raises(NetlistError, match=message) as caught:
        _library(tmp_path, f".lib models.lib {section}")
    assert hint in caught.value.hint


def test_a_section_may_take_sections_of_other_files(tmp_path):
    more = ".lib all\n.lib 'models.lib' tt\n.param b=2\n.endl\n"
    assert _library(tmp_path, ".lib 'more.lib' all", more=more).parameters == {"a": "1", "b": "2"}


def test_a_section_may_take_another_section_of_its_own_file(tmp_path):
    own = ".lib tt\n.param a=1\n.lib 'own.lib' common\n.endl\n.lib common\n.param b=2\n.endl\n"
    assert _library(tmp_path, ".lib 'own.lib' tt", own=own).parameters == {"a": "1", "b": "2"}


def test_sections_that_take_each_other_are_refused(tmp_path):
    own = ".lib tt\n.lib 'own.lib' ff\n.endl\n.lib ff\n.lib 'own.lib' tt\n.endl\n"
    with pytest.raises(NetlistError, match="includes itself"):
        _library(tmp_path, ".lib 'own.lib' tt", own=own)


@pytest.mark.parametrize("fault", ["q 1", ".control", ".nonsense"])
def test_errors_in_a_section_name_the_line_of_the_file(tmp_path, fault):
    with pytest.raises(NetlistError) as caught:
        _library(tmp_path, ".lib 'bad.lib' tt", bad=f"* 1\n* 2\n.lib tt\n{fault}\n.endl\n")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "bad.lib"), 4)


def test_lib_of_ltspice_is_an_include(tmp_path):
    (tmp_path / "op.lib").write_text(".model n nmos\n")
    (tmp_path / "m.net").write_text("* t\n.lib op.lib\n")
    assert read_netlist(tmp_path / "m.net", dialect="ltspice").models[0].name == "n"


def test_includes_may_be_kept():
    circuit = _read(".include x.sp\n.lib y.lib tt\n", includes="keep")
    assert [(include.path, include.section) for include in circuit.includes] == [("x.sp", None), ("y.lib", "tt")]


@pytest.mark.parametrize(("dialect", "word"), [("ngspice", "4k7"), ("hspice", "2x3"), ("ngspice", "1.2.3")])
def test_a_number_with_more_behind_it_is_refused(dialect, word):
    # ngspice 39 reads 4k7 as 4k and takes the rest for a unit, which hardly is what was meant
    with pytest.raises(NetlistError, match="neither a number nor the name of a model") as caught:
        _read(f"r1 a b {word}\n", dialect)
    assert (caught.value.line, caught.value.column) == (2, 8)
