"""IHP's SG13G2: why it cannot be used yet, said before a user tries."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

from eda.technology.places import pdk_trees

__all__ = ["ihp_in_pdk_root", "is_ihp", "why_not_ihp"]

_NAMES: Final = re.compile(r"(?:.*/)?(?:ihp|(?:ihp[-_])?sg13(?:g2|s)?)/?")
_NEEDED: Final = 43  # asked for on the safe side; no release with OSDI was tried


def is_ihp(name: str) -> bool:
    """Whether a name or path means this kit."""
    return _NAMES.fullmatch(name.lower()) is not None


def ihp_in_pdk_root() -> bool:
    """Whether `PDK_ROOT` has it."""
    return any(tree.is_dir() for tree in pdk_trees("ihp", ["ihp-sg13g2"]))


def why_not_ihp() -> str:
    """A sentence with the reason and the remedy."""
    version = _ngspice()
    reason = "the MOS models of ihp-sg13g2 are PSP 103 in Verilog-A, which ngspice loads as OSDI libraries"
    if version is not None and int(version.partition(".")[0]) >= _NEEDED:
        return f"{reason}; eda does not write such decks yet. Use sky130 or gf180"
    here = "none is on the PATH" if version is None else f"ngspice {version} is here"
    return f"{reason}; this needs ngspice {_NEEDED} or later, built with OSDI, but {here}. Use sky130 or gf180"


def _ngspice() -> str | None:
    """The version of the ngspice on the PATH, such as `39.3`."""
    path = shutil.which("ngspice")
    if path is None:
        return None
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"ngspice-(\d[\d.]*)", text)
    return match[1] if match else None
