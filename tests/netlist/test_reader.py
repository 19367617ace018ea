from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import NetlistError
from eda.netlist import Circuit, Variable, parse_netlist, read_netlist

OPAMPS = Path(__file__).parents[2] / "netlists" / "opamp"

# a netlist whose fault is marked by «: line and column of the error are where it stands
BAD = {
    "undefined card": ("* t\n«.subkct ota a\n", ".subkct is not understood", "Did you mean '.subckt'"),
    "control": ("* t\nr1 a b 1\n«.control\nshell ls\n.endc\n", "can run commands", "leave it out"),
    "exec": ("* t\n«.exec ls\n", "can run commands", "leave it out"),
    "codemodel": ("* t\n  «.CodeModel x.so\n", "can run commands", "leave it out"),
    "lib": ("* t\n.lib «'sky130.lib' tt\n", "leaves the allowed folders", 'includes="keep"'),
    "library itself": ("* t\n«.lib tt\n.endl\n", "this is a library", ".lib 'models.lib' tt"),
    "include without roots": ("* t\n.include «/etc/passwd\n", "leaves the allowed folders", "none"),
    "include without a name": ("* t\n«.include\n", "takes one file name", ".include"),
    "open brace": ("* t\nr1 a b «{w\n", "brace { is not closed", "}"),
    "open quote": ("* t\nr1 a b «'w\n", "quote ' is not closed", ""),
    "open subckt": ("* t\n«.subckt ota a\nr1 a 0 1\n", "'ota' is not closed", ".ends"),
    "wrong ends": ("* t\n.subckt ota a\n.ends «otb\n", ".ends otb closes the subcircuit 'ota'", ""),
    "ends alone": ("* t\n«.ends\n", ".ends without a subcircuit", ""),
    "subckt without name": ("* t\n«.subckt\n", "needs a name", ".subckt ota"),
    "subckt twice": ("* t\n.subckt s a\n.ends\n.subckt «S a\n.ends\n", "'s' is defined twice", ""),
    "card in subckt": ("* t\n.subckt s a\n«.tran 1n 1u\n.ends\n", "inside a subcircuit", "move it out"),
    "duplicate device": ("* t\nr1 a b 1\n«R1 c d 2\n", "'r1' is already used by the element at n.sp:2:1", ""),
    "no MOS model": ("* t\n«m1 d g s b w=1u\n", "MOS transistor needs", ""),
    "no diode model": ("* t\n«d1 a b\n", "diode needs a model after its nodes", ""),
    "no value": ("* t\nr1 a «b\n", "resistor needs", ""),
    "behavioural source with one node": ("* t\nb1 out v «={v(x)}\n", "v= or i= was expected", ""),
    "unknown letter": ("* t\n«%z a b\n", "'%z' starts no known element", "R (resistor)"),
    "element first": ("«r1 a b 1k\nr2 a b 1k\n", "first line as the title", "put a title first"),
    "bounds of no parameter": (
        *(
            "* t\n.subckt s a width=1\n«*@ widht = 1..2\n.ends\n",
            "no parameter of 's'",
            "Did you mean 'width'",
        ),
    ),
    "bounds unread": (
        "* t\n.subckt s a w=1\n«*@ w = 1 to 2\n.ends\n",
        "bounds read like w1 = 1u..100u log step 5n, but got 'w = 1 to 2'",
        "",
    ),
    "bounds reversed": ("* t\n.subckt s a w=1\n«*@ w = 2..1\n.ends\n", "`low < high` must hold", ""),
    "bounds infinite": ("* t\n.subckt s a w=1\n«*@ w = 1..1e999\n.ends\n", "", ""),
    "bounds twice": ("* t\n.subckt s a w=1\n*@ w=1..2\n«*@ W=1..3\n.ends\n", "'w' are given twice", ""),
    "bounds outside": ("* t\n«*@ w = 1..2\n", "inside a .subckt only", "below its .subckt line"),
    "parameter twice": ("* t\nm1 d g s b n w=1u l=1u «W=2u\n", "'W' is given twice", ""),
    "parameter without value": ("* t\nm1 d g s b n «w=\n", "'w' has no value", ""),
    "no parameter name": ("* t\nx1 «= 3\n", "a parameter name was expected", ""),
    "bad expression": ("* t\nr1 a b «{2*}\n", "ends where a value was expected", "write numbers like 10u"),
    "function without a body": ("* t\n«.func f(x)\n", "a function was expected", ".func f(x) {2*x}"),
    "two values": ("* t\nr1 a b 1k «2k\n", "'2k' is not understood on a resistor", ""),
    "word after MOS": ("* t\nm1 d g s b n\n+ «1u\n", "'1u' is not understood on a MOS transistor", ""),
    "model without type": ("* t\n«.model nfet\n", "needs a name and a type", ".model nfet nmos"),
    "param without value": ("* t\n«.param vdd\n", ".param needs assignments", ".param vdd=1.8"),
    "continuation": ("* t\n\n  «+ w=1u\n", "no statement before it", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_place(case):
    marked, message, hint = BAD[case]
    before, text = marked.split("«")[0], marked.replace("«", "")
    with pytest.raises(NetlistError) as caught:
        parse_netlist(text, name="n.sp")
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    line = before.count("\n") + 1
    assert (error.file, error.line, error.column) == ("n.sp", line, len(before.split("\n")[-1]) + 1)
    assert error.text == text.split("\n")[line - 1]


# includes


def test_include_is_read_in_place_and_errors_name_the_included_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.sp").write_text(".include b.sp\n")  # relative to the file that includes
    (tmp_path / "sub" / "b.sp").write_text("r2 a b 2\n")
    main = tmp_path / "main.sp"
    main.write_text("* t\nr1 a b 1\n.include 'sub/a.sp'\nr3 a b 3\n")
    assert [device.name for device in read_netlist(main).devices] == ["r1", "r2", "r3"]
    (tmp_path / "sub" / "b.sp").write_text("* no title is skipped here\n  q a b\n")
    with pytest.raises(NetlistError) as caught:
        read_netlist(main)
    assert (caught.value.file, caught.value.line, caught.value.column) == (
        str(tmp_path / "sub" / "b.sp"),
        2,
        3,
    )


@pytest.mark.parametrize(
    ("named", "message", "hint"),
    [
        ("modls.sp", "cannot read", "Did you mean 'models.sp'"),
        ("folder", "is a folder", ""),
        ("../outside.sp", "leaves the allowed folders", "roots="),
        ("link.sp", "leaves the allowed folders", "roots="),
        ("/etc/passwd", "leaves the allowed folders", "roots="),
        ("main.sp", "includes itself", ""),
        ("cycle.sp", "includes itself", ""),
        ("half.sp", "must close the subcircuits that it opens", ""),
        ("n" * 300, "cannot read", ""),
        ("a\0b", "", ""),
    ],
)
def test_an_include_that_cannot_be_is_refused(tmp_path, named, message, hint):
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (tmp_path / "outside.sp").write_text("r9 a b 1\n")
    (home / "link.sp").symlink_to(tmp_path / "outside.sp")
    (home / "models.sp").write_text("")
    (home / "cycle.sp").write_text(".include cycle.sp\n")
    (home / "half.sp").write_text(".subckt s a\n")
    (home / "main.sp").write_text(f"* t\n.include {named}\n")
    with pytest.raises(NetlistError) as caught:
        read_netlist(home / "main.sp")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert str(home) in caught.value.file


def test_roots_allow_another_folder(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "models.sp").write_text(".model n nmos level=1\n")
    text = "* t\n.include ../models.sp\n"
    (tmp_path / "home" / "main.sp").write_text(text)
    assert read_netlist(tmp_path / "home" / "main.sp", roots=[tmp_path]).models[0].name == "n"
    assert parse_netlist(f"* t\n.include {tmp_path}/models.sp\n", roots=[tmp_path]).models[0].type == "nmos"


@pytest.mark.parametrize("name", ["absent.sp", "", "n" * 300])
def test_a_file_that_cannot_be_read_is_a_netlist_error(tmp_path, name):
    with pytest.raises(NetlistError, match=r"cannot read|is a folder"):
        read_netlist(tmp_path / name)


def test_a_byte_order_mark_and_latin_1_are_read(tmp_path):
    (tmp_path / "a.sp").write_bytes(b"\xef\xbb\xbf* caf\xc3\xa9\nr1 a b 1\n")
    (tmp_path / "b.sp").write_bytes(b"* caf\xe9\nr1 a b 1\n")
    assert read_netlist(tmp_path / "a.sp") == read_netlist(tmp_path / "b.sp")
    assert read_netlist(tmp_path / "a.sp").title == "café"


# what is understood


def test_continuations_go_over_comments_and_blank_lines():
    circuit = parse_netlist("* t\nm1 d g ; drain, gate\n\n* the rest\n+ s b $ source, bulk\n+nmos w=1u // width\n")
    (device,) = circuit.devices
    assert (device.nodes, device.model, device.parameters) == (("d", "g", "s", "b"), "nmos", {"w": "1u"})
    assert (device.location.line, device.location.column) == (2, 1)


def test_names_fold_to_lower_case_and_keep_their_spelling():
    circuit = parse_netlist("* t\n.SUBCKT Amp In OUT W1=1U\nM1 OUT In gnd GND NMOS W={W1}\n.ENDS AMP\n")
    (device,) = circuit.top.devices
    assert circuit.top.ports == ("in", "out")
    assert (device.name, device.nodes, device.model) == ("m1", ("out", "in", "0", "0"), "nmos")
    assert device.parameters == {"w": "w1"}
    assert circuit.name == "Amp"
    assert {circuit.spelling[name] for name in ("in", "out", "m1")} == {"In", "OUT", "M1"}
    assert circuit == parse_netlist("* t\n.subckt amp in out w1=1u\nm1 out in 0 0 nmos w={w1}\n.ends\n")


def test_cards_of_a_file():
    circuit = parse_netlist(
        "* A title\n.global VDD gnd\n.param a=1 b={a*2}\n.model n nmos (level=1 vto=0.5)\n"
        ".options reltol=1e-4\n.temp 27\nr1 a b 1\n.end\nthis is not read\n"
    )
    assert (circuit.title, circuit.globals, circuit.parameters) == (
        "A title",
        ("vdd", "0"),
        {"a": "1", "b": "a*2"},
    )
    assert (circuit.models[0].type, circuit.models[0].parameters) == ("nmos", {"level": "1", "vto": "0.5"})
    assert circuit.statements == (".options reltol=1e-4", ".temp 27")


def test_parentheses_in_a_model_expression_are_kept():
    (model,) = parse_netlist("* t\n.model n nmos (level=1 vto={2*(1+2)})\n").models
    assert model.parameters["vto"] == "2*(1+2)"


def test_bounds_become_variables_of_the_block():
    text = "* t\n.subckt s a w=1u r=1\n*@ W = 1u..100U LOG step 5n\n*@ r=-1.5..2\n.ends\n"
    assert parse_netlist(text).top.variables == (
        Variable("w", 1e-6, 100e-6, "log", 5e-9),
        Variable("r", -1.5, 2.0),
    )


def test_a_nested_block_belongs_to_its_parent():
    text = "* t\n.subckt a p\n.subckt b q\nr1 q 0 1\n.ends b\nx1 p b\n.ends a\n"
    assert [block.name for block in parse_netlist(text).top.subcircuits] == ["b"]


def test_off_is_no_model():
    with_off = "* t\nq1 c b e qmod off\n"
    try:
        (device,) = parse_netlist(with_off).devices
    except NetlistError:
        return
    assert (device.nodes, device.model) == (("c", "b", "e"), "qmod")


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("", ""),
        ("* Title", "Title"),
        ("Two-stage op amp", "Two-stage op amp"),
        ("Bandgap reference circuit", "Bandgap reference circuit"),
        ("Miller OTA", "Miller OTA"),
        ("; comment", None),
        ("// comment", None),
        ("$ comment", None),
        (".title\tMiller", "Miller"),
        (".title Miller", "Miller"),
    ],
)
def test_the_first_line_is_the_title(first, title):
    circuit = parse_netlist(f"{first}\nr1 a b 1\n")
    assert [device.name for device in circuit.devices] == ["r1"]
    assert title is None or circuit.title == title


# fuzz


@st.composite
def _mutated(draw, text):
    character = st.one_of(st.sampled_from("{}'\"=,.+*@;$/()\n\r\t\0 μµ10mx\x0b\x85"), st.characters())
    line = st.sampled_from(
        [*text.splitlines(), ".include x", ".model a b c=1", "+ 1", "*@ w1=1..", ".end", "e1 a b value={1}"]
    )
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 8))
            text = text[:at] + draw(st.text(character, max_size=4)) + text[at + length :]
        else:
            lines = text.split("\n")
            at, length = draw(st.integers(0, len(lines))), draw(st.integers(0, 2))
            lines[at : at + length] = draw(st.lists(line, max_size=2))
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("name", ["two_stage_miller", "five_transistor_ota"])
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_text_is_a_circuit_or_a_netlist_error(name, data):
    text = data.draw(_mutated((OPAMPS / name / f"{name}.sp").read_text()))
    try:
        circuit = parse_netlist(text)
    except NetlistError:
        return
    assert isinstance(circuit, Circuit)
