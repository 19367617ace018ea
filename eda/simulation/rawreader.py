"""Reader of one plot of an ngspice raw file, binary or in ASCII."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError
from eda.simulation.rawplot import RawPlot

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RawReader"]

_DEVICE_VECTOR = re.compile(r"[vi]\((@.*)\)")


class RawReader:
    """Reads one plot from its header to its last value.

    Args:
        data: the whole file.
        file: its name, for errors.
        at: where the plot starts.
    """

    def __init__(self, data: bytes, file: str, at: int) -> None:
        self._data, self._file, self._at = data, file, at
        self._fields: dict[str, str] = {}

    def plot(self) -> tuple[RawPlot, int]:
        """The plot, and where the next one starts.

        Raises:
            InputError: what was expected, and at which byte.
        """
        start = self._at
        line = self._line()
        if not line.startswith("Title:"):
            raise self._error(start, "`Title:`", line)
        while line.strip() != "Variables:":
            name, colon, value = line.partition(":")
            if not colon:
                raise self._error(start, "`Name: value` lines and `Variables:`", line)
            self._fields[name.strip().lower()] = value.strip()
            line = self._line()
        count, points = self._number("no. variables"), self._number("no. points")
        variables = [self._variable(points) for _ in range(count)]
        vectors = self._values(points, [length for *_, length in variables])
        names = [name for name, *_ in variables]
        return RawPlot(
            self._fields.get("plotname", ""),
            dict(zip(names, vectors, strict=True)),
            {name: kind for name, kind, _ in variables},
            self._fields["title"],
        ), self._at

    def _line(self) -> str:
        end = self._data.find(b"\n", self._at)
        if end < 0:
            raise self._error(self._at, "a line of the header", "the end of the file")
        line, self._at = self._data[self._at : end], end + 1
        return line.decode("utf-8", errors="replace").rstrip("\r")

    def _number(self, name: str) -> int:
        text = self._fields.get(name, "nothing")
        if not text.isdecimal():
            raise self._error(self._at, f"a number as `{name}`", text)
        return int(text)

    def _variable(self, points: int) -> tuple[str, str, int]:
        """Name, type and length of a variable from its line."""
        at, line = self._at, self._line()
        words = line.split()
        if len(words) < 3 or not words[0].isdecimal():
            raise self._error(at, "number, name and type of a variable", line)
        sizes = re.search(r"dims=([\d,]+)", line)
        length = int(np.prod([int(size) for size in sizes[1].split(",") if size])) if sizes else points
        name = words[1].lower()
        return _DEVICE_VECTOR.sub(r"\1", name), words[2], min(length, points)

    def _values(self, points: int, lengths: list[int]) -> list[NDArray[Any]]:
        flags = self._fields.get("flags", "")
        dtype = np.dtype(np.complex128 if "complex" in flags else np.float64)
        present = np.ones((points, len(lengths)), bool)
        if "unpadded" in flags:
            present = np.arange(points)[:, None] < np.array(lengths)
        at, how = self._at, self._line().strip()
        if how not in {"Binary:", "Values:"}:
            raise self._error(at, "`Binary:` or `Values:`", how)
        flat = (self._binary if how == "Binary:" else self._ascii)(int(present.sum()), points, dtype)
        table = np.zeros(present.shape, dtype)
        table[present] = flat
        return [table[:length, column].copy() for column, length in enumerate(lengths)]

    def _binary(self, count: int, _points: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        start, self._at = self._at, self._at + count * dtype.itemsize
        if self._at > len(self._data):
            got = f"{len(self._data) - start}"
            raise self._error(start, f"{count * dtype.itemsize} bytes of values", got)
        return np.frombuffer(self._data[start : self._at], dtype)

    def _ascii(self, count: int, points: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        start = self._at
        following = self._data.find(b"Title:", start)
        end = len(self._data) if following < 0 else following
        rows = [line.split() for line in self._data[start:end].splitlines() if line.strip()]
        heads = sum(len(row) > 1 for row in rows)  # the first value of a point stands behind its number
        if len(rows) != count or heads != points:
            raise self._error(start, f"{count} values of {points} points", f"{len(rows)} of {heads}")
        self._at = end
        try:
            values = np.array([_scalar(row[-1]) for row in rows], np.complex128)
        except ValueError:
            raise self._error(start, "numbers", "other text") from None
        return values if dtype.kind == "c" else values.real

    def _error(self, at: int, expected: str, got: str) -> InputError:
        return InputError(f"{self._file}, byte {at}: expected {expected}, but got {got[:60]!r}")


def _scalar(cell: bytes) -> complex:
    real, _, imaginary = cell.decode("latin-1").partition(",")
    return complex(float(real), float(imaginary or 0))
