"""A deck as functions of its parameters, and as flat text that ngspice reads as it reads the deck."""

import pytest

from eda.simulation import Ac, Dc, Deck, Job, Noise, Op, WorkerPool
from eda.simulation.elaboration import Elaboration, printed
from eda.technology import ModelBin, load_technology

BODY = """.param gain={2*k}
v1 in 0 dc {v} ac 1
x1 in out half r={r}
e1 twice 0 out 0 {gain}
cload out 0 10p
.subckt half a b r=1k
r1 a b {r}
r2 b 0 {r*2}
.ends"""
DECK = Deck("", BODY, {"v": 1.0, "r": 1e3, "k": 1.0}, (Op(), Ac(1, 1e9, 5)), ("v(out)", "v(twice)"))


def test_expressions_are_functions_of_the_decks_parameters():
    elaboration = DECK.elaboration
    assert isinstance(elaboration, Elaboration)
    values = elaboration.values(DECK.values({"r": 3e3}))
    targets = {target: values[index] for index, target in elaboration.alters}
    assert targets == {
        "@v1[dc]": 1.0,
        "@r.x1.r1[resistance]": 3e3,
        "@r.x1.r2[resistance]": 6e3,
        "@e1[gain]": 2.0,
    }
    assert elaboration.structural == ()


def test_numbers_of_the_text_stay_and_results_of_expressions_have_16_digits():
    text = DECK.elaboration.text(printed(DECK.elaboration.values(DECK.values())), (), DECK.values())
    assert "cload out 0 10p" in text
    assert "r.x1.r1 in out 1.000000000000000e+03" in text


@pytest.mark.ngspice
def test_flat_text_gives_what_the_deck_gives(batch):
    values = {"r": 2345.6789, "v": 0.7}
    elaboration = DECK.elaboration
    flat = elaboration.text(printed(elaboration.values(DECK.values(values))), (), DECK.values(values))
    one, other = batch.simulate([Job(DECK, values), Job(Deck("", flat, {}, DECK.analyses, DECK.saved))])
    for kind in ("op", "ac"):
        for name in DECK.saved:
            assert (one.analyses[kind].vectors[name] == other.analyses[kind].vectors[name]).all()


def _binned(*limits):
    return tuple(
        ModelBin(
            "n", f".model n.{k} nmos lmin={low} lmax={high} wmin=1e-7 wmax=1e-3 level=1", (low, high), (1e-7, 1e-3)
        )
        for k, (low, high) in enumerate(limits)
    )


@pytest.mark.parametrize(
    ("options", "length", "expected"),
    [
        ((), 0.5e-6, (0,)),
        ((), 1.0e-6, (0,)),  # ngspice takes both ends of a bin, and the first bin that fits
        ((), 1.0005e-6, (0,)),  # and sizes up to 1 nm beyond
        ((), 1.002e-6, (1,)),
        (("wnflag=1",), 1.0e-6, (1,)),  # in HSPICE mode a bin ends below its upper limit
        (("wnflag=1",), 0.9999e-6, (0,)),
        ((), 5e-6, None),
    ],
)
def test_bins_go_by_the_rule_of_the_mode(options, length, expected):
    bins = _binned((1e-7, 1e-6), (1e-6, 2e-6))
    deck = Deck("", "m1 d g 0 0 n w=1u l={l}", {"l": 1e-6}, (Op(),), (), bins=bins, options=options)
    values = deck.elaboration.values({"l": length})
    assert deck.elaboration.choose(values) == expected


def test_a_width_is_divided_by_its_fingers_where_the_kit_says_so():
    bins = (ModelBin("n", ".model n.0 nmos lmin=1e-7 lmax=1e-6 wmin=1e-7 wmax=1e-5", (1e-7, 1e-6), (1e-7, 1e-5)),)
    body = "m1 d g 0 0 n w=20u l=0.5u nf=4"
    by_finger = Deck("", body, {}, (Op(),), (), bins=bins, options=("wnflag=1",))
    whole = Deck("", body, {}, (Op(),), (), bins=bins)
    assert by_finger.elaboration.choose(by_finger.elaboration.values({})) == (0,)
    assert whole.elaboration.choose(whole.elaboration.values({})) is None


def test_what_our_reader_does_not_know_is_a_reason():
    deck = Deck("", "r1 a 0 1k\nendless", {}, (Op(),), ())
    assert "endless" in deck.elaboration


def test_a_value_may_stand_without_braces_as_ngspice_lets_it():
    deck = Deck("", "c1 a 0 cl\nr1 a 0 1k", {"cl": 1e-12}, (Op(),), ())
    assert [target for _, target in deck.elaboration.alters] == ["@c1[capacitance]"]


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_a_sweep_of_the_temperature_is_the_operating_point_at_each(mode):
    cards = load_technology("sky130").cards("tt", frozenset({"sky130_fd_pr__nfet_01v8"}))
    transistor = "x1 d g 0 0 sky130_fd_pr__nfet_01v8 w=1 l=0.15\nv1 g 0 0.9\nv2 d 0 1"
    body = f"{transistor}\ni1 0 a 1m\nr1 a 0 {{rr*(1+1e-3*(temper-27))}}"
    saved = ("v(a)", "i(v2)")
    common = {"saved": saved, "setup": cards.setup, "bins": cards.bins, "options": cards.options}
    swept = Deck(cards.text, body, {"rr": 1e3}, (Op(), Dc("temp", -40, 125, 55)), **common)
    points = [Deck(cards.text, body, {"rr": 1e3}, (Op(),), temperature=t, **common) for t in (-40, 15, 70, 125)]
    with WorkerPool(1, mode=mode) as pool:
        result, *single = pool.simulate([Job(deck) for deck in (swept, *points)])
    for name in saved:
        expected = [one.analyses["op"].value(name) for one in single]
        assert result.analyses["dc"].real(name) == pytest.approx(expected, rel=1e-4)
    assert result.analyses["dc"].real("v(a)")[-1] == pytest.approx(1.098, rel=1e-3)


@pytest.mark.ngspice
def test_long_commands_are_not_cut(pool):
    nodes = [f"a_rather_long_name_of_a_node_{n}" for n in range(150)]
    pairs = (f"r{n} in {node} 1k\nrq{n} {node} 0 1k" for n, node in enumerate(nodes))
    body = "\n".join(["v1 in 0 1 ac 1", *pairs])
    analyses = (Op(), Noise(f"v({nodes[0]})", "v1", 1, 10, 1), Ac(1, 10, 1))
    deck = Deck("", body, {}, analyses, tuple(f"v({node})" for node in nodes))
    (result,) = pool.simulate([Job(deck)])
    assert result.ok
    assert result.analyses["ac"].vectors.keys() >= {f"v({node})" for node in nodes}
