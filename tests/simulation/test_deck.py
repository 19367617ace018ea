from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.simulation import Ac, Deck, Noise, Op, Tf, Tran

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


def test_initial_conditions_nodesets_and_measurements_are_written():
    deck = replace(
        DECK, initial_conditions={"a": 1}, nodesets={"x1.b": 0.5}, measures=("ac gain max vdb(a)", "ac f when vdb(a)=0")
    )
    lines = deck.text().splitlines()
    assert {".ic v(a)=1.0", ".nodeset v(x1.b)=0.5"} <= set(lines)
    assert lines[-5:] == [
        ".op",
        ".ac dec 1 1 10",
        ".meas ac gain max vdb(a)",
        ".meas ac f when vdb(a)=0",
        ".end",
    ]
    bare = deck.text(cards=False)
    assert ".ic v(a)=1.0" in bare
    assert ".meas" not in bare
    assert ".ac" not in bare


@pytest.mark.parametrize(
    ("analyses", "measures", "plain"),
    [
        ((Op(), Ac()), (), True),
        ((Op(), Tf("v(out)", "v1")), (), False),
        ((Ac(), Ac(name="b")), (), False),
        ((Ac(),), ("ac a max v(out)",), False),
    ],
)
def test_decks_whose_cards_give_everything_are_told_from_others(analyses, measures, plain):
    deck = replace(DECK, analyses=analyses, measures=measures)
    assert deck.plain is plain
    assert deck.keeps_operating_point is (plain and len(analyses) == 2)


def test_a_lean_deck_asks_transistors_for_what_it_does_not_save():
    quantities = ("@m.xdut.m1[id]", "@m2[gm]")
    deck = replace(DECK, saved=("v(a)", *quantities, "@r1[i]", "@m2[p]"))
    lean = deck.lean()
    assert lean.saved == ("v(a)", "@r1[i]", "@m2[p]")
    assert lean.asked == quantities
    assert set(lean.saved_by("op")) == set(deck.saved_by("op"))
    assert lean.saved_by("ac") == deck.saved_by("ac") == ("v(a)",)
    assert lean.plain
    # a transient moves the transistors away from their operating point, so it comes behind the question
    assert not replace(lean, analyses=(Op(), Tran(1e-9, 1e-6))).plain


def test_a_measurement_belongs_to_the_first_analysis_of_its_kind_or_the_named_one():
    analyses = (Ac(1, 10, 1, name="low"), Ac(10, 100, 1, name="high"))
    deck = replace(DECK, analyses=analyses, measures=("ac a max v(a)", "high b max v(a)", "low c max v(a)"))
    assert [deck.measures_of(analysis) for analysis in analyses] == [
        ("ac a max v(a)", "ac c max v(a)"),
        ("ac b max v(a)",),
    ]


def test_a_deck_for_noise_saves_what_noise_gives():
    deck = replace(DECK, analyses=(Noise("v(a)", "v1"),))
    assert ".save all" in deck.text().splitlines()
    assert ".save all" not in deck.text(cards=False)


@pytest.mark.parametrize(
    ("parameters", "body", "message"),
    [
        ({"R": 1.0, "r": 2.0}, "r1 a 0 {r}", "differ by more than case"),
        ({"r": float("nan")}, "r1 a 0 {r}", "must be finite"),
        ({"r": "2k"}, "r1 a 0 {r}", "must be a number"),
        ({"r": 1.0}, ".param k=2\n+ R=3\nr1 a 0 {r}", "sets 'r' again"),
    ],
)
def test_parameters_are_finite_numbers_set_once(parameters, body, message):
    with pytest.raises(InputError, match=message):
        Deck("", body, parameters, (Op(),), ("v(a)",))


def test_a_block_may_have_a_parameter_of_the_same_name():
    Deck("", ".subckt one a\n.param r=2\nr1 a 0 {r}\n.ends\nx1 a one", {"r": 1.0}, (Op(),), ("v(a)",))
