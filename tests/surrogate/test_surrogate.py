import json

import numpy as np
import pytest

from eda.errors import InputError
from eda.surrogate import Samples, Surrogate

RNG = np.random.default_rng(0)
POINTS = RNG.random((1500, 3))


def curve(points):
    """What is to be learned; designs with a large first variable do not work."""
    total = points @ [1.0, 2.0, -1.0]
    return {"bowl": ((points - 0.3) ** 2).sum(axis=1), "sum": total}, 0.8 - points[:, 0]


@pytest.fixture(scope="module")
def problem(bowl):
    return bowl()


@pytest.fixture(scope="module")
def surrogate(problem):
    values, margins = curve(POINTS)
    values["sum"] = np.where(POINTS[:, 1] > 0.95, np.nan, values["sum"])
    return Surrogate.fit(problem, Samples(POINTS, values, margins), rounds=12)


def test_it_predicts_what_it_has_learned(surrogate):
    new = np.random.default_rng(1).random((500, 3))
    values, margins = curve(new)
    found = surrogate.predict(new)
    for name, column in values.items():
        error = ((found.values[name] - column) ** 2).sum() / ((column - column.mean()) ** 2).sum()
        assert error < 0.01, name
    assert np.abs(found.margins - margins).mean() < 0.05
    assert surrogate.card["determination"]["bowl"] > 0.98
    assert surrogate.metrics == ("bowl", "sum")


def test_nine_in_ten_values_lie_in_the_intervals(surrogate):
    new = np.random.default_rng(2).random((3000, 3))
    new = new[(curve(new)[1] >= 0) & (new[:, 1] <= 0.95)]  # like those that intervals were made for
    values, _ = curve(new)
    found = surrogate.predict(new)
    for name, column in values.items():
        assert (found.low[name] <= found.values[name]).all()
        assert (found.values[name] <= found.high[name]).all()
        inside = (found.low[name] <= column) & (column <= found.high[name])
        assert 0.8 < inside.mean() < 0.99, name


def test_designs_outside_of_what_was_learned_are_told(surrogate):
    found = surrogate.predict(np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 1.2]]))
    assert found.inside.tolist() == [True, False]
    assert found.beyond == pytest.approx([0, 0.2])
    assert surrogate.predict(np.array([[-0.5, 0.5, 1.2]])).beyond == pytest.approx([0.5])


def test_designs_are_points_of_the_space(surrogate, problem):
    points = problem.space.snap(POINTS[:4])
    designs = [problem.space.decode(point) for point in points]
    one, other = surrogate.predict(points), surrogate.predict_designs(designs)
    np.testing.assert_allclose(one.values["sum"], other.values["sum"], rtol=1e-5)
    with pytest.raises(InputError, match="lacks 'x3'"):
        surrogate.predict_designs([{"x1": 0.1, "x2": 0.2}])
    low, high = problem.space.variables[0].low, problem.space.variables[0].high
    outside = surrogate.predict_designs([{**designs[0], "x1": high + 0.25 * (high - low)}])
    assert outside.beyond == pytest.approx([0.25])
    assert not outside.inside.any()
    assert len(surrogate.predict_designs([]).beyond) == 0


@pytest.mark.parametrize("points", [np.zeros((4, 2)), np.zeros(3)])
def test_points_of_another_space_are_refused(surrogate, points):
    with pytest.raises(InputError, match="n x 3"):
        surrogate.predict(points)


def test_large_batches_are_what_small_ones_are(surrogate):
    points = np.random.default_rng(3).random((45_000, 3))
    whole = surrogate.predict(points)
    for part in (slice(0, 10), slice(19_995, 20_005), slice(44_990, 45_000)):
        np.testing.assert_allclose(
            whole.values["bowl"][part], surrogate.predict(points[part]).values["bowl"], atol=1e-5
        )
    assert len(surrogate.predict(np.zeros((0, 3))).inside) == 0


def test_it_is_kept_with_its_card(surrogate, problem, tmp_path):
    path = tmp_path / "some.safetensors"
    Surrogate(surrogate.network, surrogate.scales, {**surrogate.card, "note": "of a test"}).save(path)
    again = Surrogate.load(path, problem)
    np.testing.assert_array_equal(again.predict(POINTS).values["sum"], surrogate.predict(POINTS).values["sum"])
    assert again.card["note"] == "of a test"
    assert again.card["simulations"] == 1500


def test_other_specs_are_the_same_problem_and_another_technology_is_not(surrogate, bowl, problem, tmp_path):
    path = tmp_path / "some.safetensors"
    surrogate.save(path)
    Surrogate.load(path, bowl(specs=["minimize sum"]))
    card = json.loads(path.with_suffix(".json").read_text())
    card["problem"]["technology"] = "sky130"
    path.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(InputError, match=r"another problem \(technology: sky130 there, generic here\)"):
        Surrogate.load(path, problem)


@pytest.mark.parametrize("change", [{"format": 7}, {"shape": {}}, {"quantities": None}])
def test_what_is_no_surrogate_is_refused(surrogate, change, tmp_path):
    path = tmp_path / "some.safetensors"
    surrogate.save(path)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, **change}))
    with pytest.raises(InputError, match="eda train surrogate"):
        Surrogate.load(path)


def test_too_few_simulations_are_refused(problem):
    values, margins = curve(POINTS[:20])
    with pytest.raises(InputError, match="50 simulations at least"):
        Surrogate.fit(problem, Samples(POINTS, values, margins)[:20])
    values, margins = curve(POINTS)
    with pytest.raises(InputError, match="0 of the simulated designs work"):
        Surrogate.fit(problem, Samples(POINTS, values, margins - 1))


def test_equal_seeds_give_equal_surrogates(problem):
    values, margins = curve(POINTS)
    one, same, other = (
        Surrogate.fit(problem, Samples(POINTS, values, margins), rounds=1, seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.predict(POINTS).values["sum"], same.predict(POINTS).values["sum"])
    assert not np.array_equal(one.predict(POINTS).values["sum"], other.predict(POINTS).values["sum"])


def test_a_training_that_was_stopped_before_its_end_gives_the_same_surrogate(problem, tmp_path, monkeypatch):
    for module in ("surrogate", "distillation"):
        monkeypatch.setattr(f"eda.surrogate.{module}._STEPS", 5)
    values, margins = curve(POINTS)
    samples, state = Samples(POINTS, values, margins), tmp_path / "some.state"
    whole = Surrogate.fit(problem, samples, rounds=2, state=state)
    again = Surrogate.fit(problem, samples, rounds=2, state=state)  # the ensemble is there, its pupil is not
    np.testing.assert_array_equal(again.scaled(POINTS)[1], whole.scaled(POINTS)[1])
    others = Samples(POINTS, {**values, "sum": values["sum"] + POINTS[:, 0]}, margins)
    with pytest.raises(InputError, match="kept by another training"):
        Surrogate.fit(problem, others, rounds=2, state=state)
