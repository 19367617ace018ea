"""Units of ngspice's vectors, from their types and names.

Source: ngspice 39, `sim.h` (numbers of the types, as `ngGet_Vec_Info` gives them) and `typesdef.c` (their names, as the
raw file has them).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eda.simulation.analyses import Noise, Sens, Sp, Tf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.simulation.analyses import Analysis

__all__ = ["TYPE_NAMES", "type_name", "unit_of", "units_of"]

# by number; the names that ngspice writes into raw files
TYPE_NAMES = (
    *("notype", "time", "frequency", "voltage", "current", "voltage-density", "current-density"),
    *("voltage^2-density", "current^2-density", "voltage^2", "current^2", "pole", "zero", "s-param"),
    *("temp-sweep", "res-sweep", "impedance", "admittance", "power", "phase", "decibel", "capacitance", "charge"),
)
_UNITS = {
    "time": "s",
    "frequency": "Hz",
    "voltage": "V",
    "current": "A",
    "voltage-density": "V/√Hz",
    "current-density": "A/√Hz",
    "voltage^2-density": "V²/Hz",
    "current^2-density": "A²/Hz",
    "voltage^2": "V²",
    "current^2": "A²",
    "pole": "rad/s",
    "zero": "rad/s",
    "temp-sweep": "°C",
    "res-sweep": "Ω",
    "impedance": "Ω",
    "admittance": "S",
    "power": "W",
    "phase": "deg",
    "decibel": "dB",
    "capacitance": "F",
    "charge": "C",
}
_NAMES = (
    (re.compile(r"v\(.*\)|v-sweep"), "V"),
    (re.compile(r"i\(.*\)|i-sweep"), "A"),
    (re.compile(r"@.*\[(?:id|is|ig|ib|i|ic|ie)\]"), "A"),
    (re.compile(r"@.*\[(?:vgs|vds|vbs|vbd|vth|von|vdsat)\]"), "V"),
    (re.compile(r"@.*\[(?:gm|gds|gmbs|gmb)\]"), "S"),
    (re.compile(r"@.*\[c\w+\]"), "F"),
)


def type_name(number: int) -> str:
    """The name of a type of vector, by its number."""
    return TYPE_NAMES[number] if 0 <= number < len(TYPE_NAMES) else "notype"


def unit_of(name: str, kind: str = "notype") -> str:
    """Unit of a vector; empty when it has none, or none is known.

    Args:
        name: its name, such as `v(out)` or `@m1[gm]`.
        kind: name of its type, as ngspice writes it into raw files.
    """
    if kind in _UNITS:
        return _UNITS[kind]
    return next((unit for pattern, unit in _NAMES if pattern.fullmatch(name)), "")


def units_of(analysis: Analysis, kinds: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Units of the results of an analysis by name, also where ngspice says `voltage` of everything.

    Args:
        analysis: what was run.
        kinds: names of the vectors with their types.
    """
    units = {name: unit_of(name, kind) for name, kind in kinds}
    match analysis:
        case Noise():
            current = analysis.source.lower().startswith("i")
            return {name: _noise_unit(name, current=current) for name in units}
        case Tf():
            ratio = _ratio(analysis.output, analysis.source)
            return {name: "Ω" if name.endswith("impedance") else ratio for name in units}
        case Sp() | Sens():  # ratios, and units of the output by that of a parameter, which ngspice does not tell
            return dict.fromkeys(units, "")
    return units


def _noise_unit(name: str, *, current: bool) -> str:
    """Unit of a vector of a noise analysis, whose source may be a current source."""
    unit = "A" if current and name.startswith("inoise") else "V"
    return unit if "_total" in name else f"{unit}/√Hz"


def _ratio(output: str, source: str) -> str:
    """Unit of a transfer function: V/V and A/A have none."""
    above, below = ("A" if word.lower().startswith("i") else "V" for word in (output, source))
    return "" if above == below else f"{above}/{below}"
