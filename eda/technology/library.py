"""A SPICE model library with corner sections, reduced to what a circuit uses, and compiled.

Process libraries define hundreds of devices; ngspice reads all of them for each deck. `ModelLibrary.cards` keeps
the parameters of a corner and only the subcircuits and models that are reached from the names asked for, their text
unchanged. `ModelLibrary.compiled` evaluates them (see `eda.technology.compiled`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from eda.errors import TechnologyError, did_you_mean
from eda.technology.card_cache import cached_cards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from eda.technology.cards import Cards

__all__ = ["ModelLibrary"]

_SECTION = re.compile(r"\.lib\s+([^\s'\"]+)\s*$", re.IGNORECASE)
_USE = re.compile(r"\.lib\s+[\"']?([^\"'\s]+)[\"']?\s+(\S+)\s*$", re.IGNORECASE)
_INCLUDE = re.compile(r"\.inc(?:lude)?\s+[\"']?([^\"'\s]+)", re.IGNORECASE)
_DEFINITION = re.compile(r"\.(?P<card>subckt|model|ends)\s*(?P<name>\S*)", re.IGNORECASE)
_WORD = re.compile(r"[\w.]+")
_BIN = re.compile(r"(.+)\.\d+")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Content:
    """One corner of a library: the statements kept always, and the definitions by name."""

    always: tuple[str, ...]
    definitions: Mapping[str, tuple[str, ...]]
    bins: Mapping[str, tuple[str, ...]]

    def reached(self, names: Iterable[str]) -> list[str]:
        """The definitions that the named ones need, in the order of the library."""
        needed: set[str] = set()
        stack = sorted(names)
        while stack:
            name = stack.pop()
            stack.extend(self.bins.get(name, ()))
            if name in needed or name not in self.definitions:
                continue
            needed.add(name)
            words = {word.lower() for line in self.definitions[name] for word in _WORD.findall(line)}
            stack.extend(sorted(words & (self.definitions.keys() | self.bins.keys())))
        return [name for name in self.definitions if name in needed]


@dataclass(frozen=True, slots=True)
class ModelLibrary:
    """A library file with `.lib NAME ... .endl` sections.

    Attributes:
        path: the file.
        corners: corners that are not one section of their name, with their sections.
        header: a file that must be included before; the library's switches stand in it.
        switches: parameters that have these values, whatever the library and its header say.
        remedy: what to do when a part of it is missing.
        stamp: of the contents, where they may change within a session.
    """

    path: Path
    corners: tuple[tuple[str, tuple[str, ...]], ...] = ()
    header: Path | None = None
    switches: tuple[tuple[str, float], ...] = ()
    remedy: str = ""
    stamp: str = ""

    def sections(self) -> tuple[str, ...]:
        """Names of the sections, in the order of the file."""
        return tuple(_sections(self.path))

    def names(self, corner: str) -> frozenset[str]:
        """Names of the subcircuits and models that a corner defines."""
        return frozenset(_content(self, corner.lower()).definitions)

    def cards(self, corner: str, names: Iterable[str]) -> str:
        """The text of a corner that the named models and subcircuits need.

        Args:
            corner: name of the corner, or of a section.
            names: models and subcircuits that a deck uses, lower case.

        Raises:
            TechnologyError: the corner or a name is not in the library.
        """
        return "\n".join(self._statements(corner, names)) + "\n"

    def compiled(self, corner: str, names: Iterable[str], switches: Mapping[str, float] | None = None) -> Cards:
        """The same, with every expression evaluated that can be.

        Args:
            corner: name of the corner, or of a section.
            names: models and subcircuits that a deck uses, lower case.
            switches: parameters of the library to set, such as its statistical switches.

        Raises:
            TechnologyError: the corner or a name is not in the library, or an expression is not understood.
        """
        return _compiled(self, corner.lower(), frozenset(names), tuple(sorted((switches or {}).items())))

    def full(self, corner: str) -> str:
        """The lines by which a plain ngspice deck includes the whole corner."""
        header = [f'.include "{self.header}"'] if self.header else []
        parts = (f'.lib "{self.path}" {section}' for section in self._parts(corner.lower()))
        return "\n".join([*header, *parts, *self._switched()])

    def _switched(self) -> list[str]:
        return [f".param {name}={value:g}" for name, value in self.switches]

    def _parts(self, corner: str) -> tuple[str, ...]:
        return dict(self.corners).get(corner, (corner,))

    def _statements(self, corner: str, names: Iterable[str]) -> list[str]:
        content = _content(self, corner.lower())
        names = sorted(names)
        for name in names:
            if name not in content.definitions and name not in content.bins:
                raise TechnologyError(
                    f"the library {self.path} has no device {name!r}. {did_you_mean(name, content.definitions)}"
                )
        kept = (line for name in content.reached(names) for line in content.definitions[name])
        return [*content.always, *self._switched(), *kept]

    def digest(self, corner: str, names: Iterable[str]) -> str:
        """SHA-256 of the cards, the provenance of a result."""
        return hashlib.sha256(self.cards(corner, names).encode()).hexdigest()


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TechnologyError(f"cannot read the model library {path}: {error.strerror}") from None
    return iter(text.splitlines())


def edition(path: Path) -> str:
    """What tells a file from the same one after it was written again."""
    found = path.stat()
    return f"{found.st_mtime_ns} {found.st_size}"


def _sections(path: Path) -> dict[str, list[str]]:
    """The lines of each section; of sections with one name, the lines of all."""
    try:
        return _sections_of(path, edition(path))
    except OSError as error:
        raise TechnologyError(f"cannot read the model library {path}: {error.strerror}") from None


@lru_cache(maxsize=8)
def _sections_of(path: Path, _edition: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in _lines(path):
        start = line.lstrip()[:5].lower()
        if start.startswith(".lib") and (match := _SECTION.match(line.strip())):
            current = sections.setdefault(match[1].lower(), [])
        elif start == ".endl":
            current = None
        elif current is not None:
            current.append(line)
    return sections


@lru_cache(maxsize=32)
def _content(library: ModelLibrary, corner: str) -> _Content:
    try:
        return _read(library, corner)
    except TechnologyError as error:
        raise TechnologyError(f"{error} {library.remedy}".rstrip()) from None


def _read(library: ModelLibrary, corner: str) -> _Content:
    always: list[str] = []
    definitions: dict[str, tuple[str, ...]] = {}
    block: list[str] = []
    depth, name = 0, ""
    for line in _joined(library, corner):
        match = _DEFINITION.match(line)
        card = match["card"].lower() if match else ""
        if depth == 0 and card in {"subckt", "model"}:
            assert match is not None
            block, name = [], match["name"].lower()
        depth += {"subckt": 1, "ends": -1}.get(card, 0)
        if depth or card:
            block.append(line)
        if depth == 0:
            if card:
                definitions[name] = tuple(block)
            else:
                always.append(line)
    bins: dict[str, tuple[str, ...]] = {}
    for one in definitions:
        if match := _BIN.fullmatch(one):
            bins[match[1]] = (*bins.get(match[1], ()), one)
    return _Content(tuple(always), definitions, bins)


def _joined(library: ModelLibrary, corner: str) -> Iterator[str]:
    """Statements of a corner with its includes, comments left out, continuations joined."""
    statement = ""
    for raw in _corner_lines(library, corner):
        line = raw.strip()
        if line.startswith("+"):
            statement += "\n" + line
        elif line and not line.startswith("*"):
            if statement:
                yield statement
            statement = line
    if statement:
        yield statement


def _corner_lines(library: ModelLibrary, corner: str) -> Iterator[str]:
    if library.header is not None:
        yield from _lines(library.header)
    for section in dict(library.corners).get(corner, (corner,)):
        yield from _section_lines(library.path, section, 0)


def _section_lines(path: Path, section: str, depth: int) -> Iterator[str]:
    sections = _sections(path)
    if section.lower() not in sections:
        raise TechnologyError(f"the library {path} has no section {section!r}. {did_you_mean(section, sections)}")
    for line in sections[section.lower()]:
        yield from _included(line, path, depth)


def _included(line: str, path: Path, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise TechnologyError(f"the includes of {path} are nested deeper than {_DEEPEST}")
    stripped = line.strip()
    if not stripped.startswith("."):
        yield line
    elif match := _USE.match(stripped):
        yield from _section_lines(_there(path.parent / match[1], path), match[2], depth + 1)
    elif match := _INCLUDE.match(stripped):
        target = _there(path.parent / match[1], path)
        for inner in _lines(target):
            yield from _included(inner, target, depth + 1)
    else:
        yield line


def _there(target: Path, includer: Path) -> Path:
    if not target.is_file():
        raise TechnologyError(f"{includer} includes {target}, which is missing: the kit is incomplete.")
    return target


@lru_cache(maxsize=64)
def _compiled(
    library: ModelLibrary, corner: str, names: frozenset[str], switches: tuple[tuple[str, float], ...]
) -> Cards:
    statements = library._statements(corner, names)  # noqa: SLF001 - a cache of the class, outside because of its slots
    return cached_cards(statements, dict(switches))
