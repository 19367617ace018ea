"""Reading netlists: text of any dialect to `Circuit`, refusing loudly what is not understood.

A netlist is untrusted input: nothing in it can run a command, and an include cannot leave the allowed folders.
"""

from __future__ import annotations

import gc
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from eda.errors import InputError, NetlistError, require_type
from eda.netlist.builder import Builder
from eda.netlist.dialects import DIALECTS, detect_dialect, dialect_named
from eda.netlist.files import Files, Opened, read_text
from eda.netlist.lines import physical_lines
from eda.netlist.resolve import with_kinds, with_ordered_pins, with_parameter_values
from eda.netlist.spectre import SpectreReader
from eda.netlist.spice import SpiceReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.netlist.circuit import Circuit

__all__ = ["parse_netlist", "read_netlist"]

_LANGUAGE: Final = re.compile(r"^[ \t]*simulator[ \t]+lang[ \t]*=[ \t]*(\w+).*$", re.IGNORECASE | re.MULTILINE)


def read_netlist(
    path: str | Path,
    *,
    dialect: str = "auto",
    roots: Sequence[str | Path] = (),
    includes: Literal["read", "keep"] = "read",
    control: Literal["refuse", "keep"] = "refuse",
) -> Circuit:
    """Read a netlist file.

    Args:
        path: the file.
        dialect: `"ngspice"`, `"hspice"`, `"ltspice"`, `"spectre"`, `"cdl"`, or `"auto"` to tell it from the text.
        roots: folders, beside the file's own, that includes may read from.
        includes: `"keep"` keeps an include that cannot or must not be read as an entry of `Circuit.includes`.
        control: `"keep"` keeps a `.control` block as text among the statements; it is never run.

    Raises:
        NetlistError: the file is missing, or something in it is not understood; with file, line and column.
        InputError: there is no such dialect.
    """
    path = Path(path)
    text = read_text(path)
    folders = tuple(_resolved(Path(root)) for root in (path.parent, *roots))
    return _read(text, path, dialect, folders, includes, control)


def parse_netlist(
    text: str,
    *,
    name: str = "netlist",
    dialect: str = "auto",
    roots: Sequence[str | Path] = (),
    includes: Literal["read", "keep"] = "read",
    control: Literal["refuse", "keep"] = "refuse",
) -> Circuit:
    """Read a netlist from text; includes are refused unless `roots` allows their folder.

    Args:
        text: the netlist.
        name: what to call it in messages.
        dialect: as for `read_netlist`.
        roots: folders that includes may read from.
        includes: as for `read_netlist`.
        control: as for `read_netlist`.

    Raises:
        NetlistError: something in it is not understood.
        InputError: there is no such dialect.
    """
    require_type("text", text, str, "'* title\\nr1 a b 1k'")
    if "\0" in text:
        raise NetlistError("a netlist is text, but this one holds null bytes", file=name)
    folders = tuple(_resolved(Path(root)) for root in roots)
    return _read(text.removeprefix("\ufeff"), Path(name), dialect, folders, includes, control)


def _read(text: str, path: Path, dialect: str, roots: tuple[Path, ...], includes: str, control: str) -> Circuit:
    for name, value, known in (("includes", includes, ("read", "keep")), ("control", control, ("refuse", "keep"))):
        if value not in known:
            raise InputError(f"{name} must be {' or '.join(map(repr, known))}, but got {value!r}")
    main = detect_dialect(text).dialect if dialect == "auto" else dialect_named(dialect).name
    reading = _Reading(main, roots, keep_includes=includes == "keep", keep_control=control == "keep")
    with _no_collection():
        reading.main(text, path)
    circuit = reading.builder.circuit(main, {**reading.spectre.spelling, **reading.spice.words.spelling})
    if main == "spectre":
        return with_kinds(circuit, reading.builder.masters)
    return with_parameter_values(with_ordered_pins(circuit))


class _Reading:
    """One reading of a netlist, which may change between SPICE and Spectre in every file."""

    def __init__(self, dialect: str, roots: tuple[Path, ...], *, keep_includes: bool, keep_control: bool) -> None:
        self.builder, files = Builder(), Files(roots)
        self.language = "spectre" if dialect == "spectre" else "spice"
        row = DIALECTS["ngspice" if dialect == "spectre" else dialect]
        self.spice = SpiceReader(
            row,
            self.builder,
            files,
            self.included,
            keep_includes=keep_includes,
            keep_control=keep_control,
            guest=dialect == "spectre",
        )
        self.spectre = SpectreReader(self.builder, files, self.included, keep_includes=keep_includes)

    def main(self, text: str, path: Path) -> None:
        """Read the main file."""
        opened = ((_resolved(path), None),)
        for index, (language, section, start) in enumerate(self._sections(text, self.language, str(path))):
            if language == "spectre":
                self.spectre.read(section, opened, str(path), start)
            elif index == 0:
                self.spice.read(section, opened, str(path))
            else:
                self.spice.statements(section, opened, str(path), start)

    def included(self, text: str, opened: Opened, file: str, language: str) -> None:
        """Read an included file, in the language of the one that includes it until a line changes it."""
        for current, section, start in self._sections(text, language, file):
            reader = self.spectre.read if current == "spectre" else self.spice.statements
            reader(section, opened, file, start)

    def _sections(self, text: str, language: str, file: str) -> Iterator[tuple[str, str, int]]:
        """The parts of a text by language, as lines `simulator lang=` switch it, with the number of the first line."""
        at, line = 0, 1
        for match in _LANGUAGE.finditer(text):
            yield language, text[at : match.start()], line
            line += _ends(text[at : match.end()])
            at = match.end()
            language = "spectre" if match[1].lower() == "spectre" else "spice"
            if self.language != "spectre":
                message = "only a Spectre netlist changes its language"
                raise NetlistError(message, file=file, line=line, column=1, text=match[0], hint='dialect="spectre"')
        yield language, text[at:], line


def _ends(text: str) -> int:
    """How many line ends a text has."""
    return len(physical_lines(text)) - 1


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (ValueError, OSError, RuntimeError):  # a name that no file can have
        return path


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the collector of reference cycles: a million new devices, none of them in a cycle, keep it busy."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
