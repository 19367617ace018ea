"""Ideal circuits with known answers, through the testbenches of all circuit classes."""

import pytest

from eda.benchmark.classes import all_truths
from eda.benchmark.truth import measured_truth
from eda.testbench.kinds import KINDS

TRUTHS = all_truths()


@pytest.mark.ngspice
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: f"{truth.testbench.kind}: {truth.about}")
def test_an_ideal_circuit_has_its_known_metrics(pool, truth):
    measured = measured_truth(truth, pool)
    assert measured == pytest.approx(dict(truth.expected), rel=truth.tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_is_known_of_some_circuit(kind):
    known = {name for truth in TRUTHS if truth.testbench.kind == kind for name in truth.expected}
    assert known == set(KINDS[kind].readings.metrics)


def test_no_truth_is_allowed_more_than_the_rule_says():
    loose = {"input_noise", "integrated_noise", "settling_time", "output_noise"}
    for truth in TRUTHS:
        assert truth.tolerance <= 1e-3 or (
            truth.tolerance <= 1e-2 and all("noise" in n or "settl" in n for n in truth.expected)
        ), truth
    assert loose
