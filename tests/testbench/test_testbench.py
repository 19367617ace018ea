import pytest

from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench
from eda.testbench.kinds import KINDS, definitions_of, settings_of


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


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_setting_says_what_it_means(kind):
    meanings = definitions_of(kind)
    assert meanings.keys() == settings_of(kind).keys()
    assert all(meanings.values())


def test_what_a_setting_means_is_read_over_several_lines_and_from_what_the_class_shares():
    assert definitions_of(KINDS["filter"])["sine_frequency"] == (
        "of the sine whose distortion is measured; when it is not given, a fifth of `passband`, or a band-pass' centre"
    )
    assert definitions_of(KINDS["opamp"])["load"] == "load capacitance at each output"
