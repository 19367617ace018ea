"""Reading the results of a deck again: names and units are those of the first time, only numbers are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.reading import complete_sweep, plot_before, read, scale_name
from eda.simulation.results import Waveforms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.simulation.analyses import Analysis
    from eda.simulation.library import Library

__all__ = ["Rereader"]

_SAME_EVERY_TIME = frozenset({"op", "ac", "dc", "tran", "noise"})  # others have as many vectors as roots, say


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to read of one plot: ngspice's names, encoded once."""

    analysis: Analysis
    scale: bytes | None
    vectors: tuple[tuple[str, bytes], ...]
    totals: tuple[tuple[str, bytes], ...]
    first: Waveforms

    @classmethod
    def of(cls, plot: str, spectrum: str, analysis: Analysis, first: Waveforms) -> _Plan:
        """What to read where `first` has been read; of noise, the vectors are in the plot of the spectrum."""
        scale = scale_name(analysis)
        return cls(
            analysis,
            f"{spectrum}.{scale}".encode() if scale else None,
            tuple((name, f"{spectrum}.{name}".encode()) for name in first.vectors),
            tuple((name, f"{plot}.{name}".encode()) for name in first.totals),
            first,
        )

    def read(self, library: Library) -> Waveforms | None:
        """The waveforms; `None` when they are not complete."""
        sweep = complete_sweep(self.analysis, None if self.scale is None else library.values(self.scale))
        vectors = _values(library, self.vectors, 1 if sweep is None or self.scale is None else len(sweep))
        totals = _values(library, self.totals, 1)
        if sweep is None or vectors is None or totals is None:
            return None
        integrals = {name: float(np.real(vector[0])) for name, vector in totals.items()}
        return Waveforms(sweep, vectors, self.first.units, self.first.scale_unit, integrals, self.first.outer)


def _values(library: Library, names: Sequence[tuple[str, bytes]], length: int) -> Mapping[str, NDArray[Any]] | None:
    """Vectors by name; `None` when one is not there in its length."""
    found = {}
    for name, encoded in names:
        vector = library.values(encoded)
        if vector is None or len(vector) != length:
            return None
        found[name] = vector
    return found


class Rereader:
    """Reads what `read` reads, from the second time on without looking up names and units; for one deck."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, str, str], _Plan] = {}

    def read(self, library: Library, plot: str, analysis: Analysis, names: Sequence[str]) -> Waveforms | None:
        """See `eda.simulation.reading.read`."""
        spectrum = plot_before(library, plot) if analysis.kind == "noise" else plot
        key = analysis.name, plot, spectrum
        plan = self._plans.get(key)
        if plan is not None:
            return plan.read(library)
        waveforms = read(library, plot, analysis, names)
        if waveforms is not None and analysis.kind in _SAME_EVERY_TIME:
            self._plans[key] = _Plan.of(plot, spectrum, analysis, waveforms)
        return waveforms
