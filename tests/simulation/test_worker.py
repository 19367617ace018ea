"""The worker program by itself, driven by its two pipes."""

import os
import subprocess
import sys
import time
from multiprocessing import Pipe

import pytest

from eda.simulation import Deck, Op, Status
from eda.simulation.wire import PROGRESS_BYTES, Unpacker

pytestmark = pytest.mark.ngspice

DECK = Deck("", "v1 a 0 {x}\nr1 a 0 1k", {"x": 1.0}, (Op(),), ("v(a)",))


@pytest.fixture
def worker(tmp_path):
    ours, theirs = Pipe()
    watched, lifeline = os.pipe()
    folder = tmp_path / "worker"
    folder.mkdir()
    shared = os.open(tmp_path / "progress", os.O_RDWR | os.O_CREAT)
    os.ftruncate(shared, PROGRESS_BYTES)
    command = [sys.executable, "-m", "eda.simulation.worker", str(theirs.fileno()), str(watched), "exact", str(shared)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    fds = (theirs.fileno(), watched, shared)
    with subprocess.Popen(command, pass_fds=fds, cwd=folder, env=environment) as process:
        theirs.close()
        os.close(watched)
        os.close(shared)
        assert ours.recv()[0] == "ready"
        yield process, ours, lifeline, folder
        process.kill()


def test_it_keeps_its_deck_and_forgets_the_values_of_the_job_before(worker):
    process, ours, lifeline, folder = worker
    ours.send((0, DECK))
    found = []
    unpacker = Unpacker()
    for values in ({}, {"x": 2.0}, {}):
        ours.send([(0, values)])
        (packed,), fit = ours.recv()
        assert fit
        result = unpacker.unpack(packed)
        assert result.status is Status.OK
        assert result.seconds > 0
        found.append(result.analyses["op"].value("v(a)"))
    assert found == pytest.approx([1, 2, 1])
    ours.close()
    process.wait(5)
    assert not folder.exists()
    os.close(lifeline)


def test_after_a_fatal_input_it_answers_and_leaves(worker):
    process, ours, lifeline, _ = worker
    ours.send((0, Deck("", "r1 a 0 {missing}", {}, (Op(),), ("v(a)",))))
    ours.send([(0, {})])
    (result,), fit = ours.recv()
    assert result.status is Status.BAD_DECK
    assert not fit
    assert process.wait(5) == 0
    os.close(lifeline)


def test_when_the_parents_ends_close_it_leaves_with_its_folder(worker):
    process, ours, lifeline, folder = worker
    ours.close()  # a dying parent's descriptors close one after the other
    time.sleep(0.05)
    os.close(lifeline)
    process.wait(5)
    assert not folder.exists()
