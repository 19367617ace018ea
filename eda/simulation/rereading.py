"""Reading the results of a plain deck again: names and units are those of the first time, only numbers are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eda.simulation.reading import complete_sweep, scale_name
from eda.simulation.results import Simulation, Status, Waveforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck
    from eda.simulation.ngspice import NgSpice

__all__ = ["Rereader"]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to read of one analysis: ngspice's names, encoded once."""

    analysis: Analysis
    scale: bytes | None
    vectors: tuple[tuple[str, bytes], ...]
    units: Mapping[str, str]
    scale_unit: str

    def read(self, spice: NgSpice) -> Waveforms | None:
        """The waveforms; `None` when they are not complete."""
        scale = None if self.scale is None else spice.values(self.scale)
        sweep = complete_sweep(self.analysis, scale)
        if sweep is None:
            return None
        length = 1 if self.scale is None else len(sweep)
        found: dict[str, NDArray[Any]] = {}
        for name, encoded in self.vectors:
            vector = spice.values(encoded)
            if vector is None or len(vector) != length:
                return None
            found[name] = vector
        return Waveforms(sweep, found, self.units, self.scale_unit)


class Rereader:
    """Reads what `read_all` reads, in half the time.

    Args:
        deck: a plain deck.
        first: its results, read before.
    """

    def __init__(self, deck: Deck, first: Simulation) -> None:
        self._plans = []
        for analysis in deck.analyses:
            waves, scale = first.analyses[analysis.name], scale_name(analysis)
            plot = f"{analysis.kind}1"
            vectors = tuple((name, f"{plot}.{name}".encode()) for name in waves.vectors)
            encoded = f"{plot}.{scale}".encode() if scale else None
            self._plans.append(_Plan(analysis, encoded, vectors, waves.units, waves.scale_unit))

    def read(self, spice: NgSpice) -> Simulation | None:
        """The results of the analyses that have just been run; `None` when one is not there in full."""
        analyses = {}
        for plan in self._plans:
            waves = plan.read(spice)
            if waves is None:
                return None
            analyses[plan.analysis.name] = waves
        return Simulation(Status.OK, analyses)
