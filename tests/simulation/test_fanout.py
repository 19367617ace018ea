"""Whatever runs the chunks, the results are those of a plain pool; no worker that is lost takes a result with it."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from eda.errors import InputError, SimulatorError
from eda.simulation import Ac, Deck, ExecutorSimulator, Job, Op, Simulation, Simulator, Status, Tran, WorkerPool, fanout
from eda.simulation import chunks as worker_side

pytestmark = pytest.mark.ngspice

DECK = Deck("", "v1 a 0 {x}\nr1 a 0 1k", {"x": 1.0}, (Op(),), ("v(a)",))
RC = Deck("", "v1 in 0 dc 1 ac 1\nr1 in out {x}\nc1 out 0 1n", {"x": 1e3}, (Op(), Ac(1, 1e9, 5)), ("v(out)", "i(v1)"))
BUSY = Deck("", "v1 a 0 sin({x} 1 1g)\nr1 a 0 1", {"x": 1.0}, (Op(), Tran(1e-11, 2e-7)), ("v(a)",))
SPAWN = partial(ProcessPoolExecutor, 2, mp_context=get_context("spawn"))


def _jobs(deck, count, first=1):
    return [Job(deck, {"x": float(first + i)}) for i in range(count)]


def _values(results):
    return [round(r.analyses["op"].value("v(a)"), 12) if r.ok else r.status for r in results]


def _bytes(results):
    return [
        {(kind, name): vector.tobytes() for kind, waves in r.analyses.items() for name, vector in waves.vectors.items()}
        for r in results
    ]


@pytest.fixture(scope="module")
def spawned():
    with SPAWN() as executor, ExecutorSimulator(executor) as simulator:
        yield simulator


@pytest.mark.parametrize("chunk", [1, 3, 10])
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_results_depend_neither_on_the_executor_nor_on_the_chunks(request, pool, kind, chunk):
    jobs = [job for pair in zip(_jobs(RC, 12, 100), _jobs(BUSY, 12), strict=True) for job in pair]
    expected = _bytes(pool.simulate(jobs))
    with contextlib.ExitStack() as stack:
        if kind == "threads":
            executor = stack.enter_context(ThreadPoolExecutor(2))
        else:
            executor = request.getfixturevalue("spawned").start()
        simulator = stack.enter_context(ExecutorSimulator(executor, chunk=chunk, in_flight=4))
        found = simulator.simulate(jobs)
        assert simulator.version == pool.version
    assert all(result.ok for result in found)
    assert _bytes(found) == expected


def test_no_jobs_no_results_and_no_executor():
    def never():
        raise AssertionError

    assert ExecutorSimulator(never).simulate([]) == []


class Recorder(Executor):
    """Runs calls one after the other when they are awaited, and counts what is under way."""

    def __init__(self):
        self.sizes, self.most, self.waiting = [], 0, 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(1)

    def submit(self, function, /, *args, **keywords):
        if function is worker_side.run_chunk and args[1] is not None:
            self.sizes.append(len(args[1].indices))
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
        future = self._threads.submit(function, *args, **keywords)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _):
        with self._lock:
            self.waiting -= 1

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def test_chunks_hold_one_deck_and_few_are_under_way():
    with Recorder() as recorder, ExecutorSimulator(recorder, chunk=5, in_flight=3) as simulator:
        jobs = [job for pair in zip(_jobs(DECK, 23), _jobs(BUSY, 23), strict=True) for job in pair]
        assert _values(simulator.simulate(jobs)) == [i for i in range(1, 24) for _ in range(2)]
        assert recorder.sizes == [5, 5, 5, 5, 3] * 2
        assert recorder.most <= 3


def test_a_run_of_few_jobs_is_spread_over_the_workers():
    with Recorder() as recorder, ExecutorSimulator(recorder, chunk=10, in_flight=8) as simulator:
        simulator.simulate(_jobs(DECK, 4))
        assert recorder.sizes == [1, 1, 1, 1]


def test_jobs_that_are_added_during_a_run_belong_to_it(spawned):
    jobs, values = _jobs(DECK, 4), {}
    for index, result in spawned.run(jobs):
        values[index] = round(result.analyses["op"].value("v(a)"))
        if len(jobs) < 10:
            jobs += _jobs(DECK, 2, first=len(jobs) + 1)
    assert values == {index: index + 1 for index in range(10)}


def test_results_arrive_while_others_are_under_way(spawned):
    simulator = ExecutorSimulator(spawned.start(), chunk=1, in_flight=2)
    endless = Deck("", "v1 a 0 sin(0 1 1g)\nr1 a 0 1", {"x": 0.0}, (Tran(1e-11, 1e-4),), ("v(a)",))
    slow = ExecutorSimulator(spawned.start(), chunk=1, in_flight=2, inner=WorkerPool(1, timeout=3))
    with slow:
        order = [index for index, _ in slow.run([Job(endless), *_jobs(DECK, 4)])]
    assert order[-1] == 0
    assert sorted(order) == [0, 1, 2, 3, 4]
    simulator.close()


def _kill_one(executor):
    os.kill(next(iter(executor._processes)), signal.SIGKILL)


def test_a_killed_process_of_the_executor_costs_no_result(pool, processes):
    jobs, seen, before = _jobs(BUSY, 40), {}, processes.below()
    with ExecutorSimulator(SPAWN, chunk=2, in_flight=4) as simulator:
        results = {}
        for index, result in simulator.run(jobs):
            assert index not in results
            results[index] = result
            if len(results) in {4, 20}:
                seen |= {pid: folder for pid, folder in processes.simulators().items() if pid not in before}
                _kill_one(simulator.start())
        found = [results[index] for index in range(40)]
    assert len(seen) >= 3
    assert processes.left(seen, seen.values()) == []
    assert _bytes(found) == _bytes(pool.simulate(jobs))


def test_a_process_killed_between_runs_is_replaced():
    with ExecutorSimulator(SPAWN) as simulator:
        assert _values(simulator.simulate(_jobs(DECK, 3))) == [1, 2, 3]
        first = simulator.start()
        _kill_one(first)
        time.sleep(0.3)
        assert _values(simulator.simulate(_jobs(DECK, 3, 7))) == [7, 8, 9]
        assert simulator.start() is not first


def test_an_executor_that_was_given_and_breaks_is_an_error_after_every_finished_result():
    with SPAWN() as executor, ExecutorSimulator(executor, chunk=2, in_flight=4) as simulator:
        found = {}

        def run():
            for index, result in simulator.run(_jobs(BUSY, 40)):
                found[index] = result
                if len(found) == 6:
                    _kill_one(executor)

        with pytest.raises(SimulatorError, match=r"the executor is broken \(BrokenProcessPool.*partial\(ProcessPool"):
            run()
        assert 6 <= len(found) < 40
        assert all(_values([result]) == [index + 1] for index, result in found.items())
        with pytest.raises(SimulatorError, match="the executor is broken"):
            simulator.simulate(_jobs(DECK, 1))


def test_an_executor_that_is_shut_down_is_told():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(SimulatorError, match="cannot schedule new futures after shutdown"):
        ExecutorSimulator(executor).simulate(_jobs(DECK, 1))


@dataclass
class Deadly(Simulator):
    """Ends its process when x is 13."""

    version = "deadly"

    def run(self, jobs):
        for index, job in enumerate(jobs):
            if job.values["x"] == 13:
                os.kill(os.getpid(), signal.SIGKILL)
            yield index, Simulation(Status.OK, log=str(job.values["x"]))

    def close(self):
        pass


@pytest.fixture
def importable(monkeypatch):
    """Spawned workers can import this module."""
    monkeypatch.setitem(sys.modules, "test_fanout", sys.modules[__name__])
    monkeypatch.setattr(Deadly, "__module__", "test_fanout")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.mark.parametrize("chunk", [1, 4])
def test_a_job_that_ends_its_worker_every_time_is_a_crash_and_no_other_is(importable, chunk):
    with ExecutorSimulator(SPAWN, chunk=chunk, in_flight=4, inner=Deadly()) as simulator:
        results = simulator.simulate(_jobs(DECK, 16))
    assert [result.ok for result in results] == [x != 13 for x in range(1, 17)]
    assert results[12].status is Status.CRASHED
    assert "the worker was lost 3 times" in results[12].log


class Late(SpawnContext.Process):
    """A process whose start begins late, or ends late, so that the one before it may be gone by then."""

    begins = ends = 0.0  # seconds

    def start(self):
        time.sleep(self.begins)
        super().start()
        time.sleep(self.ends)


@pytest.mark.parametrize("part", ["begins", "ends"])
def test_a_process_that_starts_while_the_executor_breaks_holds_nothing_up(importable, monkeypatch, part):
    monkeypatch.setattr(Late, "__module__", "test_fanout")
    monkeypatch.setattr(Late, part, 1.0)
    context, before = SpawnContext(), active_children()
    context.Process = Late
    late = partial(ProcessPoolExecutor, 2, mp_context=context)
    with ExecutorSimulator(late, chunk=1, in_flight=4, inner=Deadly()) as simulator:
        results = simulator.simulate(_jobs(DECK, 4, first=13))
    assert [result.ok for result in results] == [False, True, True, True]
    assert set(active_children()) <= set(before)


class RefusesAtFirst(ProcessPoolExecutor):
    """Its first call fails as one does for which a process is started while pipes are closed."""

    errors: ClassVar[list[Exception]] = []

    def submit(self, function, /, *args, **keywords):
        if self.errors:
            raise self.errors.pop()
        return super().submit(function, *args, **keywords)


@pytest.mark.parametrize("error", [OSError("handle is closed"), ValueError("bad value(s) in fds_to_keep")])
def test_an_executor_that_cannot_start_a_process_is_replaced(importable, monkeypatch, error):
    monkeypatch.setattr(RefusesAtFirst, "errors", [error])
    refusing = partial(RefusesAtFirst, 1, mp_context=get_context("spawn"))
    with ExecutorSimulator(refusing, chunk=1, inner=Deadly()) as simulator:
        results = simulator.simulate(_jobs(DECK, 2, first=20))
    assert [result.ok for result in results] == [True, True]
    assert not RefusesAtFirst.errors


class TakesWhileItBreaks(ProcessPoolExecutor):
    """Never ends a call that comes between the end of a process and the word of it."""

    def submit(self, function, /, *args, **keywords):
        future = super().submit(function, *args, **keywords)
        chunk = args[1]
        return Future() if chunk is not None and chunk.values[0]["x"] == 14 and chunk.losses == 0 else future


def test_a_call_that_an_executor_forgets_while_it_breaks_is_sent_again(importable, monkeypatch):
    monkeypatch.setattr(fanout, "_END_SECONDS", 0.3)
    forgetful = partial(TakesWhileItBreaks, 2, mp_context=get_context("spawn"))
    with ExecutorSimulator(forgetful, chunk=1, in_flight=2, inner=Deadly()) as simulator:
        results = simulator.simulate(_jobs(DECK, 3, first=13))
    assert [result.ok for result in results] == [False, True, True]


def _fail():
    raise AssertionError("workers that cannot start")


def test_an_executor_whose_workers_never_start_is_an_error_and_no_crash_of_a_job(importable, monkeypatch):
    monkeypatch.setattr(_fail, "__module__", "test_fanout")
    with ExecutorSimulator(partial(SPAWN, initializer=_fail)) as simulator, pytest.raises(SimulatorError) as caught:
        simulator.simulate(_jobs(DECK, 2))
    assert "broke 3 times before it ran anything" in str(caught.value)
    assert "__main__" in str(caught.value)


class Versions(Executor):
    """Answers as if ngspice were another one on every call."""

    def __init__(self):
        self.number = 38

    def submit(self, function, /, *args, **keywords):
        self.number += 1
        future = Future()
        future.set_result(worker_side.Answer(("host", self.number), f"ngspice-{self.number}", [None] * 9))
        return future


def test_workers_with_different_simulators_are_refused():
    with pytest.raises(SimulatorError, match=r"differ: ngspice-4\d on host, ngspice-39 elsewhere"):
        ExecutorSimulator(Versions()).simulate(_jobs(DECK, 9))


class Raises(Executor):
    def submit(self, function, /, *args, **keywords):
        future = Future()
        future.set_exception(ModuleNotFoundError("No module named 'eda'"))
        return future


def test_a_worker_without_eda_is_an_error_that_says_so():
    with pytest.raises(SimulatorError, match=r"ModuleNotFoundError: No module named 'eda'.*same version of eda"):
        ExecutorSimulator(Raises()).simulate(_jobs(DECK, 1))


def test_a_missing_library_in_a_worker_is_told_with_the_remedy(tmp_path, monkeypatch):
    trap = "import ctypes.util\nctypes.util.find_library = lambda name: '/no/such/libngspice.so'"
    (tmp_path / "sitecustomize.py").write_text(trap)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with ExecutorSimulator(SPAWN) as simulator, pytest.raises(SimulatorError, match="apt-get install ngspice"):
        simulator.simulate(_jobs(DECK, 1))


def test_a_run_that_is_given_up_cancels_what_has_not_begun_and_leaves_no_old_result(spawned):
    simulator = ExecutorSimulator(spawned.start(), chunk=1, in_flight=16)
    for _ in simulator.run(_jobs(BUSY, 200)):
        break
    start = time.monotonic()
    assert _values(simulator.simulate(_jobs(DECK, 4, 50))) == [50, 51, 52, 53]
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("kind", ["threads", "processes", "factory"])
def test_close_stops_the_simulators_in_the_workers_and_it_may_be_used_again(kind, processes):
    with contextlib.ExitStack() as stack:
        make = {"threads": partial(ThreadPoolExecutor, 2), "processes": SPAWN, "factory": SPAWN}[kind]
        simulator = ExecutorSimulator(make if kind == "factory" else stack.enter_context(make()), chunk=2)
        for first in (1, 10):
            before = processes.below()
            assert _values(simulator.simulate(_jobs(DECK, 8, first))) == list(range(first, first + 8))
            mine = {pid: folder for pid, folder in processes.simulators().items() if pid not in before}
            assert mine
            assert all(folder.is_dir() for folder in mine.values())
            simulator.close()
            assert processes.left(mine, mine.values(), within=0) == []


def test_closing_after_a_run_was_given_up_waits_for_what_has_begun(processes):
    before = processes.below()
    with ThreadPoolExecutor(2) as executor:
        simulator = ExecutorSimulator(executor, chunk=5)
        for _ in simulator.run(_jobs(BUSY, 100)):
            break
        mine = {pid: folder for pid, folder in processes.simulators().items() if pid not in before}
        assert mine
        simulator.close()
        assert processes.left(mine, mine.values(), within=0) == []
        assert not processes.simulators().keys() - before


def test_a_simulator_that_nobody_asks_for_is_stopped(monkeypatch, processes):
    monkeypatch.setattr(worker_side, "_IDLE_SECONDS", 0.5)
    monkeypatch.setattr(worker_side, "_shelves", {})
    before = processes.below()
    with ThreadPoolExecutor(1) as executor:
        assert _values(ExecutorSimulator(executor).simulate(_jobs(DECK, 3))) == [1, 2, 3]
        mine = {pid: folder for pid, folder in processes.simulators().items() if pid not in before}
        assert len(mine) == 1
        assert processes.left(mine, mine.values()) == []


SCRIPT = """
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import active_children, get_context
from multiprocessing.context import SpawnContext
from eda.simulation import Deck, ExecutorSimulator, Job, Op, Tran
if __name__ == "__main__":
    deck = Deck("", "v1 a 0 sin({x} 1 1g)\\nr1 a 0 1", {"x": 1.0}, (Op(), Tran(1e-11, 2e-7)), ("v(a)",))
    with ExecutorSimulator(partial(ProcessPoolExecutor, 2, mp_context=get_context("spawn"))) as simulator:
        for index, _ in simulator.run([Job(deck, {"x": float(i)}) for i in range(10000)]):
            print(index, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_when_the_script_is_interrupted_or_killed_nothing_is_left(tmp_path, number, processes):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen([sys.executable, str(script)], **pipes) as process:
        process.stdout.readline()
        below, mine = processes.below(process.pid), processes.simulators(process.pid)
        assert len(below) >= 4
        assert mine
        os.killpg(process.pid, number)  # as the terminal does with Ctrl-C
        process.communicate(timeout=30)
    assert processes.left(below, mine.values(), within=10) == []


def test_what_is_no_executor_is_refused():
    with pytest.raises(InputError, match="an executor, or a function that makes one"):
        ExecutorSimulator(3)
    for bad in ({"chunk": 0}, {"in_flight": 0}, {"attempts": 0}):
        with pytest.raises(InputError, match="must hold"):
            ExecutorSimulator(SPAWN, **bad)


def test_chunks_travel_small():
    many = pickle.dumps(next(worker_side.split([Job(RC, {"x": float(i)}) for i in range(10)], 10)))
    assert many.count(b"r1 in out") == 1
    assert np.isclose(len(many), 1000, atol=600)
