"""libngspice by ctypes. Only worker processes load it: some inputs end the process that does.

Source: ngspice 39 manual, chapter 19 (the shared library's interface, `sharedspice.h`).
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.results import Waveforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck

__all__ = ["NgSpice"]

_LOG_LINES = 200
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
        self._library = ctypes.CDLL(name)
        self._library.ngGet_Vec_Info.restype = ctypes.POINTER(_VectorInfo)
        self._library.ngSpice_CurPlot.restype = ctypes.c_char_p
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        self.exited = False
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
        """Run one command; the return value is no verdict (0 for nearly everything)."""
        return int(self._library.ngSpice_Command(text.encode()))

    def load(self, lines: Sequence[str]) -> None:
        """Load a circuit and make it the current one; the first line is its title."""
        encoded = [line.encode() for line in lines if line.strip()]
        self._library.ngSpice_Circ((ctypes.c_char_p * (len(encoded) + 1))(*encoded, None))

    def forget(self) -> None:
        """Forget what was simulated and printed."""
        self.command("destroy all")
        self._lines.clear()

    @property
    def log(self) -> str:
        """The last lines that ngspice printed."""
        return "\n".join(self._lines)

    def results(self, deck: Deck, title: str) -> dict[str, Waveforms] | None:
        """Waveforms by kind of the analyses of a deck, or `None` when one of them is not there in full.

        Args:
            deck: what was run.
            title: of its circuit; the results of another circuit are none.
        """
        if self.exited or self._title() != title:
            return None
        analyses = {}
        for analysis in deck.analyses:
            waveforms = self._waveforms(analysis, deck.saved_by(analysis.kind))
            if waveforms is None:
                return None
            analyses[analysis.kind] = waveforms
        return analyses

    def _title(self) -> str:
        """The title of the circuit that the current plot is of."""
        self.command("echo $curplottitle")
        return self._lines.pop().removeprefix("stdout ") if self._lines else ""

    def _waveforms(self, analysis: Analysis, names: tuple[str, ...]) -> Waveforms | None:
        plot = f"{analysis.kind}1"
        vectors = {name: self._vector(f"{plot}.{name}") for name in names}
        scale = np.empty(0) if analysis.kind == "op" else self._vector(f"{plot}.{_SCALES[analysis.kind]}")
        length = 1 if analysis.kind == "op" else len(scale) if scale is not None else 0
        found = {name: vector for name, vector in vectors.items() if vector is not None and len(vector) == length}
        if len(found) < len(names) or scale is None or length == 0:
            return None
        if analysis.kind != "op" and not analysis.reached(float(np.real(scale[-1]))):
            return None
        return Waveforms(np.real(scale).astype(np.float64), found)

    def _vector(self, name: str) -> NDArray[Any] | None:
        info = self._library.ngGet_Vec_Info(name.encode())
        if not info or info.contents.length <= 0:
            return None
        vector = info.contents
        if vector.flags & _COMPLEX_FLAG:
            if not vector.complex:
                return None
            flat = np.ctypeslib.as_array(vector.complex, (2 * vector.length,))
            return flat.copy().view(np.complex128)
        return np.ctypeslib.as_array(vector.real, (vector.length,)).copy() if vector.real else None

    def _on_text(self, text: bytes, _ident: int, _data: object) -> int:
        self._lines.append(text.decode(errors="replace"))
        return 0

    def _on_exit(self, _status: int, _immediate: bool, _quit: bool, _ident: int, _data: object) -> int:  # noqa: FBT001
        self.exited = True
        return 0


_SCALES = {"ac": "frequency", "dc": "v-sweep", "tran": "time"}
