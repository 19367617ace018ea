"""Electrical rule check: what a simulator would stumble over, or silently accept.

Each rule is a small function from a block to its findings. Ports count as driven from outside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from eda.errors import did_you_mean
from eda.netlist.circuit import Subcircuit
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from eda.netlist.circuit import Circuit, Device, Location

__all__ = ["Finding", "Severity", "check"]


class Severity(Enum):
    """How bad a finding is."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# what ngspice itself defines in expressions
_SIMULATOR_NAMES = frozenset({"temper", "time", "hertz"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the rule check.

    Attributes:
        rule: name of the rule.
        severity: how bad it is.
        message: what was found, in a sentence.
        block: the subcircuit; empty for the elements outside any.
        location: place in the file, when there is one.
    """

    rule: str
    severity: Severity
    message: str
    block: str
    location: Location | None = None

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.severity.value}: {self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class _Block:
    """A block as the rules see it: every net with its pins, as (device, pin role)."""

    name: str
    ports: tuple[str, ...]
    driven: frozenset[str]
    devices: tuple[Device, ...]
    nets: dict[str, list[tuple[Device, str]]]
    known: Mapping[str, Subcircuit]
    scope: frozenset[str]
    location: Location | None


def check(circuit: Circuit) -> list[Finding]:
    """Check the electrical rules of every block of a circuit.

    Returns:
        The findings, worst first.
    """
    known = {block.name: block for block in circuit.walk()}
    blocks = [_view(block, circuit, known) for block in circuit.walk()]
    if circuit.devices:
        blocks.append(_view(Subcircuit("", (), devices=circuit.devices), circuit, known))
    order = list(Severity)
    findings = [finding for block in blocks for rule in _RULES for finding in rule(block)]
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def _view(block: Subcircuit, circuit: Circuit, known: Mapping[str, Subcircuit]) -> _Block:
    nets: dict[str, list[tuple[Device, str]]] = defaultdict(list)
    for device in block.devices:
        for node, pin in zip(device.nodes, device.pins, strict=True):
            nets[node].append((device, pin))
    driven = frozenset({"0", *circuit.globals, *block.ports})
    scope = frozenset({*circuit.parameters, *block.parameters, *block.locals})
    return _Block(block.name, block.ports, driven, block.devices, dict(nets), known, scope, block.location)


def dangling_net(block: _Block) -> Iterator[Finding]:
    """A net with a single pin leads nowhere."""
    for net, pins in block.nets.items():
        if len(pins) == 1 and net not in block.driven:
            device, pin = pins[0]
            message = f"the net {net!r} connects only to {pin} of {device.name}"
            yield Finding("dangling-net", Severity.ERROR, message, block.name, device.location)


def no_dc_path(block: _Block) -> Iterator[Finding]:
    """A net whose own pins all block direct current has no operating point (a floating gate is the common case)."""
    for net, pins in block.nets.items():
        if net in block.driven or len(pins) == 1:
            continue
        if all(_blocks_dc(device, pin) for device, pin in pins):
            message = f"the net {net!r} has no path for direct current: it touches only {_roles(pins)}"
            yield Finding("no-dc-path", Severity.ERROR, message, block.name, pins[0][0].location)


def _blocks_dc(device: Device, pin: str) -> bool:
    return pin in DEVICE_TYPES[device.letter].blocked


def _roles(pins: list[tuple[Device, str]]) -> str:
    return ", ".join(sorted({f"{pin}s of {DEVICE_TYPES[device.letter].noun}s" for device, pin in pins}))


def shorted_device(block: _Block) -> Iterator[Finding]:
    """All pins of a device on one net: it does nothing, or shorts a source."""
    for device in block.devices:
        if len(device.nodes) > 1 and len(set(device.nodes)) == 1:
            severity = Severity.FATAL if device.letter in "ve" else Severity.WARNING
            message = f"all pins of {device.name} are on the net {device.nodes[0]!r}"
            yield Finding("shorted-device", severity, message, block.name, device.location)


def parallel_voltage_sources(block: _Block) -> Iterator[Finding]:
    """Two ideal voltage sources across the same nets fight without limit."""
    pairs = Counter(frozenset(d.nodes) for d in block.devices if d.letter == "v" and len(set(d.nodes)) > 1)
    for device in block.devices:
        if device.letter == "v" and pairs.pop(frozenset(device.nodes), 1) > 1:
            message = f"more than one voltage source lies between {' and '.join(device.nodes)}"
            yield Finding("voltage-loop", Severity.FATAL, message, block.name, device.location)


def unused_port(block: _Block) -> Iterator[Finding]:
    """A port that nothing inside touches."""
    for port in block.ports:
        if port not in block.nets:
            message = f"the port {port!r} of {block.name!r} is not connected inside"
            yield Finding("unused-port", Severity.WARNING, message, block.name, block.location)


def undefined_parameter(block: _Block) -> Iterator[Finding]:
    """A value that names a parameter which nothing defines."""
    for device in block.devices:
        texts = [*device.parameters.values()]
        if device.value is not None and DEVICE_TYPES[device.letter].value == "expression" and len(device.nodes) > 1:
            texts += [device.value] if device.letter in "rcl" else []
        for name in sorted(frozenset().union(*map(names, texts)) - block.scope - _SIMULATOR_NAMES):
            message = f"the parameter {name!r} of {device.name} is not defined. {did_you_mean(name, block.scope)}"
            yield Finding("undefined-parameter", Severity.FATAL, message, block.name, device.location)


def call_mismatch(block: _Block) -> Iterator[Finding]:
    """A subcircuit call with another number of nodes, or with a parameter that the subcircuit does not have."""
    for device in block.devices:
        called = block.known.get(device.model or "") if device.letter == "x" else None
        if called is None:
            continue
        if len(device.nodes) != len(called.ports):
            message = (
                f"{device.name} gives {len(device.nodes)} nodes, but {called.name!r} has {len(called.ports)} ports"
            )
            yield Finding("call-mismatch", Severity.FATAL, message, block.name, device.location)
        for name in sorted(device.parameters.keys() - called.parameters.keys() - {"m"}):
            message = (
                f"{called.name!r} has no parameter {name!r} ({device.name}). {did_you_mean(name, called.parameters)}"
            )
            yield Finding("call-mismatch", Severity.FATAL, message, block.name, device.location)


def source_without_value(block: _Block) -> Iterator[Finding]:
    """An independent source that gives nothing."""
    for device in block.devices:
        if device.letter in "vi" and (device.value or "").lower() in {"", "dc", "ac"}:
            message = f"the source {device.name} has no value, so it gives 0"
            yield Finding("source-without-value", Severity.WARNING, message, block.name, device.location)


def undefined_subcircuit(block: _Block) -> Iterator[Finding]:
    """A call of a subcircuit that the netlist does not define; a process kit may."""
    for device in block.devices:
        if device.letter == "x" and device.model not in block.known:
            message = (
                f"the subcircuit {device.model!r} of {device.name} is not in the netlist: the technology must have it"
            )
            yield Finding("external-subcircuit", Severity.NOTE, message, block.name, device.location)


_RULES: tuple[Callable[[_Block], Iterator[Finding]], ...] = (
    dangling_net,
    no_dc_path,
    shorted_device,
    parallel_voltage_sources,
    unused_port,
    undefined_parameter,
    call_mismatch,
    source_without_value,
    undefined_subcircuit,
)
