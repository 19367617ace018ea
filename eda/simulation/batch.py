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
from eda.simulation.rawfile import read_raw
from eda.simulation.results import Simulation, Status, Waveforms, failure_status
from eda.simulation.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.simulation.deck import Deck
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
        with tempfile.TemporaryDirectory(prefix="eda-ngspice-") as name:
            folder = Path(name)
            folder.joinpath("deck.sp").write_text(job.deck.text(job.values))
            folder.joinpath(".spiceinit").write_text("\n".join((*job.deck.setup, "set num_threads=1", "")))
            # HOME: the user's own .spiceinit must not change results
            environment = {**os.environ, "HOME": name, "OMP_THREAD_LIMIT": "1"}
            command = [path, "-b", "-r", "out.raw", "deck.sp"]
            try:
                process = subprocess.run(
                    command, cwd=name, env=environment, capture_output=True, timeout=self.timeout, check=False
                )
            except subprocess.TimeoutExpired:
                return Simulation(Status.TIMEOUT, seconds=time.perf_counter() - start)
            log = (process.stdout + process.stderr).decode(errors="replace")
            raw = folder / "out.raw"
            analyses = _asked(job.deck, read_raw(raw), log) if raw.is_file() else {}
        seconds = time.perf_counter() - start
        complete = len(analyses) == len(job.deck.analyses)
        status = Status.OK if complete else Status.CRASHED if process.returncode < 0 else failure_status(log)
        return Simulation(status, analyses if complete else {}, log[-4000:], seconds)


def _asked(deck: Deck, found: Mapping[str, Waveforms], log: str) -> dict[str, Waveforms]:
    """The analyses of which every vector is there, with the vectors that the deck saves and no others."""
    # ngspice writes zeros for a quantity of a device that is not there, and a warning
    if re.search(r"unrecognized variable - @", log):
        return {}
    complete = {}
    for analysis in deck.analyses:
        names, waveforms = deck.saved_by(analysis.kind), found.get(analysis.kind)
        if waveforms is None or not all(name in waveforms.vectors for name in names):
            continue
        if analysis.kind == "op" or analysis.reached(float(waveforms.scale[-1])):
            complete[analysis.kind] = Waveforms(waveforms.scale, {name: waveforms.vectors[name] for name in names})
    return complete
