import json

import numpy as np
import pytest
import torch

from eda.errors import InputError
from eda.graph.schema import DEVICE_COLUMNS
from eda.nn.pin_network import PinShape
from eda.surrogate.quantities import Quantity
from eda.surrogate.topologies import SizedCircuits, TopologySurrogate

WIDTH = next(at for at, column in enumerate(DEVICE_COLUMNS) if column.name == "log10_w")
POWER = Quantity("power", "W", 1e-7, 1e-1, logarithmic=True)


@pytest.fixture(scope="module")
def problem(ota_problem):
    return ota_problem()


@pytest.fixture(scope="module")
def circuits(problem):
    points = problem.space.snap(np.random.default_rng(0).random((160, problem.space.dimension)))
    return SizedCircuits.of(problem, points)


@pytest.fixture(scope="module")
def power(circuits):
    """Grows with the widths of the transistors."""
    return {"power": 1e-5 * 10 ** circuits.devices[..., WIDTH].std(dim=1).double().numpy()}


def test_circuits_have_the_sizes_of_their_designs_and_their_ports(circuits, problem):
    assert len(circuits) == 160
    assert circuits.devices.shape[1] == len(problem.circuit.top.devices)
    assert circuits.devices.std(dim=0).max() > 0.1
    assert circuits.ports.sum(0).tolist() == [1, 1, 1, 1, 1]
    assert circuits.about[0] == pytest.approx(3.0), "the supply of the testbench"


def test_a_circuit_without_a_port_is_refused(bowl):
    with pytest.raises(InputError, match="needs the ports inp, inn, out, vdd, vss"):
        SizedCircuits.of(bowl(), np.zeros((1, 3)))


def test_it_learns_and_goes_on_learning(circuits, power):
    shape = PinShape(16, 2)
    before = TopologySurrogate.fit([(circuits, power)], [POWER], shape=shape, rounds=1)
    same = TopologySurrogate.fit([(circuits, power)], [POWER], rounds=0, seed=5, begin=before)
    np.testing.assert_allclose(same.predict(circuits)["power"], before.predict(circuits)["power"], rtol=1e-6)
    after = TopologySurrogate.fit([(circuits, power)], [POWER], rounds=15, begin=before)
    errors = [np.abs(np.log10(one.predict(circuits)["power"] / power["power"])).mean() for one in (before, after)]
    assert errors[1] < errors[0]
    torch.testing.assert_close(after.scales["mean"], before.scales["mean"])
    assert after.card["designs"] == [160]


def test_weights_come_back_from_their_file(circuits, power, tmp_path):
    found = TopologySurrogate.fit([(circuits, power)], [POWER], shape=PinShape(16, 2), rounds=1)
    path = tmp_path / "opamps.safetensors"
    found.save(path)
    again = TopologySurrogate.load(path)
    assert again.quantities == found.quantities
    np.testing.assert_allclose(again.predict(circuits)["power"], found.predict(circuits)["power"], rtol=0.05)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "columns": ["is_m"]}))
    with pytest.raises(InputError, match="surrogate of op-amps of this version"):
        TopologySurrogate.load(path)


def test_one_network_learns_from_several_topologies(circuits, power):
    found = TopologySurrogate.fit([(circuits, power), (circuits, power)], [POWER], shape=PinShape(16, 2), rounds=1)
    assert found.card["topologies"] == [circuits.name] * 2
    assert found.predict(circuits)["power"].shape == (160,)
