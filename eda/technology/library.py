"""A SPICE model library with corner sections, reduced to what a circuit uses.

Process libraries define hundreds of devices; ngspice reads all of them for each deck. `ModelLibrary.cards` keeps
the parameters of a section and only the subcircuits and models that are reached from the names asked for. The
text of what is kept is not changed, so the currents are those of the full library, to the last bit.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from eda.errors import TechnologyError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["ModelLibrary"]

_LIB = re.compile(r"\.lib\s+(\S+)\s*$", re.IGNORECASE)
_INCLUDE = re.compile(r"\.inc(?:lude)?\s+[\"']?([^\"'\s]+)", re.IGNORECASE)
_DEFINITION = re.compile(r"\.(?P<card>subckt|model|ends)\s*(?P<name>\S*)", re.IGNORECASE)
_WORD = re.compile(r"[\w.]+")


@dataclass(frozen=True, slots=True)
class _Section:
    """One corner of a library: the statements kept always, and the definitions by name."""

    always: tuple[str, ...]
    definitions: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ModelLibrary:
    """A library file with `.lib NAME ... .endl` sections.

    Attributes:
        path: the file.
    """

    path: Path

    def sections(self) -> tuple[str, ...]:
        """Names of the sections, in the order of the file."""
        matches = (_LIB.match(line.strip()) for line in _lines(self.path))
        return tuple(dict.fromkeys(match[1].lower() for match in matches if match))

    def names(self, section: str) -> frozenset[str]:
        """Names of the subcircuits and models that a section defines."""
        return frozenset(_section(self.path, section.lower()).definitions)

    def cards(self, section: str, names: Iterable[str]) -> str:
        """The text of a section that the named models and subcircuits need.

        Args:
            section: name of the section, a corner.
            names: models and subcircuits that a deck uses, lower case.

        Raises:
            TechnologyError: the section or a name is not in the library.
        """
        content = _section(self.path, section.lower())
        needed: set[str] = set()
        stack = sorted(names)
        for name in stack:
            if name not in content.definitions:
                raise TechnologyError(
                    f"the library {self.path} has no device {name!r}. {did_you_mean(name, content.definitions)}"
                )
        while stack:
            name = stack.pop()
            if name not in needed:
                needed.add(name)
                words = {word.lower() for line in content.definitions[name] for word in _WORD.findall(line)}
                stack.extend(sorted(words & content.definitions.keys()))
        kept = (line for name in content.definitions if name in needed for line in content.definitions[name])
        return "\n".join((*content.always, *kept)) + "\n"

    def full(self, section: str) -> str:
        """The line by which a plain ngspice deck includes the whole section."""
        return f'.lib "{self.path}" {section}'

    def digest(self, section: str, names: Iterable[str]) -> str:
        """SHA-256 of the cards, the provenance of a result."""
        return hashlib.sha256(self.cards(section, names).encode()).hexdigest()


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TechnologyError(
            f"cannot read the model library {path}: {error.strerror}; install the kit again"
        ) from None
    return iter(text.splitlines())


@lru_cache(maxsize=32)
def _section(path: Path, section: str) -> _Section:
    always: list[str] = []
    definitions: dict[str, tuple[str, ...]] = {}
    block: list[str] = []
    depth, name = 0, ""
    for line in _statements(path, section):
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
    return _Section(tuple(always), definitions)


def _statements(path: Path, section: str) -> Iterator[str]:
    """Statements of a section with its includes, comments left out, continuations joined."""
    statement = ""
    for raw in _section_lines(path, section):
        line = raw.strip()
        if line.startswith("+"):
            statement += "\n" + line
        elif line and not line.startswith("*"):
            if statement:
                yield statement
            statement = line
    if statement:
        yield statement


def _section_lines(path: Path, section: str) -> Iterator[str]:
    inside = found = False
    for line in _lines(path):
        match = _LIB.match(line.strip())
        if match:
            inside = match[1].lower() == section
            found = found or inside
        elif line.strip().lower().startswith(".endl"):
            inside = False
        elif inside:
            yield from _included(line, path, 0)
    if not found:
        known = ModelLibrary(path).sections()
        raise TechnologyError(f"the library {path} has no section {section!r}. {did_you_mean(section, known)}")


def _included(line: str, path: Path, depth: int) -> Iterator[str]:
    match = _INCLUDE.match(line.strip())
    if match is None:
        yield line
        return
    if depth > 20:
        raise TechnologyError(f"the includes of {path} are nested deeper than 20")
    target = path.parent / match[1]
    for inner in _lines(target):
        yield from _included(inner, target, depth + 1)
