"""What two dialects have in common: only this is written when a circuit goes from one to the other.

Sources: the manuals named in `eda.netlist.dialects`. What is not known to mean the same on both sides is left out here,
and so refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FUNCTIONS_OF",
    "INSTANCE",
    "LEVELS",
    "OPTIONS",
    "SETTINGS",
    "SOLVER_HINTS",
    "SPECTRE_MASTERS",
    "WAVES",
    "is_shared",
]

_PLAIN: Final = frozenset(
    {
        *("sqrt", "exp", "log", "ln", "log10", "abs", "min", "max", "int"),
        *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    }
)
FUNCTIONS_OF: Final[Mapping[str, frozenset[str]]] = {
    "ngspice": _PLAIN | {"floor", "ceil", "sgn", "ternary_fcn"},
    "hspice": _PLAIN | {"sgn"},
    "ltspice": _PLAIN | {"floor", "ceil", "sgn", "ternary_fcn"},
    "cdl": _PLAIN | {"sgn"},
    "spectre": _PLAIN | {"floor", "ceil"},
}
"""Functions, by their neutral names, that mean the same wherever they are listed; `pow` and `pwr` do not."""

SETTINGS: Final = frozenset({"yes", "no", "sat", "triode", "subth", "on", "off"})
"""Values that are words of a simulator, and no expressions."""

LEVELS: Final[Mapping[str, Mapping[str, str]]] = {
    "ngspice": {"1": "mos1", "2": "mos2", "3": "mos3", "8": "bsim3", "49": "bsim3", "14": "bsim4", "54": "bsim4"},
    "hspice": {"1": "mos1", "2": "mos2", "3": "mos3", "49": "bsim3", "54": "bsim4"},
    "ltspice": {"1": "mos1", "2": "mos2", "3": "mos3", "8": "bsim3", "14": "bsim4"},
    "spectre": {"1": "mos1", "2": "mos2", "3": "mos3", "49": "bsim3", "54": "bsim4"},
    "cdl": {},
}
"""MOS model levels and what they are; Spectre's are those that its masters are read as."""

INSTANCE: Final[Mapping[str, frozenset[str]]] = {
    "r": frozenset({"m", "tc1", "tc2", "w", "l"}),
    "c": frozenset({"m", "tc1", "tc2", "w", "l", "ic"}),
    "l": frozenset({"m", "tc1", "tc2", "ic"}),
    "d": frozenset({"m", "area", "pj", "off"}),
    "q": frozenset({"m", "area", "off"}),
    "j": frozenset({"m", "area", "off"}),
    "t": frozenset({"z0", "td", "f", "nl"}),
    **dict.fromkeys("vieghfb", frozenset({"m"})),
    **dict.fromkeys("kswozyup", frozenset[str]()),
}
"""Instance parameters that mean the same everywhere; those of M and X belong to their models."""

WAVES: Final[Mapping[str, Mapping[str, int]]] = {
    "ngspice": {"pulse": 8, "sin": 6, "exp": 6, "pwl": 10**6, "sffm": 5},
    "hspice": {"pulse": 7, "sin": 6, "exp": 6, "pwl": 10**6, "sffm": 5},
    "ltspice": {"pulse": 8, "sin": 6, "exp": 6, "pwl": 10**6, "sffm": 5},
    "spectre": {"pulse": 7, "sin": 6, "exp": 6, "pwl": 10**6},
    "cdl": {},
}
"""Transient functions, and how many arguments of each mean the same."""

SPECTRE_MASTERS: Final = frozenset(
    {
        *(
            "relay",
            "port",
            "iprobe",
            "switch",
            "transformer",
            "nport",
            "delay",
            "mtline",
            "pvcvs",
            "pvccs",
            "pcccs",
            "pccvs",
        ),
        *(
            "bsim3v3",
            "bsim4",
            "mos1",
            "mos2",
            "mos3",
            "bjt",
            "diode",
            "jfet",
            "vbic",
            "hicum",
            "psp103",
            "core",
            "winding",
        ),
    }
)
"""Primitives of Spectre that only it has."""

SOLVER_HINTS: Final = frozenset({"region"})
"""Parameters of Spectre that say where the solver should begin, and nothing about the circuit: left out elsewhere."""

OPTIONS: Final = frozenset({"tnom", "reltol", "abstol", "vntol", "gmin"})
"""Options of ngspice, HSPICE and LTspice that mean the same."""

_NUMBER: Final = r"[+-]?[\d.]+(?:e[+-]?\d+)?[a-z]*"
_POSITIVE: Final = r"(?=[\d.]*[1-9])[\d.]+(?:e[+-]?\d+)?[a-z]*"
_FORMS: Final = re.compile(
    rf"\.op|\.ac\s+(dec|oct|lin)\s+\d+\s+{_NUMBER}\s+{_NUMBER}"
    rf"|\.dc(\s+[vi]\w*\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}){{1,2}}|\.tran\s+{_POSITIVE}\s+{_POSITIVE}"
    rf"|\.temp\s+{_NUMBER}|\.(ic|nodeset)(\s+v\(\w+\)\s*=\s*{_NUMBER})+",
    re.IGNORECASE,
)
_OPTION: Final = re.compile(r"(\w+)\s*=\s*(\S+)\s*")


def is_shared(statement: str) -> bool:
    """Whether an analysis or setting means the same in ngspice, HSPICE and LTspice, as it stands."""
    if _FORMS.fullmatch(statement):
        return True
    card, _, rest = statement.partition(" ")
    if card.lower() not in {".option", ".options"} or _OPTION.sub("", rest).strip():
        return False
    return all(match[1].lower() in OPTIONS for match in _OPTION.finditer(rest))
