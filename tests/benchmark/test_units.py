import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eda.benchmark.units import fingerprint, run_units
from eda.errors import EDAError, RunStoreError


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


@pytest.mark.parametrize("processes", [1, 2])
def test_a_unit_that_fails_takes_no_other_with_it(tmp_path, capsys, processes):
    with pytest.raises(EDAError, match=r"1 of 4 units of work failed; of doubles: . of 4: -1: ValueError: negative"):
        run_units(double, [{"n": n} for n in (1, -1, 2, 3)], run_dir=tmp_path, name="doubles", processes=processes)
    kept = [json.loads(line)["unit"]["n"] for line in (tmp_path / "doubles.jsonl").read_text().splitlines()]
    assert sorted(kept) == [1, 2, 3]
    assert "-1: failed: ValueError: negative" in capsys.readouterr().err


def test_equal_units_are_worked_on_once(tmp_path):
    found = run_units(double, [{"n": 4}, {"n": 4}], run_dir=tmp_path, name="doubles", processes=1)
    assert [row["twice"] for row in found] == [8, 8]
    assert len((tmp_path / "doubles.jsonl").read_text().splitlines()) == 1


def test_a_folder_that_cannot_be_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunStoreError, match=r"cannot write .*doubles.jsonl: Not a directory; choose another --run-dir"):
        run_units(double, [{"n": 1}], run_dir=tmp_path / "file" / "runs", name="doubles")


def test_a_line_that_was_cut_short_is_done_again(tmp_path):
    run_units(double, [{"n": 1}], run_dir=tmp_path, name="doubles", processes=1)
    path = tmp_path / "doubles.jsonl"
    path.write_text(path.read_text() + '{"key": "ab')
    for _ in range(2):  # what was cut short does not spoil what is written behind it
        assert run_units(double, [{"n": 1}, {"n": 2}], run_dir=tmp_path, name="doubles", processes=1)[1]["twice"] == 4
    assert len(path.read_text().splitlines()) == 3


def test_a_file_of_something_else_is_explained(tmp_path):
    (tmp_path / "doubles.jsonl").write_text("{}\n")
    with pytest.raises(RunStoreError, match=r"doubles.jsonl:1 is no result of a suite"):
        run_units(double, [{"n": 1}], run_dir=tmp_path, name="doubles")


def test_fingerprints_tell_data_apart_whatever_the_order():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def wait(unit):
    with Path(unit["_log"]).open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(60)
    return {}


@pytest.mark.slow
def test_processes_end_with_the_one_that_started_them_even_if_it_is_killed(tmp_path):
    log = tmp_path / "log"
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_units import wait; from eda.benchmark.units import run_units\n"
        "units = [{'n': n, '_log': sys.argv[2]} for n in range(2)]\n"
        "run_units(wait, units, run_dir=Path(sys.argv[3]), name='waits', processes=2)\n"
    )
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((here, str(Path.cwd())))}
    parent = subprocess.Popen(
        [sys.executable, "-c", program, here, str(log), str(tmp_path)], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while not log.exists() or len(log.read_text().splitlines()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        children = [int(line) for line in log.read_text().splitlines()]
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        parent.kill()
