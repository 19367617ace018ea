"""Other Python netlist readers beside ours: what each makes of a file, in what time, and whether it is right."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.peer_readers import READERS
from eda.errors import InputError, require_known

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PEERS", "PeerRead", "read_with"]

PEERS: Final = tuple(name for name in READERS if name != "eda")
"""Peers that read netlist files into a data structure."""

_SCRIPT: Final = Path(__file__).with_name("peer_readers.py")


@dataclass(frozen=True, slots=True)
class PeerRead:
    """What came of reading one file with one peer.

    Attributes:
        peer: its name.
        status: `"read"`, `"refused"` (it raised), `"timeout"`, or `"crashed"` (it ended without an answer).
        message: first line of the error.
        view: `{"blocks": {name: {"ports": [...], "devices": [[name, nodes, model or value, parameters], ...]}}}`, all
            lower case, the top level under the empty name; `lacks` lists what the peer cannot tell (`top`, `ports`,
            `parameters`, `call parameters`, `expressions`).
        version: of the peer.
        seconds: of the read, imports not included; `nan` without an answer.
        peak_bytes: largest memory of the peer's process, imports included.
        grown_bytes: by how much the read raised it.
    """

    peer: str
    status: str
    message: str = ""
    view: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    seconds: float = float("nan")
    peak_bytes: int = 0
    grown_bytes: int = 0


def read_with(
    peer: str,
    file: Path,
    *,
    python: Path | str,
    dialect: str = "ngspice",
    timeout: float = 120.0,
    script: Path = _SCRIPT,
    brief: bool = False,
) -> PeerRead:
    """Read a file with a peer, in a process of its own.

    Args:
        peer: one of `PEERS`.
        file: the netlist.
        python: interpreter of the environment in which the peers are installed.
        dialect: `ngspice`, `hspice`, `cdl` or `spectre`, for the peers that want to know.
        timeout: seconds.
        script: what the interpreter runs; it prints one line of JSON.
        brief: count the devices of each block instead of listing them, for large files.

    Raises:
        InputError: there is no such peer or interpreter.
    """
    if script == _SCRIPT:
        require_known("peer", [peer], READERS)
    command = [str(python), "-I", str(script), peer, str(file), dialect, *(["--brief"] if brief else [])]
    try:
        process = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
    except FileNotFoundError:
        raise InputError(f"there is no Python interpreter {python}; give that of the peers' environment") from None
    except subprocess.TimeoutExpired:
        return PeerRead(peer, "timeout", f"no answer within {timeout:g} s")
    try:
        answer = json.loads(process.stdout.decode(errors="replace").splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        said = process.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        return PeerRead(peer, "crashed", f"exit code {process.returncode}: {said[-1]}")
    figures = {key: answer[key] for key in ("version", "seconds", "peak_bytes", "grown_bytes")}
    if "refused" in answer:
        return PeerRead(peer, "refused", answer["refused"], **figures)
    return PeerRead(peer, "read", view=answer["view"], **figures)
