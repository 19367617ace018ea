"""A user's case: netlists of classes and sources that were not learned from, with one connection gone, or wrong."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.link_baseline import BoostedLinks
from eda.benchmark.link_data import SOURCES, divided, samples, structure
from eda.datasets import align, analoggym
from eda.errors import EDAError
from eda.graph import canonical_hash, to_graph
from eda.graph.flat import flat
from eda.graph.masters import masters_of
from eda.link_prediction import LinkPredictor, complete
from eda.link_prediction.blurring import Blurring
from eda.link_prediction.completion import joined
from eda.link_prediction.openings import without_bulks
from eda.link_prediction.training import batches
from eda.netlist import parse_netlist, read_netlist
from eda.nn.pins import Pins
from eda.nn.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from eda.benchmark.link_data import Sample
    from eda.netlist import Circuit

__all__ = ["summarized", "unseen_circuits", "users_case"]

_OF_ALIGN: Final = 60  # of its products, each of a topology of its own
_COUNT: Final = 200
_MOST: Final = 400  # terminals of a circuit
_LEAST: Final = 8
_FIRST, _SUSPECTS = 3, 5
_LEFT: Final = frozenset({"bulk", "substrate"})


@dataclass(frozen=True, slots=True)
class _Case:
    """A circuit and where it comes from."""

    group: str
    name: str
    circuit: Circuit


def unseen_circuits(folder: Path, without: Sequence[str], seen: Container[str], seed: int) -> list[_Case]:
    """Two hundred circuits: of sources that were not learned from, and of classes that were left out.

    A circuit that is joined as one of those learned from is left out, wherever it comes from.

    Args:
        folder: `netlists/`.
        without: classes of AnalogGenie and Image2Net that the predictor has not learned from.
        seen: structures of the circuits that it has learned from, see `structure`.
        seed: of the draws.

    Raises:
        InputError: a data set is missing.
    """
    rng = random.Random(seed)

    def fit(case: _Case) -> bool:
        return _LEAST <= len(_terminals(case.circuit)) <= _MOST and _structure(case.circuit) not in seen

    found = [
        _Case("netlists of this project", path.stem, flat(read_netlist(path)).circuit)
        for path in sorted(folder.rglob("*.sp"))
    ]
    for file in analoggym.files():
        if "spice_netlist/" in file.name:
            found += _parsed("AnalogGym", file.name, file.text)
    products = [case for file in align.files() for case in _parsed("ALIGN", file.name, file.text)]
    topologies = {canonical_hash(case.circuit): case for case in products}
    new = [case for case in topologies.values() if fit(case)]
    found = [case for case in found if fit(case)] + rng.sample(new, min(_OF_ALIGN, len(new)))
    left_out = [
        _Case(f"classes left out of {name}", entry.id, entry.circuit)
        for name, entries in SOURCES.items()
        for entry in entries()
        if entry.label in without
    ]
    left_out = [case for case in left_out if fit(case)]
    return found + rng.sample(left_out, min(max(0, _COUNT - len(found)), len(left_out)))


def _structure(circuit: Circuit) -> str:
    return structure(without_bulks(Pins.of(to_graph(circuit, masters=masters_of(circuit)))))


def _parsed(group: str, name: str, text: str) -> Iterator[_Case]:
    """The circuit of a file, if it can be read and is one circuit."""
    try:
        circuit = parse_netlist(text, name=name, includes="keep", control="keep")
        yield _Case(group, name, flat(circuit).circuit)
    except EDAError:
        return


def users_case(unit: Mapping[str, Any]) -> dict[str, Any]:
    """One connection of each circuit gone, then one wrong: what a predictor says.

    Args:
        unit: `method`, `seed` of the circuits and connections, `visits` of the circuits from which the baseline learns,
            `_folder` of their graphs, `_weights`, `_netlists`.
    """
    predictor = LinkPredictor.load(Path(unit["_weights"]) if unit["_weights"] else None)
    without = predictor.card.get("classes left out", ())
    rng = random.Random(f"connections {unit['seed']}")
    rows = []
    known = [
        one for name in SOURCES for one in samples(name, Path(unit["_folder"]) / "graphs")
        if one.entry.label not in without
    ]  # fmt: skip
    seen = frozenset(structure(one.pins) for one in known)
    with one_thread():
        if unit["method"] != "network":
            predictor = _boosted(unit, known)
        for case in unseen_circuits(Path(unit["_netlists"]), without, seen, unit["seed"]):
            device, role, net, other = _drawn(case.circuit, rng)
            rows.append({
                "group": case.group,
                "name": case.name,
                "terminal": f"{device}.{role}",
                "net": net,
                **_gone(predictor, case.circuit, (device, role), net),
                **_wrong(predictor, case.circuit, (device, role), other),
            })  # fmt: skip
    return {"rows": rows}


def summarized(cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each group of circuits, and one for all of them, as shares.

    Args:
        cases: rows of `users_case`.
    """
    groups = dict.fromkeys(["all", *(case["group"] for case in cases)])
    rows = []
    for group in groups:
        mine = [case for case in cases if group in {"all", case["group"]}]
        shares = {
            "open end found": [case["found"] for case in mine],
            "right net first": [case["rank"] == 1 for case in mine],
            "right net in the first three": [case["rank"] <= _FIRST for case in mine],
            "joined right": [case["joined right"] for case in mine],
            "wrong connection in the first five": [case["suspicion"] <= _SUSPECTS for case in mine],
        }
        rows.append({
            "group": group,
            "circuits": len(mine),
            **{name: round(sum(told) / len(told), 4) for name, told in shares.items()},
            "connections, median": median(case["terminals"] for case in mine),
        })  # fmt: skip
    return rows


def _boosted(unit: Mapping[str, Any], known: Sequence[Sample]) -> LinkPredictor:
    """The baseline, from the same circuits as the network, ranking and judging in the same way."""
    learned, _ = divided(known, "topology", 0, held_out=0.1)
    openings = batches([one.pins for one in learned], unit["visits"], Blurring(), seed=unit["seed"])
    return LinkPredictor([BoostedLinks(openings, wide=True, seed=unit["seed"])], {})


def _terminals(circuit: Circuit) -> list[tuple[str, str, str]]:
    """Device, role and net of what can be opened: no bulks, and nothing that is alone on its net."""
    masters = masters_of(circuit)
    devices = flat(circuit).devices
    size = Counter(node for device in devices for node in device.nodes)
    found = []
    for device in devices:
        letter = masters.get(device.model or "", device.letter)
        roles = replace(device, kind=letter).pins
        found += [
            (device.name, role if letter != "x" else f"pin{role}", node)
            for role, node in zip(roles, device.nodes, strict=True)
            if role not in _LEFT and size[node] > 1
        ]
    return found


def _drawn(circuit: Circuit, rng: random.Random) -> tuple[str, str, str, str]:
    """A connection, and a net where it does not belong."""
    device, role, net = rng.choice(_terminals(circuit))
    nets = sorted({node for one in flat(circuit).devices for node in one.nodes} - {net})
    return device, role, net, rng.choice(nets)


def _gone(predictor: LinkPredictor, circuit: Circuit, terminal: tuple[str, str], net: str) -> dict[str, Any]:
    """The rank of the right net, were it open, and what `complete` joins the open terminal to when it finds it."""
    masters = masters_of(circuit)
    opened = joined(circuit, terminal, "left_open", masters)
    found = complete(opened, predictor)
    mine = next((one for one in found.joined if one.terminal == terminal), None)
    if mine is None:  # the net that it was taken off hangs in the air, too, and was joined to it
        partner = next((one for one in found.joined if one.net == "left_open"), None)
        return {"rank": 1 if partner is not None else 99, "found": partner is not None, "joined right": True}
    names = [one.net for one in mine.candidates]
    return {
        "rank": names.index(net) + 1 if net in names else 99,
        "found": True,
        "joined right": mine.net == net,
    }


def _wrong(predictor: LinkPredictor, circuit: Circuit, terminal: tuple[str, str], other: str) -> dict[str, Any]:
    """The place of a wrong connection among those that look wrong."""
    masters = masters_of(circuit)
    judged = predictor.judge(joined(circuit, terminal, other, masters), masters=masters)
    place = next((number for number, one in enumerate(judged, 1) if one.terminal == terminal), None)
    return {"suspicion": place if place is not None else len(judged) + 1, "terminals": len(judged)}
