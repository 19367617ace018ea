"""The reference backend: one plain `ngspice -b` per evaluation, as a user would run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import SimulatorError
from eda.simulation.control import control_text, measures_in, plain_results, results
from eda.simulation.measures import MEASURE_DIGITS, split_measures
from eda.simulation.results import LONGEST, Simulation, Status, failure_status, timed_out
from eda.simulation.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.simulation.simulator import Job

__all__ = ["INSTALL_HINT", "BatchSimulator"]

INSTALL_HINT = "install it: apt-get install ngspice libngspice0 (Fedora: dnf install ngspice libngspice; macOS: brew)"


class BatchSimulator(Simulator):
    """Runs each job by `ngspice -b` in a private folder.

    Args:
        executable: name or path of ngspice.
        timeout: seconds after which an evaluation is given up.
    """

    def __init__(self, executable: str = "ngspice", *, timeout: float = 60.0) -> None:
        self.executable, self.timeout = executable, timeout

    @cached_property
    def version(self) -> str:
        """Name and version of the simulator."""
        text = subprocess.run([self._path(), "--version"], capture_output=True, text=True, check=False).stdout
        match = re.search(r"ngspice-(\S+)", text)
        return f"ngspice-{match[1]}" if match else "ngspice (unknown version)"

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs one after the other."""
        for index, job in enumerate(jobs):
            yield index, self._one(job)

    def close(self) -> None:
        """Nothing stays open."""

    def _path(self) -> str:
        found = shutil.which(self.executable)
        if found is None:
            raise SimulatorError(f"{self.executable!r} was not found on the PATH; {INSTALL_HINT}")
        return found

    def _one(self, job: Job) -> Simulation:
        path, start = self._path(), time.perf_counter()
        if reason := job.deck.impossible(job.deck.values(job.values)):
            return Simulation(Status.IMPOSSIBLE_SIZE, log=reason)
        plain = job.deck.plain
        text = job.deck.text(job.values) if plain else control_text(job.deck, job.values)
        command = [path, "-b", *(["-r", "0.raw"] if plain else []), "deck.sp"]
        with tempfile.TemporaryDirectory(prefix="eda-ngspice-") as name:
            folder = Path(name)
            folder.joinpath("deck.sp").write_text(text, encoding="utf-8")
            folder.joinpath(".spiceinit").write_text("\n".join((*job.deck.setup, "set num_threads=1", "")))
            # HOME: the user's own .spiceinit must not change results
            environment = {**os.environ, "HOME": name, "OMP_THREAD_LIMIT": "1", **MEASURE_DIGITS}
            try:
                process = subprocess.run(
                    command,
                    cwd=name,
                    env=environment,
                    capture_output=True,
                    timeout=min(self.timeout, LONGEST),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return timed_out(self.timeout)
            said, complaints = (text.decode(errors="replace") for text in (process.stdout, process.stderr))
            analyses = plain_results(job.deck, folder, complaints) if plain else results(job.deck, folder, complaints)
        log, seconds = said + complaints, time.perf_counter() - start
        if len(analyses) < len(job.deck.analyses):
            status = Status.CRASHED if process.returncode < 0 else failure_status(log)
            return Simulation(status, log=log[-4000:], seconds=seconds)
        numbers, reasons = split_measures(measures_in(job.deck, said, complaints))
        return Simulation(Status.OK, analyses, log[-4000:], seconds, numbers, reasons)
