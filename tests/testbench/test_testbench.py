import pytest

from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench


@pytest.mark.parametrize(
    ("conditions", "text"),
    [(Conditions(), "tt 27 °C"), (Conditions("ss", -40, 0.9), "ss -40 °C 90 % supply")],
)
def test_conditions_read_like_a_table_heading(conditions, text):
    assert str(conditions) == text


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ("in inn out vdd vss", "lacks 'inp'"),
        ("inp inn out vdd vss bias", "does not know what to connect to the port 'bias'"),
    ],
)
def test_ports_must_be_those_of_the_testbench(ports, message):
    circuit = parse_netlist(f"* t\n.subckt amp {ports}\nr1 out vss 1k\n.ends\n")
    with pytest.raises(InputError, match=message):
        OpAmpTestbench().deck(circuit, load_technology("generic"), Conditions())
