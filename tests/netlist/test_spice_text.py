import pytest

from eda.errors import InputError
from eda.netlist import format_netlist, parse_netlist


def _written(line, dialect, source="ngspice"):
    """The last statement of the text, or the reasons of the refusal."""
    circuit = parse_netlist(f"* t\n{line}\n" if source in {"ngspice", "hspice", "ltspice"} else line, dialect=source)
    return [text for text in format_netlist(circuit, dialect=dialect).splitlines() if text][-1]


# ngspice line -> hspice, ltspice, cdl; None where it is refused
TEXTS = {
    "r1 a b 1meg": ("r1 a b 1meg", "r1 a b 1meg", "r1 a b 1meg"),
    "r1 a b {2*w^2}": ("r1 a b '2*w**2'", "r1 a b {2*w**2}", "r1 a b '2*w**2'"),
    "r1 a b 1k tc1=1m tc2=2u": ("r1 a b 1k tc1=1m tc2=2u", "r1 a b 1k tc=1m,2u", "r1 a b 1k tc1=1m tc2=2u"),
    "r1 a b rm 1k": ("r1 a b rm 1k", "r1 a b 1k rm", "r1 a b 1k $[rm]"),
    "r1 a b {sgn(x)}": ("r1 a b 'sgn(x)'", "r1 a b {sgn(x)}", "r1 a b 'sgn(x)'"),
    "r1 a b {x>1?2:3}": ("r1 a b 'x>1?2:3'", None, "r1 a b 'x>1?2:3'"),
    "r1 a b {ternary_fcn(x,1,2)}": (None, "r1 a b {if(x,1,2)}", None),
    "m1 d g s b n w={w} m=2": ("m1 d g s b n w='w' m=2", "m1 d g s b n w={w} m=2", "m1 d g s b n w='w' m=2"),
    "x1 a b s w={2*w}": ("x1 a b s w='2*w'", "x1 a b s w={2*w}", "x1 a b / s w='2*w'"),
    "v1 a 0 dc 1 sin(0 {f} 1k)": ("v1 a 0 dc 1 sin(0 'f' 1k)", "v1 a 0 dc 1 sine(0 {f} 1k)", None),
    "v1 a 0 trnoise(1 1n 0 0)": (None, None, None),
    "v1 a 0 portnum 1": (None, None, None),
    "b1 a 0 v=v(x)^2": ("eb1 a 0 vol='v(x)**2'", "b1 a 0 v=v(x)**2", None),
    "b1 a 0 i=2*v(x,y)": ("gb1 a 0 cur='2*v(x,y)'", "b1 a 0 i=2*v(x,y)", None),
    "e1 a 0 value={v(x)}": ("e1 a 0 vol='v(x)'", "e1 a 0 value={v(x)}", None),
    "b1 a 0 v=pwl(v(x),0,0,1,1)": (None, None, None),
    "e1 a 0 poly(1) c 0 0 {x}": ("e1 a 0 poly(1) c 0 0 'x'", "e1 a 0 poly(1) c 0 0 {x}", None),
    "e1 a 0 table {v(x)} = (0,0) (1,1)": (None, None, None),
    "k1 l1 l2 0.9": ("k1 l1 l2 0.9", "k1 l1 l2 0.9", None),
    "s1 a b c d sm": (None, "s1 a b c d sm", None),
    "w1 a b v1 wm": (None, "w1 a b v1 wm", None),
    "z1 d g s zm": (None, "z1 d g s zm", None),
    "a1 [a] b am": (None, None, None),
    "n1 a b vm": (None, None, None),
    ".model n nmos level=14 vto=1": (".model n nmos level=54 vto=1", ".model n nmos level=14 vto=1", None),
    ".model n nmos level=8": (".model n nmos level=49", ".model n nmos level=8", None),
    ".model n nmos level=77": (None, None, None),
    ".model d d is=1": (".model d d is=1", ".model d d is=1", None),
    ".options reltol=1e-3": (".options reltol=1e-3", ".options reltol=1e-3", None),
    ".options klu=1": (None, None, None),
    ".tran 1n 1u": (".tran 1n 1u", ".tran 1n 1u", None),
    ".save all": (None, None, None),
}


@pytest.mark.parametrize("line", TEXTS)
@pytest.mark.parametrize("dialect", ["hspice", "ltspice", "cdl"])
def test_an_ngspice_line_in_other_dialects(line, dialect):
    expected = TEXTS[line][["hspice", "ltspice", "cdl"].index(dialect)]
    if expected is None:
        with pytest.raises(InputError, match=f"{dialect} cannot express this circuit:\n  .+: .+"):
            _written(line, dialect)
    else:
        assert _written(line, dialect) == expected
        parse_netlist(f"* t\n{expected}\n", dialect=dialect)


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("hspice", "r1 a b 2x", "r1 a b 2meg"),
        ("hspice", "e1 a 0 vol='v(x)*1x'", "e1 a 0 vol='v(x)*1meg'"),
        ("ltspice", "r1 a b 2k7", "r1 a b 2.7k"),
        ("ltspice", "b1 a 0 v=if(v(x)>1,2,3)", "b1 a 0 v=ternary_fcn(v(x)>1,2,3)"),
        ("ltspice", "b1 a 0 i=limit(v(x),0,1)", None),
        ("cdl", "R0 a b 1k $[rp] $X=1\n", "R0 a b 1k rp"),
        ("cdl", "R0 a b 1k $SUB=vss\n", None),
        ("cdl", "R0 a b res=1k\n", None),
        ("spectre", "load (a b) resistor r=1M\n", "rload a b 1meg"),
        ("spectre", "v1 (a 0) vsource type=sine ampl=1 freq=1k\n", "v1 a 0 sin(0 1 1k)"),
        ("spectre", 'v1 (a 0) vsource type=pwl file="x"\n', None),
        ("spectre", "v1 (a 0) vsource type=prbs period=1n\n", None),
        ("spectre", 'v1 (a 0) vsource dc=1 fundname="f"\n', None),
        ("spectre", "model n bsim4soi type=n\n", None),
        ("spectre", "model ll inductor l=1n\n", None),
        ("spectre", "x1 (a b) s p=[1 2]\n", None),
        ("spectre", "r1 (a\\( b) resistor r=1\n", None),
        ("spectre", "tran1 tran stop=1u\n", None),
    ],
)
def test_other_dialects_in_ngspice(source, line, text):
    if text is None:
        with pytest.raises(InputError, match=r"ngspice cannot express this circuit:\n  .+: .+"):
            _written(line, "ngspice", source)
    else:
        assert _written(line, "ngspice", source) == text


BLOCKS = {
    "nested": (".subckt s a\n.subckt t b\n.ends\n.ends\n", {"cdl": "subcircuits inside subcircuits"}),
    "port 0": (
        ".subckt s a 0\nr1 a 0 1\n.ends\n",
        dict.fromkeys(("hspice", "ltspice", "cdl"), "one of its ports is the ground"),
    ),
    "locals": (".subckt s a w=1\n.param k={w}\nr1 a 0 {k}\n.ends\n", {}),
}


@pytest.mark.parametrize("case", BLOCKS)
@pytest.mark.parametrize("dialect", ["ngspice", "hspice", "ltspice", "cdl"])
def test_blocks(case, dialect):
    text, refused = BLOCKS[case]
    circuit = parse_netlist(f"* t\n{text}", dialect="ngspice")
    if dialect in refused:
        with pytest.raises(InputError, match=refused[dialect]):
            format_netlist(circuit, dialect=dialect)
    else:
        again = parse_netlist(format_netlist(circuit, dialect=dialect), dialect=dialect)
        assert again.subcircuits == circuit.subcircuits


def test_every_reason_is_listed_once_and_long_lists_are_cut():
    circuit = parse_netlist("* t\n" + "".join(f"v{i} a 0 1\n" for i in range(68)))
    with pytest.raises(InputError) as caught:
        format_netlist(circuit, dialect="cdl")
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (62, "  and 8 more")
    assert len(set(lines)) == len(lines)


def test_statements_may_be_dropped():
    circuit = parse_netlist("* t\nr1 a b 1\n.save all\n.meas tran x when v(a)=1\n")
    assert (
        parse_netlist(format_netlist(circuit, dialect="hspice", statements="drop"), dialect="hspice").statements == ()
    )
    with pytest.raises(InputError, match="must be 'keep' or 'drop', but got 'no'"):
        format_netlist(circuit, statements="no")


# nets that the target would take for ground

GROUNDS = {
    ("spectre", "ngspice"): "r1 (gnd 0) resistor r=1\nr2 (gnd_net gnd!) resistor r=2\nb1 (gnd 0) bsource v=v(gnd)\n",
    ("spectre", "hspice"): "r1 (gnd 0) resistor r=1\nr2 (gnd! ground) resistor r=2\nr3 (gnd_net x) resistor r=3\n",
    ("cdl", "ltspice"): "R1 gnd 0 1\nR2 gnd_net GND_NET_ 2\n",
    ("ngspice", "hspice"): "* t\nr1 gnd! gnd 1\nr2 ground gnd_net 2\nb1 a 0 v=v(gnd!)*v(ground,gnd_net)\n",
    ("spectre", "ltspice"): "subckt s gnd a\nr1 (gnd a) resistor r=1\nends\nx1 (gnd 0) s\n",
}


@pytest.mark.parametrize(("source", "target"), GROUNDS)
def test_a_net_does_not_become_the_ground(source, target):
    circuit = parse_netlist(GROUNDS[source, target], dialect=source)
    again = parse_netlist(format_netlist(circuit, dialect=target), dialect=target)
    for before, after in zip((circuit, *circuit.walk()), (again, *again.walk()), strict=True):
        pairs = {
            pair
            for old, new in zip(before.devices, after.devices, strict=True)
            for pair in zip(old.nodes, new.nodes, strict=True)
        }
        assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)
        assert all((old == "0") == (new == "0") for old, new in pairs)
    sources = [device.value for device in again.devices if device.letter == "b"]
    assert not any("v(gnd" in text and "_net" not in text for text in sources)


def test_a_behavioural_source_follows_a_renamed_device():
    text = "q1 (c 0) vsource dc=1\nb1 (a 0) bsource v=i(q1)\nf1 (a 0) cccs gain=2 probe=q1\n"
    written = format_netlist(parse_netlist(text, dialect="spectre"))
    assert "vq1 c 0 1" in written
    assert "v=i(vq1)" in written
    assert "f1 a 0 vq1 2" in written
