import json

import pytest

from eda.benchmark.units import fingerprint, run_units
from eda.errors import RunStoreError


def double(unit):
    if unit["n"] < 0:
        raise ValueError("negative")
    return {"twice": 2 * unit["n"], "from": unit.get("_place")}


def test_results_come_in_order_and_are_not_computed_again(tmp_path):
    units = [{"n": n, "_place": "here"} for n in range(5)]
    found = run_units(double, units, run_dir=tmp_path, name="doubles", processes=2)
    assert [row["twice"] for row in found] == [0, 2, 4, 6, 8]
    elsewhere = [{"n": n, "_place": "there"} for n in (3, 7)]
    again = run_units(double, elsewhere, run_dir=tmp_path, name="doubles", processes=1)
    assert again == [{"twice": 6, "from": "here"}, {"twice": 14, "from": "there"}]
    assert len((tmp_path / "doubles.jsonl").read_text().splitlines()) == 6


def test_what_was_done_before_a_failure_is_kept(tmp_path):
    with pytest.raises(ValueError, match="negative"):
        run_units(double, [{"n": 1}, {"n": -1}, {"n": 2}], run_dir=tmp_path, name="doubles", processes=1)
    kept = [json.loads(line)["unit"] for line in (tmp_path / "doubles.jsonl").read_text().splitlines()]
    assert {"n": 1} in kept


def test_a_line_that_was_cut_short_is_done_again(tmp_path):
    run_units(double, [{"n": 1}], run_dir=tmp_path, name="doubles", processes=1)
    path = tmp_path / "doubles.jsonl"
    path.write_text(path.read_text() + '{"key": "ab')
    assert run_units(double, [{"n": 1}, {"n": 2}], run_dir=tmp_path, name="doubles", processes=1)[1]["twice"] == 4


def test_a_file_of_something_else_is_explained(tmp_path):
    (tmp_path / "doubles.jsonl").write_text("{}\n")
    with pytest.raises(RunStoreError, match=r"doubles.jsonl:1 is no result of a suite"):
        run_units(double, [{"n": 1}], run_dir=tmp_path, name="doubles")


def test_fingerprints_tell_data_apart_whatever_the_order():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
