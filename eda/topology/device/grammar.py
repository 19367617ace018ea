"""The grammar of walks as a mask on the next word: what it lets through is a circuit that can work electrically.

A walk may stop only when
- the circuit has as many devices as the walk said at its beginning, or more where something is missing then;
- every device has all its terminals connected, each to one net, and not all to the same net;
- every inner net joins two devices at least, and direct current reaches it from a port;
- the circuit has a ground and an output, and the output is on more than gates and bulks of MOS transistors.

The rules on terminals and on how many devices a net joins are those that AnalogToBi calls validity (Kim et al., arXiv
2603.08720, 2026); direct current, the output and the count are added.
"""

from __future__ import annotations

import random
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import is_port, role_of
from eda.topology.device.vocabulary import CLASSES, DEVICES, INNER_NETS, VOCABULARY
from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from eda.topology.device.kinds import Kind
    from eda.topology.device.topology import Topology

__all__ = ["Grammar", "refusal", "refusal_of_walk"]


def _is_solid(kind: Kind, terminals: str) -> bool:
    """Whether these are more than gates and bulks."""
    return bool(set(terminals) & set("ds") if kind.letter == "m" else terminals)


def _without(letters: str, *taken: str) -> str:
    """Letters that are left when others are taken, each as often as it stands there."""
    for letter in "".join(taken):
        letters = letters.replace(letter, "", 1)
    return letters


_NUMBER: Final = VOCABULARY.number
_STOP: Final = _NUMBER["stop"]
_COUNTS: Final = list(range(1, DEVICES + 1))
_TYPES: Final = [_NUMBER[name] for name in CLASSES]
_FIRST_INNER: Final = _NUMBER["net1"]
_PORTS: Final = [number for word, number in _NUMBER.items() if is_port(word)]
_RAILS: Final = [_NUMBER["vss"], _NUMBER["vdd"]]
_GROUND: Final = _NUMBER["vss"]
_OUTPUTS: Final = frozenset(n for n in _PORTS if role_of(VOCABULARY.words[n]) == "output")
_KINDS: Final = {_NUMBER[name]: kind for name, kind in KINDS.items()}
_EDGES: Final = {_NUMBER[str(edge)]: edge for edge in VOCABULARY.edges}
_LONGEST_VISIT: Final = 10  # words: count, net, edge, device, and three more edges with their nets
_MOST_NEW: Final = 3  # inner nets that a visit begins
_MEND: Final = 6  # words of the visit of a resistor
_ASIDE: Final = 2  # mends that are not of nets: an output, and ground
_KINDS_OF: Final = {n: [k for k, kind in _KINDS.items() if kind.edge == edge.device] for n, edge in _EDGES.items()}
_KIND_OF: Final = {n: _KINDS[kinds[0]] for n, kinds in _KINDS_OF.items()}  # those of one edge conduct alike
_RESISTOR: Final = _NUMBER["r_t"]  # the edge by which a walk is brought to its end
_UNREACHED: Final = "no direct current reaches it"
_JOINING: Final = [  # edges over which a device can bring direct current from another net
    n
    for n, edge in _EDGES.items()
    if set(edge.terminals) & set(_KIND_OF[n].conducting) and _without(_KIND_OF[n].conducting, edge.terminals)
]
_LEAVING: Final = [  # edges that leave a device more than its gate and bulk for other nets
    n for n, edge in _EDGES.items() if _is_solid(_KIND_OF[n], _without(_KIND_OF[n].terminals, edge.terminals))
]


class _Phase(Enum):
    """What comes next."""

    TYPE = "the circuit type"
    COUNT = "how many devices are left, or the end"
    NET = "the net of the next visit"
    FIRST_EDGE = "the edge from there to a device"
    DEVICE = "the device"
    EDGE = "an edge from the device"
    END = "the net at the other end of that edge"
    FINISHED = "nothing"


class Grammar:
    """What may follow the words that were said so far.

    Args:
        limit: of the number of words. Near it what the circuit lacks is mended, by resistors, and the walk stops.
        steered: whether the walk is led to its end in time: never is more missing than the devices left can mend, one
            thing each. Nine in ten walks over real circuits are so.
    """

    def __init__(self, limit: int = 640, *, steered: bool = True) -> None:
        self.words: list[int] = []
        self._limit, self._steered = limit, steered
        self._phase = _Phase.TYPE
        self._to_come = 0  # devices
        self._devices: dict[int, int] = {}  # by net, in the order of their appearance: how many are on it
        self._parent: dict[int, int] = {}  # nets that direct current joins, as a forest
        self._solid: set[int] = set()  # nets with more than gates and bulks on them
        self._inner = 0
        self._kind: Kind | None = None
        self._ends: dict[int, str] = {}  # of the device that is being listed: terminals by net
        self._left = ""  # its terminals that have no net yet
        self._mending = False  # whether that device is a resistor which mends something
        self._closing = False  # whether less must be missing after it than before

    @property
    def finished(self) -> bool:
        """Whether the walk has stopped."""
        return self._phase is _Phase.FINISHED

    def extend(self, words: Iterable[int]) -> Grammar:
        """Take words one after the other; whether they may follow is not asked.

        Returns:
            Itself.
        """
        for word in words:
            self.append(word)
        return self

    def append(self, word: int) -> None:
        """Take one more word; whether it may follow is not asked."""
        match self._phase:
            case _Phase.TYPE:
                self._phase = _Phase.COUNT
            case _Phase.COUNT if word == _STOP:
                self._phase = _Phase.FINISHED
            case _Phase.COUNT:
                self._to_come, self._phase = word - 1, _Phase.NET
                self._mending = bool(self._devices) and self._is_near_limit()
                self._closing = False
                self._closing = self._mending or (self._steered and self._missing() > self._to_come)
            case _Phase.NET:
                self._enter(word)
                self._ends, self._phase = {word: ""}, _Phase.FIRST_EDGE
            case _Phase.FIRST_EDGE:
                self._ends = {self.words[-1]: _EDGES[word].terminals}
                self._phase = _Phase.DEVICE
            case _Phase.DEVICE:
                self._kind = _KINDS[word]
                self._left = _without(self._kind.terminals, *self._ends.values())
                self._phase = _Phase.EDGE
            case _Phase.EDGE:
                self._left = _without(self._left, _EDGES[word].terminals)
                self._phase = _Phase.END
            case _Phase.END:
                self._meet(word)
            case _Phase.FINISHED:
                raise ValueError("the walk has stopped")
        self.words.append(word)

    def _meet(self, net: int) -> None:
        self._ends[net] = _EDGES[self.words[-1]].terminals
        self._enter(net)
        self._phase = _Phase.EDGE
        if not self._left:
            self._leave()

    def _enter(self, net: int) -> None:
        if net not in self._devices:
            self._devices[net] = 0
            self._inner += net >= _FIRST_INNER

    def _leave(self) -> None:
        """The device is complete."""
        assert self._kind is not None
        for net in self._ends:
            self._devices[net] += 1
        self._solid |= self._brought()
        joined = [net for net, terminals in self._ends.items() if set(terminals) & set(self._kind.conducting)]
        for net in joined[1:]:
            self._parent[self._root(net)] = self._root(joined[0])
        self._kind, self._ends, self._phase = None, {}, _Phase.COUNT

    def _brought(self) -> set[int]:
        """Nets on which the device that is being listed has more than gates and bulks."""
        return {net for net, terminals in self._ends.items() if self._kind and _is_solid(self._kind, terminals)}

    def _root(self, net: int) -> int:
        while (parent := self._parent.get(net, net)) != net:
            net = parent
        return net

    def allowed(self) -> list[int]:
        """The words that may follow; none when it has stopped, or cannot be completed within the limit."""
        match self._phase:
            case _Phase.TYPE:
                return _TYPES
            case _Phase.COUNT:
                return self._counts()
            case _Phase.NET:
                return self._next_nets()
            case _Phase.FIRST_EDGE:
                return self._first_edges()
            case _Phase.DEVICE:
                return _KINDS_OF[self.words[-1]]
            case _Phase.EDGE:
                return self._edges()
            case _Phase.END:
                return self._other_ends()
        return []

    def mask(self) -> NDArray[np.bool_]:
        """The words that may follow, as truth values by number."""
        found = np.zeros(len(VOCABULARY), dtype=bool)
        found[self.allowed()] = True
        return found

    def lacking(self) -> dict[int, str]:
        """What keeps the walk from stopping, by net."""
        anchored = self._anchored()
        missing = {}
        for net, devices in self._devices.items():
            if net >= _FIRST_INNER and self._root(net) not in anchored:
                missing[net] = _UNREACHED
            elif net >= _FIRST_INNER and devices < 2:
                missing[net] = "only one device is on it"
        return missing

    def _missing(self) -> int:
        """How many visits it takes to mend what keeps the walk from stopping, the one that is under way aside.

        The output takes none of its own where others are needed: one of these leads there.
        """
        nets = self.lacking().keys() - (self._ends.keys() if self._closing else set())
        return len(nets) + self._lacks_ground() + (not nets and self._lacks_output())

    def _lacks_output(self) -> bool:
        return not _OUTPUTS & (self._solid | self._brought())

    def _lacks_ground(self) -> bool:
        return _GROUND not in self._devices

    def _counts(self) -> list[int]:
        if not self._devices:
            return _COUNTS
        near, missing = self._is_near_limit(), self._missing()
        if not missing and (near or not self._to_come):
            return [_STOP]
        if near and self._limit - len(self.words) <= _MEND:
            return []
        return [max(self._to_come, 1)]  # one more, and again, until nothing is missing

    def _next_nets(self) -> list[int]:
        if not self._devices:
            return _RAILS if self._to_come else [_GROUND]
        return (list(self.lacking()) if self._closing else []) or list(self._devices)

    def _is_near_limit(self) -> bool:
        """Whether another device might leave no room to mend what is lacking then."""
        mends = len(self.lacking()) + _MOST_NEW + _ASIDE
        return self._limit - len(self.words) <= _LONGEST_VISIT + _MEND * mends

    def _first_edges(self) -> list[int]:
        if self._mending:
            return [_RESISTOR]
        if self._closing and self._begins_unreached():
            return _JOINING
        return _LEAVING if self._closing and self._missing() > self._to_come else list(_EDGES)

    def _edges(self) -> list[int]:
        """Edges of the terminals that are left; the first of them is among those of the next edge."""
        assert self._kind is not None
        return [
            number
            for number, edge in _EDGES.items()
            if edge.device == self._kind.edge
            and edge.terminals[0] == self._left[0]
            and not _without(edge.terminals, self._left)
        ]

    def _other_ends(self) -> list[int]:
        inner = range(_FIRST_INNER, _FIRST_INNER + self._inner)
        known = [net for net in (*_PORTS, *inner) if net not in self._ends]
        if self._closing:
            wanted = self._closing_ends()
            return [net for net in known if net in wanted] or known
        if self._inner < INNER_NETS and (not self._steered or self._missing() < self._to_come):
            known.append(_FIRST_INNER + self._inner)
        return known

    def _closing_ends(self) -> Collection[int]:
        """The nets that the edge may lead to so that less is missing behind it; none where any will do."""
        assert self._kind is not None
        terminals = _EDGES[self.words[-1]].terminals
        if self._mending or self._missing() > self._to_come:
            if self._lacks_output() and _is_solid(self._kind, terminals):
                return _OUTPUTS
            if self._lacks_ground():
                return [_GROUND]
        if self._begins_unreached() and set(terminals) & set(self._kind.conducting):
            return [*_PORTS, *(net for net in self._devices if self._root(net) in self._anchored())]
        return ()

    def _begins_unreached(self) -> bool:
        """Whether direct current does not reach the net at which the visit began."""
        return self.lacking().get(next(iter(self._ends))) == _UNREACHED

    def _anchored(self) -> set[int]:
        """Roots of the nets that direct current reaches from a port."""
        return {self._root(net) for net in self._devices if net < _FIRST_INNER}


def refusal(topology: Topology, kind: str) -> str:
    """Why the grammar refuses a topology, in a sentence; empty where it accepts it.

    Args:
        topology: any.
        kind: its class.
    """
    try:
        words = walk_of(topology, kind, random.Random(0))
    except InputError as error:
        return str(error)
    return refusal_of_walk(words)


def refusal_of_walk(words: Sequence[int]) -> str:
    """Why the grammar refuses a walk, in a sentence; empty where it accepts it.

    Args:
        words: their numbers, from the type to the stop word.
    """
    grammar = Grammar(2 * len(words) + 100, steered=False)  # far from the limit
    for word in words:
        if word not in grammar.allowed():
            return next(iter(grammar.lacking().values()), "it has no ground, or no output that more than gates are on")
        grammar.append(word)
    return ""
