"""Ways to write circuits as words, compared: decoders of one size learn from the same circuits for as many rounds."""

from __future__ import annotations

import itertools
import random
import re
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
from eda.topology.device.kinds import KINDS
from eda.topology.device.language import NETS, PINS, AnyWord, Language
from eda.topology.device.novelty import topology_key
from eda.topology.device.vocabulary import CLASSES, VOCABULARY
from eda.topology.device.walk import read_walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.topology.device import Topology

__all__ = ["LEARNED", "languages"]

_WALKS: Final = 1024  # a round
_WORDS: Final = 4096  # a batch
_MEASURED: Final = 300  # circuits whose texts are measured


_EDGE, _NET, _KIND = "[a-z]_[a-z]+", "[a-z]+[0-9]*", "|".join(KINDS)
_VISIT: Final = re.compile(rf"[0-9]+ ({_NET}) ({_EDGE}) ({_KIND}) ((?:{_EDGE} {_NET} )+)")


def _read_any(words: Sequence[int]) -> Topology:
    """The topology of a walk that was drawn without the grammar, whatever the circuit is like.

    Raises:
        InputError: the words do not alternate as in a walk, or a device has not each of its terminals once.
    """
    text = " ".join(VOCABULARY.words[word] for word in words[1:-1]) + " "
    begin = 0
    while begin < len(text):
        visit = _VISIT.match(text, begin)
        if visit is None:
            raise InputError(
                f"a visit must be a count, a net, an edge, a device and its other edges, not {text[begin:]}"
            )
        kind, others = KINDS[visit[3]], visit[4].split()
        edges = [edge.split("_") for edge in (visit[2], *others[::2])]
        nets = {visit[1], *others[1::2]}
        terminals = sorted("".join(letters for _, letters in edges))
        if terminals != sorted(kind.terminals) or {device for device, _ in edges} != {kind.edge}:
            raise InputError(f"a device must have each of its terminals once, but got {visit[0]}")
        if len(nets) < len(edges) or nets & KINDS.keys():
            raise InputError(f"each edge of a device must lead to a net of its own, but got {visit[0]}")
        begin = visit.end()
    return read_walk(words)


_FREE: Final = replace(NETS, name=f"{NETS.name}, no grammar", read=_read_any, rules=partial(AnyWord, len(NETS.words)))

LEARNED: Final[Mapping[str, Sequence[Language]]] = {NETS.name: (NETS, _FREE), PINS.name: (PINS,)}
"""Languages that a decoder learns, by name, and what it is asked to draw."""


def languages(unit: Mapping[str, Any]) -> dict[str, Any]:
    """A decoder that learns one language, and what it draws.

    Args:
        unit: `language`, one of `LEARNED`; `seed`, `rounds` over 1,024 walks, `shape` of the decoder (see
            `DecoderShape`), `count` of the circuits that are drawn of each class, and `_folder` where the training is
            kept.
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
    network = Decoder(DecoderShape(len(language.words), **unit["shape"]))
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
        about={"language": language.name, "circuits": len(examples), "shape": unit["shape"]},
        after=after,
    )
    lengths = [len(text) for text in drawn(examples, _MEASURED, random.Random(seed), language)]
    return network, {"words": len(language.words), "words of a circuit": median(lengths), "rounds": unit["rounds"]}
