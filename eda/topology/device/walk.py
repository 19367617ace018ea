"""A topology as a walk over the graph of its devices and nets, and back.

The walk goes from a net over an edge (the terminals that a device has on that net) to the device, from there over each
of its other edges to a net, and then on from any net that it has seen: `5 vss m_sb nmos m_d net1 m_g vin1, 4 net1 m_d
pmos ...`. Each device is visited once, and each visit begins with how many devices are left, so that who writes a walk
knows when it ends. Inner nets are numbered as they appear, so neither their names nor the numbers of devices exist to
be memorised; where the walk turns is random, so a topology has many walks, and any connected part of a circuit is the
beginning of one.

Source: the bipartite graph with sets of terminals as edges is AnalogToBi's (Kim et al., arXiv 2603.08720, 2026), whose
walk crosses edges more than once and renames devices at random. Changed: a device is listed whole when it is reached,
which needs no numbers of devices and about half as many words; counts, without which a network that draws walks goes
on for too long: twice as long as those it has learned.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import is_port
from eda.topology.device.topology import Part, Topology
from eda.topology.device.vocabulary import DEVICES, INNER_NETS, VOCABULARY

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["merged", "read_walk", "walk_of"]

_RAILS = ("vss", "vdd")


def walk_of(topology: Topology, kind: str, rng: random.Random, *, more: int = 0) -> list[int]:
    """A random walk over a topology.

    Args:
        topology: what is walked over.
        kind: circuit type, one of `CLASSES`.
        rng: decides where it begins and turns.
        more: devices that are to follow, of a circuit that is to be completed: the stop word is left out then.

    Returns:
        Numbers of words: the type, visits, each behind a count, the stop word.

    Raises:
        InputError: it has no device, cannot be written in the words of the vocabulary, or is not connected.
    """
    if not topology.parts:
        raise InputError("a topology must have a device at least")
    number = VOCABULARY.number
    around = defaultdict(list)
    for index, part in enumerate(topology.parts):
        for net in merged(part):
            around[net].append(index)
    named: dict[str, str] = {}
    words, left = [_number(kind)], set(range(len(topology.parts)))
    if (count := len(left) + more) > DEVICES:
        raise InputError(f"a topology may have {DEVICES} devices, but here are {count}")
    seen: list[str] = []
    net = _beginning(around, rng)
    while left:
        seen.append(net)
        chosen = rng.choice([index for index in around[net] if index in left])
        left.discard(chosen)
        part = topology.parts[chosen]
        edges = merged(part)
        words += [len(left) + more + 1, _net(net, named), number[edges.pop(net)], number[part.kind]]
        for other, edge in edges.items():
            words += [number[edge], _net(other, named)]
        if left:
            seen += edges
            net = _next_net(net, list(edges), seen, {n for n in set(seen) if any(i in left for i in around[n])}, rng)
    return words if more else [*words, number["stop"]]


def merged(part: Part) -> dict[str, str]:
    """The edge from a device to each of its nets, in the order of its terminals."""
    kind = KINDS[part.kind]
    letters: dict[str, str] = {}
    for terminal, net in zip(kind.terminals, part.nets, strict=True):
        letters[net] = letters.get(net, "") + terminal
    if len(letters) < 2:
        raise InputError(
            f"all terminals of a {part.kind} are on the net {part.nets[0]!r}: it does nothing; leave it out"
        )
    return {net: f"{kind.edge}_{terminals}" for net, terminals in letters.items()}


def read_walk(words: Sequence[int]) -> Topology:
    """The topology that a walk goes over; what stands behind the last complete visit is ignored.

    Args:
        words: numbers of words, from the type on, with or without the stop word at the end.
    """
    parts: list[Part] = []
    spelled = [VOCABULARY.words[word] for word in words]
    position = 1  # behind the type
    while position + 3 < len(spelled):
        _, net, edge, kind = spelled[position : position + 4]
        ends = {net: edge}
        position += 4
        wanted = len(KINDS[kind].terminals)
        while sum(map(_count, ends.values())) < wanted and position + 1 < len(spelled):
            ends[spelled[position + 1]] = spelled[position]
            position += 2
        if sum(map(_count, ends.values())) == wanted:
            parts.append(Part(kind, _ordered(kind, ends)))
    return Topology(tuple(parts))


def _beginning(around: dict[str, list[int]], rng: random.Random) -> str:
    """Ground, or the other rail, or any net."""
    return next((rail for rail in _RAILS if rail in around), None) or rng.choice(sorted(around))


def _next_net(net: str, here: list[str], seen: list[str], open_nets: set[str], rng: random.Random) -> str:
    """Near before far, rails last: neighbours of a transistor say more of it than what else is on the supply."""
    if not open_nets:
        raise InputError("a topology must be connected, but a part of it shares no net with the rest")
    near = [other for other in (net, *here) if other in open_nets and other not in _RAILS]
    if near:
        return rng.choice(near)
    far = [other for other in reversed(seen) if other in open_nets and other not in _RAILS]
    return far[0] if far else rng.choice(sorted(open_nets))


def _net(net: str, named: dict[str, str]) -> int:
    if is_port(net):
        return _number(net)
    if net not in named:
        if len(named) == INNER_NETS:
            raise InputError(f"a topology may have {INNER_NETS} inner nets, but here are more")
        named[net] = f"net{len(named) + 1}"
    return VOCABULARY.number[named[net]]


def _number(word: str) -> int:
    if word not in VOCABULARY.number:
        raise InputError(f"{word!r} is no word of the vocabulary")
    return VOCABULARY.number[word]


def _count(edge: str) -> int:
    return len(edge.split("_")[1])


def _ordered(kind: str, ends: dict[str, str]) -> tuple[str, ...]:
    """The net of each terminal; two that are alike take theirs in the order of the walk."""
    if KINDS[kind].alike:
        return tuple(ends)
    on = {letter: net for net, edge in ends.items() for letter in edge.split("_")[1]}
    return tuple(on[terminal] for terminal in KINDS[kind].terminals)
