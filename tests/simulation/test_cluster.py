"""A Dask cluster on this machine: results of a plain pool, a killed worker costs none, nothing is left."""

import contextlib
import logging
import os
import signal
import socket
import sys
import time

import pytest

from eda.errors import InputError, SimulatorError
from eda.simulation import Ac, Deck, ExecutorSimulator, Job, Op, Tran, connect

pytestmark = [pytest.mark.ngspice, pytest.mark.cluster]

RC = Deck("", "v1 in 0 dc 1 ac 1\nr1 in out {x}\nc1 out 0 1n", {"x": 1e3}, (Op(), Ac(1, 1e9, 5)), ("v(out)", "i(v1)"))
BUSY = Deck("", "v1 a 0 sin({x} 1 1g)\nr1 a 0 1", {"x": 1.0}, (Op(), Tran(1e-11, 2e-7)), ("v(a)",))


def _jobs(deck, count):
    return [Job(deck, {"x": float(1 + i)}) for i in range(count)]


def _bytes(results):
    return [
        {(kind, name): vector.tobytes() for kind, waves in r.analyses.items() for name, vector in waves.vectors.items()}
        for r in results
    ]


@contextlib.contextmanager
def _cluster(workers):
    from distributed import LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a killed worker is what some tests want
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(n_workers=workers, **options) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def cluster():
    with _cluster(2) as cluster:
        yield cluster


def _simulators(cluster, processes):
    """Folders of the processes that hold libngspice below the cluster's workers, by process."""
    nannies = [nanny.pid for nanny in cluster.workers.values()]
    return {pid: folder for nanny in nannies for pid, folder in processes.simulators(nanny).items()}


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_cluster_gives_the_results_of_a_pool_and_keeps_no_simulator(cluster, pool, processes, chunk):
    jobs = _jobs(RC, 30) + _jobs(BUSY, 10)
    with connect(cluster.scheduler_address, chunk=chunk) as simulator:
        assert _bytes(simulator.simulate(jobs)) == _bytes(pool.simulate(jobs))
        assert simulator.version == pool.version
        mine = _simulators(cluster, processes)
        assert len(mine) >= 2
    assert processes.left(mine, mine.values(), within=0.5) == []
    assert not _simulators(cluster, processes)


def test_a_client_of_the_user_stays_open(cluster, pool):
    from distributed import Client

    with Client(cluster) as client:
        for _ in range(2):
            with ExecutorSimulator(client.get_executor()) as simulator:
                assert _bytes(simulator.simulate(_jobs(RC, 5))) == _bytes(pool.simulate(_jobs(RC, 5)))
        assert client.submit(abs, -3).result() == 3


def test_a_killed_worker_of_the_cluster_costs_no_result(cluster, pool, processes):
    jobs = _jobs(BUSY, 60)
    with connect(cluster.scheduler_address, chunk=2) as simulator:
        results = {}
        for index, result in simulator.run(jobs):
            assert index not in results
            results[index] = result
            if len(results) == 10:
                victim = next(nanny.pid for nanny in cluster.workers.values() if processes.simulators(nanny.pid))
                orphans = processes.simulators(victim)
                os.kill(victim, signal.SIGKILL)
        assert _bytes([results[i] for i in range(60)]) == _bytes(pool.simulate(jobs))
    assert processes.left(orphans, orphans.values()) == []


def test_when_a_cluster_ends_without_a_word_to_us_nothing_is_left(processes):
    with _cluster(1) as cluster:
        simulator = connect(cluster.scheduler_address)
        assert all(result.ok for result in simulator.simulate(_jobs(RC, 3)))
        mine = _simulators(cluster, processes)
        assert mine
    assert processes.left(mine, mine.values()) == []
    simulator.close()


def test_where_no_scheduler_answers_it_is_told_soon():
    start = time.monotonic()
    with pytest.raises(SimulatorError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 "):
        connect("tcp://127.0.0.1:9", timeout=1)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("address", ["", "login1", "tcp://login1", "tcp://:8786", "tcp://login1:port"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(InputError, match=rf"reads like tcp://login1:8786, but got {address!r}"):
        connect(address, timeout=1)


@pytest.fixture
def stranger():
    """Somebody who listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(("scheme", "error"), [("tcp", SimulatorError), ("foo", InputError)])
def test_who_listens_but_is_no_scheduler_is_told(stranger, scheme, error):
    for _ in range(3):
        with pytest.raises(error, match=f"{scheme}://127.0.0.1:{stranger}"):
            connect(f"{scheme}://127.0.0.1:{stranger}", timeout=0.3)


def test_without_dask_the_error_names_the_extra(monkeypatch, stranger):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'pip install "analog-eda\[cluster\]"'):
        connect(f"tcp://127.0.0.1:{stranger}")


def test_a_client_that_closed_itself_is_an_error_of_the_scheduler():
    with _cluster(1) as cluster, connect(cluster.scheduler_address, timeout=1) as simulator:
        assert all(result.ok for _, result in simulator.run(_jobs(BUSY, 2)))
        cluster.close()
        client = simulator.start()._client
        deadline = time.monotonic() + 60
        while client.status != "closed":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with pytest.raises(SimulatorError, match="no Dask scheduler answers"):
            list(simulator.run(_jobs(BUSY, 2)))


def test_a_scheduler_that_goes_away_is_an_error_and_no_crash_of_a_job():
    with _cluster(1) as cluster, connect(cluster.scheduler_address, chunk=1, timeout=2) as simulator:
        found = {}

        def run():
            for index, result in simulator.run(_jobs(BUSY, 1000)):
                found[index] = result
                if len(found) == 5:
                    cluster.close()

        with pytest.raises(SimulatorError, match="no Dask scheduler answers"):
            run()
        assert len(found) >= 5
        assert all(result.ok for result in found.values())
