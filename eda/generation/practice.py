"""What a generator learns from trying out circuits, its own or others: those that are new and work are examples too.

Fine-tuning on simulated reward, in its simplest form: the reward is 1 for a new circuit that does what its class does,
and the generator is trained on the circuits that earned it. Simulation decides, no network does.

Source: A. Gulcehre et al., "Reinforced self-training", arXiv 2308.08998, 2023 (grow, then improve).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from eda.generation.ladder import climb
from eda.topology.device.corpus import Example
from eda.topology.device.functions import FUNCTIONS
from eda.topology.device.novelty import topology_key
from eda.topology.device.vocabulary import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.generation.source import Source
    from eda.simulation import Simulator
    from eda.technology import Technology

__all__ = ["practised"]


def practised(
    source: Source,
    technology: Technology,
    simulator: Simulator,
    *,
    count: int,
    seed: int,
    tries: int,
    seen: set[str],
) -> Iterator[Example]:
    """Circuits that a source draws, of all classes in turn, that are new and do what their class does.

    Args:
        source: draws.
        technology: of the transistors.
        simulator: runs ngspice.
        count: circuits that are drawn of each class.
        seed: of the draws.
        tries: choices of sizes and biases for a circuit, at most.
        seen: keys of circuits that count as old; those that are found are added.
    """
    for kind in CLASSES:
        drawn = source.topologies(kind, seed=seed)
        for number, topology in enumerate(itertools.islice(drawn, count)):
            key = topology_key(topology)
            if key in seen or source.knows(topology):
                continue
            if climb(topology, kind, technology, simulator, tries=min(tries, FUNCTIONS[kind].tries)).works:
                seen.add(key)
                yield Example(f"{kind} {seed} {number}", kind, topology, composed=False)
