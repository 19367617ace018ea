"""A deck that ngspice refuses, between two good ones: it must fail, and the good ones must not notice."""

from dataclasses import replace

import numpy as np
import pytest

from eda.errors import EDAError, InputError
from eda.simulation import Ac, Dc, Deck, Job, Op, Status, Tran

pytestmark = pytest.mark.ngspice

RC = "v1 in 0 dc 1 ac 1\nr1 in out {r}\nc1 out 0 1n"
GOOD = Deck("", RC, {"r": 1e3}, (Op(), Ac(1, 1e9, 5)), ("v(out)", "i(v1)"))


def _body(text):
    return replace(GOOD, body=text)


BROKEN = {
    "unknown model": (_body(f"{RC}\nm1 out in 0 0 nomodel w=1u l=1u"), Status.BAD_DECK),
    "unknown diode": (_body(f"{RC}\nd1 out 0 nodiode"), Status.BAD_DECK),
    "unknown subcircuit": (_body(f"{RC}\nx1 out in nosuch"), Status.BAD_DECK),
    "missing parameter": (_body("v1 in 0 dc 1 ac 1\nr1 in out {missing}\nc1 out 0 1n"), Status.BAD_DECK),
    "circular parameters": (_body(f".param a={{b}} b={{a}}\n{RC}\nr2 out 0 {{a}}"), None),
    "bad expression": (_body(f"{RC}\nr2 out 0 {{1k +* 3}}"), None),
    "missing include": (_body(f'.include "/no/such/file.sp"\n{RC}'), Status.BAD_DECK),
    "syntax garbage": (_body(f"{RC}\nendless"), Status.BAD_DECK),
    "quit": (_body(f".control\nquit\n.endc\n{RC}"), None),
    "unsaved node": (replace(GOOD, saved=("v(out)", "v(nowhere)")), None),
    "unsaved device": (replace(GOOD, saved=("v(out)", "i(v1)", "@m1[gm]")), None),
    "no elements": (_body(""), None),
    "unknown swept source": (replace(GOOD, analyses=(Op(), Dc("v9", 0, 1, 0.5))), None),
    "loop of sources": (_body(f"{RC}\nv2 in 0 2"), Status.SINGULAR_MATRIX),
    "no convergence": (_body(f"{RC}\nb1 x 0 v=v(x)*v(x)+1"), Status.NO_CONVERGENCE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_deck_fails_alone(simulator, name):
    deck, status = BROKEN[name]
    # twice in a row, so that every worker of a pool has met a good one before and meets one after
    jobs = [Job(GOOD, {"r": 2e3})] * 2 + [Job(deck)] * 2 + [Job(GOOD, {"r": 3e3})] * 2
    results = simulator.simulate(jobs)
    for result in results[2:4]:
        assert not result.ok, f"gave {sorted(result.analyses)}"
        assert result.status is status or status is None
        assert not result.analyses
        assert result.log
    for result, job in zip(results[:2] + results[4:], jobs[:2] + jobs[4:], strict=True):
        ac = result.analyses["ac"]
        pole = 1 / (1 + 2j * np.pi * ac.scale * job.values["r"] * 1e-9)
        assert np.allclose(ac["v(out)"], pole, rtol=1e-9, atol=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value):
    with pytest.raises(InputError, match="'r' must be finite"):
        Job(GOOD, {"r": value})


def test_a_value_for_no_parameter_is_refused(simulator):
    try:
        (result,) = simulator.simulate([Job(GOOD, {"rr": 2e3})])
    except EDAError:
        return
    assert not result.ok, "the nominal circuit was simulated instead"


def test_numpy_values_are_numbers(simulator):
    numpy, plain = simulator.simulate([Job(GOOD, {"r": np.float64(2e3)}), Job(GOOD, {"r": 2e3})])
    assert numpy.ok, numpy.log
    assert np.array_equal(numpy.analyses["ac"]["v(out)"], plain.analyses["ac"]["v(out)"])


# v(x) jumps where its equation has no solution any more: the sweep and the transient end there
CLIFF = "v1 in 0 dc 0 pwl(0 0 1m 1)\nb1 x 0 v=v(in) < 0.5 ? v(in) : v(x)*v(x)+1+v(in)\nr1 x 0 1k"


@pytest.mark.parametrize("analysis", [Dc("v1", 0, 1, 0.01), Tran(1e-5, 1e-3)])
def test_a_sweep_that_ends_early_is_a_failure(simulator, analysis):
    (result,) = simulator.simulate([Job(Deck("", CLIFF, {}, (analysis,), ("v(x)",)))])
    assert not result.ok
    assert not result.analyses
