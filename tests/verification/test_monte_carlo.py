"""Yield with its interval, and samples that can be repeated."""

import pytest

import eda
from eda.errors import InputError
from eda.problem import Evaluation
from eda.simulation import Status
from eda.testbench import Conditions, Guard
from eda.verification import MonteCarlo
from eda.verification.monte_carlo import wilson_interval


def test_interval_against_a_published_table():
    # Agresti & Coull 1998, The American Statistician 52: Wilson's interval for 10 of 10 and 0 of 10
    assert wilson_interval(10, 10) == pytest.approx((0.722, 1.0), abs=1e-3)
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.278), abs=1e-3)
    low, high = wilson_interval(50, 100)
    assert (low + high) / 2 == pytest.approx(0.5)


def test_samples_without_results_are_told_from_those_that_miss_a_bound(bowl):
    specs = bowl(specs=["sum >= 1.2 V"]).specs
    alive = (Guard("alive", 1.0, "it is"),)
    met, missed = (Evaluation({}, Status.OK, {"sum": total}, guards=alive) for total in (1.5, 1.0))
    lost = Evaluation({}, Status.CRASHED)
    assert "be simulated" not in MonteCarlo(Conditions(), specs, (met, missed)).verdict()
    verdict = MonteCarlo(Conditions(), specs, (met, missed, lost, lost)).verdict()
    assert "1 of 4 samples pass" in verdict
    assert "2 of those that fail could not be simulated" in verdict


@pytest.mark.ngspice
@pytest.mark.sky130
def test_samples_count_and_are_repeatable(miller, pool):
    problem = eda.SizingProblem(
        miller,
        technology="sky130",
        testbench=eda.OpAmpTestbench(),
        specs=["dc_gain >= 70.3 dB", "offset <= 4 mV"],
        simulator=pool,
    )
    arguments = {"corners": "tt", "monte_carlo": 20, "variation": "mismatch"}
    first, again, other = (eda.verify(problem, **arguments, seed=seed) for seed in (3, 3, 4))
    assert first.monte_carlo == again.monte_carlo
    assert first.monte_carlo.statistics() != other.monte_carlo.statistics()
    samples = first.monte_carlo
    assert len(samples.evaluations) == 20
    assert 0 < samples.yield_ < 1
    assert not first.passed
    assert f"{20 - len(samples.failing)} of 20 samples pass" in str(first)
    assert f"FAILS in sample {samples.failing[0]}" in str(first)
    assert "mismatch, seed 3, at tt 27 °C" in str(first)
    assert samples.statistics()["offset"]["sigma"] > 0.3e-3


@pytest.mark.ngspice
def test_that_nothing_varies_is_said(miller, pool):
    problem = eda.SizingProblem(
        miller, technology="generic", testbench=eda.OpAmpTestbench(), specs=["power <= 1 W"], simulator=pool
    )
    outcome = eda.verify(problem, corners="tt")
    assert "process spread and mismatch: not simulated" in str(outcome)
    assert problem.describe()["variation"] == "no variation"
    with pytest.raises(InputError, match="generic has no statistics"):
        eda.verify(problem, corners="tt", monte_carlo=5)
    with pytest.raises(InputError, match="Did you mean 'mismatch'"):
        eda.verify(problem, corners="tt", monte_carlo=5, variation="mismach")
    with pytest.raises(InputError, match="mismatch varies from sample to sample: give their number"):
        eda.verify(problem, corners="tt", variation="mismatch")
