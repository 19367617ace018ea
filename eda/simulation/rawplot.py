"""One plot of an ngspice raw file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.quantities import unit_of
from eda.simulation.results import Waveforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["RawPlot"]

# parts of what ngspice calls its plots
_KINDS = {
    "operating point": "op",
    "ac analysis": "ac",
    "dc transfer": "dc",
    "transient analysis": "tran",
    "noise": "noise",
    "transfer function": "tf",
    "pole-zero": "pz",
    "sensitivity": "sens",
    "sp analysis": "sp",
}


@dataclass(frozen=True, slots=True)
class RawPlot:
    """One plot of a raw file.

    Attributes:
        name: what was run, in ngspice's words, such as `AC Analysis`.
        vectors: values by name in the order of the file, the swept quantity first; all real or all complex.
        types: ngspice's types of the vectors by name, such as `voltage`.
        title: title of the circuit.
    """

    name: str
    vectors: Mapping[str, NDArray[Any]]
    types: Mapping[str, str] = field(default_factory=dict)
    title: str = "eda"

    @property
    def kind(self) -> str:
        """Kind of the analysis: `op`, `ac`, `dc`, `tran`, `noise` ...; empty when it is none of ours."""
        return next((kind for text, kind in _KINDS.items() if text in self.name.lower()), "")

    def waveforms(self) -> Waveforms:
        """The plot as waveforms, the first vector as the scale; operating points have none."""
        names = list(self.vectors)
        first = "" if self.kind in {"op", "tf", "pz"} or self.name.startswith("Integrated") else names[0]
        scale = np.real(self.vectors[first]).astype(np.float64) if first else np.empty(0)
        units = {name: unit_of(name, self.types.get(name, "notype")) for name in names}
        return Waveforms(scale, dict(self.vectors), units, units.get(first, ""))
