import pytest

from eda.errors import NetlistError
from eda.netlist import parse_netlist, read_netlist


def _read(text, **options):
    return parse_netlist(text, name="n.scs", dialect="spectre", **options)


# line -> letter, nodes, model, value, parameters, controls
INSTANCES = {
    "r1 (a b) resistor r=1k": ("r", "a b", None, "1k", {}, ()),
    "r1 a b resistor r=1k m=2": ("r", "a b", None, "1k", {"m": "2"}, ()),
    "load (a b) resistor r=2*k1": ("r", "a b", None, "2*k1", {}, ()),
    "r1 (a \\\n b) resistor \\\n r=1k": ("r", "a b", None, "1k", {}, ()),
    "r1 (a b)\n+ resistor\n* a comment\n\n+ r=1k // another": ("r", "a b", None, "1k", {}, ()),
    r"r1 (Vin\+ a\.b) resistor r=1k": ("r", "vin+ a.b", None, "1k", {}, ()),
    r"r1 (a\<0\> b\ c) resistor r=1k": ("r", "a<0> b c", None, "1k", {}, ()),
    "r1 (gnd 0) resistor r=1k": ("r", "gnd 0", None, "1k", {}, ()),
    "r1 (a b) resistor r=(1+2)*(3+4)": ("r", "a b", None, "(1+2)*(3+4)", {}, ()),
    "r1 (a b) resistor r=((1+2))": ("r", "a b", None, "1+2", {}, ()),
    "r1 dc b resistor r=1": ("r", "dc b", None, "1", {}, ()),
    "c1 (a b) capacitor c=1p ic=0": ("c", "a b", None, "1p", {"ic": "0"}, ()),
    "l1 (a b) inductor l=1n": ("l", "a b", None, "1n", {}, ()),
    "e1 (a b c d) vcvs gain=10": ("e", "a b c d", None, "10", {}, ()),
    "g1 (a b c d) vccs gm=1m": ("g", "a b c d", None, "1m", {}, ()),
    "f1 (a b) cccs gain=2 probe=V1": ("f", "a b", None, "2", {}, ("v1",)),
    "h1 (a b) ccvs rm=2k probe=v1": ("h", "a b", None, "2k", {}, ("v1",)),
    "k1 mutual_inductor coupling=0.9 ind1=L1 ind2=L2": ("k", "", None, "0.9", {}, ("l1", "l2")),
    "t1 (a b c d) tline z0=50 td=1n": ("t", "a b c d", None, None, {"z0": "50", "td": "1n"}, ()),
    "b1 (a b) bsource v=2*V(c,d)": ("b", "a b", None, "v=2*v(c,d)", {}, ()),
    "b1 (a b) bsource i=v(c)*1M m=2": ("b", "a b", None, "i=v(c)*1meg", {"m": "2"}, ()),
    "x1 (a b) amp w=2u m=2": ("x", "a b", "amp", None, {"w": "2u", "m": "2"}, ()),
    "m1 d g s b nch w=1u": ("x", "d g s b", "nch", None, {"w": "1u"}, ()),
    'x1 (a b) amp p=[1M 2m] q="a = b"': ("x", "a b", "amp", None, {"p": "[1meg 2m]", "q": '"a = b"'}, ()),
    "v1 (a 0) vsource": ("v", "a 0", None, None, {}, ()),
    "v1 (a 0) vsource dc=1.8": ("v", "a 0", None, "1.8", {}, ()),
    "v1 (a 0) vsource type=dc dc=vdd/2 mag=1 phase=90": ("v", "a 0", None, "dc {vdd/2} ac 1 90", {}, ()),
    "i1 (a 0) isource dc=-10u": ("i", "a 0", None, "-10u", {}, ()),
    "v1 (a 0) vsource type=pulse val0=0 val1=1 delay=1n rise=2n fall=3n width=4n period=9n": (
        *("v", "a 0", None, "pulse(0 1 1n 2n 3n 4n 9n)", {}, ()),
    ),
    'v1 (a 0) vsource type=sine ampl=1 freq=1M sinedc=0.5 fundname="f"': (
        *("v", "a 0", None, "sin(0.5 1 1meg)", {"fundname": '"f"'}, ()),
    ),
    "v1 (a 0) vsource type=exp val0=0 val1=1 td1=1n tau1=2n": ("v", "a 0", None, "exp(0 1 1n 2n)", {}, ()),
    "v1 (a 0) vsource type=pwl wave=[0 0 1n 2*a]": ("v", "a 0", None, "pwl(0 0 1n {2*a})", {}, ()),
    "v1 (a 0) vsource type=prbs period=1n": ("v", "a 0", None, None, {"period": "1n", "type": '"prbs"'}, ()),
}


@pytest.mark.parametrize("text", INSTANCES)
def test_an_instance_is_read(text):
    (device,) = _read(text + "\n").devices
    found = (
        device.letter,
        " ".join(device.nodes),
        device.model,
        device.value,
        dict(device.parameters),
        device.controls,
    )
    assert found == INSTANCES[text]


@pytest.mark.parametrize(
    ("written", "neutral"),
    [
        *(("1M", "1meg"), ("1m", "1m"), ("1K", "1k"), ("1k", "1k"), ("2G", "2g"), ("3T", "3t"), ("4u", "4u")),
        *(("5n", "5n"), ("6p", "6p"), ("7f", "7f"), ("8a", "8e-18"), ("1.5e-3", "1.5e-3"), ("-1M", "-1meg")),
        ("2M*x+1m", "2meg*x+1m"),
    ],
)
def test_scale_factors(written, neutral):
    assert _read(f"r1 (a b) resistor r={written}\n").devices[0].value == neutral


# statements that make the rest of a circuit


def test_parameters_are_global_outside_and_formal_inside_a_block():
    circuit = _read("parameters w=1u \\\n l=2*w\nsubckt s a b\nparameters r=1k\nparameters q=r*2\nends s\n")
    assert circuit.parameters == {"w": "1u", "l": "2*w"}
    (block,) = circuit.subcircuits
    assert (block.ports, block.parameters, block.locals) == (("a", "b"), {"r": "1k", "q": "r*2"}, {})


@pytest.mark.parametrize("head", ["subckt s a b", "subckt s (a b)", "inline subckt s a b", "inline subckt s (a b)"])
def test_blocks(head):
    (block,) = _read(f"{head}\ns (a b) resistor r=1\nends s\n").subcircuits
    assert (block.name, block.ports, block.devices[0].letter) == ("s", ("a", "b"), "r")


@pytest.mark.parametrize(
    ("card", "kind", "parameters"),
    [
        ("bsim4 type=n vth0=0.4", "nmos", {"level": "54", "vth0": "0.4"}),
        ("bsim3v3 type=p", "pmos", {"level": "49"}),
        ("mos1 type=p", "pmos", {"level": "1"}),
        ("mos3", "nmos", {"level": "3"}),
        ("bjt type=pnp bf=100", "pnp", {"bf": "100"}),
        ("bjt type=npn", "npn", {}),
        ("diode is=1f", "d", {"is": "1f"}),
        ("jfet type=p", "pjf", {}),
        ("resistor rsh=1", "r", {"rsh": "1"}),
        ("capacitor cj=1", "c", {"cj": "1"}),
    ],
)
def test_masters_of_models(card, kind, parameters):
    (model,) = _read(f"model mm {card}\n").models
    assert (model.name, model.type, dict(model.parameters)) == ("mm", kind, parameters)


@pytest.mark.parametrize(
    ("master", "nodes", "letter"),
    [
        *(("bsim4 type=n", "d g s b", "m"), ("bjt type=npn", "c b e", "q"), ("diode", "a c", "d")),
        *(("jfet type=n", "d g s", "j"), ("resistor", "a b", "r"), ("capacitor", "a b", "c")),
    ],
)
@pytest.mark.parametrize("place", ["{model}subckt s p\n{call}ends\n", "subckt s p\n{call}{model}ends\n"])
def test_an_instance_of_an_own_model_is_a_device(place, master, nodes, letter):
    text = place.format(model=f"model mm {master}\n", call=f"u1 ({nodes}) mm\n")
    (block,) = _read(text).subcircuits
    assert (block.devices[0].letter, block.devices[0].model) == (letter, "mm")


def test_an_instance_of_an_own_resistor_model_has_its_value():
    (device,) = _read("model rr resistor rsh=1\nx1 (a b) rr r=1k l=1u\n").devices
    assert (device.letter, device.value, dict(device.parameters)) == ("r", "1k", {"l": "1u"})


def test_an_instance_of_an_own_model_with_another_number_of_nodes_is_refused():
    with pytest.raises(NetlistError):
        _read("model nn mos1\nm1 (d g s) nn\n")


def test_global_nodes_follow_the_ground():
    assert _read("global 0 vdd! VSS\n").globals == ("vdd!", "vss")


@pytest.mark.parametrize(
    "line",
    [
        *("tran1 tran stop=1u", "dc1 dc", "ac1 ac start=1 stop=1G", "save a b", "ic a=1", "opts options scale=1u"),
        *("noise1 (out 0) noise start=1 stop=1G", "xf1 (out 0) xf start=1 stop=1G", "stb1 stb probe=p1"),
    ],
)
def test_analyses_are_kept_as_text(line):
    circuit = _read(f"r1 (a b) resistor r=1\n{line}\n")
    assert (circuit.statements, len(circuit.devices)) == ((line,), 1)


def test_sections_of_another_language():
    text = "r1 (a b) resistor r=1M\nsimulator lang=spice\nR2 a b 1m\nsimulator lang=spectre\nr3 (a b) resistor r=1\n"
    circuit = _read(text)
    assert [device.value for device in circuit.devices] == ["1meg", "1m", "1"]
    assert [device.location.line for device in circuit.devices] == [1, 3, 5]


def test_names_keep_their_spelling():
    circuit = _read("Rload (Vin\\+ b) resistor r=1\n")
    assert (circuit.spelling["rload"], circuit.spelling["vin+"]) == ("Rload", "Vin+")


@pytest.mark.parametrize(
    "text",
    [
        "r1 (A a) resistor r=1\n",
        "R1 (a b) resistor r=1\nr1 (a b) resistor r=1\n",
        "subckt S a\nends S\nsubckt s a\nends s\n",
        "x1 (a b) S\nx2 (a b) s\n",
        "global 0 VDD\nr1 (vdd 0) resistor r=1\n",
        "global 0 VDD\nsubckt s a\nr1 (a vdd) resistor r=1\nends\n",
        "parameters W=1\nr1 (a b) resistor r=w\n",
        "subckt s a\nparameters W=1\nends\nx1 (b) s w=2\n",
        "r1 (c 0) resistor r=1\nb1 (a b) bsource v=v(C)\n",
    ],
)
def test_names_that_differ_only_in_case_are_refused(text):
    with pytest.raises(NetlistError, match="differ only in case"):
        _read(text)


def test_the_same_name_in_other_blocks_may_be_spelled_otherwise():
    text = "subckt s a\nr1 (a R) resistor r=1\nends\nsubckt t A\nr1 (A r) resistor r=1\nends\n"
    assert len(_read(text).subcircuits) == 2


# faults, marked by «

BAD = {
    "scale factor": ("r1 (a b) resistor r=«1meg\n", "no scale factor of Spectre", "2.5M (mega)"),
    "unit": ("r1 (a b) resistor r=«1MHz\n", "no scale factor of Spectre", ""),
    "behavioural number": ("b1 (a b) bsource v=«1meg\n", "no scale factor of Spectre", ""),
    "behavioural expression": ("b1 (a b) bsource v=«2*\n", "ends where a value", ""),
    "conditional": ("«if (a) {\nr1 (a b) resistor r=1\n}\n", "conditional instances", "flatten"),
    "statistics": ("«statistics {\n}\n", "statistics blocks", ""),
    "library": ("«library l\n", "library sections", ""),
    "function": ("«real f(real x) {\n", "user functions", ""),
    "braces": ("s1 sweep param=x «{\n}\n", "blocks in braces", ""),
    "shell": ('«sh shell cmd="ls"\n', "can run commands", ""),
    "shell with nodes": ('«sh (a 0) shell cmd="ls"\n', "can run commands", ""),
    "ground name": ("global «gnd vdd\n", "the ground must be called 0", "global 0"),
    "include without quotes": ("«include a.scs\n", "in quotes", 'include "models.scs"'),
    "include outside": ('include «"/etc/passwd"\n', "leaves the allowed folders", "roots="),
    "library section": ('include "a.scs" section=«tt\n', "sections of Spectre libraries", ""),
    "no statement": ("«r1\n", "begins neither a statement nor an instance", "r1 (a b) resistor"),
    "open parenthesis": ("r1 «(a b resistor r=1\n", "is not closed", ""),
    "no value": ("r1 (a b) resistor «r=\n", "'r' has no value", ""),
    "twice": ("r1 (a b) resistor r=1 «r=2\n", "'r' is given twice", ""),
    "too many nodes": ("r1 (a b c) «resistor r=1\n", "a resistor has 2 nodes, but got 3", ""),
    "missing parameter": ("r1 (a b) «resistor\n", "needs r=", ""),
    "missing probe": ("f1 (a b) «cccs gain=2\n", "needs probe=", ""),
    "stray word": ("r1 (a b) resistor «foo r=1\n", "'foo' is not understood", ""),
    "two quantities": ("«b1 (a b) bsource v=1 i=2\n", "one of them", ""),
    "ends alone": ("«ends\n", "without a subcircuit", ""),
    "other ends": ("subckt s a\nends «t\n", "closes the subcircuit 's'", ""),
    "open block": ("«subckt s a\n", "is not closed", "close it with ends"),
    "subckt without name": ("«subckt\n", "needs a name", "subckt ota"),
    "port twice": ("subckt s a «a\nends\n", "listed twice", ""),
    "no parameters": ("«parameters\n", "needs assignments", "parameters w=1u"),
    "short model": ("«model n\n", "needs a name and a master", "bsim4"),
    "other type": ("«model n mos1 type=x\n", "n or p, but got 'x'", ""),
    "statement in block": ("subckt s a\n«save b\nends\n", "inside a subcircuit", "move it out"),
    "continuation": ("\n«+ r=1\n", "no statement before it", ""),
    "duplicate": ("r1 (a b) resistor r=1\n«r1 (c d) resistor r=2\n", "already used by the element at n.scs:1:1", ""),
    "second line": ("r1 (a b) \\\n resistor r=«1meg\n", "no scale factor", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_place(case):
    marked, message, hint = BAD[case]
    before, text = marked.split("«")[0], marked.replace("«", "")
    with pytest.raises(NetlistError) as caught:
        _read(text)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    line = before.count("\n") + 1
    assert (error.file, error.line, error.column) == ("n.scs", line, len(before.split("\n")[-1]) + 1)
    assert error.text == text.split("\n")[line - 1]


def test_a_waveform_that_is_elsewhere_is_not_dropped():
    (device,) = _read("v1 (a 0) vsource type=pwl wave=w1\n").devices
    assert "w1" in f"{device.value} {dict(device.parameters)}"


# includes


def test_includes(tmp_path):
    (tmp_path / "a.scs").write_text("r2 (a b) resistor r=2M\n")
    (tmp_path / "m.scs").write_text('r1 (a b) resistor r=1\ninclude "a.scs"\nr3 (a b) resistor r=3\n')
    circuit = read_netlist(tmp_path / "m.scs", dialect="spectre")
    assert [(device.name, device.value) for device in circuit.devices] == [("r1", "1"), ("r2", "2meg"), ("r3", "3")]
    (tmp_path / "a.scs").write_text("r2 (a b) resistor r=2meg\n")
    with pytest.raises(NetlistError) as caught:
        read_netlist(tmp_path / "m.scs", dialect="spectre")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "a.scs"), 1)


@pytest.mark.parametrize("language", ["spectre", "spice"])
def test_an_included_file_says_its_language(tmp_path, language):
    line = {"spectre": "r2 (a b) resistor r=1M", "spice": "r2 a b 1meg"}[language]
    (tmp_path / "a.scs").write_text(f"// models\nsimulator lang={language}\n{line}\n")
    (tmp_path / "m.scs").write_text('include "a.scs"\nr1 (a b) resistor r=1M\n')
    circuit = read_netlist(tmp_path / "m.scs", dialect="spectre")
    assert [device.value for device in circuit.devices] == ["1meg", "1meg"]


def test_an_include_may_be_kept():
    circuit = _read('include "a.scs"\ninclude "b.scs" section=tt\n', includes="keep")
    assert [(include.path, include.section) for include in circuit.includes] == [("a.scs", None), ("b.scs", "tt")]
