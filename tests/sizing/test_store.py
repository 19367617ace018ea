import json
import math
import os
import sqlite3
import subprocess
import sys
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eda.errors import RunStoreError
from eda.problem import Evaluation
from eda.simulation import Status
from eda.sizing import RunStore
from eda.sizing.store import Record, read_run
from eda.testbench import Guard

numbers = st.floats(allow_nan=False)
values = st.dictionaries(st.text(min_size=1, max_size=5), numbers, max_size=4)
texts = st.text(max_size=20)
evaluations = st.builds(
    Evaluation,
    values,
    st.sampled_from(Status),
    values,
    st.dictionaries(texts, texts, max_size=3),
    st.lists(st.builds(Guard, texts, numbers, texts), max_size=3).map(tuple),
    texts,
    st.floats(0, 1e6),
)
records = st.builds(
    Record,
    st.just(0),
    st.integers(0, 99),
    st.integers(0, 20),
    st.lists(st.floats(0, 1), max_size=5).map(tuple),
    evaluations,
)
fresh = count()


def _record(number, value=1.0):
    guards = (Guard("level", 0.5, "fine"),)
    evaluation = Evaluation({"x": value}, Status.OK, {"gain": value}, {"swing": "none"}, guards, "a log", 0.25)
    return Record(number, number // 4, number % 2, (value, 0.1 + 0.2), evaluation)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(records)
def test_a_row_comes_back_bit_for_bit(tmp_path, record):
    folder = tmp_path / str(next(fresh))
    with RunStore(folder, {}) as store:
        store.add(record)
        assert store.records() == [record]
    about, found, _ = read_run(folder)
    assert (about, found) == ({}, [record])
    # not compared by ==
    assert (found[0].evaluation.log, found[0].evaluation.seconds) == (record.evaluation.log, record.evaluation.seconds)


def test_a_margin_that_is_no_number_comes_back(tmp_path):
    with RunStore(tmp_path, {}) as store:
        store.add(Record(0, 0, 0, (), Evaluation({}, Status.OK, guards=(Guard("g", math.nan, ""),))))
        (found,) = store.records()
    assert math.isnan(found.evaluation.guards[0].margin)


def test_rows_come_in_the_order_of_their_numbers_and_reopening_keeps_them(tmp_path):
    with RunStore(tmp_path / "a" / "b", {"seed": 1}) as store:
        for number in (2, 0, 1):
            store.add(_record(number))
    with RunStore(tmp_path / "a" / "b", {"seed": 1}) as store:
        assert store.records() == [_record(number) for number in range(3)]


def test_a_number_is_written_once(tmp_path):
    with RunStore(tmp_path, {}) as store:
        store.add(_record(0))
        with pytest.raises(sqlite3.IntegrityError):
            store.add(_record(0, 2.0))
        assert store.records() == [_record(0)]


def test_a_row_is_on_disk_when_add_returns(tmp_path):
    script = (
        "import os, sys; from pathlib import Path\n"
        "from eda.problem import Evaluation; from eda.simulation import Status\n"
        "from eda.sizing import RunStore; from eda.sizing.store import Record\n"
        "store = RunStore(Path(sys.argv[1]), {'a': 1})\n"
        "store.add(Record(0, 0, 0, (0.5,), Evaluation({'x': 1.0}, Status.OK)))\n"
        "os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, tmp_path], check=False).returncode == 9
    expected = [Record(0, 0, 0, (0.5,), Evaluation({"x": 1.0}, Status.OK))]
    assert read_run(tmp_path) == ({"a": 1}, expected, {})
    with RunStore(tmp_path, {"a": 1}) as store:
        assert store.records() == expected


def test_a_run_in_use_is_refused_with_the_process(tmp_path):
    with (
        RunStore(tmp_path, {}) as store,
        pytest.raises(RunStoreError, match=rf"in use by process {os.getpid()}; .*--run-dir"),
    ):
        RunStore(tmp_path, {})
    with RunStore(tmp_path, {}) as again:
        assert again.records() == []
    assert store is not again


def test_a_run_can_be_read_while_it_is_in_use(tmp_path):
    with RunStore(tmp_path, {"a": 1}) as store:
        store.add(_record(0))
        assert read_run(tmp_path) == ({"a": 1}, [_record(0)], {})


def test_another_run_is_refused_with_the_difference_and_left_alone(tmp_path):
    about = {"problem": {"specs": ["a"]}, "optimizer": {"seed": 0}, "same": (1, 2)}
    with RunStore(tmp_path, about) as store:
        store.add(_record(0))
    with pytest.raises(
        RunStoreError, match=r"holds another run \(different: extra, optimizer.seed\).*--run-dir"
    ) as caught:
        RunStore(tmp_path, {**about, "optimizer": {"seed": 1}, "extra": 1})
    # the refused opener holds nothing, although its traceback lives
    with RunStore(tmp_path, about) as store:
        assert store.records() == [_record(0)]
    del caught


@pytest.mark.parametrize("place", ["file", "file/run"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunStoreError, match=r"cannot write the run folder .*file.*--run-dir"):
        RunStore(tmp_path / place, {})
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    (tmp_path / "run.sqlite").write_text("in the way, and long enough to be looked at" * 50)
    with pytest.raises(RunStoreError, match="cannot write the run folder"):
        RunStore(tmp_path, {})
    assert (tmp_path / "run.sqlite").read_text().startswith("in the way")


def test_a_folder_without_a_run_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunStoreError, match=r"holds no run \(no run.sqlite\); give a folder"):
            read_run(folder)


def test_a_file_that_is_no_run_is_refused(tmp_path):
    path = tmp_path / "run.sqlite"
    for content in (b"", b"no database " * 100):
        path.write_bytes(content)
        with pytest.raises(RunStoreError, match=r"run\.sqlite is no run of eda"):
            read_run(tmp_path)
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT)")
    database.close()
    with pytest.raises(RunStoreError, match=r"run\.sqlite is no run of eda"):
        read_run(tmp_path)


@pytest.mark.parametrize("name", ["a b", "a#b", "a?b", "a%20b", "ä"])
def test_any_folder_name_will_do(tmp_path, name):
    with RunStore(tmp_path / name, {}) as store:
        store.add(_record(0))
    assert read_run(tmp_path / name) == ({}, [_record(0)], {})


def test_the_description_is_compared_as_json(tmp_path):
    about = {"pair": (1, 2), "text": "µ", "number": 0.1 + 0.2}
    with RunStore(tmp_path, about):
        pass
    with RunStore(tmp_path, json.loads(json.dumps(about))):
        assert read_run(tmp_path)[0] == json.loads(json.dumps(about))


def test_a_run_in_a_folder_that_cannot_be_written_is_read(tmp_path, monkeypatch):
    with RunStore(tmp_path, {"a": 1}) as store:
        store.add(_record(0))
    monkeypatch.setattr(os, "access", lambda *_: False)  # as root everything can be written
    assert read_run(tmp_path) == ({"a": 1}, [_record(0)], {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "run.sqlite"]
