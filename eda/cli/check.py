"""`eda check`: read netlists and check their electrical rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.output import MISSED, JsonOption, emit_json
from eda.cli.sources import (
    ControlOption,
    DialectOption,
    IncludesOption,
    RootsOption,
    Source,
    Sources,
    find_sources,
)
from eda.errors import EDAError

if TYPE_CHECKING:
    from eda.netlist import Circuit, Finding

__all__ = ["check"]


def check(
    netlists: Sources,
    dialect: DialectOption = "auto",
    technology: Annotated[
        str | None, typer.Option(help="Also check sizes against the smallest of this technology.")
    ] = None,
    root: RootsOption = None,
    *,
    keep_includes: IncludesOption = False,
    keep_control: ControlOption = False,
    json: JsonOption = False,
) -> None:
    """Read netlists and check their electrical rules.

    Exit code 1 when something is wrong, 2 when a netlist cannot be read; the others are checked all the same.

    Examples: `eda check amp.sp`, `eda check netlists/ --json`, `cat amp.scs | eda check - --from spectre`
    """
    smallest = _smallest(technology)
    rows = []
    for source in find_sources(netlists):
        row: dict[str, Any] = {"netlist": source.name}
        try:
            circuit = source.read(dialect=dialect, roots=root, keep_includes=keep_includes, keep_control=keep_control)
        except EDAError as error:
            row["error"] = str(error)
            sys.stderr.write(f"error: {error}\n" if not json else "")
        else:
            row |= _checked(source, circuit, smallest, quiet=json)
        rows.append(row)
    if json:
        emit_json(rows[0] if len(rows) == 1 else rows)
    elif len(rows) > 1:
        refused = sum("error" in row for row in rows)
        print(f"{len(rows)} netlists, {refused} refused, {sum(len(row.get('findings', ())) for row in rows)} findings")
    if any("error" in row for row in rows):
        raise typer.Exit(EDAError.exit_code)
    if any(finding["severity"] in {"fatal", "error"} for row in rows for finding in row["findings"]):
        raise typer.Exit(MISSED)


def _checked(
    source: Source, circuit: Circuit, smallest: dict[str, tuple[float, float]], *, quiet: bool
) -> dict[str, Any]:
    from eda.netlist import check as find

    findings = find(circuit, smallest=smallest)
    devices = len(circuit.devices) + sum(len(block.devices) for block in circuit.walk())
    for finding in findings:
        _say(str(finding), quiet=quiet)
    _say(f"{source.name}: {circuit.dialect}, {devices} devices, {len(findings)} findings", quiet=quiet)
    return {"dialect": circuit.dialect, "devices": devices, "findings": [_row(finding) for finding in findings]}


def _row(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "block": finding.block,
        "place": str(finding.location or ""),
    }


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text)


def _smallest(technology: str | None) -> dict[str, tuple[float, float]]:
    """Smallest sizes by the names that netlists use for the technology's transistors."""
    if technology is None:
        return {}
    from eda.technology import load_technology

    transistors = load_technology(technology).transistors
    return {name: (one.min_width, one.min_length) for name, one in transistors.items()}
