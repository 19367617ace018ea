"""The program of a process in which PySpice simulates one deck; `eda.simulation.pyspice` starts it.

Started as `python -m eda.simulation.pyspice_worker JOBS LIFELINE STRICT`. When the lifeline closes, the parent is gone.

What PySpice 1.5 needs for ngspice 39:

- The path of the library: it looks for `libngspice.so`, which only Debian's -dev package has.
- `remcirc` and `destroy all` around every load, which its own simulator does in part: after a deck that ngspice
  refuses, `run` would run the one before and give its values; and every circuit would stay in memory.
- One process a deck, and not for ever: settings stay, and a deck with an undefined parameter ends it.
- A second look at its errors: whatever ngspice writes on stderr counts as one, also "Checking parameters for
  BSIM 4.5 model" and "Dynamic gmin stepping completed", so that every run of such a model fails.
- Its message "Unsupported Ngspice version 39" can be ignored: it takes the vector types of version 34, which are equal.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import os
import shutil
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.analyses import Ac, Dc, Tran
from eda.simulation.results import Simulation, Status, Waveforms, failure_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck

__all__ = ["PySpice", "main"]

_SCALES = {"ac": "frequency", "dc": "sweep", "tran": "time"}  # what PySpice's analyses call them


class PySpice:
    """PySpice's shared ngspice, for one deck.

    Args:
        strict: whether an error of PySpice is a failure also where the result is complete.
    """

    def __init__(self, *, strict: bool) -> None:
        from PySpice.Spice.NgSpice.Shared import NgSpiceShared  # noqa: PLC0415 - an optional dependency

        NgSpiceShared.LIBRARY_PATH = ctypes.util.find_library("ngspice") or "libngspice.so.0"
        self.strict = strict
        self._shared = NgSpiceShared.new_instance()
        self._shared.exec_command("set num_threads=1")
        self._log: list[str] = []

    @property
    def version(self) -> str:
        """Name and version of the library."""
        return f"ngspice-{self._shared.ngspice_version}"

    def prepare(self, deck: Deck) -> None:
        """Settings that the deck of this process needs."""
        for command in deck.setup:
            self._shared.exec_command(command)

    def run(self, deck: Deck, values: Mapping[str, float]) -> Simulation:
        """Run each analysis of the deck in a circuit of its own, as PySpice's simulators do."""
        self._log.clear()
        analyses: dict[str, Waveforms] = {}
        for analysis in deck.analyses:
            text = replace(deck, analyses=(analysis,)).text(values)
            waveforms = self._analysis(text, analysis, deck.saved_by(analysis.kind))
            if waveforms is None:
                return Simulation(failure_status(self.log), log=self.log)
            analyses[analysis.name] = waveforms
        return Simulation(Status.OK, analyses)

    @property
    def log(self) -> str:
        """What ngspice and PySpice said in this job."""
        return "\n".join(self._log)[-4000:]

    def _analysis(self, text: str, analysis: Analysis, names: tuple[str, ...]) -> Waveforms | None:
        refusal = self._attempt(lambda: self._shared.load_circuit(text))
        refusal = refusal or self._attempt(self._shared.run)
        plot = self._shared.last_plot
        complete = plot.startswith(analysis.kind) and "unrecognized variable - @" not in self.log
        found = self._vectors(plot, analysis, names) if complete and not (refusal and self.strict) else None
        if found is None and refusal:
            self._log.append(f"PySpice: error: {refusal}")
        self._shared.destroy()
        self._attempt(self._shared.remove_circuit)
        return found

    def _attempt(self, action: Any) -> str:
        """Do something; what PySpice raised, in words, or nothing."""
        refusal = ""
        try:
            action()
        except NameError as error:  # the base of PySpice's errors
            refusal = f"{type(error).__name__} {error}".strip()
        self._log += [self._shared.stdout, self._shared.stderr]
        return refusal

    def _vectors(self, plot: str, analysis: Analysis, names: tuple[str, ...]) -> Waveforms | None:
        result = self._shared.plot(None, plot).to_analysis()
        point = analysis.kind == "op"
        scale = np.empty(0) if point else np.real(_plain(getattr(result, _SCALES[analysis.kind])))
        length = 1 if point else len(scale)
        vectors = {name: vector for name in names if (vector := _named(result, name)) is not None}
        if len(vectors) < len(names) or any(len(vector) != length for vector in vectors.values()) or not length:
            return None
        if isinstance(analysis, Ac | Dc | Tran) and not analysis.reached(float(scale[-1])):
            return None
        return Waveforms(scale.astype(np.float64), vectors)


def _named(result: Any, name: str) -> NDArray[Any] | None:
    """A vector of one of PySpice's analyses by our name: `v(out)`, `i(vdd)`, `@m1[gm]`."""
    if name.startswith("@"):
        waveform = result.internal_parameters.get(name)
    else:
        group = result.nodes if name.startswith("v(") else result.branches
        waveform = group.get(name[2:-1])
    return None if waveform is None else _plain(waveform)


def _plain(waveform: Any) -> NDArray[Any]:
    """The numbers of a waveform of PySpice, in the base unit."""
    return np.array(waveform.as_ndarray())


def _leave(code: int) -> None:
    with contextlib.suppress(OSError):  # somebody may have removed it
        shutil.rmtree(Path.cwd(), ignore_errors=True)
    os._exit(code)  # ngspice's own clean-up has crashed before


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    _leave(1)


def _serve(jobs: Connection, spice: PySpice) -> None:
    """Run jobs until one fails: what it left in the library must not reach the next."""
    deck: Deck = jobs.recv()
    spice.prepare(deck)
    good = True
    while good:
        values: Mapping[str, float] = jobs.recv()
        start = time.perf_counter()
        result = spice.run(deck, values)
        good = result.ok
        jobs.send(replace(result, seconds=time.perf_counter() - start))


def main() -> None:
    """Serve the jobs of one deck until one fails or the other end closes."""
    jobs, lifeline = Connection(int(sys.argv[1])), int(sys.argv[2])
    threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            spice = PySpice(strict=sys.argv[3] == "strict")
        except (ImportError, OSError) as error:
            jobs.send(("missing", f"{type(error).__name__}: {error}"))
        else:
            jobs.send(("ready", spice.version))
            _serve(jobs, spice)
    _leave(0)


if __name__ == "__main__":
    main()
