"""A common-source stage against the Shichman-Hodges equations (Allen & Holberg 2012, section 3.1)."""

import pytest

from eda.simulation import Ac, Deck, Job, Op
from eda.technology import load_technology

pytestmark = pytest.mark.ngspice

VTO, KP, LAMBDA = 0.7, 110e-6, 0.04  # of generic_nmos at tt
CORNERS = {"tt": (0, 0), "ff": (1, 1), "ss": (-1, -1), "sf": (-1, 1), "fs": (1, -1)}


def _stage(corner, load):
    cards = load_technology("generic").library.cards(corner, ["generic_nmos"])
    body = f"vd vdd 0 3\nvg in 0 dc {{vg}} ac 1\n{load}\nm1 out in 0 0 generic_nmos w={{w}} l={{l}}"
    saved = ("v(out)", *(f"@m1[{name}]" for name in ("id", "gm", "gds", "vdsat")))
    return Deck(cards, body, {"vg": 1.0, "w": 10e-6, "l": 1e-6}, (Op(), Ac(1, 10, 1)), saved)


def _equations(w, length, vgs, vds, fast=0):
    beta, vov = KP * (1 + 0.1 * fast) * w / length, vgs - (VTO - 0.05 * fast)
    return beta / 2 * vov**2 * (1 + LAMBDA * vds), beta * vov * (1 + LAMBDA * vds), beta / 2 * vov**2 * LAMBDA


@pytest.mark.parametrize(("w", "length", "vg", "r"), [(10e-6, 1e-6, 1.0, 20e3), (2e-6, 2e-6, 1.3, 50e3)])
def test_gain_with_a_resistor(simulator, w, length, vg, r):
    (result,) = simulator.simulate([Job(_stage("tt", f"rd vdd out {r}"), {"w": w, "l": length, "vg": vg})])
    op = result.analyses["op"]
    current, gm, gds = _equations(w, length, vg, op.value("v(out)"))
    assert [op.value(f"@m1[{n}]") for n in ("id", "gm", "gds")] == pytest.approx([current, gm, gds], rel=1e-6)
    assert op.value("@m1[vdsat]") == pytest.approx(vg - VTO, rel=1e-6)
    assert op.value("v(out)") == pytest.approx(3 - r * current, rel=1e-6)
    assert result.analyses["ac"]["v(out)"][0] == pytest.approx(-gm / (gds + 1 / r), rel=1e-4)


def test_intrinsic_gain_is_gm_ro(simulator):
    # the inductor fixes the bias at vdd and is open at 1 Hz
    (result,) = simulator.simulate([Job(_stage("tt", "l1 vdd out 1e12"))])
    op, gain = result.analyses["op"], result.analyses["ac"]["v(out)"][0]
    _, gm, gds = _equations(10e-6, 1e-6, 1.0, 3.0)
    assert gain == pytest.approx(-op.value("@m1[gm]") / op.value("@m1[gds]"), rel=1e-4)
    assert gain == pytest.approx(-gm / gds, rel=1e-4)


@pytest.mark.parametrize("corner", CORNERS)
def test_corners_shift_threshold_and_mobility(pool, corner):
    (result,) = pool.simulate([Job(_stage(corner, "rd vdd out 1"))])
    op = result.analyses["op"]
    current, gm, _ = _equations(10e-6, 1e-6, 1.0, op.value("v(out)"), fast=CORNERS[corner][0])
    assert [op.value("@m1[id]"), op.value("@m1[gm]")] == pytest.approx([current, gm], rel=1e-6)


@pytest.mark.parametrize("corner", CORNERS)
def test_corners_of_the_p_device(pool, corner):
    cards = load_technology("generic").library.cards(corner, ["generic_pmos"])
    body = "vd vdd 0 3\nm1 0 g vdd vdd generic_pmos w=10u l=1u\nvg g 0 2"
    (result,) = pool.simulate([Job(Deck(cards, body, {}, (Op(),), ("i(vd)",)))])
    fast = CORNERS[corner][1]
    expected = 50e-6 * (1 + 0.1 * fast) * 10 / 2 * (1 - 0.7 + 0.05 * fast) ** 2 * (1 + 0.05 * 3)
    assert -result.analyses["op"].value("i(vd)") == pytest.approx(expected, rel=1e-6)
