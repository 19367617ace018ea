"""libngspice by ctypes. Only worker processes load it: some inputs end the process that does.

Source: ngspice 39 manual, chapter 19 (the shared library's interface, `sharedspice.h`).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import itertools
import os
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.library import Vector
from eda.simulation.measures import MEASURE_DIGITS
from eda.simulation.quantities import type_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["NgSpice"]

_LOG_LINES = 200
_HISTORY = 100  # evaluations; ngspice keeps 30 bytes of each command
_COMPLEX_FLAG = 2  # VF_COMPLEX of ngspice's dvec.h


class _VectorInfo(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("flags", ctypes.c_short),
        ("real", ctypes.POINTER(ctypes.c_double)),
        ("complex", ctypes.POINTER(ctypes.c_double)),
        ("length", ctypes.c_int),
    )


_SEND_CHAR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
_EXIT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_bool, ctypes.c_bool, ctypes.c_int, ctypes.c_void_p)


class NgSpice:
    """The library, loaded once per process.

    Settings of one circuit (`ngbehavior`, the `scale` option) stay for the next, and when a circuit is refused,
    analyses run on another one: `Circuits` knows which decks may share a process, and asks for results by title.

    Attributes:
        exited: whether ngspice asked to end the process; then nothing more may be called.
    """

    def __init__(self) -> None:
        name = ctypes.util.find_library("ngspice") or "libngspice.so.0"
        os.environ.update(MEASURE_DIGITS)
        self._library = ctypes.CDLL(name)
        self._library.ngGet_Vec_Info.restype = ctypes.POINTER(_VectorInfo)
        self._library.ngSpice_CurPlot.restype = ctypes.c_char_p
        self._library.ngSpice_AllPlots.restype = ctypes.POINTER(ctypes.c_char_p)
        self._library.ngSpice_AllVecs.restype = ctypes.POINTER(ctypes.c_char_p)
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        self.exited = False
        self._forgotten = 0
        # ctypes keeps no reference to callbacks: these attributes do
        self._callbacks: tuple[Any, Any] = (_SEND_CHAR(self._on_text), _EXIT(self._on_exit))
        send, leave = self._callbacks
        self._library.ngSpice_Init(send, None, leave, None, None, None, None)
        self.command("set num_threads=1")

    @property
    def version(self) -> str:
        """Name and version, such as `ngspice-39`."""
        self._lines.clear()
        self.command("version -s")
        return next((word for line in self._lines for word in line.split() if word.startswith("ngspice-")), "ngspice")

    def command(self, text: str) -> int:
        """Run one command; the return value is no verdict (0 for nearly everything).

        What stands in backquotes ngspice would give to a shell: such a command is not run.
        """
        if self.exited or "`" in text:  # after an exit another call would end the process
            return 1
        return int(self._library.ngSpice_Command(text.encode()))

    def load(self, lines: Sequence[str]) -> None:
        """Load a circuit and make it the current one; the first line is its title."""
        encoded = [line.encode() for line in lines if line.strip()]
        self._library.ngSpice_Circ((ctypes.c_char_p * (len(encoded) + 1))(*encoded, None))

    def forget(self) -> None:
        """Forget what was simulated and printed, and now and then the history of commands, which would grow."""
        self.command("destroy all")
        self._forgotten += 1
        if self._forgotten % _HISTORY == 0:
            self._library.ngSpice_Command(None)
        self._lines.clear()

    @property
    def log(self) -> str:
        """The last lines that ngspice printed."""
        return "\n".join(self._lines)

    def title(self) -> str:
        """Title of the circuit that the current plot is of."""
        return next(iter(self.said("echo $curplottitle")), "")

    def said(self, text: str) -> list[str]:
        """Run one command; the lines that it printed."""
        before, self._lines = self._lines, deque(maxlen=_LOG_LINES)
        self.command(text)
        said = [line.removeprefix("stdout ").removeprefix("stderr ") for line in self._lines]
        before.extend(self._lines)
        self._lines = before
        return said

    def plot(self) -> str:
        """Name of the current plot."""
        return (self._library.ngSpice_CurPlot() or b"").decode()

    def plots(self) -> list[str]:
        """Names of all plots, the newest first."""
        return _texts(self._library.ngSpice_AllPlots())

    def vectors(self, plot: str) -> list[str]:
        """Names of the vectors of a plot."""
        return _texts(self._library.ngSpice_AllVecs(plot.encode()))

    def vector(self, name: str) -> Vector | None:
        """A copy of a vector, such as `op1.v(out)`; `None` when it is not there."""
        info = self._library.ngGet_Vec_Info(name.encode())
        values = _copied(info)
        return None if values is None else Vector(values, type_name(info.contents.type))

    def values(self, name: bytes) -> NDArray[Any] | None:
        """The numbers of a vector by its encoded name; `None` when it is not there."""
        return _copied(self._library.ngGet_Vec_Info(name))

    def _on_text(self, text: bytes, _ident: int, _data: object) -> int:
        self._lines.append(text.decode(errors="replace"))
        return 0

    def _on_exit(self, _status: int, _immediate: bool, _quit: bool, _ident: int, _data: object) -> int:  # noqa: FBT001
        self.exited = True
        return 0


def _copied(info: Any) -> NDArray[Any] | None:
    """The numbers that a vector's information points to, copied.

    By `string_at`: it takes a fifth of the time of `as_array`, and an operating point is many short vectors.
    """
    if not info:
        return None
    vector = info.contents
    if vector.length <= 0:
        return None
    is_complex = bool(vector.flags & _COMPLEX_FLAG)
    pointer = vector.complex if is_complex else vector.real
    if not pointer:
        return None
    kind = np.complex128 if is_complex else np.float64
    return np.frombuffer(ctypes.string_at(pointer, vector.length * (16 if is_complex else 8)), kind)


def _texts(array: Any) -> list[str]:
    """The strings of an array that ends with a null pointer."""
    return [text.decode(errors="replace") for text in itertools.takewhile(bool, array or ())]
