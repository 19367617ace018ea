"""Compiled cards: small libraries whose numbers can be checked by hand, and the kits against their own text."""

import numpy as np
import pytest

from eda.errors import TechnologyError
from eda.simulation import Ac, Deck, Job, Op
from eda.technology import Variation, load_technology
from eda.technology.compiled import compile_definitions
from eda.technology.definitions import parse_definitions
from eda.testbench import ACCURATE

LIBRARY = [
    ".param vth = {0.5+shift} shift = {0.1*fast} fast=1",
    ".param spread = {1} + on*agauss(0,0.02,1)",
    ".param on=0 mm=0",
    ".option scale=1u",
    ".subckt fet d g s b mult=1",
    ".param l=1 w=1 rsx={10*w} drift={mm*agauss(0,0.01,1)/sqrt(w*l)}",
    "Mx d g s b core l={l} w={w} ad={w*0.3} nrd={0.1/w} nrs={0.1/w} delvto={drift}",
    ".model core.0 nmos level=54 version=4.5 lmin=1e-7 lmax=1e-6 wmin=1e-7 wmax=1e-3 vth0={vth*spread} rsh={rsx}",
    ".model core.1 nmos level=54 version=4.5 lmin=1e-6 lmax=1e-5 wmin=1e-7 wmax=1e-3 vth0=0.4 rsh={rsx}",
    ".ends",
]


def _compiled(*switches):
    return compile_definitions(parse_definitions(LIBRARY), dict(switches))


def test_numbers_bins_scale_and_sheet_resistance():
    cards = _compiled()
    assert [one.family for one in cards.bins] == ["fet__core", "fet__core"]
    assert cards.bins[0].lengths == (1e-7, 1e-6)
    assert cards.bins[0].text.startswith(".model fet__core.0 nmos lmin=1e-07 lmax=1e-06 wmin=1e-07 wmax=0.001 ")
    assert " vth0=0.6 " in cards.bins[0].text
    assert " rsh=1" in cards.bins[0].text
    assert " l={(l*1e-06)} " in cards.text
    assert "ad={((w*0.3)*1e-12)}" in cards.text
    assert "nrd={((0.1/w)*(10.0*w))}" in cards.text
    assert "delvto=0" in cards.text
    assert cards.deviates == ()
    assert cards.mismatch == {}


def test_statistics_are_deviates_where_they_are_switched_on():
    cards = _compiled(("on", 1.0), ("mm", 1.0))
    assert cards.deviates == ("mc_spread",)
    assert cards.mismatch == {"fet": ("z_drift",)}
    assert "z_drift=0" in cards.text
    assert "mc_spread" in cards.bins[0].text


def test_a_block_that_calls_another_hands_its_deviates_down():
    outer = [".subckt pair a b", "x1 a b 0 0 fet w=2", "x2 b a 0 0 fet w=3", ".ends"]
    cards = compile_definitions(parse_definitions([*LIBRARY, *outer]), {"mm": 1.0})
    assert len(cards.mismatch["pair"]) == 2
    assert all(f"{name}=0" in cards.text for name in cards.mismatch["pair"])


def test_a_parameter_defined_by_itself_is_told():
    with pytest.raises(TechnologyError, match="defined by itself"):
        compile_definitions(parse_definitions([".param a={b} b={a}", ".model m r rsh={a}"]))


SKY130 = ("nfet_01v8", "pfet_01v8_hvt", "nfet_g5v0d10v5")
SIZES = (
    (0.15, 1.0, 1),
    (0.15, 0.42, 1),
    (0.25, 7.0, 1),
    (0.2494, 3.0, 1),
    (0.5, 6.0, 2),
    (2.0, 100.0, 4),
    (8.0, 5.0, 1),
)


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("short", SKY130)
def test_sky130_compiled_is_sky130(batch, short):
    kit, name = load_technology("sky130"), f"sky130_fd_pr__{short}"
    sign = -1 if short.startswith("p") else 1
    sizes = [(max(length, 0.5) if "g5v0" in short else length, w, nf) for length, w, nf in SIZES]
    calls = [f"x{n} d g 0 0 {name} l={length} w={w} nf={nf} sa=0.5 sb=0.6" for n, (length, w, nf) in enumerate(sizes)]
    body = "\n".join([f"vd d 0 {sign}", f"vg g 0 {sign * 0.9}", *calls])
    saved = tuple(f"@m.x{n}.m{name}[{q}]" for n in range(len(sizes)) for q in ("id", "gm", "gds", "cgg"))
    cards = kit.cards("ss", [name])
    decks = (
        Deck(kit.library.full("ss"), body, {}, (Op(),), saved, 125.0, kit.setup),
        Deck(cards.text, body, {}, (Op(),), saved, 125.0, bins=cards.bins, options=cards.options),
    )
    full, compiled = batch.simulate([Job(deck) for deck in decks])
    assert full.ok
    assert compiled.ok
    for key in saved:
        expected = full.analyses["op"].value(key)
        assert compiled.analyses["op"].value(key) == pytest.approx(expected, rel=1e-9), key


PASSIVES = {
    "res_high_po": "in out 0 {} w=1 l=10",
    "res_xhigh_po": "in out 0 {} w=1 l=5",
    "res_generic_nd": "in out 0 {} w=1 l=10",
    "cap_mim_m3_1": "in out {} w=10 l=10",
    "diode_pw2nd_05v5_esd": "in out {} area=10 perim=14",
    "pnp_05v5_w0p68l0p68": "0 0 in {}",
    "npn_11v0_w1p00l1p00": "in in 0 0 {}",
}


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("short", PASSIVES)
def test_resistors_capacitors_diodes_and_bipolars_too(batch, short):
    kit, name = load_technology("sky130"), f"sky130_fd_pr__{short}"
    body = f"v1 in 0 dc 0.6 ac 1\nr1 out 0 10k\nx1 {PASSIVES[short].format(name)}"
    cards = kit.cards("ff", [name])
    analyses, saved = (Op(), Ac(1e3, 1e9, 1)), ("i(v1)", "v(out)")
    decks = (
        Deck(kit.library.full("ff"), body, {}, analyses, saved, -40.0, kit.setup, options=ACCURATE),
        Deck(cards.text, body, {}, analyses, saved, -40.0, bins=cards.bins, options=(*cards.options, *ACCURATE)),
    )
    full, compiled = batch.simulate([Job(deck) for deck in decks])
    assert full.ok
    assert compiled.ok
    for kind in ("op", "ac"):
        for key in saved:
            one, other = (result.analyses[kind].vectors[key] for result in (full, compiled))
            np.testing.assert_allclose(other, one, rtol=1e-8, atol=1e-18, err_msg=f"{kind} {key}")


@pytest.mark.sky130
def test_nothing_varies_unless_it_is_asked_for():
    kit = load_technology("sky130")
    plain = kit.cards("tt", ["sky130_fd_pr__nfet_01v8"])
    assert plain.deviates == ()
    assert plain.mismatch == {}
    both = kit.cards("tt", ["sky130_fd_pr__nfet_01v8"], Variation.BOTH)
    assert both.deviates == ("mc_sw_activecd", "mc_sw_polycd")
    assert both.mismatch == {"sky130_fd_pr__nfet_01v8": ("z_swx_vth",)}
