"""A topology as a closed walk over its pins, and back: the representation that walks over devices and nets replace.

Each device, each of its pins and each port is a node; a device is joined to its pins, and the pins on a net to the port
there, or in a row where there is none. The walk begins and ends at ground and goes over every edge: `vss nmos1_s nmos1
nmos1_d vout1 ...`. Devices have numbers, here in the order in which they are met, and so each number is a word.

Source: Gao et al., "AnalogGenie", ICLR 2025, whose walks are such Eulerian circuits, without a circuit type in front
and without a grammar. There is one only if some edges are walked twice: here edges of a random spanning tree.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import FAMILIES, is_port
from eda.topology.device.topology import Part, Topology
from eda.topology.device.vocabulary import CLASSES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["PIN_WORDS", "pin_walk_of", "read_pin_walk"]

_MOST: Final = {
    "nmos": 48,
    "pmos": 32,
    "resistor": 32,
    "npn": 32,
    "inductor": 24,
    "capacitor": 24,
    "pnp": 24,
    "diode": 8,
}
"""Devices of a kind that have a word; AnalogGenie's circuits have 42 at most."""

_Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Pin:
    """A terminal of a device: the word of the device, and which of its terminals."""

    device: str
    terminal: int


def _pins(kind: str, device: str) -> list[str]:
    """The words of the pins of a device, in the order of its terminals."""
    letters = KINDS[kind].terminals
    names = [f"{letter}{number}" if KINDS[kind].alike else letter for number, letter in enumerate(letters, 1)]
    return [f"{device}_{name}" for name in names]


def _devices() -> dict[str, str]:
    """The kind of each word that is a device."""
    return {f"{kind}{number}": kind for kind in KINDS for number in range(1, _MOST[kind] + 1)}


_KIND_OF: Final[Mapping[str, str]] = _devices()
_PIN_OF: Final[Mapping[str, _Pin]] = {
    pin: _Pin(device, number) for device, kind in _KIND_OF.items() for number, pin in enumerate(_pins(kind, device))
}

PIN_WORDS: Final = (
    "stop",
    *CLASSES,
    *(word for family in FAMILIES.values() for word in family.words),
    *_KIND_OF,
    *_PIN_OF,
)
"""The stop word, circuit types, ports, devices, pins."""

_NUMBER: Final = {word: number for number, word in enumerate(PIN_WORDS)}


def pin_walk_of(topology: Topology, kind: str, rng: random.Random) -> list[int]:
    """A random closed walk over the pins of a topology.

    Args:
        topology: what is walked over.
        kind: circuit type, one of `CLASSES`.
        rng: decides where it turns.

    Returns:
        Numbers of words: the type, the walk, the stop word.

    Raises:
        InputError: it has more devices of a kind than there are words for, or is not connected.
    """
    edges = _edges(topology, rng)
    start = next((rail for rail in ("vss", "vdd") if rail in topology.ports), edges[0][0])
    walk = _closed_walk(_evened(edges, start, rng), start, rng)
    named: dict[str, str] = {}
    met: Counter[str] = Counter()
    return [_NUMBER[kind], *(_NUMBER[_renamed(node, named, met)] for node in walk), _NUMBER["stop"]]


def read_pin_walk(words: Sequence[int]) -> Topology:
    """The topology that a walk over pins goes over.

    Args:
        words: numbers of words, with or without the type at the beginning and the stop word at the end.

    Raises:
        InputError: a step leads from a word to one that no edge joins it with, a device lacks a pin, two ports are
            joined, or it has no device.
    """
    nodes = [PIN_WORDS[word] for word in words]
    nodes = nodes[int(bool(nodes) and nodes[0] in CLASSES) :]
    nodes = nodes[: nodes.index("stop")] if "stop" in nodes else nodes
    joined: dict[str, str] = {}
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for here, there in itertools.pairwise(nodes):
        if here in _PIN_OF and _PIN_OF[here].device == there:
            seen[there].add(_PIN_OF[here].terminal)
        elif there in _PIN_OF and _PIN_OF[there].device == here:
            seen[here].add(_PIN_OF[there].terminal)
        elif _has_net(here) and _has_net(there):
            joined[_root(joined, here)] = _root(joined, there)
        else:
            raise InputError(
                f"a walk must step from a device to its pins, and between pins, but {there} follows {here}"
            )
    names = _net_names(joined, nodes)
    parts = []
    for device in dict.fromkeys(map(_device_of, nodes)):
        if is_port(device):
            continue
        kind = _KIND_OF[device]
        pins = _pins(kind, device)
        if len(seen[device]) < len(pins):
            raise InputError(
                f"a walk must visit all pins of a device, but {device} has {len(seen[device])} of {len(pins)}"
            )
        parts.append(Part(kind, tuple(names[_root(joined, pin)] for pin in pins)))
    if not parts:
        raise InputError("a walk must visit a device at least")
    return Topology(tuple(parts))


def _edges(topology: Topology, rng: random.Random) -> list[_Edge]:
    """Devices with their pins, and pins with what is on their net."""
    found: list[_Edge] = []
    on: defaultdict[str, list[str]] = defaultdict(list)
    met: Counter[str] = Counter()
    for part in topology.parts:
        met[part.kind] += 1
        if met[part.kind] > _MOST[part.kind]:
            raise InputError(f"a walk over pins has words for {_MOST[part.kind]} devices of kind {part.kind}, not more")
        device = f"{part.kind}{met[part.kind]}"
        for pin, net in zip(_pins(part.kind, device), part.nets, strict=True):
            found.append((device, pin))
            on[net].append(pin)
    for net, pins in on.items():
        rng.shuffle(pins)
        found += [(net, pin) for pin in pins] if is_port(net) else list(itertools.pairwise(pins))
    return found


def _evened(edges: Sequence[_Edge], start: str, rng: random.Random) -> list[_Edge]:
    """The edges, some of a random spanning tree twice, so that each node has an even number of them.

    Raises:
        InputError: not all of them hang together.
    """
    around = _around(edges)
    order, parent, waiting = [], {start: start}, [start]
    while waiting:
        node = waiting.pop()
        order.append(node)
        near = [other for number in around[node] for other in edges[number] if other not in parent]
        rng.shuffle(near)
        for other in dict.fromkeys(near):
            parent[other] = node
            waiting.append(other)
    if len(order) < len(around):
        raise InputError("a topology must be connected, but a part of it shares no net with the rest")
    odd = {node for node in order if len(around[node]) % 2}
    twice = []
    for node in reversed(order[1:]):
        if node in odd:
            twice.append((node, parent[node]))
            odd ^= {node, parent[node]}
    return [*edges, *twice]


def _closed_walk(edges: Sequence[_Edge], start: str, rng: random.Random) -> list[str]:
    """Nodes in an order that goes over each edge once and comes back (Hierholzer's algorithm)."""
    around = _around(edges)
    for numbers in around.values():
        rng.shuffle(numbers)
    walked: set[int] = set()
    path, walk = [start], []
    while path:
        left = around[path[-1]]
        while left and left[-1] in walked:
            left.pop()
        if left:
            number = left.pop()
            walked.add(number)
            one, other = edges[number]
            path.append(other if path[-1] == one else one)
        else:
            walk.append(path.pop())
    return walk


def _around(edges: Iterable[_Edge]) -> defaultdict[str, list[int]]:
    """The numbers of the edges of each node."""
    around: defaultdict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        for node in edge:
            around[node].append(number)
    return around


def _renamed(node: str, named: dict[str, str], met: Counter[str]) -> str:
    """The word of a node, its device numbered in the order in which devices of its kind are met."""
    if is_port(node):
        return node
    device = _device_of(node)
    if device not in named:
        kind = _KIND_OF[device]
        met[kind] += 1
        named[device] = f"{kind}{met[kind]}"
    return named[device] + node[len(device) :]


def _device_of(node: str) -> str:
    """The device of a pin; other nodes as they are."""
    return _PIN_OF[node].device if node in _PIN_OF else node


def _has_net(node: str) -> bool:
    return node in _PIN_OF or is_port(node)


def _root(joined: Mapping[str, str], node: str) -> str:
    while (other := joined.get(node, node)) != node:
        node = other
    return node


def _net_names(joined: Mapping[str, str], nodes: Iterable[str]) -> dict[str, str]:
    """The name of each net, by its root: that of its port, or a number.

    Raises:
        InputError: a net has two ports.
    """
    names: dict[str, str] = {}
    ports = [node for node in dict.fromkeys(nodes) if is_port(node)]
    for port in ports:
        if (other := names.setdefault(_root(joined, port), port)) != port:
            raise InputError(f"a net has one port at most, but {other} and {port} are joined")
    for node in nodes:
        if node in _PIN_OF:
            names.setdefault(_root(joined, node), f"net{len(names) + 1}")
    return names
