"""Circuits whose answers are a line of algebra."""

import math

import numpy as np
import pytest

from eda.simulation import Ac, Dc, Deck, Job, Op, Tran

pytestmark = pytest.mark.ngspice


@pytest.mark.parametrize(("r1", "r2"), [(1e3, 3e3), (47.0, 1e6), (1e-2, 1e-3)])
def test_resistive_divider(simulator, r1, r2):
    deck = Deck(
        "",
        "v1 in 0 5\nr1 in out {r1}\nr2 out 0 {r2}",
        {"r1": 1.0, "r2": 1.0},
        (Op(), Dc("v1", -2, 2, 0.5)),
        ("v(in)", "v(out)", "i(v1)"),
    )
    (result,) = simulator.simulate([Job(deck, {"r1": r1, "r2": r2})])
    op, dc = result.analyses["op"], result.analyses["dc"]
    assert op.value("v(out)") == pytest.approx(5 * r2 / (r1 + r2), rel=1e-9)
    assert op.value("i(v1)") == pytest.approx(-5 / (r1 + r2), rel=1e-9)
    assert dc.scale == pytest.approx(np.arange(-2, 2.1, 0.5), abs=1e-12)
    assert dc.real("v(out)") == pytest.approx(dc.scale * r2 / (r1 + r2), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("r", "c"), [(1e3, 1e-9), (1e6, 1e-12), (50.0, 1e-6)])
def test_rc_low_pass(simulator, r, c):
    deck = Deck("", "v1 in 0 ac 1\nr1 in out {r}\nc1 out 0 {c}", {"r": 1.0, "c": 1.0}, (Ac(1, 1e9, 10),), ("v(out)",))
    (result,) = simulator.simulate([Job(deck, {"r": r, "c": c})])
    ac = result.analyses["ac"]
    assert len(ac.scale) == 91
    assert ac.scale[[0, -1]] == pytest.approx([1, 1e9])
    assert np.allclose(ac["v(out)"], 1 / (1 + 2j * math.pi * ac.scale * r * c), rtol=1e-9, atol=0)


def test_rc_step_response(simulator):
    body = "v1 in 0 pulse(0 1 0 1p 1p 1 2)\nr1 in out 1k\nc1 out 0 1n"
    deck = Deck("", body, {}, (Tran(10e-9, 5e-6),), ("v(out)",))
    (result,) = simulator.simulate([Job(deck)])
    tran = result.analyses["tran"]
    assert tran.scale[-1] == pytest.approx(5e-6)
    assert tran.real("v(out)") == pytest.approx(1 - np.exp(-tran.scale / 1e-6), abs=2e-3)
