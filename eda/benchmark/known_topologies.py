"""The circuits that generators learn from, class by class."""

from __future__ import annotations

import random
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

from eda.datasets import analoggenie
from eda.topology.device.blocks import block_keys
from eda.topology.device.corpus import examples
from eda.topology.device.novelty import topology_key
from eda.topology.device.ports import role_of
from eda.topology.device.vocabulary import CLASSES
from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.topology.device.corpus import Example

__all__ = ["described"]


def described() -> list[dict[str, Any]]:
    """Of each class and of all: circuits, how they came to be, their size, and what repeats."""
    found, refused = examples()
    labels = {entry.id: entry.label for entry in analoggenie.entries()}
    keys = dict(zip((one.id for one in found), block_keys(found), strict=True))
    classes: defaultdict[str, list[Example]] = defaultdict(list)
    for one in found:
        classes[one.kind].append(one)
    rows = [
        _row(kind, classes[kind], sum(labels[id_] == label for id_ in refused), keys) for kind, label in CLASSES.items()
    ]
    return [*rows, _row("all", found, len(refused), keys)]


def _row(kind: str, circuits: Sequence[Example], refused: int, keys: dict[str, str]) -> dict[str, Any]:
    rng = random.Random(0)
    sizes = [len(one.topology.parts) for one in circuits]
    roles: defaultdict[str, int] = defaultdict(int)
    for one in circuits:
        for role in {role_of(port) for port in one.topology.ports}:
            roles[role] += 1
    return {
        "class": kind,
        "circuits": len(circuits),
        "refused by the grammar": refused,
        "drawn": sum(not one.composed for one in circuits),
        "mended": sum(bool(one.mended) for one in circuits),
        "distinct": len({topology_key(one.topology) for one in circuits}),
        "blocks": len({keys[one.id] for one in circuits}),
        "devices, median": median(sizes),
        "devices, most": max(sizes),
        "words, median": median(len(walk_of(one.topology, one.kind, rng)) for one in circuits),
        "share with a port that is": {role: count / len(circuits) for role, count in sorted(roles.items())},
    }
