"""Electrical rule check: what a simulator would stumble over, or silently accept."""

from __future__ import annotations

import re
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

_WORD = re.compile(r"[a-z_]\w*")


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
    findings += _unused_variables(circuit)
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


def _unused_variables(circuit: Circuit) -> Iterator[Finding]:
    """Parameters with bounds that no text of the netlist names."""
    blocks = list(circuit.walk())
    devices = [*circuit.devices, *(device for block in blocks for device in block.devices)]
    values = [circuit.parameters, *(known for block in blocks for known in (block.parameters, block.locals))]
    values += [device.parameters for device in devices]
    values += [model.parameters for model in (*circuit.models, *(m for block in blocks for m in block.models))]
    texts = [*(text for known in values for text in known.values()), *(d.value or "" for d in devices)]
    texts += [device.model or "" for device in devices]  # `c1 a b cload`
    named = {word for text in (*texts, *circuit.statements) for word in _WORD.findall(text.lower())}
    for block in blocks:
        for variable in block.variables:
            if variable.name not in named:
                message = f"the parameter {variable.name!r} has bounds, but nothing uses it"
                yield Finding("unused-variable", Severity.WARNING, message, block.name, block.location)


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
