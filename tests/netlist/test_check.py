import pytest

from eda.netlist import Severity, check, parse_netlist

RULES = {
    "dangling-net": (Severity.ERROR, "r1 a b 1k\nr2 a x 1k", "'x' connects only to minus of r2"),
    "floating-gate": (
        Severity.ERROR,
        "c1 a x 1p\nm1 a x b b n\nm2 b x a b n",
        "the net 'x' has no path for direct current, so the gate of m1, m2 floats",
    ),
    "no-dc-path": (
        Severity.ERROR,
        "r1 a b 1\nc1 a x 1p\nr2 x y 1k\nc2 y b 1p",
        "the nets 'x', 'y' have no path for direct current",
    ),
    "undriven-bias": (
        Severity.ERROR,
        ".subckt cell p q\nm1 q p 0 0 n\n.ends\nx1 x b cell\nm2 a x b b n",
        "the net 'x' drives m2, x1, but nothing drives it",
    ),
    "shorted-supply": (
        Severity.ERROR,
        ".subckt cell vdd vss o\nr1 vdd o 1\nr2 vss o 1\n.ends\nx1 a a b cell",
        "x1 has its supply 'vdd' and its ground 'vss' on the net 'a'",
    ),
    "wrong-bulk": (
        Severity.ERROR,
        ".subckt cell vdd o\nm1 o o 0 vdd nch\n.ends\nx1 a b cell",
        "the bulk of the n-channel transistor m1 is on 'vdd'",
    ),
    "shadowed-parameter": (
        Severity.WARNING,
        ".subckt cell p q w=1 l=2\nr1 p q {w*l}\n.ends\nx1 a b cell w={2*w} l={w}",
        "l={w} of x1 names 'w'",
    ),
    "lost-multiplier": (
        Severity.WARNING,
        ".subckt cell p q\nr1 p q 1 m=2\n.ends\nx1 a b cell m=3",
        "x1 has m=3 and r1 in it m=2",
    ),
    "suspicious-value": (Severity.WARNING, "r1 a b 10M", "r1 has 10m ohm: M means milli"),
    "shorted-device": (Severity.WARNING, "r1 a b 1k\nr2 a a 1k", "all pins of r2 are on the net 'a'"),
    "voltage-loop": (Severity.FATAL, "v1 a b 1\nv2 b a 2", "voltage source lies between a and b"),
    "unused-port": (Severity.WARNING, "r1 a 0 1k", "port 'b' of 'blk' is not connected"),
    "unused-variable": (
        Severity.WARNING,
        "r1 a b 1k\n*@ w = 1..2",
        "the parameter 'w' has bounds, but nothing uses it",
    ),
    "undefined-parameter": (Severity.FATAL, "r1 a b {2*rr}", "the parameter 'rr' of r1 is not defined"),
    "call-mismatch": (
        Severity.FATAL,
        ".subckt cell p\nr1 p 0 1\n.ends\nx1 a b cell\nr1 a b 1",
        "x1 gives 2 nodes, but 'cell' has 1 ports",
    ),
    "topology-only": (Severity.NOTE, "i1 a b dc", "no device has a value or a size"),
    "open-output": (
        Severity.NOTE,
        ".subckt cell p q\nr1 p 0 1\nr2 q 0 1\n.ends\nr1 a b 1\nx1 a y cell",
        "the net 'y' connects only to pin 2 of x1, which is left open",
    ),
    "floating-bulk": (
        Severity.ERROR,
        "m1 a a b y n w=1u\nm2 b a b y n w=1u",
        "the bulk of m1, m2 is on the net y, tied to nothing",
    ),
    "source-without-value": (Severity.WARNING, "i1 a b dc\nr1 a b 1", "the source i1 has no value"),
    "external-subcircuit": (Severity.NOTE, "x1 a b nowhere", "'nowhere' of x1 is not in the netlist"),
}


def _block(lines):
    return f"* t\n.subckt blk a b w=1\n{lines}\n.ends\n"


@pytest.mark.parametrize("rule", RULES)
def test_one_broken_rule_gives_that_finding_and_no_other(rule):
    severity, lines, message = RULES[rule]
    (finding,) = check(parse_netlist(_block(lines), name="a.sp"))
    block = "cell" if rule == "wrong-bulk" else "blk"
    assert (finding.rule, finding.severity, finding.block) == (rule, severity, block)
    assert message in finding.message
    assert str(finding).startswith("a.sp:")
    assert str(finding).endswith(f"{finding.message} [{rule}]")


@pytest.mark.parametrize(
    ("lines", "severity", "message"),
    [
        ("v1 a x 1\nv2 x b 1\ne1 a b a 0 1", Severity.FATAL, "e1 closes a loop of voltage sources between a and b"),
        ("v1 a b 1\nl1 b a 1n", Severity.ERROR, "the inductor l1 shorts the voltage source between b and a"),
        ("b1 a b v={v(a)}\nv1 b a 1", Severity.FATAL, "more than one voltage source lies between a and b"),
    ],
)
def test_loops_of_voltage_sources(lines, severity, message):
    (finding,) = check(parse_netlist(_block(lines)))
    assert (finding.rule, finding.severity) == ("voltage-loop", severity)
    assert message in finding.message


def test_a_parameter_of_the_calling_block_is_known():
    text = "* t\n.subckt inner a\nr1 a 0 {w}\n.ends\n.subckt outer a w=1\nx1 a inner\n.ends\n"
    assert check(parse_netlist(text)) == []


def test_what_an_unread_file_may_define_is_only_noted():
    text = "* t\n.include models.sp\n.subckt s a\nr1 a 0 {rr}\n.ends\n"
    findings = check(parse_netlist(text, includes="keep"))
    assert [(f.rule, f.severity) for f in findings] == [
        ("undefined-parameter", Severity.NOTE),
        ("unread-include", Severity.NOTE),
    ]


def test_sizes_are_checked_against_the_smallest_of_the_process():
    text = "* t\n.subckt s d g w=0.3u\nm1 d g 0 0 nch w={w} l=0.15u\nm2 d g 0 0 nch w={2*w} l=0.1u\n.ends\n"
    found = check(parse_netlist(text), smallest={"nch": (0.42e-6, 0.15e-6)})
    assert [finding.message for finding in found] == [
        "w of m1 is 3e-07 m, but nch starts at 4.2e-07 m",
        "l of m2 is 1e-07 m, but nch starts at 1.5e-07 m",
    ]


def test_a_shorted_voltage_source_is_fatal():
    (finding,) = check(parse_netlist(_block("r1 a b 1k\nv1 a a 1")))
    assert (finding.rule, finding.severity) == ("shorted-device", Severity.FATAL)


@pytest.mark.parametrize(
    "lines",
    [
        "r1 a x 1k\nr2 x b 1k",
        "c1 a x 1p\nm1 x x b b n",
        "i1 a x 1u\nm1 x x b b n",
        "e1 x 0 a b 10\nr1 x b 1k",
        "r1 a 0 1k\nc1 b gnd 1p",
        "l1 a x 1n\nc1 x b 1p",
    ],
)
def test_a_clean_block_has_no_finding(lines):
    assert check(parse_netlist(_block(lines))) == []


def test_a_called_block_and_a_global_net_are_known():
    text = "* t\n.global vdd\n.subckt cell a\nr1 a vdd 1k\n.ends\nx1 n cell\nr2 n 0 1k\nr3 vdd n 1\n"
    assert [f for f in check(parse_netlist(text)) if f.rule not in {"unused-port", "unknown-interface"}] == []


def test_what_drives_a_fragment_is_not_known():
    (finding,) = check(parse_netlist("* t\nm1 a b c 0 n\nr1 a d 1k\n"))
    assert (finding.rule, finding.severity) == ("unknown-interface", Severity.NOTE)
    (finding,) = check(parse_netlist("* t\n.subckt s\nm1 a b 0 0 n\n.ends\n"))
    assert (finding.rule, finding.block) == ("unknown-interface", "s")


def test_a_called_block_may_drive_its_output_from_a_global_net():
    text = (
        "* t\n.global vdd! gnd!\n.subckt inv a y\nm1 y a gnd! gnd! n w=1u\nm2 y a vdd! vdd! p w=1u\n.ends\n"
        ".subckt top a o\nx1 a n inv\nm3 o n gnd! gnd! n w=1u\n.ends\n"
    )
    assert check(parse_netlist(text)) == []


def test_a_global_net_is_no_port_that_a_block_must_use():
    text = "* t\n.global vdd\n.subckt cell a\nr1 a 0 1k\n.ends\n"
    assert check(parse_netlist(text)) == []


def test_elements_outside_any_block_are_checked_too():
    (finding,) = check(parse_netlist("* t\nv1 a 0 1\nr1 a 0 1k\nr2 a x 1k\n"))
    assert (finding.rule, finding.block, finding.location.line) == ("dangling-net", "", 4)


def test_findings_come_worst_first():
    text = _block(
        "\n".join(RULES[rule][1].replace("1 ", f"{i}1 ", 1) for i, rule in enumerate(["external-subcircuit"]))
        + "\nv1 a b 1\nv2 a b 1\nr1 a x 1"
    )
    assert [finding.severity for finding in check(parse_netlist(text))] == [
        Severity.FATAL,
        Severity.ERROR,
        Severity.NOTE,
    ]
