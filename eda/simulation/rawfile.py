"""ngspice's raw files, binary and in ASCII: several plots in one file, real or complex, padded or not.

Source: ngspice 39, `rawfile.c`. A file is a sequence of plots, each a header of `Name: value` lines, the table of its
variables, and the values point by point. A vector that is shorter than the others has its own length in its `dims=`;
`padded` files fill it up with zeros.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError
from eda.simulation.rawplot import RawPlot
from eda.simulation.rawreader import RawReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.simulation.results import Waveforms

__all__ = ["RawPlot", "read_plots", "read_raw", "write_raw"]


def read_raw(path: Path) -> dict[str, Waveforms]:
    """Waveforms by kind of analysis; a plot that was cut short is left out.

    Args:
        path: a raw file, as `ngspice -b -r` or `write` leaves it, also when ngspice was killed.
    """
    return {plot.kind: plot.waveforms() for plot in read_plots(path, cut=True) if plot.kind}


def read_plots(path: Path, *, cut: bool = False) -> tuple[RawPlot, ...]:
    """Every plot of a raw file, in its order.

    Args:
        path: a raw file.
        cut: leave out a plot that was cut short, instead of refusing the file.

    Raises:
        InputError: the file is no raw file, or was cut short; it says where, and what was expected.
    """
    plots = []
    try:
        for plot in _plots_of(path):
            plots.append(plot)  # noqa: PERF402 - what was read before an error counts
    except InputError:
        if not cut:
            raise
    return tuple(plot for plot in plots if not cut or any(len(vector) for vector in plot.vectors.values()))


def write_raw(path: Path, plots: Sequence[RawPlot], *, binary: bool = True) -> None:
    """Write plots to a raw file that ngspice's `load` reads.

    Args:
        path: the file.
        plots: at least one; shorter vectors are filled up with zeros and carry their own length.
        binary: numbers as they are in memory; decimal with 17 digits otherwise.

    Raises:
        InputError: a plot without vectors, or a name with blanks.
    """
    with path.open("wb") as file:
        for plot in plots:
            names = list(plot.vectors)
            if not names or any(re.search(r"\s", name) or not name for name in names):
                raise InputError(f"vectors have names without blanks, at least one, but got {names}")
            table = _table(plot)
            file.write(_header(plot, table).encode())
            if binary:
                file.write(b"Binary:\n" + table.tobytes())
            else:
                file.write(b"Values:\n" + "".join(_ascii_points(table)).encode() + b"\n")


def _table(plot: RawPlot) -> NDArray[Any]:
    """Values, a row a point."""
    length = max(len(vector) for vector in plot.vectors.values())
    dtype = np.complex128 if any(np.iscomplexobj(vector) for vector in plot.vectors.values()) else np.float64
    table = np.zeros((length, len(plot.vectors)), dtype)
    for column, vector in enumerate(plot.vectors.values()):
        table[: len(vector), column] = vector
    return table


def _header(plot: RawPlot, table: NDArray[Any]) -> str:
    lines = [
        f"Title: {plot.title}",
        "Date: Thu Jan  1 00:00:00  1970",  # the same plots give the same file
        f"Plotname: {plot.name}",
        f"Flags: {'complex' if np.iscomplexobj(table) else 'real'}",
        f"No. Variables: {table.shape[1]}",
        f"No. Points: {table.shape[0]}",
        "Variables:",
    ]
    for number, (name, vector) in enumerate(plot.vectors.items()):
        own = f" dims={len(vector)}" if len(vector) < len(table) else ""
        lines.append(f"\t{number}\t{name}\t{plot.types.get(name, 'notype')}{own}")
    return "\n".join((*lines, ""))


def _ascii_points(table: NDArray[Any]) -> Iterator[str]:
    pair = np.iscomplexobj(table)
    for number, row in enumerate(table):
        cells = [f"{x.real:.17g},{x.imag:.17g}" if pair else f"{x:.17g}" for x in row]
        yield f" {number}\t" + "\n\t".join(cells) + "\n"


def _plots_of(path: Path) -> Iterator[RawPlot]:
    data = path.read_bytes()
    at = _next(data, 0)
    if at == len(data):
        raise InputError(f"{path}: a raw file starts with `Title:`, but this one is empty")
    while at < len(data):
        plot, at = RawReader(data, str(path), at).plot()
        yield plot
        at = _next(data, at)


def _next(data: bytes, at: int) -> int:
    """Where the text behind blank lines starts."""
    while data[at : at + 1].isspace():
        at += 1
    return at
