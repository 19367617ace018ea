"""New circuits from known ones without a network: a block of one takes the place of a block of another.

A block is some devices in a row of neighbours, and its interface the nets that it shares with the rest, each seen as
the port or the terminals that it meets there. Blocks with like interfaces change places; where there are none, those
whose interfaces have like numbers of nets. Also the control: the same devices with all pins shuffled.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.topology.device.grammar import refusal
from eda.topology.device.kinds import KINDS
from eda.topology.device.novelty import Known
from eda.topology.device.ports import family_of, is_port
from eda.topology.device.topology import Part, Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from eda.topology.device.corpus import Example

__all__ = ["Recombination", "Wiring", "recombined", "shuffled"]

_SIZES: Final = (2, 8)  # devices of a block
_TRIES: Final = 5000  # pairs of blocks, before a circuit is left as it is
_STRICT: Final = 500  # of them, whose interfaces must be alike
_RAILS: Final = ("vdd", "vss")

_Seen = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Wiring:
    """A topology with what blocks of it are looked up in.

    Attributes:
        topology: it.
        pins: of each device: net, and what it meets there, kind and terminal.
        near: numbers of the devices that share a net with each device, the rails aside; itself among them.
        pins_on: how many pins each net has.
        ports: of the ports, their families.
    """

    topology: Topology
    pins: tuple[tuple[tuple[str, tuple[str, str]], ...], ...]
    near: tuple[frozenset[int], ...]
    pins_on: Mapping[str, int]
    ports: Mapping[str, str]

    @classmethod
    def of(cls, topology: Topology) -> Wiring:
        """The wiring of a topology."""
        pins = tuple(
            tuple((net, (part.kind, end)) for end, net in zip(KINDS[part.kind].terminals, part.nets, strict=True))
            for part in topology.parts
        )
        around: dict[str, set[int]] = defaultdict(set)
        for number, part in enumerate(topology.parts):
            for net in part.nets:
                around[net].add(number)
        near = tuple(
            frozenset().union(*(around[net] for net in part.nets if net not in _RAILS)) for part in topology.parts
        )
        pins_on = Counter(net for part in topology.parts for net in part.nets)
        return cls(topology, pins, near, pins_on, {net: family_of(net) for net in pins_on if is_port(net)})


class Recombination:
    """Draws new circuits from known ones.

    Args:
        examples: the known ones.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        self._of_class: dict[str, list[Wiring]] = defaultdict(list)
        for one in examples:
            self._of_class[one.kind].append(Wiring.of(one.topology))
        known = (one.topology for some in self._of_class.values() for one in some)
        self._old = Known(known, ports="renumbered")

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


def recombined(known: Sequence[Wiring], kind: str, rng: random.Random, *, old: Known) -> Topology:
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
    return rng.choice(known).topology


def shuffled(topology: Topology, rng: random.Random) -> Topology:
    """The same devices on the same nets, each pin on a net drawn at random."""
    pins = [net for part in topology.parts for net in part.nets]
    rng.shuffle(pins)
    left = iter(pins)
    return Topology(tuple(Part(part.kind, tuple(next(left) for _ in part.nets)) for part in topology.parts))


def _exchanged(host: Wiring, donor: Wiring, rng: random.Random, *, strict: bool) -> Topology | None:
    """The host with a block of the donor in place of one with the same interface; none where these differ."""
    removed, added = _block(host, rng), _block(donor, rng)
    ours, theirs = _interface(host, removed, strict=strict), _interface(donor, added, strict=strict)
    parts = host.topology.parts
    if ours.keys() != theirs.keys() or len(removed) == len(parts):
        return None
    names: dict[str, str] = {}
    for view, nets in theirs.items():
        there = list(ours[view])
        if len(there) != len(nets):
            return None
        rng.shuffle(there)
        names |= dict(zip(nets, there, strict=True))
    kept = [part for number, part in enumerate(parts) if number not in removed]
    used = {net for part in kept for net in part.nets}
    new = [donor.topology.parts[number] for number in sorted(added)]
    for net in (net for number in added for net in donor.topology.parts[number].nets):
        if net not in names:
            names[net] = (
                net if net in donor.ports else f"n_{net}" if f"n_{net}" not in used else f"n_{net}_{len(names)}"
            )
    return Topology((*kept, *(Part(part.kind, tuple(names[net] for net in part.nets)) for part in new)))


def _block(wiring: Wiring, rng: random.Random) -> set[int]:
    """Numbers of devices that hang together without the rails."""
    chosen = {rng.randrange(len(wiring.pins))}
    near = set[int]().union(*(wiring.near[number] for number in chosen))
    for _ in range(rng.randint(*_SIZES) - 1):
        near -= chosen
        if not near:
            break
        one = rng.choice(sorted(near))
        chosen.add(one)
        near |= wiring.near[one]
    return chosen


def _interface(wiring: Wiring, block: set[int], *, strict: bool) -> dict[_Seen, list[str]]:
    """Nets that a block shares with the rest, by what they are: a port, or the terminals of the block on them."""
    inside = defaultdict(list)
    for number in sorted(block):
        for net, pin in wiring.pins[number]:
            inside[net].append(pin)
    found: dict[_Seen, list[str]] = defaultdict(list)
    for net, pins in inside.items():
        if net in wiring.ports:
            found[("port", wiring.ports[net])].append(net)
        elif wiring.pins_on[net] > len(pins):
            found[("net", *sorted(set(pins) if strict else ()))].append(net)
    return found
