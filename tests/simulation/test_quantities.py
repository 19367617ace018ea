import pytest

from eda.simulation import Ac, Noise, Tf
from eda.simulation.quantities import type_name, unit_of, units_of


@pytest.mark.parametrize(
    ("name", "kind", "unit"),
    [
        ("v(out)", "voltage", "V"),
        ("v(out)", "notype", "V"),
        ("i(vdd)", "notype", "A"),
        ("@m.x1.m1[gm]", "admittance", "S"),
        ("@m1[gds]", "notype", "S"),
        ("@m1[vth]", "notype", "V"),
        ("@m1[cgs]", "notype", "F"),
        ("temp-sweep", "temp-sweep", "°C"),
        ("onoise_spectrum", "voltage-density", "V/√Hz"),
        ("gain", "notype", ""),
    ],
)
def test_types_and_names_give_units(name, kind, unit):
    assert unit_of(name, kind) == unit


def test_types_have_numbers():
    assert [type_name(number) for number in (3, 4, 14, 17, -1, 99)] == [
        "voltage",
        "current",
        "temp-sweep",
        "admittance",
        "notype",
        "notype",
    ]


def test_what_ngspice_calls_voltages_is_told_by_the_analysis():
    tf = units_of(Tf("v(a)", "i1"), [("transfer_function", "voltage"), ("input_impedance", "voltage")])
    assert tf == {"transfer_function": "V/A", "input_impedance": "Ω"}
    noise = units_of(Noise("v(a)", "i1"), [("inoise_spectrum", "voltage-density"), ("onoise_total", "voltage")])
    assert noise == {"inoise_spectrum": "A/√Hz", "onoise_total": "V"}
    assert units_of(Ac(), [("v(a)", "voltage")]) == {"v(a)": "V"}
