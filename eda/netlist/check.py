"""Electrical rule check: what a simulator would stumble over, or silently accept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.errors import EDAError
from eda.netlist.findings import Finding, Severity
from eda.netlist.flatten import flatten
from eda.netlist.rules import RULES
from eda.netlist.view import views

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.netlist.circuit import Circuit

__all__ = ["check"]


def check(circuit: Circuit, *, smallest: Mapping[str, tuple[float, float]] | None = None) -> list[Finding]:
    """Check the electrical rules of every block of a circuit; ports count as driven from outside.

    Args:
        circuit: the circuit.
        smallest: smallest width and length by model name, m; sizes are checked against them.

    Returns:
        The findings, worst first.
    """
    findings = [finding for view in views(circuit) for rule in RULES for finding in rule(view)]
    if circuit.includes:
        findings = [_softened(finding) for finding in findings]
        findings += _unread(circuit)
    if smallest:
        findings += _below_minimum(circuit, smallest)
    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def _softened(finding: Finding) -> Finding:
    """A file that was not read may define what is missing here."""
    missing = finding.rule in {"undefined-parameter", "external-subcircuit"}
    return replace(finding, severity=Severity.NOTE) if missing else finding


def _unread(circuit: Circuit) -> Iterator[Finding]:
    for include in circuit.includes:
        section = f" (section {include.section})" if include.section else ""
        message = f"the file {include.path}{section} was not read: what it defines was not checked"
        yield Finding("unread-include", Severity.NOTE, message, "", include.location)


def _below_minimum(circuit: Circuit, smallest: Mapping[str, tuple[float, float]]) -> Iterator[Finding]:
    """Transistors smaller than the process allows, at the default values of all parameters."""
    try:
        flat = flatten(circuit)
    except EDAError:
        return  # the netlist has no single top, or other findings say why
    for device in (*flat.devices, *(device for block in flat.subcircuits for device in block.devices)):
        limits = smallest.get(device.model or "")
        for name, limit in zip(("w", "l"), limits or (), strict=False):
            try:
                size = circuit.scale * float(device.parameters.get(name, "nan"))
            except ValueError:
                continue
            if size < limit * (1 - 1e-9):
                message = f"{name} of {device.name} is {size:.4g} m, but {device.model} starts at {limit:.4g} m"
                yield Finding("size-below-minimum", Severity.ERROR, message, "", device.location)
