"""Which circuits share a block: two thirds of AnalogGenie's are put together around an op-amp that others have too.

A split that puts circuits of one op-amp on both sides measures memory. Here a circuit belongs to the largest op-amp
that it contains: each device of the op-amp, with what it meets on inner nets and rails, is there; what it meets on the
op-amp's ports does not matter, as other devices are put there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from eda.topology.device.kinds import KINDS
from eda.topology.device.novelty import topology_key
from eda.topology.device.ports import is_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.topology.device.corpus import Example
    from eda.topology.device.topology import Topology

__all__ = ["block_keys"]

_LEAST: Final = 6  # devices of an op-amp that counts as a block
_RAILS: Final = frozenset({"vdd", "vss"})

_View = tuple[object, ...]


def block_keys(examples: Sequence[Example]) -> list[str]:
    """A key for each circuit, the same for those of one block: what `eda.datasets.split` asks for.

    Args:
        examples: circuits, op-amps among them.
    """
    opamps = [one for one in examples if one.kind == "opamp" and len(one.topology.parts) >= _LEAST]
    opamps.sort(key=lambda one: len(one.topology.parts), reverse=True)
    blocks = [(Counter(_views(one.topology, open_ports=True)), topology_key(one.topology)) for one in opamps]
    return [_key(one.topology, blocks) for one in examples]


def _key(topology: Topology, blocks: Sequence[tuple[Counter[_View], str]]) -> str:
    views = _views(topology, open_ports=False)
    seen: dict[tuple[bool, ...], Counter[_View]] = {}
    for block, key in blocks:
        if block.total() <= len(views) and all(_count(view, views, seen) >= count for view, count in block.items()):
            return key
    return topology_key(topology)


def _count(view: _View, views: Sequence[_View], seen: dict[tuple[bool, ...], Counter[_View]]) -> int:
    """How many devices look like one of a block, where it says something."""
    mask = tuple(part is None for part in view)
    if mask not in seen:
        alike = (other for one in views if len(one) == len(mask) for other in _turns(one))
        seen[mask] = Counter(
            tuple(None if hidden else part for part, hidden in zip(other, mask, strict=True)) for other in alike
        )
    return seen[mask][view]


def _turns(view: _View) -> set[_View]:
    """A device, and the same turned round where it has two ends that are alike."""
    kind, *ends = view
    return {view, (kind, *reversed(ends))} if KINDS[str(kind)].alike else {view}


def _views(topology: Topology, *, open_ports: bool) -> list[_View]:
    """Of each device its kind and what it meets on each net; nothing is said of open ports."""
    pins: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for part in topology.parts:
        for terminal, net in zip(KINDS[part.kind].terminals, part.nets, strict=True):
            pins[net].append((part.kind, terminal))

    def met(net: str) -> object:
        if net in _RAILS:
            return net
        return None if open_ports and is_port(net) else tuple(sorted(pins[net]))

    return [(part.kind, *map(met, part.nets)) for part in topology.parts]
