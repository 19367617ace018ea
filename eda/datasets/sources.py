"""Data sets that are files of SPICE or Spectre text: the files as they are, for readers to be measured on."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["SourceFile", "netlist_files", "other_files"]

_NOTES = {"*LICENSE": "licence", "PROVENANCE.md": "note on the source", "*.md": "description"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A netlist or model file of a data set.

    Attributes:
        name: its path inside the set, with `/`.
        path: where it lies; `None` when it came out of an archive or was filled in.
        data: its bytes, line ends as in the source.
    """

    name: str
    path: Path | None
    data: bytes

    @property
    def text(self) -> str:
        """The content; every set here is UTF-8."""
        return self.data.decode("utf-8")


def netlist_files(folder: Path, others: Mapping[str, str] | None = None) -> list[SourceFile]:
    """The SPICE and Spectre files of a folder, in the order of their names.

    Args:
        folder: of the set.
        others: patterns of the files that are something else, with the reason; licences, notes and empty files always
            are.
    """
    excluded = other_files(folder, others)
    return [SourceFile(name, path, path.read_bytes()) for name, path in _walk(folder) if name not in excluded]


def other_files(folder: Path, others: Mapping[str, str] | None = None) -> dict[str, str]:
    """The files of a folder that are no netlists, each with the reason; arguments as of `netlist_files`."""
    rules = {**_NOTES, **(others or {})}
    found = {}
    for name, path in _walk(folder):
        reasons = [reason for pattern, reason in rules.items() if fnmatchcase(name, pattern)]
        if not path.stat().st_size:
            reasons = ["empty file"]
        if reasons:
            found[name] = reasons[0]
    return found


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return iter(sorted((path.relative_to(folder).as_posix(), path) for path in paths))
