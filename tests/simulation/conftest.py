"""What the tests of backends in other processes share: finding those processes, and seeing that they are gone."""

import contextlib
import os
import time
from pathlib import Path

import pytest


def _parents():
    table = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":  # ended, and not yet collected by the container's init
                table[int(entry.name)] = int(parent)
    return table


def _below(pid):
    table, found, new = _parents(), set(), {pid}
    while new:
        new = {number for number, parent in table.items() if parent in new} - found
        found |= new
    return found


class Processes:
    """Processes below one, and the folders in which libngspice runs there."""

    def below(self, pid=None):
        return _below(pid or os.getpid())

    def simulators(self, pid=None):
        """Folders of the processes below that hold libngspice, by process."""
        found = {}
        for number in self.below(pid):
            with contextlib.suppress(OSError):
                if "eda.simulation.worker" in Path(f"/proc/{number}/cmdline").read_text():
                    found[number] = Path(f"/proc/{number}/cwd").readlink()
        return found

    def left(self, pids=(), folders=(), within=5.0):
        """What is still there of them after some seconds."""
        deadline = time.monotonic() + within
        while True:
            running = _parents()
            left = [pid for pid in pids if pid in running] + [folder for folder in folders if folder.exists()]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.05)


@pytest.fixture
def processes():
    return Processes()
