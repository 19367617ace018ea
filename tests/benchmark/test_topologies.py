import random
from pathlib import Path

import pytest

from eda.benchmark.behavioural_topology import _agreement, _diverging
from eda.benchmark.device_topology import measure_device_topologies
from eda.errors import InputError
from eda.simulation import WorkerPool
from eda.simulation.linear import LinearNetworks
from eda.topology.behavioural import random_opamp

OTA = Path(__file__).parents[2] / "netlists" / "opamp" / "five_transistor_ota" / "five_transistor_ota.sp"


@pytest.fixture(scope="module")
def opamps():
    rng = random.Random(3)
    return [random_opamp(rng) for _ in range(40)]


@pytest.mark.ngspice
def test_the_solver_agrees_with_ngspice(opamps):
    with WorkerPool(1) as pool:
        found = _agreement(opamps[:20], pool)
    assert found["largest difference, dB"] < 1e-6
    assert found["largest difference, degrees"] < 1e-6


@pytest.mark.ngspice
def test_unstable_op_amps_diverge_and_others_do_not(opamps):
    stable = LinearNetworks.of([one.elements() for one in opamps]).stable().tolist()
    with WorkerPool(1) as pool:
        assert all(_diverging([o for o, sound in zip(opamps, stable, strict=True) if not sound][:4], pool))
        assert not any(_diverging([o for o, sound in zip(opamps, stable, strict=True) if sound][:4], pool))


@pytest.mark.ngspice
def test_generated_op_amps_are_sized_beside_one_by_hand(tmp_path):
    with WorkerPool(1, timeout=10) as pool:
        arguments = {"folder": OTA.parent, "simulator": pool, "run_dir": tmp_path, "by_hand": [OTA.name]}
        rows = measure_device_topologies(**arguments, count=1, budget=16, technology="generic")
    assert [row["circuits"] for row in rows] == ["by hand", "behavioural", "language model"]
    assert all(row["sized"] == 1 and row["simulations"] == 16 for row in rows)


def test_an_unknown_table(tmp_path):
    with pytest.raises(InputError, match="table"):
        measure_device_topologies(folder=tmp_path, simulator=None, run_dir=tmp_path, by_hand=[], tables=["nothing"])
