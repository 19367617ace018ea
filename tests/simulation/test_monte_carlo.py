"""Samples depend on seed, number and name, and on nothing else."""

import numpy as np
import pytest

from eda.problem import SizingProblem
from eda.simulation import WorkerPool, draw
from eda.technology import Variation
from eda.testbench import Conditions, OpAmpTestbench


def test_a_sample_is_what_seed_number_and_name_make_of_it():
    one = draw(["z_a", "mc_b"], 3, 7)
    assert draw(["mc_b", "z_c", "z_a"], 3, 7)["z_a"] == one["z_a"]
    assert draw(["z_a"], 3, 8) != draw(["z_a"], 3, 7)
    assert draw(["z_a"], 4, 7) != draw(["z_a"], 3, 7)


def test_normal_and_uniform():
    normal = np.array([draw(["dut_z_a"], 0, n)["dut_z_a"] for n in range(4000)])
    uniform = np.array([draw(["dut_zu_a"], 0, n)["dut_zu_a"] for n in range(4000)])
    assert abs(normal.mean()) < 0.06
    assert normal.std() == pytest.approx(1, abs=0.04)
    assert np.abs(uniform).max() < 1
    assert uniform.std() == pytest.approx(1 / np.sqrt(3), abs=0.02)


def test_samples_of_different_devices_are_independent():
    pairs = np.array([list(draw(["z_a", "z_b"], 0, n).values()) for n in range(4000)])
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.05


@pytest.mark.ngspice
@pytest.mark.sky130
def test_one_worker_and_two_give_the_same_samples_and_a_resume_does_too(miller):
    points = [({}, Conditions(variation=Variation.BOTH, seed=5, sample=n)) for n in range(12)]
    found = []
    for workers in (1, 2):
        with WorkerPool(workers) as pool:
            problem = SizingProblem(
                miller, technology="sky130", testbench=OpAmpTestbench(), specs=["dc_gain >= 60 dB"], simulator=pool
            )
            done = dict(problem.stream(points))
            again = dict(problem.stream(points[7:]))
        found.append([done[n].metrics for n in range(12)])
        assert [again[n].metrics for n in range(5)] == found[-1][7:]
    assert found[0] == found[1]
    assert len({metrics["dc_gain"] for metrics in found[0]}) == 12
