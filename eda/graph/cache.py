"""Conversion of a data set of circuits to graphs, kept on disk.

A data set is one safetensors file, named by what it was made from: the tensors of all graphs joined, the length of
each, and the texts as JSON in a tensor of bytes. One file can be replaced in one step and checked by one sum.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from eda.errors import InputError
from eda.graph.encoding import assemble, dismantle, to_graph
from eda.graph.flat import flat
from eda.graph.frame import frame_of
from eda.graph.schema import describe_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor
    from torch_geometric.data import HeteroData

    from eda.netlist import Circuit

__all__ = ["ENCODING_VERSION", "convert"]

ENCODING_VERSION: Final = 1
"""Raised whenever the same circuit becomes another graph; columns are part of the key by themselves."""

_LENGTHS: Final = "lengths "
_TEXTS: Final = "texts"


class _DamagedError(Exception):
    """A cache file whose content is not what was written."""


def convert(
    circuits: Sequence[Circuit],
    *,
    masters: Mapping[str, str] | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[HeteroData]:
    """Encode many circuits as graphs, once.

    Args:
        circuits: the data set.
        masters: element letters of undefined masters, see `to_graph`.
        cache: folder of the cache; `None` converts every time. A damaged file is made anew, with a line on stderr.
        progress: called with (converted, all) after each circuit that is converted.

    Returns:
        One graph a circuit, in their order.

    Raises:
        InputError: a circuit cannot be encoded, or the cache cannot be written.
    """
    if cache is None:
        return _converted(circuits, masters, progress)
    path = cache / f"{_key(circuits, masters)}.safetensors"
    try:
        return _load(path)
    except FileNotFoundError:
        pass
    except (_DamagedError, OSError) as error:
        sys.stderr.write(f"eda: the graph cache {path} is damaged ({error}); converting the circuits again\n")
    graphs = _converted(circuits, masters, progress)
    try:
        save_graphs(graphs, path)
    except OSError as error:
        raise InputError(
            f"the folder of the graph cache must be writable, but {path.parent} is not ({error.strerror}); "
            "choose another with cache=..., or cache=None for none"
        ) from None
    return graphs


def _converted(
    circuits: Sequence[Circuit], masters: Mapping[str, str] | None, progress: Callable[[int, int], None] | None
) -> list[HeteroData]:
    graphs = []
    for count, circuit in enumerate(circuits, start=1):
        graphs.append(to_graph(circuit, masters=masters))
        if progress is not None:
            progress(count, len(circuits))
    return graphs


def _key(circuits: Sequence[Circuit], masters: Mapping[str, str] | None) -> str:
    """The sha256 of all that the graphs are made from."""
    hashed = hashlib.sha256(repr((ENCODING_VERSION, describe_schema(), sorted((masters or {}).items()))).encode())
    for circuit in circuits:
        view = flat(circuit)
        hashed.update(f"\n{frame_of(view.circuit)}\n".encode())
        for d in view.devices:
            row = (d.name, d.letter, d.nodes, d.model, d.value, sorted(d.parameters.items()), d.controls)
            hashed.update(repr(row).encode())
    return hashed.hexdigest()


def save_graphs(graphs: Sequence[HeteroData], path: Path) -> None:
    """Write graphs to a file that `load_graphs` reads; the file is replaced at once or not at all.

    Raises:
        OSError: it cannot be written.
    """
    parts = [dismantle(graph) for graph in graphs]
    tensors: dict[str, Tensor] = {}
    for key in parts[0][0] if parts else ():
        pieces = [part[key] for part, _ in parts]
        tensors[key] = torch.cat(pieces, dim=_axis(key)).contiguous()
        tensors[_LENGTHS + key] = torch.tensor([piece.shape[_axis(key)] for piece in pieces])
    texts = json.dumps([texts for _, texts in parts]).encode()
    tensors[_TEXTS] = torch.from_numpy(np.frombuffer(texts, dtype=np.uint8).copy())
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    os.close(handle)
    try:
        save_file(tensors, temporary, metadata={"sha256": _checksum(tensors)})
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def load_graphs(path: Path) -> list[HeteroData]:
    """The graphs of a file that `save_graphs` or `eda graph --output` wrote.

    Raises:
        InputError: there is no such file, or it is damaged.
    """
    try:
        return _load(path)
    except FileNotFoundError:
        raise InputError(f"there is no file {path} with graphs; write one with eda graph --output") from None
    except (_DamagedError, OSError) as error:
        raise InputError(f"the file {path} holds no graphs of this version ({error}); write it again") from None


def _load(path: Path) -> list[HeteroData]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise _DamagedError(error) from None
    if metadata.get("sha256") != _checksum(tensors):
        raise _DamagedError("its checksum differs")
    texts: list[dict[str, Any]] = json.loads(tensors.pop(_TEXTS).numpy().tobytes())
    graphs: list[dict[str, Tensor]] = [{} for _ in texts]
    for key, joined in tensors.items():
        if not key.startswith(_LENGTHS):
            pieces = joined.split(tensors[_LENGTHS + key].tolist(), dim=_axis(key))
            for graph, piece in zip(graphs, pieces, strict=True):
                graph[key] = piece
    return [assemble(graph, text) for graph, text in zip(graphs, texts, strict=True)]


def _axis(key: str) -> int:
    """Along which the tensors of several graphs are joined."""
    return 1 if key.endswith(".edge_index") else 0


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    hashed = hashlib.sha256()
    for key in sorted(tensors):
        hashed.update(f"{key} {tuple(tensors[key].shape)} {tensors[key].dtype}".encode())
        hashed.update(tensors[key].numpy().tobytes())
    return hashed.hexdigest()
