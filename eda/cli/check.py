"""`eda check`: read a netlist and check its electrical rules."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import MISSED, JsonOption, emit_json

__all__ = ["check"]


def check(netlist: Annotated[Path, typer.Argument(help="An ngspice netlist.")], *, json: JsonOption = False) -> None:
    """Read a netlist and check its electrical rules; exit code 1 when something is wrong.

    Example: `eda check netlists/opamp/two_stage_miller.sp`
    """
    from eda import netlist as room

    circuit = room.read_netlist(netlist)
    findings = room.check(circuit)
    serious = [f for f in findings if f.severity in {room.Severity.FATAL, room.Severity.ERROR}]
    devices = len(circuit.devices) + sum(len(block.devices) for block in circuit.walk())
    if json:
        rows = [
            {
                "rule": f.rule,
                "severity": f.severity.value,
                "message": f.message,
                "block": f.block,
                "place": str(f.location or ""),
            }
            for f in findings
        ]
        emit_json({"netlist": str(netlist), "devices": devices, "findings": rows})
    else:
        for finding in findings:
            print(finding)
        print(f"{netlist}: {devices} devices, {len(findings)} findings")
    if serious:
        raise typer.Exit(MISSED)
