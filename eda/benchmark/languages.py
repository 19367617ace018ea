"""Ways to write circuits as words, compared: decoders of one size learn from the same circuits for as many rounds."""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import torch

from eda.benchmark.drawn_topologies import MARKS, known_circuits, marks
from eda.errors import InputError
from eda.nn.decoder import Decoder, DecoderShape
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train
from eda.topology.device.batches import batches, drawn
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.grammar import refusal_of_walk
from eda.topology.device.language import NETS, PINS, AnyWord, Language
from eda.topology.device.novelty import topology_key
from eda.topology.device.vocabulary import CLASSES
from eda.topology.device.walk import read_walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.topology.device import Topology

__all__ = ["LEARNED", "languages"]

_WALKS: Final = 1024  # a round
_WORDS: Final = 4096  # a batch
_SHAPE: Final = {"width": 96, "layers": 3, "heads": 3}  # a small one: it is trained six times
_MEASURED: Final = 300  # circuits whose texts are measured


def _accepted(words: Sequence[int]) -> Topology:
    """The topology of a walk that was drawn without the grammar; an error where the grammar does not take it."""
    if reason := refusal_of_walk(words):
        raise InputError(reason)
    return read_walk(words)


_FREE: Final = replace(NETS, name=f"{NETS.name}, no grammar", read=_accepted, rules=partial(AnyWord, len(NETS.words)))

LEARNED: Final[Mapping[str, Sequence[Language]]] = {NETS.name: (NETS, _FREE), PINS.name: (PINS,)}
"""Languages that a decoder learns, by name, and what it is asked to draw."""


def languages(unit: Mapping[str, Any]) -> dict[str, Any]:
    """A decoder that learns one language, and what it draws.

    Args:
        unit: `language`, one of `LEARNED`; `seed`, `rounds` over 1,024 walks, `count` of the circuits that are drawn of
            each class, and `_folder` where the training is kept.
    """
    rows = []
    with one_thread():
        network, card = _learned(unit)
    for language in LEARNED[unit["language"]]:
        generator = TopologyGenerator(network, card, language)
        begin = time.process_time()
        found = {
            kind: list(itertools.islice(generator.attempts(kind, seed=unit["seed"]), unit["count"])) for kind in CLASSES
        }
        seconds = time.process_time() - begin
        counts: Counter[str] = Counter()
        for kind, circuits in found.items():
            read = [one for one in circuits if one is not None]
            counts["a circuit"] += len(read)
            counts["distinct"] += len({topology_key(one) for one in read})
            for one in read:
                counts.update(marks(one, kind))
        total = unit["count"] * len(CLASSES)
        shares = {name: counts[name] / total for name in ("a circuit", *MARKS, "distinct")}
        row = {"language": language.name, "seed": unit["seed"], **card, "n": total, **shares}
        rows.append({**row, "seconds of drawing": seconds})
    return {"rows": rows}


def _learned(unit: Mapping[str, Any]) -> tuple[Decoder, dict[str, Any]]:
    """The trained decoder, and what is to be said of its training."""
    language, seed = LEARNED[unit["language"]][0], unit["seed"]
    examples = known_circuits()
    torch.manual_seed(seed)
    network = Decoder(DecoderShape(len(language.words), **_SHAPE))
    folder = Path(unit["_folder"])
    folder.mkdir(parents=True, exist_ok=True)

    def content(number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        rng = random.Random(f"{seed} {number}")
        return list(batches(drawn(examples, _WALKS, rng, language), _WORDS, rng))

    def after(number: int, loss: float) -> None:
        sys.stderr.write(f"{language.name}, seed {seed}, {number}, {loss:.4f}\n")

    train(
        network,
        content,
        network.loss,
        Schedule(unit["rounds"], half=True),
        seed=seed,
        state=folder / f"{language.name.replace(' ', '_')}-{seed}.state",
        about={"language": language.name, "circuits": len(examples)},
        after=after,
    )
    lengths = [len(text) for text in drawn(examples, _MEASURED, random.Random(seed), language)]
    return network, {"words": len(language.words), "words of a circuit": median(lengths), "rounds": unit["rounds"]}
