"""`eda parasitics`: capacitances of a netlist before it is laid out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import JsonOption, emit_json, writable
from eda.cli.sources import ControlOption, DialectOption, IncludesOption, RootsOption, find_sources
from eda.errors import InputError

__all__ = ["parasitics"]


def parasitics(
    netlist: Annotated[str, typer.Argument(help="A netlist file, or - for standard input.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the netlist with the capacitances as capacitors there.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Capacitances to show, the largest first.")] = 20,
    weights: Annotated[Path | None, typer.Option(help="Other weights than those of the package.")] = None,
    dialect: DialectOption = "auto",
    root: RootsOption = None,
    *,
    keep_includes: IncludesOption = False,
    keep_control: ControlOption = False,
    json: JsonOption = False,
) -> None:
    """Estimate the capacitances of the nets of a netlist to ground, and between them at each transistor.

    A network has learned them from the layout of one clock generator in 28 nm: it tells how far sizes lie outside of
    what it knows. Only MOS transistors are looked at. The netlist that is written simulates with the capacitances:
    compare `eda simulate` of both.

    Examples: `eda parasitics amp.sp`, `eda parasitics amp.sp -o amp_parasitics.sp`, `eda parasitics amp.sp --json`
    """
    from eda.graph.masters import masters_of
    from eda.parasitics import ParasiticEstimator, annotated

    sources = find_sources([netlist])
    if len(sources) > 1 or sources[0].base is not None:
        raise InputError("parasitics are estimated of one netlist at a time, but a folder was given")
    if output:
        writable(output, *(one.path for one in sources if one.path))
    circuit = sources[0].read(dialect=dialect, roots=root, keep_includes=keep_includes, keep_control=keep_control)
    found = ParasiticEstimator.load(weights).estimate(circuit, masters=masters_of(circuit))
    if output:
        annotated(circuit, found).write(output, dialect=circuit.dialect)
    couplings = sorted(found.couplings.items(), key=lambda one: -one[1])
    grounds = sorted(found.grounds.items(), key=lambda one: -one[1])
    if json:
        emit_json({
            "netlist": sources[0].name,
            "grounds": dict(grounds),
            "couplings": [{"nets": list(nets), "capacitance": value} for nets, value in couplings],
            "remarks": list(found.remarks),
            "output": str(output) if output else None,
        })  # fmt: skip
        return
    for remark in found.remarks:
        print(f"note: {remark}")
    rows = [(net, "ground", value) for net, value in grounds] + [(*nets, value) for nets, value in couplings]
    rows.sort(key=lambda row: -row[2])
    for one, other, value in rows[:top]:
        print(f"{one:20} {other:20} {value * 1e15:10.4f} fF")
    if len(rows) > top:
        print(f"and {len(rows) - top} smaller ones: --top {len(rows)}")
    if output:
        print(f"written to {output}")
