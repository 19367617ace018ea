"""Calls by the names of pins (CDL); the kinds of Spectre's instances are tested with their reader."""

import pytest

from eda.errors import NetlistError
from eda.netlist import parse_netlist

INVERTER = ".SUBCKT inv A Y\nR1 A Y 1\n.ENDS\n"


def _read(text):
    return parse_netlist(text, name="n.cdl", dialect="cdl")


@pytest.mark.parametrize(
    "call",
    [
        *("XI1 / inv $PINS A=n1 Y=n2", "XI1 inv $PINS Y=n2 A=n1", "xi1 / INV $pins y=N2 a=N1", "XI1 n1 n2 / inv"),
        "XI1 / inv $PINS A=n1\n+ Y=n2",
    ],
)
@pytest.mark.parametrize("place", ["{}\n" + INVERTER, INVERTER + ".SUBCKT top n1 n2\n{}\n.ENDS\n"])
def test_pins_are_put_in_the_order_of_the_ports(place, call):
    circuit = _read(place.format(call))
    (device,) = circuit.devices or circuit.subcircuits[1].devices
    assert (device.nodes, device.model, device.value) == (("n1", "n2"), "inv", None)


def test_a_call_by_names_may_have_parameters():
    (device,) = _read(INVERTER + "XI1 / inv w=1u $PINS A=n1 Y=n2\n").devices
    assert (device.nodes, device.parameters) == (("n1", "n2"), {"w": "1u"})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("XI1 / inv $PINS A=n1", "every port of 'inv' once: a, y"),
        ("XI1 / inv $PINS A=n1 Z=n2", "every port of 'inv' once"),
        ("XI1 / inv $PINS A=n1 Y=n2 A=n3", "every port of 'inv' once|given twice"),
        ("XI1 / inb $PINS A=n1 Y=n2", "'inb', which is not defined. Did you mean 'inv'"),
        ("XI1 / inv $PINS", "needs pairs"),
        ("XI1 / inv $PINS A n1", "needs pairs"),
        ("XI1 a b / inv $PINS A=n1 Y=n2", "one name is expected"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(call, message):
    with pytest.raises(NetlistError, match=message) as caught:
        _read(INVERTER + call + "\n")
    assert (caught.value.file, caught.value.line) == ("n.cdl", 4)
