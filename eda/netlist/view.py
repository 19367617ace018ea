"""Blocks as the rules see them: nets with their pins, and which nets direct current connects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.netlist.circuit import Subcircuit
from eda.netlist.devices import DEVICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.netlist.circuit import Circuit, Device, Location, Model

__all__ = ["Nets", "View", "joined", "views"]

_CURRENT: Final = frozenset("igf")


class Nets:
    """Sets of nets that are joined (union-find with path halving)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, net: str) -> str:
        """The representative of a net's set."""
        parent = self._parent
        parent.setdefault(net, net)
        while parent[net] != net:
            parent[net] = parent[parent[net]]
            net = parent[net]
        return net

    def join(self, nets: Sequence[str]) -> None:
        """Join the sets of some nets."""
        for net in nets[1:]:
            self._parent[self.find(net)] = self.find(nets[0])


@dataclass(frozen=True, slots=True)
class View:
    """A block as the rules see it.

    Attributes:
        name: of the block; empty for the elements outside any.
        ports: its ports.
        driven: nets that are driven from outside.
        devices: its devices.
        nets: every net with its pins, as (device, pin).
        known: blocks by name.
        models: model cards by name.
        scope: parameters that are defined where the block stands, or where it is called.
        conducting: sets of nets joined by paths for direct current.
        blocked: pins of calls that lead to no direct current inside, as (device name, pin).
        dialect: of the circuit.
        scaled: whether sizes are not in metres (`.option scale`).
        fragment: whether nothing says what drives it: a block without ports that none calls, or elements outside any
            block without a voltage source.
        location: of the block.
    """

    name: str
    ports: tuple[str, ...]
    driven: frozenset[str]
    devices: tuple[Device, ...]
    nets: Mapping[str, list[tuple[Device, str]]]
    known: Mapping[str, Subcircuit]
    models: Mapping[str, Model]
    scope: frozenset[str]
    conducting: Nets
    blocked: frozenset[tuple[str, str]]
    dialect: str
    scaled: bool
    fragment: bool
    location: Location | None


def views(circuit: Circuit) -> list[View]:
    """The views of every block, and of the elements outside any."""
    blocks = list(circuit.walk())
    if circuit.devices:
        blocks.append(Subcircuit("", (), devices=circuit.devices))
    return _Views(circuit, blocks).all()


class _Views:
    def __init__(self, circuit: Circuit, blocks: list[Subcircuit]) -> None:
        self.circuit, self.blocks = circuit, blocks
        self.rails = frozenset({"0", *circuit.globals})
        self.known = {block.name: block for block in blocks}
        self.models = {model.name: model for model in circuit.models}
        for block in blocks:
            self.models |= {model.name: model for model in block.models}
        self.callers: dict[str, list[Subcircuit]] = defaultdict(list)
        for block in blocks:
            for name in {device.model for device in block.devices if device.letter == "x"}:
                self.callers[name or ""].append(block)
        self._conduction: dict[str, tuple[Nets, frozenset[tuple[str, str]]]] = {}

    def all(self) -> list[View]:
        """The views in the order of the blocks."""
        scaled = any("scale" in text.lower() for text in self.circuit.statements if text.lower().startswith(".opt"))
        found = []
        for block in self.blocks:
            nets: dict[str, list[tuple[Device, str]]] = defaultdict(list)
            for device in block.devices:
                for node, pin in zip(device.nodes, device.pins, strict=True):
                    nets[node].append((device, pin))
            conducting, blocked = self._conducting(block, ())
            found.append(
                View(
                    block.name,
                    block.ports,
                    self._driven(block),
                    block.devices,
                    dict(nets),
                    self.known,
                    self.models,
                    self._scope(block),
                    conducting,
                    blocked,
                    self.circuit.dialect,
                    scaled,
                    self._is_fragment(block),
                    block.location,
                )
            )
        return found

    def _is_fragment(self, block: Subcircuit) -> bool:
        sources = not block.name and any(device.letter == "v" for device in block.devices)
        return not block.ports and not sources and block.name not in self.callers

    def _driven(self, block: Subcircuit) -> frozenset[str]:
        return frozenset({*self.rails, *block.ports})

    def _scope(self, block: Subcircuit) -> frozenset[str]:
        """Parameters of the block, of the file, and of the blocks that call it: ngspice looks there too."""
        names = set(self.circuit.parameters)
        seen, stack = set(), [block]
        while stack:
            current = stack.pop()
            if current.name not in seen:
                seen.add(current.name)
                names |= {*current.parameters, *current.locals}
                stack += self.callers.get(current.name, ())
        return frozenset(names)

    def _conducting(self, block: Subcircuit, opened: tuple[str, ...]) -> tuple[Nets, frozenset[tuple[str, str]]]:
        """Nets joined by direct current, and the pins of calls that lead nowhere."""
        known = self._conduction.get(block.name)
        if known is not None:
            return known
        nets, blocked = Nets(), set()
        for device in block.devices:
            called = self.known.get(device.model or "") if device.letter == "x" else None
            fits = called is not None and len(called.ports) == len(device.nodes) and called.name not in opened
            if called is not None and fits and len(opened) < 100:
                inner, _ = self._conducting(called, (*opened, block.name))
                dead = _dead_ports(called, inner, self.rails)
                blocked |= {(device.name, str(i)) for i, port in enumerate(called.ports) if port in dead}
                groups: dict[str, list[str]] = defaultdict(list)
                for port, node in zip(called.ports, device.nodes, strict=True):
                    groups[inner.find(port)].append(node)
                for rail in self.rails:
                    groups[inner.find(rail)].append(rail)
                for group in groups.values():
                    nets.join(group)
                continue
            nets.join(joined(device))
        found = nets, frozenset(blocked)
        if not opened or block.name:
            self._conduction[block.name] = found
        return found


def _dead_ports(block: Subcircuit, conducting: Nets, grounded: frozenset[str]) -> set[str]:
    """Ports behind which no direct current flows: gates, capacitors, and calls of blocks like this."""
    alive: set[str] = {conducting.find(net) for net in grounded}
    for device in block.devices:
        nets = joined(device)
        if len(set(nets)) > 1 or device.letter in "xan":
            alive |= {conducting.find(net) for net in nets}
    touched = {node for device in block.devices for node in device.nodes}
    return {port for port in block.ports if conducting.find(port) not in alive and port in touched}


def joined(device: Device) -> list[str]:
    """The nets of a device between which direct current flows."""
    if device.letter in _CURRENT or (device.letter == "b" and (device.value or "").startswith("i")):
        return []
    blocked = DEVICE_TYPES[device.letter].blocked
    return [node for node, pin in zip(device.nodes, device.pins, strict=True) if pin not in blocked]
