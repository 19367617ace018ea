import json

import numpy as np
import pytest

from eda.errors import InputError
from eda.surrogate import Ensemble, Output, ensemble

OUTPUTS = (Output("sum", -1.0, 3.0), Output("product", 1e-3, 1e3, logarithmic=True))


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(ensemble, "_STEPS", 300)


def _data(count=300):
    points = np.random.default_rng(0).random((count, 2))
    return points, np.column_stack((points.sum(axis=1), 10 ** (2 * points[:, 0] - points[:, 1])))


@pytest.fixture
def trained(short):
    return Ensemble.fit(*_data(), OUTPUTS, members=3, card={"seed": 0})


def test_it_learns_and_says_how_well(trained):
    assert all(value > 0.98 for value in trained.errors.values())
    points = np.random.default_rng(1).random((100, 2))
    means, deviations = trained.predict(points)
    np.testing.assert_allclose(means[:, 0], points.sum(axis=1), atol=0.15)
    np.testing.assert_allclose(means[:, 1], 2 * points[:, 0] - points[:, 1], atol=0.2)
    assert np.all(deviations > 0)


def test_it_is_less_sure_where_it_has_not_been(trained):
    inside, outside = (trained.predict(np.full((1, 2), x))[1] for x in (0.5, 4.0))
    assert np.all(outside > 3 * inside)


def test_undefined_and_extreme_values_count_as_the_ends():
    output = OUTPUTS[1]
    np.testing.assert_allclose(output.scaled(np.array([np.nan, 0.0, 1.0, 1e9])), [-3, -3, 0, 3])


def test_the_seed_decides_and_torch_is_left_as_it_was():
    import torch

    state = torch.get_rng_state()
    one, again, other = (Ensemble.fit(*_data(40), OUTPUTS, members=2, seed=s).predict(np.eye(2))[0] for s in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert torch.equal(state, torch.get_rng_state())


def test_it_comes_back_from_its_file(trained, tmp_path):
    trained.save(tmp_path / "e.safetensors")
    again = Ensemble.load(tmp_path / "e.safetensors")
    np.testing.assert_array_equal(again.predict(np.eye(2))[0], trained.predict(np.eye(2))[0])
    assert again.outputs == OUTPUTS
    assert again.card["seed"] == 0
    assert json.loads((tmp_path / "e.json").read_text())["determination"]["sum"] > 0.9


def test_files_that_are_none_are_explained(trained, tmp_path):
    with pytest.raises(InputError, match=r"there are no weights .*eda train sizing"):
        Ensemble.load(tmp_path / "e.safetensors")
    trained.save(tmp_path / "e.safetensors")
    (tmp_path / "e.safetensors").write_bytes(b"no tensors")
    with pytest.raises(InputError, match=r"must be weights as eda keeps them.*eda train sizing"):
        Ensemble.load(tmp_path / "e.safetensors")
    trained.save(tmp_path / "e.safetensors")
    (tmp_path / "e.json").write_text("{}")
    with pytest.raises(InputError, match="no ensemble of eda"):
        Ensemble.load(tmp_path / "e.safetensors")
    with pytest.raises(InputError, match="cannot write the ensemble"):
        trained.save(tmp_path / "nowhere" / "e.safetensors")


def test_too_few_simulations_are_refused():
    with pytest.raises(InputError, match="needs 20 simulations at least, but got 10"):
        Ensemble.fit(*_data(10), OUTPUTS)
