"""The published protocol of link prediction, and what it measures: SEAL on pairs of terminals and nets.

Positive pairs are links, hidden; negative ones are a terminal and another net. When the terminal of a negative pair
stays on its own net, as published, whether the terminal hangs in the air tells the classes apart. Here the same network
learns and is tested both ways, and beside it stands the classifier that looks at nothing but that.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch_geometric.data import Batch

from eda.benchmark.link_data import SOURCES, divided, samples
from eda.link_prediction.openings import questions
from eda.link_prediction.seal import Link, Seal, TerminalGraph
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch_geometric.data import Data

    from eda.benchmark.link_data import Sample
    from eda.nn.pins import Pins

    Pairs = list[tuple[Data, float, bool]]

__all__ = ["published", "seal_pairs"]

_BATCH: Final = 50
_HOPS: Final = 3
_RATE: Final = 2e-3


def published(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Accuracy of SEAL and of the one-feature classifier, within a data set and on the others.

    Args:
        unit: `learned from`, `terminals of negative pairs` (`taken off their nets`, or left there), `seed`, `links` to
            learn from, `rounds`, `_folder` with the graphs.
    """
    folder, seed, source = Path(unit["_folder"]), unit["seed"], unit["learned from"]
    sets = {name: samples(name, folder / "graphs") for name in SOURCES}
    learned, sets[source] = divided(sets[source], "topology", seed)
    detached = unit["terminals of negative pairs"] == "taken off their nets"
    pairs = seal_pairs(learned, unit["links"], detached=detached, seed=seed)
    torch.manual_seed(seed)
    network = Seal()

    def batches(number: int) -> Iterator[tuple[Sequence[Data], torch.Tensor]]:
        order = random.Random(f"{seed} {number}").sample(pairs, len(pairs))
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            yield [graph for graph, _, _ in some], torch.tensor([right for _, right, _ in some])

    rows = []
    with one_thread():
        seconds = train(network, batches, network.loss, Schedule(unit["rounds"], rate=_RATE, decay=0.0), seed=seed)
        for name, found in sets.items():
            tests = seal_pairs(found, unit["links"] // 4, detached=detached, seed=seed + 1)
            rows.append({
                "tested on": name, "pairs": len(tests), **_accuracies(network, tests), "s of training": round(seconds)
            })  # fmt: skip
    return {"rows": rows}


def seal_pairs(found: Sequence[Sample], count: int, *, detached: bool, seed: int) -> Pairs:
    """Subgraphs around pairs, half of them links: whether it is one, and whether its terminal is off its net.

    Args:
        found: circuits.
        count: of the pairs.
        detached: whether the terminals of the others are taken off their nets, too.
        seed: of the draws.
    """
    rng = random.Random(seed)
    drawn: Pairs = []
    circuits = [one.pins for one in found if len(questions(one.pins, least=2)) and len(one.pins.nets) > 1]
    graphs: dict[int, TerminalGraph] = {}
    while len(drawn) < count:
        place = rng.randrange(len(circuits))
        graph = graphs.setdefault(place, TerminalGraph(circuits[place]))
        drawn += [
            (graph.enclosing(link, _HOPS), float(right), right or detached)
            for link, right in _two(circuits[place], rng, detached=detached)
        ]
    return drawn


def _two(pins: Pins, rng: random.Random, *, detached: bool) -> list[tuple[Link, bool]]:
    """A link of a circuit, and a terminal with another net than its own."""
    asked = questions(pins, least=2).tolist()
    right, wrong = rng.choice(asked), rng.choice(asked)
    own = int(pins.net[wrong])
    other = rng.choice([net for net in range(len(pins.nets)) if net != own])
    return [(Link(right, int(pins.net[right])), True), (Link(wrong, other, detached=detached), False)]


@torch.inference_mode()
def _accuracies(network: Seal, pairs: Pairs) -> dict[str, float]:
    logits = torch.cat([
        network(Batch.from_data_list([graph for graph, _, _ in pairs[start : start + _BATCH]]))
        for start in range(0, len(pairs), _BATCH)
    ])  # fmt: skip
    right = torch.tensor([right for _, right, _ in pairs]) > 0
    off = torch.tensor([off for _, _, off in pairs])
    return {
        "accuracy of SEAL": round(float(((logits > 0) == right).float().mean()), 4),
        "accuracy of whether the terminal is off": round(float((off == right).float().mean()), 4),
    }
