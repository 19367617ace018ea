"""The oracle of netlist reading: what ngspice itself makes of a deck, printed by its `listing expand`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.benchmark.listing_grammar import parse_listing
from eda.errors import NetlistError, SimulatorError
from eda.simulation.batch import INSTALL_HINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.benchmark.listed import Listing

__all__ = ["expanded"]

_INCLUDE: Final = re.compile(
    r"""(?P<card>\s*\.(?:inc\w*|lib))\s+(?P<file>"[^"]+"|'[^']+'|\S+)(?P<section>\s+[^\s$;]+)?""", re.IGNORECASE
)
_MARK: Final = "eda-listing-follows"
_COMPLAINT: Final = re.compile(r"(fatal |mif-)?error|.*(undefined|cannot|unknown|too (few|many))", re.IGNORECASE)


def expanded(path: Path, *, executable: str = "ngspice", compatibility: str = "", timeout: float = 60.0) -> Listing:
    """Flatten a deck with ngspice; nothing is simulated.

    ngspice reads a copy in a private folder, because a deck can run commands while it is read: blocks
    `.control ... .endc`, lines `*#` and the title `*ng_script` are left out of the copy, in included files too, and
    the include cards name the copies of those files.

    Args:
        path: the deck.
        executable: name or path of ngspice; the grammar is that of version 39.
        compatibility: `ngbehavior` of ngspice, such as `hsa`; empty for none.
        timeout: seconds.

    Raises:
        NetlistError: ngspice refuses the deck; the message is its own.
        SimulatorError: ngspice is missing or does not answer in time.
    """
    program = shutil.which(executable)
    if program is None:
        raise SimulatorError(f"{executable!r} was not found on the PATH; {INSTALL_HINT}")
    mode = [f"set ngbehavior={compatibility}"] if compatibility else []
    with tempfile.TemporaryDirectory(prefix="eda-listing-") as name:
        deck = _Copies(Path(name)).copy(path, title=True)
        commands = [*mode, f"source {deck}", f"echo {_MARK}", "listing expand", "quit", ""]
        try:
            process = subprocess.run(
                [program, "-n", "-p"],
                input="\n".join(commands).encode(),
                cwd=name,
                # HOME: the user's own settings must not change the result
                env={**os.environ, "HOME": name, "OMP_THREAD_LIMIT": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SimulatorError(f"ngspice did not list {path} within {timeout:g} s") from None
    log, _, text = process.stdout.decode(errors="replace").partition(_MARK)
    # a listing begins with a tab and the title; after an error the title is (null), or there is no listing
    if not re.search(r"^\t(?!\(null\))", text, re.MULTILINE):
        raise NetlistError(f"ngspice refuses the deck: {_complaint(log)}", file=str(path))
    return parse_listing(text)


def _complaint(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip() and "graphics interface" not in line]
    first = next((i for i, line in enumerate(lines) if _COMPLAINT.match(line)), max(len(lines) - 3, 0))
    # the line after an error shows the statement, the next one the reason
    return " | ".join(lines[first : first + 3]) or "it says nothing"


class _Copies:
    """Copies of a deck and of the files it includes, in one folder, without anything that ngspice would run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[Path, str] = {}

    def copy(self, path: Path, *, title: bool = False) -> str:
        """Copy a file once; returns the name of the copy."""
        source = path.resolve()
        if source in self.names:
            return self.names[source]
        name = self.names[source] = f"{len(self.names)}.cir"
        try:
            # any byte is a character of latin-1, so the copy has the bytes of the source
            lines = source.read_text(encoding="latin-1").splitlines()
        except OSError as error:
            raise NetlistError(f"cannot read the file: {error.strerror}", file=str(path)) from None
        if title:
            lines[:1] = ["* a copy without commands"]
        text = "\n".join(self._harmless(lines, source))
        self.folder.joinpath(name).write_text(text + "\n", encoding="latin-1")
        return name

    def _harmless(self, lines: list[str], source: Path) -> Iterator[str]:
        inside = False
        for number, line in enumerate(lines, 1):
            bare = line.lstrip().lower()
            if inside or bare.startswith((".control", "*#")):
                inside = (inside or bare.startswith(".control")) and not bare.startswith(".endc")
                yield "*"
                continue
            match = _INCLUDE.match(line)
            if match is None or (match["card"].strip().lower() == ".lib" and not match["section"]):
                yield line
                continue
            target = source.parent / match["file"].strip("\"'")
            if not target.is_file():
                raise NetlistError(f"there is no file {target}", file=str(source), line=number, text=line)
            yield f"{match['card']} {self.copy(target)}{match['section'] or ''}"
