"""`eda convert`: netlists from one dialect to another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.output import JsonOption, emit_json
from eda.cli.sources import ControlOption, DialectOption, IncludesOption, RootsOption, Source, find_sources
from eda.errors import EDAError, InputError, NetlistError, did_you_mean

if TYPE_CHECKING:
    from eda.netlist import Circuit

__all__ = ["convert"]

_SUFFIX = {"ngspice": ".sp", "hspice": ".sp", "ltspice": ".net", "spectre": ".scs", "cdl": ".cdl", "json": ".json"}
_DIALECT = {".scs": "spectre", ".cdl": "cdl", ".net": "ltspice", ".json": "json"}


def convert(
    source: Annotated[str, typer.Argument(help="A netlist file, a folder of them, or - for standard input.")],
    output: Annotated[
        str, typer.Argument(help="The file to write; for a folder a folder; - for standard output.")
    ] = "-",
    to: Annotated[
        str | None,
        typer.Option(help="ngspice, hspice, ltspice, spectre, cdl or json; told from the output's name if left out."),
    ] = None,
    dialect: DialectOption = "auto",
    root: RootsOption = None,
    *,
    keep_includes: IncludesOption = False,
    keep_control: ControlOption = False,
    circuit_only: Annotated[
        bool, typer.Option("--circuit-only", help="Leave out analyses and options, which differ between simulators.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Convert netlists to another dialect; what it cannot express is refused, with the reasons.

    Examples: `eda convert in.scs out.sp`, `eda convert amp.sp --to spectre`, `eda convert decks/ out/ --to hspice`
    """
    target = (to or _DIALECT.get(Path(output).suffix.lower(), "ngspice")).lower()
    if target not in _SUFFIX:
        raise InputError(f"unknown dialect {target!r}. {did_you_mean(target, _SUFFIX)}")
    sources = find_sources([source])
    many = sources[0].base is not None
    if many and output == "-":
        raise InputError("a folder of netlists needs a folder to write to: eda convert FOLDER OUTPUT --to DIALECT")
    originals = {one.path.resolve() for one in sources if one.path is not None and one.path.exists()}
    rows: list[dict[str, str]] = []
    for one in sources:
        row = {"netlist": one.name, "to": target}
        try:
            circuit = one.read(dialect=dialect, roots=root, keep_includes=keep_includes, keep_control=keep_control)
            text = _text(circuit, target, circuit_only=circuit_only)
            row["from"] = circuit.dialect
            path = _target(one, output, target)
            if path is not None:
                _write(path, text, originals, taken={row.get("output") for row in rows})
                row["output"] = str(path)
            elif not json:
                sys.stdout.write(text)
            else:
                row["text"] = text
        except EDAError as error:
            row["error"] = _named(error, one.name)
            sys.stderr.write(f"error: {row['error']}\n" if not json else "")
        rows.append(row)
    if json:
        emit_json(rows if many else rows[0])
    elif many:
        refused = sum("error" in row for row in rows)
        print(f"{len(rows)} netlists, {len(rows) - refused} converted to {target}, {refused} refused")
    if any("error" in row for row in rows):
        raise typer.Exit(EDAError.exit_code)


def _target(source: Source, output: str, dialect: str) -> Path | None:
    """The file to write; `None` for standard output."""
    if source.base is not None and source.path is not None:
        return (Path(output) / source.path.relative_to(source.base)).with_suffix(_SUFFIX[dialect])
    return None if output == "-" else Path(output)


def _named(error: EDAError, name: str) -> str:
    """The message of an error with the netlist that it is about."""
    return str(error) if isinstance(error, NetlistError) else f"{name}: {error}"


def _text(circuit: Circuit, target: str, *, circuit_only: bool) -> str:
    from eda.netlist import format_netlist

    if target != "json":
        return format_netlist(circuit, dialect=target, statements="drop" if circuit_only else "keep")
    import json as encoder

    from eda.netlist.json_form import circuit_to_json

    if circuit_only:
        circuit = circuit.bare()
    return encoder.dumps(circuit_to_json(circuit), indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, text: str, originals: set[Path], *, taken: set[str | None]) -> None:
    if path.resolve() in originals:
        raise InputError(f"{path} is a netlist that is read; write to another file")
    if str(path) in taken:
        raise InputError(f"two netlists would be written to {path}; give them different names")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot write {path}: {reason}; choose a writable folder") from None
