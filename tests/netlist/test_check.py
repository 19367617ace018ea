import pytest

from eda.netlist import Severity, check, parse_netlist

RULES = {
    "dangling-net": (Severity.ERROR, "r1 a b 1k\nr2 a x 1k", "'x' connects only to minus of r2"),
    "no-dc-path": (
        Severity.ERROR,
        "c1 a x 1p\nm1 a x b b n\nm2 b x a b n",
        "'x' has no path for direct current",
    ),
    "shorted-device": (Severity.WARNING, "r1 a b 1k\nr2 a a 1k", "all pins of r2 are on the net 'a'"),
    "voltage-loop": (Severity.FATAL, "v1 a b 1\nv2 b a 2", "voltage source lies between a and b"),
    "unused-port": (Severity.WARNING, "r1 a 0 1k", "port 'b' of 'blk' is not connected"),
    "undefined-parameter": (Severity.FATAL, "r1 a b {2*rr}", "the parameter 'rr' of r1 is not defined"),
    "call-mismatch": (
        Severity.FATAL,
        ".subckt cell p\nr1 p 0 1\n.ends\nx1 a b cell\nr1 a b 1",
        "x1 gives 2 nodes, but 'cell' has 1 ports",
    ),
    "source-without-value": (Severity.WARNING, "i1 a b dc", "the source i1 has no value"),
    "external-subcircuit": (Severity.NOTE, "x1 a b nowhere", "'nowhere' of x1 is not in the netlist"),
}


def _block(lines):
    return f"* t\n.subckt blk a b\n{lines}\n.ends\n"


@pytest.mark.parametrize("rule", RULES)
def test_one_broken_rule_gives_that_finding_and_no_other(rule):
    severity, lines, message = RULES[rule]
    (finding,) = check(parse_netlist(_block(lines), name="a.sp"))
    assert (finding.rule, finding.severity, finding.block) == (rule, severity, "blk")
    assert message in finding.message
    assert str(finding).startswith("a.sp:")
    assert str(finding).endswith(f"{finding.message} [{rule}]")


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
    assert [f for f in check(parse_netlist(text)) if f.rule != "unused-port"] == []


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
