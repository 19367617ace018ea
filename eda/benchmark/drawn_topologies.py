"""Circuits drawn by the generator beside other ways to come to circuits, counted and tried out."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.generation import Rung, climb
from eda.generation.ladder import broken_rule
from eda.simulation import WorkerPool
from eda.technology import load_technology
from eda.topology.device import design_of
from eda.topology.device.corpus import examples
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.grammar import refusal
from eda.topology.device.novelty import Known, Neighbours, broken_rules, topology_key
from eda.topology.device.reach import unreached
from eda.topology.device.recombination import Recombination, shuffled
from eda.topology.device.vocabulary import DEVICES
from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from eda.topology.device import Topology
    from eda.topology.device.corpus import Example

__all__ = ["BY_MODEL", "MARKS", "WAYS", "known_circuits", "ladder", "marks", "samples"]

BY_MODEL: Final = "language model"
"""The way that has weights, and a temperature."""

_BY_RECOMBINATION: Final = "recombination"
_MAKING: Final = (BY_MODEL, _BY_RECOMBINATION)  # circuits that are to be new

MARKS: Final = (
    "valid by AnalogToBi's rules",
    "new by AnalogToBi's definition",
    "both by AnalogToBi",
    "grammar",
    "rule check",
    "new",
    "rule check and new",
)
"""What may be true of a circuit."""

_WORDS: Final = 12  # of an n-gram
_COMPARED: Final = 50  # circuits whose nearest neighbour is looked for
_SECONDS: Final = 5.0  # that a simulation may take
_TECHNOLOGY: Final = "generic"


def samples(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Circuits of a class by one way, counted: validity and novelty by two definitions, and how many differ.

    Seconds are those that one core was at work to draw them.

    Args:
        unit: `way`, `kind`, `seed`, `count`, and for the language model `temperature`, and `_weights`, if not those of
            the package.
    """
    known_circuits()  # read once, outside of what is timed
    endless = WAYS[unit["way"]](unit)
    begin = time.process_time()
    drawn = list(itertools.islice(endless, unit["count"]))
    seconds = time.process_time() - begin
    kind = unit["kind"]
    counts: Counter[str] = Counter()
    for one in drawn:
        counts.update(marks(one, kind))
    return {
        "n": len(drawn),
        **counts,
        "distinct": len({topology_key(one) for one in drawn}),
        "seconds": seconds,
        "devices": sum(len(one.parts) for one in drawn) / len(drawn),
        **_likeness(drawn[:_COMPARED], kind),
    }


def marks(topology: Topology, kind: str) -> dict[str, bool]:
    """Which of the `MARKS` are true of a circuit, by AnalogToBi's definitions and by those of this package.

    Args:
        topology: the circuit.
        kind: the class that it was asked of.
    """
    valid, new_by_name = not broken_rules(topology), topology not in _known("named")
    accepted = not refusal(topology, kind)
    design = design_of(topology, load_technology(_TECHNOLOGY)) if accepted else None
    sound = design is not None and not broken_rule(design) and not unreached(topology, kind)
    new = topology not in _known("renumbered")
    found = (valid, new_by_name, valid and new_by_name, accepted, sound, new, sound and new)
    return dict(zip(MARKS, found, strict=True))


def ladder(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The first circuits of a class by one way, tried out: how many reach each rung, and how many of these are new.

    Ways that make circuits try none of the data's and none twice: no simulation is spent on what needs none.

    Args:
        unit: as of `samples`.
    """
    endless = WAYS[unit["way"]](unit)
    tried = list(itertools.islice(_fresh(endless) if unit["way"] in _MAKING else endless, unit["count"]))
    renumbered, technology = _known("renumbered"), load_technology(_TECHNOLOGY)
    counts: Counter[str] = Counter()
    working = set()
    begin = time.perf_counter()
    with WorkerPool(1, timeout=_SECONDS) as pool:
        for one in tried:
            climbed = climb(one, unit["kind"], technology, pool)
            counts.update(rung.value for rung in climbed.passed)
            if climbed.works and one not in renumbered:
                working.add(topology_key(one))
    found = {rung.value: counts[rung.value] for rung in Rung if rung is not Rung.SPECS}
    return {
        "n": len(tried),
        **found,
        "work, new and distinct": len(working),
        "of these not found in practice": len(working - _practised(unit)),
        "seconds": time.perf_counter() - begin,
    }


def _likeness(drawn: Sequence[Topology], kind: str) -> dict[str, float]:
    """How near circuits are to those of the data: the nearest one, whether it is of the class, and runs of words."""
    likeness, right, seen, grams = 0.0, 0, 0, 0
    for number, one in enumerate(drawn):
        nearest, alike = _neighbours().nearest(one)
        likeness += alike
        right += known_circuits()[nearest].kind == kind
        own = _grams_of(walk_of(one, kind, random.Random(number))) if not refusal(one, kind) else set()
        seen += len(own & _grams())
        grams += len(own)
    return {
        "compared": len(drawn),
        "likeness to the nearest": likeness / len(drawn),
        "nearest of the class": right,
        f"runs of {_WORDS} words that the data have": seen / max(grams, 1),
    }


@cache
def known_circuits() -> tuple[Example, ...]:
    """The circuits of the data."""
    return tuple(examples()[0])


@cache
def _known(ports: Any) -> Known:
    return Known((one.topology for one in known_circuits()), ports=ports)


@cache
def _neighbours() -> Neighbours:
    return Neighbours(one.topology for one in known_circuits())


@cache
def _grams() -> frozenset[tuple[int, ...]]:
    """Runs of words in one walk over each circuit of the data."""
    rng = random.Random(0)
    return frozenset(gram for one in known_circuits() for gram in _grams_of(walk_of(one.topology, one.kind, rng)))


def _grams_of(walk: Sequence[int]) -> set[tuple[int, ...]]:
    """Its runs of words, counts aside: in circuits of other sizes these differ."""
    words = [word for word in walk[1:] if word > DEVICES]
    return {tuple(words[start : start + _WORDS]) for start in range(len(words) - _WORDS + 1)}


def _of_class(kind: str) -> list[Topology]:
    return [one.topology for one in known_circuits() if one.kind == kind]


def _rng(unit: Mapping[str, Any]) -> random.Random:
    return random.Random(f"{unit['way']} {unit['kind']} {unit['seed']}")


def _fresh(drawn: Iterable[Topology]) -> Iterator[Topology]:
    """Those that are not of the data, each once."""
    renumbered, seen = _known("renumbered"), set()
    for one in drawn:
        key = topology_key(one)
        if key not in seen and one not in renumbered:
            seen.add(key)
            yield one


def _by_model(unit: Mapping[str, Any]) -> Iterator[Topology]:
    generator = _generator(unit.get("_weights"))
    return generator.topologies(unit["kind"], seed=unit["seed"], temperature=unit["temperature"])


@cache
def _generator(weights: str | None) -> TopologyGenerator:
    return TopologyGenerator.load(Path(weights) if weights else None)


def _practised(unit: Mapping[str, Any]) -> frozenset[str]:
    """Keys of the circuits that the way has learned because they work."""
    return _generator(unit.get("_weights")).practised if unit["way"] == BY_MODEL else frozenset()


def _by_recombination(unit: Mapping[str, Any]) -> Iterator[Topology]:
    return _recombination().topologies(unit["kind"], seed=unit["seed"])


@cache
def _recombination() -> Recombination:
    return Recombination(known_circuits())


def _by_retrieval(unit: Mapping[str, Any]) -> Iterator[Topology]:
    rng, known = _rng(unit), _of_class(unit["kind"])
    while True:
        yield rng.choice(known)


def _by_shuffling(unit: Mapping[str, Any]) -> Iterator[Topology]:
    rng = _rng(unit)
    return (shuffled(one, rng) for one in _by_retrieval(unit))


WAYS: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Topology]]]] = {
    BY_MODEL: _by_model,
    _BY_RECOMBINATION: _by_recombination,
    "retrieval": _by_retrieval,
    "shuffled": _by_shuffling,
}
"""Ways to come to circuits, without end: the network; blocks of the data exchanged; the data; the data with their pins
shuffled."""
