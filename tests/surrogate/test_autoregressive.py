import numpy as np
import pytest
import torch

from eda.errors import InputError
from eda.surrogate import Autoregressive, Samples

RNG = np.random.default_rng(0)
POINTS = RNG.random((500, 3))


def curve(points):
    """The bowl depends on the sum, and on what no variable says."""
    total = points @ [1.0, 2.0, -1.0]
    hidden = np.random.default_rng(len(points)).standard_normal(len(points))
    return {"sum": total + hidden, "bowl": (total + hidden) ** 2 / 10}, np.ones(len(points))


@pytest.fixture(scope="module")
def surrogate(bowl):
    values, margins = curve(POINTS)
    values["sum"] = np.where(POINTS[:, 1] > 0.97, np.nan, values["sum"])
    return Autoregressive.fit(bowl(), Samples(POINTS, values, margins), rounds=8)


def error(found, wanted):
    return ((found - wanted) ** 2).sum() / ((wanted - wanted.mean()) ** 2).sum()


def test_what_was_measured_helps_to_predict_what_comes_after(surrogate):
    new = np.random.default_rng(1).random((300, 3))
    values, _ = curve(new)
    alone = surrogate.predict(new)
    told = surrogate.predict(new, {"sum": values["sum"]})
    assert error(told["bowl"], values["bowl"]) < 0.1
    assert error(alone["bowl"], values["bowl"]) > 0.3, "the design does not say it"
    np.testing.assert_allclose(told["sum"], values["sum"], atol=0.01, err_msg="what is measured is not predicted")


def test_a_metric_does_not_see_those_after_it(surrogate):
    new = np.random.default_rng(2).random((20, 3))
    values, _ = curve(new)
    one, other = surrogate.predict(new), surrogate.predict(new, {"bowl": values["bowl"] + 1})
    np.testing.assert_allclose(one["sum"], other["sum"], rtol=1e-6)


@torch.inference_mode()
def test_in_training_a_prediction_does_not_see_its_target(surrogate):
    points, values = torch.rand(5, 3), torch.randn(5, 2)
    other = values.clone()
    other[:, 1] += 3
    torch.testing.assert_close(surrogate.network(points, values), surrogate.network(points, other))
    other[:, 0] += 3
    found = surrogate.network(points, values) - surrogate.network(points, other)
    assert (found[:, 0] == 0).all()
    assert (found[:, 1] != 0).all()


def test_unknown_metrics_and_wrong_points_are_explained(surrogate):
    with pytest.raises(InputError, match="'gain'"):
        surrogate.predict(POINTS, {"gain": POINTS[:, 0]})
    with pytest.raises(InputError, match="n x 3"):
        surrogate.predict(POINTS[:, :2])


def test_a_stopped_training_goes_on(bowl, tmp_path):
    values, margins = curve(POINTS)
    state = tmp_path / "a.state"
    whole = Autoregressive.fit(bowl(), Samples(POINTS, values, margins), rounds=2, seed=3)
    Autoregressive.fit(bowl(), Samples(POINTS, values, margins), rounds=2, seed=3, state=state)
    again = Autoregressive.fit(bowl(), Samples(POINTS, values, margins), rounds=2, seed=3, state=state)
    np.testing.assert_allclose(whole.predict(POINTS)["bowl"], again.predict(POINTS)["bowl"], rtol=1e-5)
