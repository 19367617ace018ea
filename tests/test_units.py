import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.units import format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2.5 MHz", "Hz", 2.5e6),
        ("2.5MHz", "Hz", 2.5e6),
        (" 2 mHz ", "Hz", 2e-3),
        ("2pF", "F", 2e-12),
        ("100u", "A", 100e-6),
        ("100 µA", "A", 100e-6),
        ("-1.8", "V", -1.8),
        ("1e-3 V", "V", 1e-3),
        ("10 kΩ", "Ohm", 1e4),
        ("10 kohm", "Ohm", 1e4),
        ("60 db", "dB", 60.0),
        ("60 deg", "deg", 60.0),
        ("-40 °C", "degC", -40.0),
        ("3 V/us", "V/s", 3e6),
        ("3 V/µs", "V/s", 3e6),
        (3, "V", 3.0),
    ],
)
def test_parse_quantity(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "fragment"),
    [
        ("2 MHz", "V", "'2 MHz' is in Hz, but a quantity in V"),
        ("3 V", "", "is in V, but a quantity in no unit"),
        ("3 V/us", "V", "is in V/us|is in V/s"),
        ("10 mhz", "Hz", "is in hz, but a quantity in Hz was expected; write Hz, capitals count"),
        ("1,5 MHz", "Hz", "a number in Hz was expected"),
        ("abc", "Hz", "a number in Hz was expected, but got 'abc'; write it like '2.5 MHz'"),
        ("", "Hz", "but got ''"),
        ("1..2", "V", "1..2"),
        ("nan", "V", "number was expected"),
        (math.nan, "V", "number was expected"),
    ],
)
def test_parse_quantity_refuses(text, unit, fragment):
    with pytest.raises(InputError, match=fragment):
        parse_quantity(text, unit)


@pytest.mark.parametrize(("text", "unit", "value"), [("2 m", "m", 2.0), ("300 K", "K", 300.0)])
def test_a_bare_unit_that_looks_like_a_prefix_is_the_unit(text, unit, value):
    assert parse_quantity(text, unit) == value
    assert parse_quantity(format_quantity(value, unit), unit) == value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.5e6, "Hz", "12.5 MHz"),
        (2e-12, "F", "2 pF"),
        (-1.8, "V", "-1.8 V"),
        (60.0, "dB", "60 dB"),
        (0.001, "deg", "0.001 deg"),
        (1500.0, "degC", "1500 degC"),
        (5.1e-6, "", "5.1u"),
        (1234.56, "Hz", "1.235 kHz"),
    ],
)
def test_format_quantity(value, unit, text):
    assert format_quantity(value, unit) == text


def test_format_quantity_keeps_the_digits_asked_for():
    assert format_quantity(1.23456789e6, "Hz", digits=7) == "1.234568 MHz"


@settings(max_examples=200)
@given(
    mantissa=st.floats(1, 9.999),
    exponent=st.integers(-20, 20),
    sign=st.sampled_from([1, -1]),
    unit=st.sampled_from(["Hz", "V", "A", "F", "H", "s", "W", "Ohm", "V/s", "dB", "deg", "degC", "%", "m^2", ""]),
)
def test_what_is_formatted_is_parsed_back_to_its_digits(mantissa, exponent, sign, unit):
    value = sign * mantissa * 10.0**exponent
    assert parse_quantity(format_quantity(value, unit, digits=6), unit) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(("text", "value"), [("100 um^2", 1e-10), ("0.5mm²", 5e-7), ("3 m^2", 3.0), ("2e-12", 2e-12)])
def test_the_prefix_of_an_area_is_squared(text, value):
    assert parse_quantity(text, "m^2") == pytest.approx(value, rel=1e-15)


def test_an_area_is_written_in_square_micrometres_and_read_again():
    assert format_quantity(1e-10, "m^2") == "100 um^2"
    assert parse_quantity(format_quantity(1.25e-10, "m^2"), "m^2") == pytest.approx(1.25e-10)
