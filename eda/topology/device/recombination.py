"""New circuits from known ones without a network: a block of one takes the place of a block of another.

A block is some devices in a row of neighbours, and its interface the nets that it shares with the rest, each seen as
the port or the terminals that it meets there. Blocks with like interfaces change places; where there are none, those
whose interfaces have like numbers of nets. Also the control: the same devices with all pins shuffled.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from eda.topology.device.grammar import refusal
from eda.topology.device.kinds import KINDS
from eda.topology.device.novelty import Known
from eda.topology.device.ports import family_of, is_port
from eda.topology.device.topology import Part, Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eda.topology.device.corpus import Example

__all__ = ["Recombination", "recombined", "shuffled"]

_SIZES: Final = (2, 8)  # devices of a block
_TRIES: Final = 5000  # pairs of blocks, before a circuit is left as it is
_STRICT: Final = 500  # of them, whose interfaces must be alike
_RAILS: Final = ("vdd", "vss")

_Seen = tuple[object, ...]


class Recombination:
    """Draws new circuits from known ones.

    Args:
        examples: the known ones.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        self._of_class: dict[str, list[Topology]] = defaultdict(list)
        for one in examples:
            self._of_class[one.kind].append(one.topology)
        self._old = Known((one for some in self._of_class.values() for one in some), ports="renumbered")

    def topologies(self, kind: str, *, seed: int = 0) -> Iterator[Topology]:
        """New circuits of a class without end; `recombined` says which.

        Args:
            kind: the class, one of those of the known circuits.
            seed: of the draws.
        """
        rng = random.Random(f"recombination {kind} {seed}")
        while True:
            yield recombined(self._of_class[kind], kind, rng, old=self._old)

    def knows(self, topology: Topology) -> bool:
        """Whether it is a known one, numbers of ports aside."""
        return topology in self._old


def recombined(known: Sequence[Topology], kind: str, rng: random.Random, *, old: Known) -> Topology:
    """A circuit of the known ones in which a block of another one stands; the grammar accepts it, and it is new.

    Args:
        known: circuits of the class.
        kind: the class.
        rng: decides.
        old: circuits that are not new.

    Returns:
        One of the known circuits as it is where no exchange leads to a new one.
    """
    for number in range(_TRIES):
        host, donor = rng.choice(known), rng.choice(known)
        found = _exchanged(host, donor, rng, strict=number < _STRICT)
        if found is not None and not refusal(found, kind) and found not in old:
            return found
    return rng.choice(known)


def shuffled(topology: Topology, rng: random.Random) -> Topology:
    """The same devices on the same nets, each pin on a net drawn at random."""
    pins = [net for part in topology.parts for net in part.nets]
    rng.shuffle(pins)
    left = iter(pins)
    return Topology(tuple(Part(part.kind, tuple(next(left) for _ in part.nets)) for part in topology.parts))


def _exchanged(host: Topology, donor: Topology, rng: random.Random, *, strict: bool) -> Topology | None:
    """The host with a block of the donor in place of one with the same interface; none where these differ."""
    removed, added = _block(host, rng), _block(donor, rng)
    ours, theirs = _interface(host, removed, strict=strict), _interface(donor, added, strict=strict)
    if sorted(ours, key=repr) != sorted(theirs, key=repr) or len(removed) == len(host.parts):
        return None
    names: dict[str, str] = {}
    for view, nets in theirs.items():
        there = list(ours[view]) if view in ours else []
        if len(there) != len(nets):
            return None
        rng.shuffle(there)
        names |= dict(zip(nets, there, strict=True))
    kept = [part for number, part in enumerate(host.parts) if number not in removed]
    used = {net for part in kept for net in part.nets}
    for number in added:
        for net in donor.parts[number].nets:
            if net not in names:
                names[net] = net if is_port(net) else f"n_{net}" if f"n_{net}" not in used else f"n_{net}_{len(names)}"
    new = [Part(donor.parts[n].kind, tuple(names[net] for net in donor.parts[n].nets)) for n in sorted(added)]
    return Topology((*kept, *new))


def _block(topology: Topology, rng: random.Random) -> set[int]:
    """Numbers of devices that hang together without the rails."""
    around = defaultdict(set)
    for number, part in enumerate(topology.parts):
        for net in part.nets:
            if net not in _RAILS:
                around[net].add(number)
    chosen = {rng.randrange(len(topology.parts))}
    for _ in range(rng.randint(*_SIZES) - 1):
        near = {n for number in chosen for net in topology.parts[number].nets for n in around[net]} - chosen
        if not near:
            break
        chosen.add(rng.choice(sorted(near)))
    return chosen


def _interface(topology: Topology, block: set[int], *, strict: bool) -> dict[_Seen, list[str]]:
    """Nets that a block shares with the rest, by what they are: a port, or the terminals of the block on them."""
    inside, outside = defaultdict(list), set()
    for number, part in enumerate(topology.parts):
        for terminal, net in zip(KINDS[part.kind].terminals, part.nets, strict=True):
            if number in block:
                inside[net].append((part.kind, terminal))
            else:
                outside.add(net)
    found: dict[_Seen, list[str]] = defaultdict(list)
    for net, pins in inside.items():
        if is_port(net):
            found[("port", family_of(net))].append(net)
        elif net in outside:
            found[("net", *sorted(set(pins) if strict else ()))].append(net)
    return found
