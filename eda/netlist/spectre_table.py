"""The primitives of Spectre that have a counterpart in SPICE, as tables. Source: Spectre component reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MODEL_MASTERS", "PRIMITIVES", "SOURCE_KEYS"]

PRIMITIVES: Final[Mapping[str, tuple[str, str]]] = {
    "resistor": ("r", "r"),
    "capacitor": ("c", "c"),
    "inductor": ("l", "l"),
    "vcvs": ("e", "gain"),
    "vccs": ("g", "gm"),
    "cccs": ("f", "gain"),
    "ccvs": ("h", "rm"),
    "vsource": ("v", "dc"),
    "isource": ("i", "dc"),
    "bsource": ("b", ""),
    "tline": ("t", ""),
    "mutual_inductor": ("k", "coupling"),
}
"""Primitives that have an element letter: the letter, and the parameter that is its value."""

SOURCE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "pulse": ("val0", "val1", "delay", "rise", "fall", "width", "period"),
    "sin": ("sinedc", "ampl", "freq", "delay", "damp", "sinephase"),
    "exp": ("val0", "val1", "td1", "tau1", "td2", "tau2"),
    "pwl": ("wave",),
}
"""Parameters of a source for the arguments of a transient function, in their order."""

MODEL_MASTERS: Final[Mapping[str, tuple[str, str | None]]] = {
    "mos1": ("mos", "1"),
    "mos2": ("mos", "2"),
    "mos3": ("mos", "3"),
    "bsim3v3": ("mos", "49"),
    "bsim4": ("mos", "54"),
    "bjt": ("bjt", None),
    "diode": ("d", None),
    "jfet": ("jf", None),
    "resistor": ("r", None),
    "capacitor": ("c", None),
}
"""Masters of model cards: the family and the SPICE level."""
