from dataclasses import replace

import numpy as np

from eda.simulation import Ac, Deck, Op

DECK = Deck(
    ".model n nmos",
    "r1 a 0 {r}",
    {"r": 1e3, "c": 1e-12},
    (Op(), Ac(1, 10, 1)),
    tuple(f"v(n{i})" for i in range(10)),
    temperature=-40,
    title="t",
)


def test_the_text_holds_parameters_saves_and_analyses():
    assert DECK.text().splitlines() == [
        "* t",
        ".param r=1000.0",
        ".param c=1e-12",
        ".model n nmos",
        "r1 a 0 {r}",
        ".temp -40",
        ".option keepopinfo",
        ".save v(n0) v(n1) v(n2) v(n3) v(n4) v(n5) v(n6) v(n7)",
        ".save v(n8) v(n9)",
        ".ac dec 1 1 10",
        ".end",
    ]


def test_an_operating_point_by_itself_is_computed_by_itself():
    text = replace(DECK, analyses=(Op(),)).text()
    assert ".op\n" in text
    assert "keepopinfo" not in text


def test_values_replace_nominal_ones():
    text = DECK.text({"r": 0.1 + 0.2})
    assert ".param r=0.30000000000000004" in text
    assert ".param c=1e-12" in text
    assert DECK.parameters["r"] == 1e3


def test_numpy_values_are_written_as_numbers():
    assert ".param r=2000.0\n" in DECK.text({"r": np.float64(2e3)})
