"""Operating points of MOS transistors: currents, conductances, voltages and the region that each works in."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from eda.errors import InputError
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from eda.simulation.results import Waveforms

__all__ = ["LEAKAGE", "QUANTITIES", "OperatingPoint", "Transistor", "operating_point", "saved_quantities"]

QUANTITIES = ("id", "gm", "gds", "vgs", "vds", "vdsat")
"""Quantities of a transistor that every MOS model of ngspice has; the threshold is `vth` or `von`."""

LEAKAGE = 10e-9
"""Drain current, A, below which a transistor under its threshold is cut off."""

Region = Literal["cutoff", "triode", "saturation"]


@dataclass(frozen=True, slots=True)
class Transistor:
    """Operating point of one transistor; voltages and current as an n-channel device has them, so mostly positive.

    Attributes:
        name: its name in the netlist.
        region: `cutoff` with the gate below the threshold and less than 10 nA of drain current; otherwise `saturation`
            with |vds| of at least |vdsat|, `triode` below it. A device in weak inversion that carries more than that
            is not cut off, though its `vov` is negative.
        id: drain current, A.
        gm: transconductance, S.
        gds: output conductance, S.
        vgs: gate-source voltage, V.
        vds: drain-source voltage, V.
        vth: threshold voltage, V.
        vdsat: saturation voltage, V.
    """

    name: str
    region: Region
    id: float
    gm: float
    gds: float
    vgs: float
    vds: float
    vth: float
    vdsat: float

    @property
    def vov(self) -> float:
        """Overdrive `vgs - vth`, V; negative in weak inversion."""
        return self.vgs - self.vth

    @property
    def gm_over_id(self) -> float:
        """Efficiency `gm / |id|`, 1/V; 0 without current."""
        return self.gm / abs(self.id) if self.id else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name."""
        return {**asdict(self), "vov": self.vov, "gm_over_id": self.gm_over_id}


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Operating points of the transistors of a circuit.

    Attributes:
        transistors: one each, in the order of the netlist.
    """

    transistors: tuple[Transistor, ...]

    def __getitem__(self, name: str) -> Transistor:
        found = next((transistor for transistor in self.transistors if transistor.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain values by name of the transistor."""
        return {transistor.name: transistor.to_dict() for transistor in self.transistors}

    def __str__(self) -> str:
        head = ("", "region", "id", "gm", "gds", "gm/id", "vgs", "vth", "vov", "vds", "vdsat")
        rows = [head, *(_row(transistor) for transistor in self.transistors)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.ljust(w) if column < 2 else cell.rjust(w)
                for column, (cell, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        )


def saved_quantities(paths: Iterable[str], *, threshold: str = "vth") -> tuple[str, ...]:
    """Vectors that a deck saves so that `operating_point` finds what it needs.

    Args:
        paths: ngspice paths of the transistors, as `Deck.transistors` has them.
        threshold: `vth` for BSIM models, `von` for levels 1 to 6, which call it so.
    """
    return tuple(f"@{path}[{name}]" for path in paths for name in (*QUANTITIES, threshold))


def operating_point(point: Waveforms, transistors: Mapping[str, str]) -> OperatingPoint:
    """Operating point of each transistor.

    Args:
        point: results of `Op` with the vectors of `saved_quantities`.
        transistors: ngspice paths of the transistors by name.

    Raises:
        InputError: a quantity was not saved.
    """
    return OperatingPoint(tuple(_transistor(name, path, point) for name, path in transistors.items()))


def _transistor(name: str, path: str, point: Waveforms) -> Transistor:
    threshold = next((word for word in ("vth", "von") if f"@{path}[{word}]" in point.vectors), "vth")
    for quantity in (*QUANTITIES, threshold):
        if f"@{path}[{quantity}]" not in point.vectors:
            raise InputError(f"the deck must save `@{path}[{quantity}]` (see `saved_quantities`), but it did not")
    value = {quantity: point.value(f"@{path}[{quantity}]") for quantity in (*QUANTITIES, threshold)}
    # levels 1 to 6 give `von` and `vdsat` of p-channel devices their true signs, and all others reversed ones
    vth = math.copysign(1.0, value["vdsat"]) * value.pop(threshold)
    value["vdsat"] = abs(value["vdsat"])
    return Transistor(name, _region(value, vth), vth=vth, **value)


def _region(value: Mapping[str, float], vth: float) -> Region:
    if value["vgs"] < vth and abs(value["id"]) < LEAKAGE:
        return "cutoff"
    return "saturation" if abs(value["vds"]) >= value["vdsat"] else "triode"


def _row(transistor: Transistor) -> tuple[str, ...]:
    currents = [(transistor.id, "A"), (transistor.gm, "S"), (transistor.gds, "S"), (transistor.gm_over_id, "/V")]
    voltages = (transistor.vgs, transistor.vth, transistor.vov, transistor.vds, transistor.vdsat)
    cells = [format_quantity(value, unit, 3) for value, unit in currents]
    return (transistor.name, transistor.region, *cells, *(f"{voltage:.3f} V" for voltage in voltages))
