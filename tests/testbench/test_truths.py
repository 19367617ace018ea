"""Ideal circuits with known answers, through the testbenches of all circuit classes."""

import pytest

from eda.benchmark.agreement import compare_measures
from eda.benchmark.classes import CARDS
from eda.benchmark.classes import TRUTHS as KNOWN
from eda.benchmark.truth import measured_truth
from eda.simulation import BatchSimulator
from eda.testbench.kinds import KINDS

TRUTHS = [truth for truths in KNOWN.values() for truth in truths]


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: f"{truth.testbench.kind}: {truth.about}")
def test_an_ideal_circuit_has_its_known_metrics(pool, truth):
    measured = measured_truth(truth, pool)
    assert measured == pytest.approx(dict(truth.expected), rel=truth.tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_is_known_of_some_circuit(kind):
    known = {name for truth in TRUTHS if truth.testbench.kind == kind for name in truth.expected}
    assert known == set(KINDS[kind].readings.metrics)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: f"{truth.testbench.kind}: {truth.about}")
def test_only_noise_and_settling_are_allowed_a_hundredth(truth):
    names = truth.expected
    assert truth.tolerance <= 1e-3 or (truth.tolerance <= 1e-2 and all("noise" in n or "settling" in n for n in names))


@pytest.mark.ngspice
@pytest.mark.parametrize("kind", CARDS)
def test_ngspice_measures_the_same_on_the_same_waveforms(kind):
    with BatchSimulator() as batch:
        for row in compare_measures(batch, [kind]):
            assert row["holds"], row
