"""Analyses that set values of the circuit or options otherwise, in every backend."""

from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.simulation import Ac, BatchSimulator, Dc, Deck, Job, Op, PySpiceSimulator, Tran, WorkerPool

BODY = """vin in 0 dc 1 ac 1
vdd vdd 0 dc 2 ac 0
r1 in out {r}
r2 vdd out {2*r}
c1 out 0 1n"""
DECK = Deck(
    "",
    BODY,
    {"r": 1e3},
    (Op(), Ac(1, 1e6, 5), Ac(1, 1e6, 5, name="supply"), Dc("vin", 0, 1, 0.5), Tran(1e-7, 1e-6)),
    ("v(out)",),
    switched={"@vin[acmag]": 1, "@vdd[acmag]": 0, "@vdd[dc]": 2, "reltol": 1e-3},
    settings={"supply": {"@vin[acmag]": 0, "@vdd[acmag]": 1}, "tran": {"@vdd[dc]": 5, "reltol": 1e-6}},
)


@pytest.mark.ngspice
@pytest.mark.parametrize("make", [BatchSimulator, lambda: WorkerPool(1), lambda: WorkerPool(1, mode="fast")])
def test_each_analysis_has_its_own_values_and_the_next_evaluation_the_usual_ones(make):
    with make() as simulator:
        results = simulator.simulate([Job(DECK, {"r": r}) for r in (1e3, 2e3, 1e3)])
    for result in results:
        assert result.analyses["op"].value("v(out)") == pytest.approx(4 / 3)
        assert abs(result.analyses["ac"]["v(out)"][0]) == pytest.approx(2 / 3)
        assert abs(result.analyses["supply"]["v(out)"][0]) == pytest.approx(1 / 3)
        assert result.analyses["tran"].real("v(out)")[-1] == pytest.approx(7 / 3)
        assert result.analyses["dc"].real("v(out)") == pytest.approx([2 / 3, 1, 4 / 3])  # not the transient's 5 V


@pytest.mark.ngspice
@pytest.mark.parametrize("make", [BatchSimulator, lambda: WorkerPool(1), lambda: WorkerPool(1, mode="fast")])
def test_a_source_has_another_waveform_in_each_transient(make):
    deck = replace(
        DECK,
        body=BODY.replace("ac 1", "ac 1 pulse(1 1 0 1n 1n 1 2)"),
        analyses=(Op(), Tran(1e-8, 1e-6, name="step"), Tran(1e-8, 1e-6, name="sine"), Tran(1e-8, 1e-6)),
        saved=("v(in)",),
        switched={"@vin[pulse]": (1, 1, 0, 1e-9, 1e-9, 1, 2), "@vin[sin]": (1, 0, 1e6)},
        settings={"step": {"@vin[pulse]": (1, 3, 5e-7, 1e-9, 1e-9, 1, 2)}, "sine": {"@vin[sin]": (1, 0.5, 1e6)}},
    )
    with make() as simulator:
        for result in simulator.simulate([Job(deck)] * 2):
            waves = {name: result.analyses[name].real("v(in)") for name in ("step", "sine", "tran")}
            assert (waves["step"].min(), waves["step"].max()) == pytest.approx((1, 3))
            assert (waves["sine"].min(), waves["sine"].max()) == pytest.approx((0.5, 1.5), rel=1e-3)
            assert np.ptp(waves["tran"]) == 0


@pytest.mark.ngspice
def test_exact_is_plain_ngspice_to_the_last_bit():
    with BatchSimulator() as batch, WorkerPool(1) as pool:
        (mine,), (plain,) = (simulator.simulate([Job(DECK)]) for simulator in (pool, batch))
    for name, waves in plain.analyses.items():
        assert np.array_equal(waves.scale, mine.analyses[name].scale)
        assert np.array_equal(waves["v(out)"], mine.analyses[name]["v(out)"])


@pytest.mark.ngspice
def test_a_sweep_is_right_also_after_the_transient_of_the_evaluation_before():
    # ngspice takes charges for currents in a sweep behind a transient of the same circuit
    deck = Deck(
        ".model q npn is=1e-16 bf=100 cje=10p cjc=10p tf=1n",
        "vin in 0 dc 0.7 pulse(0.7 1.5 1n 5n 1n 1 2)\nr1 in b {r}\nr2 in c 2k\nq1 c b 0 q",
        {"r": 1e3},
        (Op(), Dc("vin", 0.5, 1, 0.05), Tran(1e-10, 4e-9)),
        ("v(c)",),
    )
    jobs = [Job(deck, {"r": resistance}) for resistance in (1e3, 1.1e3, 1.2e3)]
    with WorkerPool(1) as exact, WorkerPool(1, mode="fast") as fast:
        for one, other in zip(exact.simulate(jobs), fast.simulate(jobs), strict=True):
            assert one.ok, one.log
            assert other.analyses["dc"].real("v(c)") == pytest.approx(one.analyses["dc"].real("v(c)"), rel=1e-6)
    with pytest.raises(InputError, match="sweeps stand before transients"):
        replace(deck, analyses=deck.analyses[::-1])


@pytest.mark.ngspice
def test_values_are_the_usual_ones_after_an_analysis_that_failed():
    bad = replace(
        DECK,
        body=BODY + "\nb1 x 0 v={v(vdd) > 3 ? 1/0 : 0}\nr3 x 0 1",
        analyses=(Op(), Tran(1e-7, 1e-6), Ac(1, 10, 1)),
        settings={"tran": {"@vdd[dc]": 5}},
    )
    with WorkerPool(1, mode="fast") as pool:
        failed, good = (pool.simulate([Job(deck)])[0] for deck in (bad, DECK))
    assert not failed.ok
    assert good.analyses["op"].value("v(out)") == pytest.approx(4 / 3)


def test_settings_must_fit_the_deck():
    with pytest.raises(InputError, match="Did you mean 'supply'"):
        replace(DECK, settings={"suply": {"@vdd[dc]": 5}})
    with pytest.raises(InputError, match="'@vdd\\[ac\\]', which must be in `switched`"):
        replace(DECK, settings={"ac": {"@vdd[ac]": 5}})


def test_pyspice_says_that_it_cannot():
    with pytest.raises(InputError, match="changes values between analyses"):
        list(PySpiceSimulator().run([Job(DECK)]))
