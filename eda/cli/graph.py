"""`eda graph`: netlists as graphs of devices and nets."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.output import JsonOption, emit_json
from eda.cli.sources import ControlOption, DialectOption, IncludesOption, RootsOption, Sources, find_sources
from eda.errors import EDAError, InputError, NetlistError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.netlist import Circuit

__all__ = ["graph"]


def graph(
    netlists: Sources,
    dialect: DialectOption = "auto",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write all graphs there (safetensors), for eda.graph.load_graphs."),
    ] = None,
    root: RootsOption = None,
    *,
    edges: Annotated[bool, typer.Option("--edges", help="List every pin: device, terminal, net.")] = False,
    keep_includes: IncludesOption = False,
    keep_control: ControlOption = False,
    json: JsonOption = False,
) -> None:
    """Read netlists as graphs: sizes, terminals, and a hash that does not depend on order or inner names.

    Netlists that are one circuit have one hash. The others are read all the same when one cannot be.

    Examples: `eda graph amp.sp`, `eda graph amp.sp --edges --json`, `eda graph netlists/ -o graphs.safetensors`
    """
    rows: list[dict[str, Any]] = []
    circuits = []
    for source in find_sources(netlists):
        row: dict[str, Any] = {"netlist": source.name}
        try:
            circuit = source.read(dialect=dialect, roots=root, keep_includes=keep_includes, keep_control=keep_control)
            row |= _described(circuit, edges=edges)
            circuits.append(circuit)
        except EDAError as error:
            row["error"] = str(error) if isinstance(error, NetlistError) else f"{source.name}: {error}"
        rows.append(row)
        if "error" in row and not json:
            sys.stderr.write(f"error: {row['error']}\n")
        elif not json:
            print("\n".join(_text(row)))
    if output is not None and circuits:
        _save(circuits, output)
    if json:
        emit_json(rows[0] if len(rows) == 1 else rows)
    if any("error" in row for row in rows):
        raise typer.Exit(EDAError.exit_code)


def _described(circuit: Circuit, *, edges: bool) -> dict[str, Any]:
    from eda.graph import canonical_hash
    from eda.netlist import flatten

    flat = flatten(circuit)
    block = flat if flat.devices else flat.top
    pins = [(device, pin, net) for device in block.devices for pin, net in zip(device.pins, device.nodes, strict=True)]
    row: dict[str, Any] = {
        "devices": len(block.devices),
        "nets": len({net for _, _, net in pins}),
        "kinds": dict(Counter(device.letter for device in block.devices)),
        "terminals": dict(Counter(pin for _, pin, _ in pins)),
        "hash": canonical_hash(flat),
        "hash with renumbered ports": canonical_hash(flat, ports="renumbered"),
    }
    if edges:
        row["edges"] = [[device.name, pin, net] for device, pin, net in pins]
    return row


def _text(row: dict[str, Any]) -> Iterator[str]:
    kinds = ", ".join(f"{count} {letter}" for letter, count in row["kinds"].items())
    yield f"{row['netlist']}: {row['devices']} devices ({kinds}), {row['nets']} nets"
    yield f"  hash {row['hash']}, with renumbered ports {row['hash with renumbered ports']}"
    yield from (f"  {device} {pin} {net}" for device, pin, net in row.get("edges", ()))


def _save(circuits: list[Circuit], path: Path) -> None:
    from eda.graph import convert, save_graphs

    try:
        save_graphs(convert(circuits), path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; choose a writable folder") from None
