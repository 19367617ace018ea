"""Workers are expendable: killed, hung, recycled or orphaned, no result is wrong and nothing is left behind."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from eda.errors import SimulatorError
from eda.simulation import BatchSimulator, Deck, Job, Op, Status, Tran, WorkerPool

pytestmark = pytest.mark.ngspice

DECK = Deck("", "v1 a 0 {x}\nr1 a 0 1k", {"x": 1.0}, (Op(),), ("v(a)",))
ENDLESS = Deck("", "v1 a 0 sin(0 1 1g)\nr1 a 0 1", {}, (Tran(1e-11, 1),), ("v(a)",))
BUSY = Deck("", "v1 a 0 sin({x} 1 1g)\nr1 a 0 1", {"x": 1.0}, (Op(), Tran(1e-11, 2e-7)), ("v(a)",))


def _jobs(deck, count, first=0):
    return [Job(deck, {"x": float(first + i)}) for i in range(count)]


def _values(results):
    """Values of x; ngspice is right to one unit in the last place."""
    return [round(r.analyses["op"].value("v(a)"), 12) if r.ok else r.status for r in results]


def _runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # ended, and not yet collected by the container's init


def _left(pids, folders, within=5.0):
    """Waits until processes and folders are gone; what is left of them."""
    deadline = time.monotonic() + within
    left = True
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in pids if _runs(pid)] + [str(f) for f in folders if Path(f).exists()]
    return left


def _traces(pool):
    return [w.process.pid for w in pool._alive], [w.folder for w in pool._alive]


def test_version_names_the_library(pool):
    assert pool.version.startswith("ngspice-")


def test_killed_workers_cost_no_result():
    with WorkerPool(2) as pool:
        results = {}
        for index, result in pool.run(_jobs(BUSY, 12)):
            results[index] = result
            if len(results) in {1, 5, 8}:
                os.kill(pool._alive[len(results) % 2].process.pid, signal.SIGKILL)
        assert _values([results[i] for i in range(12)]) == list(range(12))


def test_a_worker_killed_between_runs_is_replaced():
    with WorkerPool(1) as pool:
        assert _values(pool.simulate(_jobs(DECK, 2))) == [0, 1]
        os.kill(pool._alive[0].process.pid, signal.SIGKILL)
        pool._alive[0].process.wait()
        assert _values(pool.simulate(_jobs(DECK, 2, 5))) == [5, 6]


def test_a_job_that_kills_two_workers_is_a_crash():
    with WorkerPool(1, timeout=30) as pool:
        pool.simulate([Job(DECK)])

        def kill(count=2):
            killed = set()
            deadline = time.monotonic() + 20
            while len(killed) < count and time.monotonic() < deadline:
                time.sleep(0.01)
                for worker in list(pool._alive):
                    if ENDLESS in worker.decks and worker.process.pid not in killed:
                        killed.add(worker.process.pid)
                        worker.process.kill()

        thread = threading.Thread(target=kill)
        thread.start()
        results = pool.simulate([Job(ENDLESS), *_jobs(DECK, 2, 3)])
        thread.join()
        assert _values(results) == [Status.CRASHED, 3, 4]


def test_a_hung_job_times_out_and_the_others_do_not():
    with WorkerPool(2, timeout=1.0) as pool:
        pool.simulate(_jobs(DECK, 2))
        pids, folders = _traces(pool)
        start = time.monotonic()
        assert _values(pool.simulate([Job(ENDLESS), *_jobs(DECK, 6)])) == [Status.TIMEOUT, *range(6)]
        assert 1.0 <= time.monotonic() - start < 3.0
        assert _left(set(pids) - set(_traces(pool)[0]), set(folders) - set(_traces(pool)[1])) == []
        assert _values(pool.simulate(_jobs(DECK, 2, 7))) == [7, 8]


def test_workers_are_recycled(monkeypatch):
    monkeypatch.setattr("eda.simulation.pool._RECYCLE", 3)
    with WorkerPool(1) as pool:
        seen, found = set(), {}
        for index, result in pool.run(_jobs(DECK, 10)):
            found[index] = result
            seen.update(worker.process.pid for worker in pool._alive)
        assert _values([found[i] for i in range(10)]) == list(range(10))
        # the tenth job runs on the fourth process; a process that has just been retired is not seen
        assert len(seen) == 4


def test_a_deck_that_ends_its_process_before_its_first_job_is_a_crash():
    deadly = Deck("", "v1 a 0 1\nr1 a 0 1", {}, (Op(),), ("v(a)",), setup=("quit",))
    with WorkerPool(2) as pool:
        results = pool.simulate([*_jobs(DECK, 2), Job(deadly), *_jobs(DECK, 4, 2)])
        assert [r.ok for r in results] == [True, True, False, True, True, True, True]
        assert _values(results[3:]) == [2, 3, 4, 5]


def test_many_jobs_come_back_in_lists_each_with_its_own_result():
    with WorkerPool(2) as pool:
        order = [index for index, _ in pool.run(_jobs(DECK, 300))]
        assert sorted(order) == list(range(300))
        assert _values(pool.simulate(_jobs(DECK, 300))) == list(range(300))


def test_jobs_that_are_added_during_a_run_belong_to_it():
    with WorkerPool(2) as pool:
        jobs, order = _jobs(DECK, 2), []
        for index, _ in pool.run(jobs):
            order.append(index)
            if len(jobs) < 40:
                jobs += _jobs(DECK, 1)
        assert sorted(order) == list(range(40))


def test_workers_have_a_job_in_hand_while_others_are_added():
    with WorkerPool(2) as pool:
        jobs, most = _jobs(DECK, 4), 0
        for _ in pool.run(jobs):
            most = max(most, *(len(worker.tasks) for worker in pool._alive))
            if len(jobs) < 40:
                jobs += _jobs(DECK, 1)
        assert most == 2


def test_a_worker_killed_with_jobs_ahead_costs_none_of_them():
    with WorkerPool(2) as pool:
        results, answered = {}, []
        for index, result in pool.run(_jobs(DECK, 200)):
            results[index] = result
            answered.append(index)
            if len(answered) in {40, 90, 130}:
                os.kill(pool.processes[0], signal.SIGKILL)
        assert sorted(answered) == list(range(200))
        assert _values([results[i] for i in range(200)]) == list(range(200))


def test_two_runs_at_a_time_do_not_take_each_others_results():
    with WorkerPool(2) as pool, contextlib.closing(pool.run(_jobs(DECK, 6))) as outer:
        index, result = next(outer)
        found = {index: result}
        try:
            inner = pool.simulate(_jobs(DECK, 6, 100))
        except SimulatorError:  # refusing is an answer, too
            return
        found.update(outer)
        assert _values(inner) == [100, 101, 102, 103, 104, 105]
        assert _values([found[i] for i in sorted(found)]) == [0, 1, 2, 3, 4, 5]


def test_a_run_that_is_given_up_leaves_no_old_result_for_the_next():
    with WorkerPool(2) as pool:
        for _ in pool.run(_jobs(BUSY, 6)):
            break
        assert _values(pool.simulate(_jobs(DECK, 4, 50))) == [50, 51, 52, 53]


def test_close_leaves_no_process_and_no_folder_and_the_pool_may_be_used_again():
    pool = WorkerPool(2)
    for first in (0, 10):
        assert _values(pool.simulate(_jobs(DECK, 3, first))) == [first, first + 1, first + 2]
        pids, folders = _traces(pool)
        assert len(pids) == 2
        assert all(map(_runs, pids))
        assert all(folder.is_dir() for folder in folders)
        pool.close()
        assert _left(pids, folders, within=0.5) == []
    pool.close()


def test_a_forgotten_pool_is_cleaned_up():
    pool = WorkerPool(1)
    pool.simulate([Job(DECK)])
    pids, folders = _traces(pool)
    del pool
    assert _left(pids, folders) == []


PARENT = """
from eda.simulation import Deck, Job, Op, Tran, WorkerPool
pool = WorkerPool(2)
pool.simulate([Job(Deck("", "v1 a 0 1\\nr1 a 0 1", {}, (Op(),), ("v(a)",)))] * 2)
for worker in pool._alive:
    print(worker.process.pid, worker.folder, flush=True)
print("ready", flush=True)
jobs = [Job(Deck("", "v1 a 0 sin(0 1 1g)\\nr1 a 0 1", {}, (Tran(1e-11, 1),), ("v(a)",)))] * 2
if BUSY:
    pool.simulate(jobs)
else:
    input()
"""


@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_parent_dies_nothing_is_left(number, busy):
    command = [sys.executable, "-c", PARENT.replace("BUSY", str(busy))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as parent:
        lines = [line.split() for line in iter(parent.stdout.readline, "ready\n")]
        pids, folders = [int(pid) for pid, _ in lines], [folder for _, folder in lines]
        assert len(pids) == 2
        assert all(map(_runs, pids))
        time.sleep(0.2)  # into the simulation, or into input()
        parent.send_signal(number)
        error = parent.communicate(timeout=20)[1]
    assert ("KeyboardInterrupt" in error) == (number is signal.SIGINT)
    assert _left(pids, folders) == []


@pytest.mark.parametrize(
    ("trap", "message"),
    [
        (
            "import ctypes.util\nctypes.util.find_library = lambda name: '/no/such/libngspice.so'",
            r"shared library cannot be loaded .*libngspice\.so.*apt-get install ngspice libngspice0",
        ),
        ("import sys\nif 'eda.simulation.worker' in sys.orig_argv:\n    sys.exit(3)", "ended before they were ready"),
    ],
    ids=["missing library", "broken start"],
)
def test_a_worker_that_cannot_start_is_told_with_the_remedy(tmp_path, monkeypatch, trap, message):
    (tmp_path / "sitecustomize.py").write_text(trap)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pool = WorkerPool(2)
    with pytest.raises(SimulatorError, match=message):
        pool.simulate([Job(DECK)] * 2)
    assert pool._alive == []


def test_a_worker_killed_while_it_starts_is_started_again(tmp_path, monkeypatch):
    marker = tmp_path / "killed once"
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib, signal, sys\n"
        f"marker = pathlib.Path({str(marker)!r})\n"
        "if 'eda.simulation.worker' in sys.orig_argv and not marker.exists():\n"
        "    marker.touch()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with WorkerPool(1) as pool:
        assert pool.simulate([Job(DECK)])[0].ok
    assert marker.exists()


def test_jobs_and_answers_larger_than_the_sockets_buffer_do_not_wait_for_each_other():
    names = [f"a_parameter_with_a_long_name_{n}" for n in range(1500)]
    body = "v1 out 0 sin(0 1 1meg)\nr1 out 0 {a_parameter_with_a_long_name_0}"
    deck = Deck("", body, dict.fromkeys(names, 1.0), (Tran(1e-9, 1e-5),), ("v(out)",))
    with WorkerPool(1, timeout=20) as pool:
        results = pool.simulate([Job(deck, dict.fromkeys(names, 2.0 + n)) for n in range(30)])
    assert all(result.ok for result in results)


def _simulate_in_child(pool, jobs, connection):
    connection.send((len(pool.processes), _values(pool.simulate(jobs))))
    pool.close()


def test_a_forked_process_has_workers_of_its_own():
    context = multiprocessing.get_context("fork")
    with WorkerPool(2) as pool:
        pool.simulate(_jobs(DECK, 4))
        mine = list(pool.processes)
        ours, theirs = context.Pipe()
        child = context.Process(target=_simulate_in_child, args=(pool, _jobs(DECK, 40, 100), theirs))
        child.start()
        assert _values(pool.simulate(_jobs(DECK, 40))) == list(range(40))
        assert ours.recv() == (0, list(range(100, 140)))
        child.join()
        assert pool.processes == mine
        assert all(folder.is_dir() for folder in pool.folders)


def test_a_worker_that_is_killed_in_the_middle_of_an_answer_costs_no_result(monkeypatch):
    with WorkerPool(1) as pool:
        pool.simulate(_jobs(DECK, 1))
        (worker,) = pool._alive

        def cut(*_):
            monkeypatch.undo()
            os.kill(worker.process.pid, signal.SIGKILL)
            raise OSError("got end of file during message")

        monkeypatch.setattr(worker.connection, "recv_bytes", cut)
        assert _values(pool.simulate(_jobs(DECK, 3))) == [0, 1, 2]


def test_who_waits_for_ever_may():
    with WorkerPool(1, timeout=float("inf")) as pool:
        assert _values(pool.simulate(_jobs(DECK, 2))) == [0, 1]
    with BatchSimulator(timeout=float("inf")) as simulator:
        assert _values(simulator.simulate(_jobs(DECK, 1))) == [0]
