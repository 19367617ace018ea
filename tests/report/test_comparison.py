import pytest

from eda.errors import InputError
from eda.report.comparison import Comparison
from eda.sizing import DifferentialEvolution, Sobol, size


def _run(problem, folder, seed, budget=32):
    return size(problem, Sobol(seed), budget=budget, run_dir=folder, progress=False)


def test_runs_stand_side_by_side(bowl, tmp_path):
    results = [_run(bowl(), tmp_path, seed) for seed in (0, 1)]
    comparison = Comparison(results)
    rows = comparison.rows()
    assert [row["run"] for row in rows] == ["sobol, seed 0", "sobol, seed 1"]
    assert [row["best bowl"] for row in rows] == [result.best.metrics["bowl"] for result in results]
    assert [row["first feasible"] for row in rows] == [result.first_feasible for result in results]
    assert "sobol, seed 1" in str(comparison)


def test_equal_names_are_told_apart_by_their_folders(bowl, tmp_path):
    optimizers = [DifferentialEvolution(0, population=count) for count in (8, 12)]
    results = [size(bowl(), one, budget=24, run_dir=tmp_path, progress=False) for one in optimizers]
    names = Comparison(results).names
    assert [name.split(" (")[1].rstrip(")") for name in names] == [result.folder.name for result in results]


def test_the_page_has_both_curves(bowl, tmp_path):
    path = Comparison([_run(bowl(), tmp_path, seed) for seed in (0, 1)]).save(tmp_path / "compare.html")
    text = path.read_text()
    assert "sobol, seed 0" in text
    assert text.count("data-plot") >= 1


def test_runs_of_other_specs_are_refused(bowl, tmp_path):
    results = [_run(bowl(), tmp_path, 0), _run(bowl(specs=("sum >= 1 V",)), tmp_path, 0)]
    with pytest.raises(InputError, match="the same specs"):
        Comparison(results)


def test_none_is_an_error():
    with pytest.raises(InputError, match="at least one run"):
        Comparison([])
