"""Graphs of all circuits of the corpora: the way back, relabelings, and pairs that must not be taken for equal."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from eda.benchmark.reading import progress
from eda.errors import EDAError
from eda.graph import canonical_hash, from_graph, is_isomorphic, to_graph
from eda.netlist import flatten

if TYPE_CHECKING:
    from eda.benchmark.reading import Corpora, Rows
    from eda.netlist import Circuit, Device, Subcircuit

__all__ = ["graph_identities", "relabeled"]

_PAIRS = 200  # of one bucket that are compared exactly; larger buckets are compared with their first member


def graph_identities(corpora: Corpora, *, relabelings: int, seed: int) -> Rows:
    """Per corpus: circuits that come back isomorphic from their graph, and how the canonical hash divides them.

    Args:
        corpora: the netlists.
        relabelings: random relabelings in all, spread over the circuits.
        seed: of the random numbers.
    """
    flat = {name: _flat(specimens) for name, specimens in corpora.items()}
    total = sum(map(len, flat.values()))
    draw = random.Random(seed)
    each = max(relabelings // max(total, 1), 1)
    extra = max(relabelings - each * total, 0)
    rows = []
    everything: dict[str, list[Circuit]] = defaultdict(list)
    for name, circuits in flat.items():
        progress(f"graphs of {name}: {len(circuits)}")
        back = sum(is_isomorphic(circuit, from_graph(to_graph(circuit)), values=True) for circuit in circuits)
        again = separated = 0
        for circuit in circuits:
            own = canonical_hash(circuit)
            everything[own].append(circuit)
            for _ in range(each + (extra > 0)):
                again += 1
                separated += canonical_hash(relabeled(circuit, draw)) != own
            extra -= extra > 0
        rows.append(
            {
                "table": "graphs",
                "corpus": name,
                "circuits": len(circuits),
                "back from the graph": back,
                "relabelings": again,
                "separated by the hash": separated,
            }
        )
    return [*rows, _buckets(everything)]


def _buckets(everything: dict[str, list[Circuit]]) -> dict[str, Any]:
    """Every bucket of the hash, checked exactly: do all its circuits agree?"""
    tally: Counter[str] = Counter()
    for circuits in everything.values():
        pairs = list(combinations(circuits, 2))
        if len(pairs) > _PAIRS:
            # isomorphism is transitive: with the first member is enough
            pairs = [(circuits[0], other) for other in circuits[1:]]
        for one, other in pairs:
            tally["pairs"] += 1
            tally["not isomorphic"] += not is_isomorphic(one, other)
    count = sum(map(len, everything.values()))
    return {
        "table": "hash buckets over all corpora",
        "circuits": count,
        "pairs of circuits": count * (count - 1) // 2,
        "hashes": len(everything),
        "pairs with one hash, compared exactly": tally["pairs"],
        "of them not isomorphic": tally["not isomorphic"],
    }


def _flat(specimens: Any) -> list[Circuit]:
    """The flat circuits; netlists without a single top give one for every top."""
    found = []
    for specimen in specimens:
        circuit = specimen.outcome[0]
        if circuit is None:
            continue
        for top in _tops(circuit):
            flat = flatten(top)
            if flat.devices or any(block.devices for block in flat.subcircuits):
                found.append(flat)
    return found


def _tops(circuit: Circuit) -> list[Circuit]:
    """The circuit, or one for every block that no other calls; without those whose calls do not fit."""
    called = {device.model for block in circuit.walk() for device in block.devices if device.letter == "x"}
    names = [block.name for block in circuit.subcircuits if block.name not in called]
    found = [circuit] if circuit.devices else [circuit.with_top(name) for name in names]
    return [top for top in found if _flattens(top)]


def _flattens(circuit: Circuit) -> bool:
    try:
        flatten(circuit)
    except EDAError:
        return False
    return True


def relabeled(circuit: Circuit, draw: random.Random) -> Circuit:
    """The circuit with its devices in another order, and other names of devices and inner nets."""
    block: Circuit | Subcircuit = circuit if circuit.devices else circuit.top
    kept = {"0", *circuit.globals, *(() if circuit.devices else circuit.ports)}
    nets = sorted({node for device in block.devices for node in device.nodes} - kept)
    numbers = draw.sample(range(10 * len(nets) + 10), len(nets))
    names = {net: f"net{number}" for net, number in zip(nets, numbers, strict=True)}
    labels = draw.sample(range(10 * len(block.devices)), len(block.devices))
    called = {d.name: f"{d.letter}{label}" for d, label in zip(block.devices, labels, strict=True)}
    devices = [_renamed(device, names, called) for device in block.devices]
    draw.shuffle(devices)
    if circuit.devices:
        return replace(circuit, devices=tuple(devices))
    top = replace(circuit.top, devices=tuple(devices))
    return replace(circuit, subcircuits=(top,))


def _renamed(device: Device, nets: dict[str, str], names: dict[str, str]) -> Device:
    from eda.netlist.rewrite import rewrite  # noqa: PLC0415

    value = device.value
    if value is not None and (device.letter == "b" or "(" in value):
        value = rewrite(value, node=lambda net: nets.get(net, net), source=lambda source: names.get(source, source))
    return replace(
        device,
        name=names[device.name],
        nodes=tuple(nets.get(net, net) for net in device.nodes),
        controls=tuple(names.get(control, control) for control in device.controls),
        value=value,
        kind="",
    )
