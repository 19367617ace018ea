"""Circuits of data sets for link prediction, with what they are divided by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.benchmark.units import fingerprint
from eda.datasets import analoggenie, image2net
from eda.datasets.split import split
from eda.graph import canonical_hash, convert
from eda.graph.schema import DEVICE_COLUMNS
from eda.link_prediction.openings import alike, without_bulks
from eda.nn.pins import Pins
from eda.topology.device.blocks import block_keys
from eda.topology.device.corpus import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from eda.datasets.entries import Entry

__all__ = ["SOURCES", "Sample", "divided", "identity", "samples", "structure"]

_STRUCTURE: Final = [
    place for place, column in enumerate(DEVICE_COLUMNS) if column.name.startswith(("is_", "polarity_"))
]
_REFINED: Final = 5  # times
SOURCES: Final[Mapping[str, Callable[[], list[Entry]]]] = {
    "AnalogGenie": analoggenie.entries,
    "Image2Net": image2net.entries,
}
"""Data sets by name."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A circuit of a data set.

    Attributes:
        entry: as the data set has it.
        topology: hash of its topology, whatever its ports are called.
        pins: its structure, without bulks.
    """

    entry: Entry
    topology: str
    pins: Pins


def samples(name: str, folder: Path) -> list[Sample]:
    """The circuits of a data set.

    Args:
        name: one of `SOURCES`.
        folder: where their graphs are kept.

    Raises:
        InputError: the set is missing.
    """
    entries = SOURCES[name]()
    graphs = convert([entry.circuit for entry in entries], cache=folder)
    return [
        Sample(entry, canonical_hash(entry.circuit, ports="renumbered"), without_bulks(Pins.of(graph)))
        for entry, graph in zip(entries, graphs, strict=True)
    ]


def divided(found: Sequence[Sample], by: str, seed: int, *, held_out: float = 0.2) -> tuple[list[Sample], list[Sample]]:
    """Circuits to learn from, and to test with; no topology is on both sides.

    Args:
        found: of one data set.
        by: `topology`, or `block`: then circuits around one op-amp are on one side (AnalogGenie only).
        seed: of the split.
        held_out: share to test with.
    """
    parts = {"train": 1 - held_out, "test": held_out}
    if by == "block":
        known, _ = examples()
        blocks = dict(zip((one.id for one in known), block_keys(known), strict=True))
        divided_ = split(found, lambda one: blocks.get(one.entry.id, one.topology), parts, seed=seed)
    else:
        divided_ = split(found, lambda one: one.topology, parts, seed=seed)
    return divided_["train"], divided_["test"]


def structure(pins: Pins) -> str:
    """Sixteen digits that are the same for circuits whose devices are joined alike.

    Sizes, names, bulks, and which nets are ports or rails make no difference, other than in `Sample.topology`: sources
    differ in these. Colours are refined as by B. Weisfeiler and A. Leman, 1968, so that few circuits are taken for one.

    Args:
        pins: of one circuit, without bulks.
    """
    role = alike(pins.devices[pins.device], pins.role).tolist()
    joins = list(zip(pins.device.tolist(), role, pins.net.tolist(), strict=True))
    devices = [fingerprint(row) for row in pins.devices[:, _STRUCTURE].tolist()]
    nets = [""] * len(pins.nets)
    for _ in range(_REFINED):
        at_devices: list[list[list[str | int]]] = [[] for _ in devices]
        at_nets: list[list[list[str | int]]] = [[] for _ in nets]
        for device, place, net in joins:
            at_devices[device].append([nets[net], place])
            at_nets[net].append([devices[device], place])
        devices = [fingerprint([own, sorted(there)]) for own, there in zip(devices, at_devices, strict=True)]
        nets = [fingerprint([own, sorted(there)]) for own, there in zip(nets, at_nets, strict=True)]
    return fingerprint(sorted(devices))


def identity(found: Sequence[Sample]) -> str:
    """Sixteen digits that tell these circuits from others."""
    return fingerprint([one.topology for one in found])
