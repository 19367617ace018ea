"""Netlists named on the command line: files, folders and standard input."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.netlist import Circuit

__all__ = [
    "NETLIST_SUFFIXES",
    "ControlOption",
    "DialectOption",
    "IncludesOption",
    "RootsOption",
    "Source",
    "Sources",
    "TaskArgument",
    "TaskOption",
    "find_sources",
    "find_task",
]

NETLIST_SUFFIXES = (".sp", ".spi", ".spice", ".cir", ".ckt", ".net", ".scs", ".cdl", ".subckt", ".lib")

Sources = Annotated[list[str], typer.Argument(help="Netlist files, folders of them, or - for standard input.")]


def find_task(text: str) -> Path:
    """The file of a task that is named by its path, or by its name in `netlists/`."""
    from eda.benchmark.library import task_file

    return task_file(text, Path("netlists"))


TaskArgument = Annotated[
    Path, typer.Argument(parser=find_task, metavar="TASK", help="A task file, or the name of one in netlists/.")
]
TaskOption = Annotated[
    Path | None,
    typer.Option(
        "--task", parser=find_task, metavar="TASK", help="Where the run does not know it (`eda size` tells it)."
    ),
]
DialectOption = Annotated[
    str, typer.Option("--from", help="ngspice, hspice, ltspice, spectre, cdl, json, or auto to tell it from the text.")
]
RootsOption = Annotated[
    list[Path] | None, typer.Option("--root", help="A folder that includes may read from; may be repeated.")
]
IncludesOption = Annotated[
    bool, typer.Option("--keep-includes", help="Keep includes that cannot be read, instead of an error.")
]
ControlOption = Annotated[
    bool, typer.Option("--keep-control", help="Keep .control blocks as text, never run, instead of an error.")
]


@dataclass(frozen=True, slots=True)
class Source:
    """A netlist to be read.

    Attributes:
        name: for messages.
        path: the file; `None` for standard input.
        base: the folder it was found in; `None` when it was named itself.
    """

    name: str
    path: Path | None
    base: Path | None = None

    def read(self, *, dialect: str, roots: list[Path] | None, keep_includes: bool, keep_control: bool) -> Circuit:
        """The circuit of this netlist; JSON files are read as the JSON form.

        Raises:
            NetlistError: it cannot be read.
        """
        from eda.netlist import parse_netlist, read_netlist
        from eda.netlist.files import read_text

        options: dict[str, Any] = {
            "dialect": dialect,
            "roots": roots or (),
            "includes": "keep" if keep_includes else "read",
            "control": "keep" if keep_control else "refuse",
        }
        if dialect == "json" or (self.path is not None and self.path.suffix == ".json"):
            text = _standard_input() if self.path is None else read_text(self.path)
            return _from_json(text, self.name, options["control"])
        if self.path is None:
            return parse_netlist(_standard_input(), name="<stdin>", **options)
        return read_netlist(self.path, **options)


def find_sources(named: list[str]) -> list[Source]:
    """The netlists that the words of a command line name.

    Raises:
        InputError: a folder holds no netlist.
    """
    found: list[Source] = []
    for name in named:
        path = Path(name)
        if name == "-":
            found.append(Source("<stdin>", None))
        elif path.is_dir():
            inside = [Source(str(file), file, path) for file in _netlists(path)]
            if not inside:
                raise InputError(f"the folder {path} holds no netlist: {', '.join(NETLIST_SUFFIXES)} are looked for")
            found += inside
        else:
            found.append(Source(name, path))
    return found


def _netlists(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.suffix.lower() in NETLIST_SUFFIXES and file.is_file())


def _standard_input() -> str:
    from eda.netlist.files import decode

    text = decode(sys.stdin.buffer.read())
    if text is None:
        raise InputError("standard input is no text: it holds null bytes")
    return text


def _from_json(text: str, name: str, control: Literal["refuse", "keep"]) -> Circuit:
    import json

    from eda.errors import NetlistError
    from eda.netlist.json_form import circuit_from_json

    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is no JSON: {error.msg}"
        raise NetlistError(message, file=name, line=error.lineno, column=error.colno) from None
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of too many digits
        raise NetlistError(f"this JSON cannot be read: {error}", file=name) from None
    return circuit_from_json(data, name=name, control=control)
