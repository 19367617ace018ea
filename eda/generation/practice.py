"""What a generator learns from trying out circuits, its own or others: those that work are its examples.

Fine-tuning on simulated reward, in its simplest form: the reward is 1 for a circuit that does what its class does, and
the generator is trained on the circuits that earned it. Simulation decides, no network does.

Source: A. Gulcehre et al., "Reinforced self-training", arXiv 2308.08998, 2023 (grow, then improve).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from eda.generation.ladder import climb
from eda.simulation import WorkerPool
from eda.technology import load_technology
from eda.topology.device import Part, Topology
from eda.topology.device.corpus import Example
from eda.topology.device.functions import FUNCTIONS
from eda.topology.device.novelty import topology_key
from eda.topology.device.vocabulary import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.generation.source import Source

__all__ = ["as_example", "as_unit", "fresh", "works"]


def fresh(source: Source, *, count: int, seed: int, seen: set[str]) -> Iterator[Example]:
    """What a source draws, of all classes in turn, that it does not know and that was not seen yet.

    Args:
        source: draws.
        count: circuits that are drawn of each class.
        seed: of the draws.
        seen: keys of circuits that count as old; what is drawn is added.
    """
    for kind in CLASSES:
        drawn = source.topologies(kind, seed=seed)
        for number, topology in enumerate(itertools.islice(drawn, count)):
            key = topology_key(topology)
            if key not in seen and not source.knows(topology):
                seen.add(key)
                yield Example(f"{kind} {seed} {number}", kind, topology, composed=False)


def works(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a circuit does what its class does, with transistors of the technology `generic`.

    Args:
        unit: what `as_unit` makes, with `tries`, choices of sizes and biases at most, and `seconds` that a simulation
            may take.
    """
    one = as_example(unit)
    tries = min(unit["tries"], FUNCTIONS[one.kind].tries)
    with WorkerPool(1, timeout=unit["seconds"]) as pool:
        return {"works": climb(one.topology, one.kind, load_technology("generic"), pool, tries=tries).works}


def as_unit(example: Example) -> dict[str, Any]:
    """A circuit as JSON data."""
    parts = [[part.kind, *part.nets] for part in example.topology.parts]
    return {"id": example.id, "kind": example.kind, "parts": parts}


def as_example(unit: Mapping[str, Any]) -> Example:
    """The circuit of what `as_unit` makes."""
    parts = tuple(Part(kind, tuple(nets)) for kind, *nets in unit["parts"])
    return Example(unit["id"], unit["kind"], Topology(parts), composed=False)
