"""The circuits that a generator learns from: AnalogGenie's, as topologies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.datasets import analoggenie
from eda.errors import InputError
from eda.topology.device.grammar import refusal
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import is_port, role_of
from eda.topology.device.topology import Part, Topology
from eda.topology.device.vocabulary import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Example", "examples", "repaired"]


@dataclass(frozen=True, slots=True)
class Example:
    """A circuit to learn from.

    Attributes:
        id: in its data set.
        kind: circuit type, one of `CLASSES`.
        topology: its devices.
        composed: whether it is put together from blocks that other circuits have too.
        mended: what was wrong with the drawing.
    """

    id: str
    kind: str
    topology: Topology
    composed: bool
    mended: tuple[str, ...] = ()


def examples(path: Path | None = None) -> tuple[list[Example], dict[str, str]]:
    """The circuits of AnalogGenie that the grammar accepts once they are mended, and why the others are refused, by id.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing or damaged.
    """
    names = {label: kind for kind, label in CLASSES.items()}
    found, refused = [], {}
    for entry in analoggenie.entries(path):
        kind = names[entry.label or ""]
        try:
            topology, mended = repaired(Topology.of(entry.circuit))
        except InputError as error:
            refused[entry.id] = str(error)
            continue
        if reason := refusal(topology, kind):
            refused[entry.id] = reason
            continue
        found.append(Example(entry.id, kind, topology, int(entry.id) >= analoggenie.FIRST_COMPOSED, mended))
    return found, refused


def repaired(topology: Topology) -> tuple[Topology, tuple[str, ...]]:
    """A drawn circuit without the slips that keep it from working, and what was mended.

    A net of bulks alone is the supply or the ground that the drawing does not show. A net of gates that nothing drives
    is a bias that is no port. Where no port is an output, the inner net with the most pins, a drain or a collector
    among them, is one: circuits of all types are drawn without.

    Args:
        topology: as it was drawn.
    """
    mended = []
    pins = _pins(topology)
    ports = set(topology.ports)
    renamed: dict[str, str] = {}
    biases = (f"vb{number}" for number in range(1, 11) if f"vb{number}" not in ports)
    for net, here in pins.items():
        if is_port(net) or not {letter for _, letter in here} <= {"g", "b"}:
            continue
        if {letter for _, letter in here} == {"b"}:
            renamed[net] = "vdd" if here[0][0] == "pmos" else "vss"
            mended.append("bulks on a net of their own")
        elif (bias := next(biases, None)) is not None:
            renamed[net] = bias
            mended.append("gates that nothing drives")
    if not any(role_of(port) == "output" for port in ports):
        driven = [net for net, here in pins.items() if {letter for _, letter in here} & set("dce")]
        inner = [net for net in driven if not is_port(net)]
        if inner:
            renamed[max(inner, key=lambda net: len(pins[net]))] = "vout1"
            mended.append("no output")
    parts = (Part(part.kind, tuple(renamed.get(net, net) for net in part.nets)) for part in topology.parts)
    return Topology(tuple(parts)), tuple(mended)


def _pins(topology: Topology) -> dict[str, list[tuple[str, str]]]:
    """By net, the kind of device and the terminal of each pin."""
    pins: dict[str, list[tuple[str, str]]] = {}
    for part in topology.parts:
        for terminal, net in zip(KINDS[part.kind].terminals, part.nets, strict=True):
            pins.setdefault(net, []).append((part.kind, terminal))
    return pins
