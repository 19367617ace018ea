"""What is new about topologies, and what AnalogToBi calls valid.

Source: Kim et al., "AnalogToBi", arXiv 2603.08720, 2026: four rules on the graph, and novelty as the absence of an
isomorphic circuit among those of training, in which ports keep their numbers. There a bias called vb3 in place of vb1
makes a circuit new; here ports that differ in their numbers only are alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Literal

from eda.graph import canonical_hash
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import family_of, is_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.topology.device.topology import Part, Topology

__all__ = ["Known", "Neighbours", "broken_rules", "similarity", "topology_key"]

_RAILS = frozenset({"vdd", "vss"})
_DIGITS = 16  # of a hash


def broken_rules(topology: Topology) -> list[str]:
    """Which of AnalogToBi's rules a topology breaks, in sentences; none where it is valid by them.

    Two of the four, that walks alternate between devices and nets and that each terminal is on one net, hold for all
    that can be written as a `Topology`. The others are that devices with two terminals join two nets, and that inner
    nets join two devices at least.
    """
    devices: dict[str, set[int]] = defaultdict(set)
    broken = []
    for number, part in enumerate(topology.parts):
        if len(part.nets) == 2 and len(set(part.nets)) < 2:
            broken.append(f"both terminals of a {part.kind} are on the net {part.nets[0]!r}")
        for net in part.nets:
            devices[net].add(number)
    alone = [net for net, here in devices.items() if len(here) < 2 and not is_port(net)]
    return [*broken, *(f"only one device is on the net {net!r}" for net in alone)]


def topology_key(topology: Topology) -> str:
    """The same for topologies that are one but for names and the numbers of ports, and for hardly any others."""
    return canonical_hash(topology.circuit(), ports="renumbered")[:_DIGITS]


class Known:
    """Circuits that are not new.

    Args:
        topologies: those of training.
        ports: whether ports are told apart by their names, as AnalogToBi does, or by their names less numbers.
    """

    def __init__(self, topologies: Iterable[Topology], *, ports: Literal["named", "renumbered"] = "renumbered") -> None:
        self._ports = ports
        self._hashes = {self.key(topology) for topology in topologies}

    def key(self, topology: Topology) -> str:
        """The same for topologies that are alike."""
        return canonical_hash(topology.circuit(), ports=self._ports)

    def __contains__(self, topology: Topology) -> bool:
        return self.key(topology) in self._hashes


def similarity(one: Topology, other: Topology) -> float:
    """How much two topologies have in common: 1 for equal ones.

    The share of devices with like surroundings (the kinds and terminals that they meet on each net but the rails) among
    the devices of both (the Jaccard index of multisets).
    """
    return _jaccard(_surroundings(one), _surroundings(other))


class Neighbours:
    """Circuits among which the nearest one is looked for.

    Args:
        topologies: the circuits.
    """

    def __init__(self, topologies: Iterable[Topology]) -> None:
        self._surroundings = [_surroundings(one) for one in topologies]

    def nearest(self, topology: Topology) -> tuple[int, float]:
        """The number of the circuit that has most in common with a topology, and its `similarity`."""
        own = _surroundings(topology)
        return max(enumerate(_jaccard(own, other) for other in self._surroundings), key=lambda found: found[1])


def _jaccard(one: Counter[Any], other: Counter[Any]) -> float:
    common = sum(min(count, other[key]) for key, count in one.items() if key in other)
    return common / max(one.total() + other.total() - common, 1)


def _surroundings(topology: Topology) -> Counter[tuple[object, ...]]:
    pins: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for part in topology.parts:
        for terminal, net in zip(KINDS[part.kind].terminals, part.nets, strict=True):
            pins[net].append((part.kind, terminal))
    return Counter((part.kind, *_seen(part, pins)) for part in topology.parts)


def _seen(part: Part, pins: dict[str, list[tuple[str, str]]]) -> list[tuple[object, ...]]:
    """What a device sees of each of its nets; of ports their name less its number, of rails nothing else."""
    views: list[tuple[object, ...]] = []
    for net in part.nets:
        name = family_of(net)
        views.append((name,) if net in _RAILS else (name, *sorted(pins[net])))
    return sorted(views, key=repr) if KINDS[part.kind].alike else views
