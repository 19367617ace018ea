import numpy as np
import pytest

from eda.surrogate import Samples


@pytest.fixture
def samples():
    values = {"sum": np.array([1.0, np.nan, 3.0, 4.0]), "bowl": np.array([1.0, 2.0, 3.0, 4.0])}
    return Samples(np.arange(8.0).reshape(4, 2) / 8, values, np.array([0.0, 0.5, -0.1, 1.0]))


def test_designs_work_where_guards_hold_and_every_metric_is_defined(samples):
    assert samples.guarded.tolist() == [True, True, False, True]
    assert samples.working.tolist() == [True, False, False, True]


def test_some_rows_and_some_metrics_are_samples_too(samples):
    some = samples[samples.working].ordered(["bowl"])
    assert len(some) == 2
    assert list(some.values) == ["bowl"]
    np.testing.assert_array_equal(some.values["bowl"], [1.0, 4.0])
    np.testing.assert_array_equal(some.points, samples.points[[0, 3]])


def test_what_is_saved_is_read_again(samples, tmp_path):
    samples.save(tmp_path / "new" / "some.npz")
    again = Samples.load(tmp_path / "new" / "some.npz")
    np.testing.assert_array_equal(again.points, samples.points)
    np.testing.assert_array_equal(again.margins, samples.margins)
    assert list(again.values) == ["sum", "bowl"]
    np.testing.assert_array_equal(again.values["sum"], samples.values["sum"])
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["some.npz"]
