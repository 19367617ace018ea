"""Simulations on their way from a worker: the numbers each time, the names once.

The results of one deck have the same vectors every time. What is sent of each of them is a matrix of numbers for each
analysis; names and units go with the first one and are kept on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.simulation.results import Simulation, Status, Waveforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["PROGRESS_BYTES", "Packer", "Unpacker"]

PROGRESS_BYTES = 8
"""Size of the memory in which a worker counts the jobs that it has begun."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the waveforms of one analysis have in common from one evaluation to the next."""

    names: tuple[str, ...]
    totals: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    scale_unit: str


_Frames = tuple[tuple[str, _Frame], ...]


class Packer:
    """The side of the worker."""

    def __init__(self) -> None:
        self._known: dict[_Frames, int] = {}

    def pack(self, result: Simulation) -> Any:
        """Something that pickles quickly; only for the `Unpacker` that got everything before."""
        if not result.ok or result.measures or result.failed_measures:
            return result
        frames, numbers = [], []
        for name, waves in result.analyses.items():
            vectors = list(waves.vectors.values())
            if not vectors or any(
                vector.dtype != vectors[0].dtype or vector.shape != vectors[0].shape for vector in vectors
            ):
                return result
            matrix = np.array(vectors)
            frame = _Frame(tuple(waves.vectors), tuple(waves.totals), tuple(waves.units.items()), waves.scale_unit)
            frames.append((name, frame))
            totals = tuple(waves.totals.values())
            swept = waves.scale.tobytes(), waves.outer.tobytes()
            numbers.append((*swept, totals, matrix.tobytes(), matrix.dtype.char, matrix.shape))
        key = tuple(frames)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self._known)
            return number, key, numbers, result.seconds
        return number, None, numbers, result.seconds


class Unpacker:
    """The side of the pool, one for each worker."""

    def __init__(self) -> None:
        self._known: dict[int, list[tuple[str, _Frame, Mapping[str, str]]]] = {}

    def unpack(self, packed: Any) -> Simulation:
        """The simulation that was packed."""
        if isinstance(packed, Simulation):
            return packed
        number, key, numbers, seconds = packed
        if key is not None:
            self._known[number] = [(name, frame, dict(frame.units)) for name, frame in key]
        analyses = {}
        for (name, frame, units), (scale, outer, totals, data, kind, shape) in zip(
            self._known[number], numbers, strict=True
        ):
            matrix: NDArray[Any] = np.frombuffer(data, kind).reshape(shape)
            vectors = dict(zip(frame.names, matrix, strict=True))
            integrals = dict(zip(frame.totals, totals, strict=True))
            analyses[name] = Waveforms(
                np.frombuffer(scale), vectors, units, frame.scale_unit, integrals, np.frombuffer(outer)
            )
        return Simulation(Status.OK, analyses, seconds=seconds)
