"""ngspice's binary raw files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.results import Waveforms

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_raw"]

_KINDS = {"operating point": "op", "ac analysis": "ac", "dc transfer": "dc", "transient analysis": "tran"}
_HEADER = re.compile(rb"Title:.*?Binary:\n", re.DOTALL)
_DEVICE_VECTOR = re.compile(r"[vi]\((@.*)\)")


def read_raw(path: Path) -> dict[str, Waveforms]:
    """Waveforms by kind of analysis; a plot that was cut short is left out.

    Args:
        path: a binary raw file, as `ngspice -b -r` writes it.
    """
    data, analyses, at = path.read_bytes(), {}, 0
    while match := _HEADER.search(data, at):
        header = match[0].decode("latin-1")
        names = [line.split()[1] for line in header.split("Variables:\n")[1].splitlines()[:-1]]
        points = int(_field(header, "No. Points"))
        dtype = np.complex128 if "complex" in _field(header, "Flags") else np.float64
        size = points * len(names) * np.dtype(dtype).itemsize
        at = match.end() + size
        kind = next((kind for text, kind in _KINDS.items() if text in _field(header, "Plotname").lower()), None)
        if kind is None or at > len(data) or points == 0:
            continue
        table: NDArray[Any] = np.frombuffer(data[match.end() : at], dtype).reshape(points, len(names)).T
        vectors = {_DEVICE_VECTOR.sub(r"\1", name.lower()): row.copy() for name, row in zip(names, table, strict=True)}
        scale = np.empty(0) if kind == "op" else np.real(table[0]).copy()
        analyses[kind] = Waveforms(scale, vectors)
    return analyses


def _field(header: str, name: str) -> str:
    match = re.search(rf"{name}: *(.*)", header)
    return match[1] if match else ""
