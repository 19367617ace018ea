"""Model cards of the many spellings in which they are published."""

import pytest

from eda.technology.compiled import compile_definitions
from eda.technology.definitions import parse_definitions


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (".model n nmos (level=1 vto=0.5)", ".model n nmos level=1 vto=0.5"),
        (".MODEL N NMOS(LEVEL=1 VTO='0.2+0.3')", ".model n nmos level=1 vto=0.5"),
        (".model n nmos\n+ (\n+ level = 49\n+ tox={2*1e-9} )", ".model n nmos level=49 tox=2e-09"),
        (".model p pmos level=(1) vto=(0.5)", ".model p pmos level=1 vto=0.5"),
        (".model n nmos level=54 version = 4.0 tnom = 4.0", ".model n nmos level=54 version=4.0 tnom=4"),
        (".model n nmos version = 3.24000E+00", ".model n nmos version=3.24"),
        (".model p pmos level=14 version = 4.8.2 x=.5 y=1.", ".model p pmos level=14 version=4.8.2 x=0.5 y=1"),
    ],
)
def test_a_card_is_compiled_to_numbers(card, expected):
    assert compile_definitions(parse_definitions([card])).text.split("\n")[0] == expected
