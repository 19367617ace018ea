"""What our readers and writers make of real netlists: read rates, round trips, the ngspice oracle, rules."""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.comparison import compare
from eda.benchmark.decks import as_deck
from eda.benchmark.listing import expanded
from eda.errors import EDAError, InputError, NetlistError
from eda.graph import is_isomorphic
from eda.netlist import DIALECTS, Circuit, Subcircuit, check, flatten, format_netlist, number, parse_netlist
from eda.netlist.common import SOLVER_HINTS
from eda.netlist.text import renamed_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.benchmark.corpora import Specimen
    from eda.netlist import Device, Model

__all__ = ["differences", "findings", "read_rates", "round_trips"]

_SHOWN: Final = 25  # refusals and differences listed in a record, each kind once
Corpora = dict[str, list["Specimen"]]
Rows = list[dict[str, Any]]


def progress(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"{text}\n")


def read_rates(corpora: Corpora) -> Rows:
    """Per corpus and dialect: how many files are read, in which way, and every refusal with its reason."""
    rows = []
    for name, specimens in corpora.items():
        progress(f"reading {name}: {len(specimens)}")
        groups: dict[str, list[Specimen]] = defaultdict(list)
        for specimen in specimens:
            circuit, _, _ = specimen.outcome
            kind = "data format" if specimen.entry is not None else circuit.dialect if circuit else "refused"
            groups[kind].append(specimen)
        for kind in sorted(groups):
            ways = Counter(specimen.outcome[1] for specimen in groups[kind])
            rows.append(
                {
                    "table": "read rates",
                    "corpus": name,
                    "dialect": kind,
                    "files": len(groups[kind]),
                    "read": len(groups[kind]) - ways["refused"],
                    "as it is": ways["as it is"],
                    ".control kept": ways["control kept"],
                    "includes kept": ways["includes kept"] + ways["both kept"],
                    "refused": ways["refused"],
                    "refusals": {s.name: s.outcome[2] for s in groups[kind] if s.outcome[1] == "refused"},
                }
            )
    return rows


def round_trips(corpora: Corpora) -> Rows:
    """Write and read again: in its own dialect a circuit must be equal, in another isomorphic with its values."""
    rows = []
    for name, specimens in corpora.items():
        circuits = [(s, circuit) for s in specimens if (circuit := s.outcome[0]) is not None]
        for target in DIALECTS:
            progress(f"round trips of {name} through {target}: {len(circuits)}")
            rows.append(_trips(name, target, circuits))
    return rows


def _trips(name: str, target: str, circuits: list[tuple[Specimen, Circuit]]) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for specimen, circuit in circuits:
        own = circuit.dialect == target and specimen.entry is None
        try:
            text = format_netlist(circuit, dialect=target, statements="keep" if own else "drop")
        except InputError as error:
            tally["refused"] += 1
            reasons.update({_kind_of(line) for line in str(error).splitlines()[1:]})
            continue
        try:
            back = parse_netlist(text, dialect=target, includes="keep", control="keep")
        except NetlistError as error:
            tally["wrong"] += 1
            wrong[specimen.name] = str(error)[:300]
            continue
        same = back == circuit if own else _isomorphic(circuit, back, target)
        tally["equal" if own else "isomorphic"] += same
        if not same:
            tally["wrong"] += 1
            wrong[specimen.name] = "reads back as another circuit"
    return {
        "table": "round trips",
        "corpus": name,
        "through": target,
        "circuits": len(circuits),
        "equal": tally["equal"],
        "isomorphic": tally["isomorphic"],
        "refused": tally["refused"],
        "wrong": tally["wrong"],
        "wrong ones": wrong,
        "reasons": dict(reasons.most_common(_SHOWN)),
    }


def _kind_of(reason: str) -> str:
    """A reason without the name of the thing and its place."""
    what = reason.strip().partition(": ")[2] or reason.strip()
    return re.sub(r" \([^()]*:\d+:\d+\)$", "", what)


def _isomorphic(source: Circuit, back: Circuit, target: str) -> bool:
    """Block by block with values, as hierarchy must survive; with parameters, models; and flattened where it can be."""
    circuit = _renamed(source, target)
    ours, theirs = ({"": _outside(one), **{block.name: block for block in one.walk()}} for one in (circuit, back))
    if ours.keys() != theirs.keys() or not _same(circuit.parameters, back.parameters):
        return False
    for name, block in ours.items():
        other = theirs[name]
        if not is_isomorphic(_alone(block), _alone(other), values=True) or not _same_models(block, other):
            return False
        if not _same({**block.parameters, **block.locals}, {**other.parameters, **other.locals}):
            return False
    try:
        return is_isomorphic(flatten(circuit), flatten(back), values=True)
    except EDAError:  # several tops, or calls that do not fit their blocks
        return True


def _outside(circuit: Circuit) -> Subcircuit:
    """The elements outside any block, as one."""
    return Subcircuit("", (), devices=circuit.devices, models=circuit.models)


def _same_models(one: Subcircuit, other: Subcircuit) -> bool:
    ours, theirs = ({model.name: model for model in block.models} for block in (one, other))
    return ours.keys() == theirs.keys() and all(
        model.type == theirs[name].type and _same(_less_level(model), _less_level(theirs[name]))
        for name, model in ours.items()
    )


def _less_level(model: Model) -> dict[str, str]:
    """The parameters of a card without the level, which has another number in every simulator."""
    return {key: text for key, text in model.parameters.items() if key != "level"}


def _same(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    return ours.keys() == theirs.keys() and all(_same_value(text, theirs[key]) for key, text in ours.items())


def _same_value(ours: str, theirs: str) -> bool:
    try:
        return number(ours) == number(theirs)
    except InputError:
        return "".join(ours.split()) == "".join(theirs.split())


def _renamed(circuit: Circuit, target: str) -> Circuit:
    """The circuit as a writer is meant to change it for another dialect.

    Nets that the target would take for ground have other names, and hints for a solver are left out.
    """
    names = renamed_nodes(circuit, DIALECTS[target])
    hints = frozenset[str]() if target == circuit.dialect else SOLVER_HINTS

    def name(net: str) -> str:
        return names.get(net, net)

    def device(one: Device) -> Device:
        parameters = {key: text for key, text in one.parameters.items() if key not in hints}
        return replace(one, nodes=tuple(map(name, one.nodes)), parameters=parameters)

    def block(one: Subcircuit) -> Subcircuit:
        inner = tuple(map(block, one.subcircuits))
        devices = tuple(map(device, one.devices))
        return replace(one, ports=tuple(map(name, one.ports)), devices=devices, subcircuits=inner)

    return replace(
        circuit,
        globals=tuple(map(name, circuit.globals)),
        devices=tuple(map(device, circuit.devices)),
        subcircuits=tuple(map(block, circuit.subcircuits)),
    )


def _alone(block: Subcircuit) -> Circuit:
    return Circuit(subcircuits=(replace(block, subcircuits=()),))


def differences(corpora: Corpora) -> Rows:
    """Per corpus: what ngspice lists for every deck that it loads, against our flat circuit."""
    rows = []
    for name, specimens in corpora.items():
        progress(f"ngspice listings of {name}: {len(specimens)}")
        decks = [s for s in specimens if s.entry is None and (c := s.outcome[0]) is not None and c.dialect in _LISTED]
        rows += [_compared(name, decks, wrapped=False), _compared(name, decks, wrapped=True)]
    return [row for row in rows if row["decks"]]


_LISTED: Final = {"ngspice", "hspice"}


def _compared(name: str, decks: list[Specimen], *, wrapped: bool) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    unlike: dict[str, list[str]] = {}
    refusals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="eda-decks-") as folder:
        for index, specimen in enumerate(decks):
            text = as_deck(specimen, wrapped=wrapped)
            if text is None:
                continue
            tally["decks"] += 1
            path = Path(folder) / f"deck{index}.sp"
            path.write_text(text, encoding="utf-8")
            try:
                listing = expanded(path)
            except NetlistError as error:
                reason = str(error).rpartition("refuses the deck: ")[2].replace(f"{folder}/", "")
                refusals[reason[:90]] += 1
                continue
            tally["loaded"] += 1
            try:
                # the wrapped text is ngspice's, whatever the dialect of the file was
                circuit = parse_netlist(
                    text, name=str(path), dialect="ngspice", roots=[specimen.folder], includes="keep", control="keep"
                )
                result = compare(flatten(circuit), listing)
            except EDAError as error:
                tally["unlike"] += 1
                unlike[specimen.name] = [f"ngspice loads it, and we do not: {error}"[:300]]
                continue
            tally["devices"] += result.devices
            tally["values"] += result.values
            tally["equal"] += result.equal
            tally["repeated m"] += result.repeated
            if result.differences:
                tally["unlike"] += 1
                unlike[specimen.name] = [str(one) for one in result.differences[:5]]
    return {
        "table": "against ngspice's listing",
        "corpus": f"{name}, in a deck of ours" if wrapped else name,
        "decks": tally["decks"],
        "loaded by ngspice": tally["loaded"],
        "devices": tally["devices"],
        "values": tally["values"],
        "equal": tally["equal"],
        "decks that differ": tally["unlike"],
        "m given twice": tally["repeated m"],
        "differences": dict(list(unlike.items())[:_SHOWN]),
        "refused by ngspice": dict(refusals.most_common(_SHOWN)),
    }


def findings(corpora: Corpora, *, sample: int, seed: int) -> Rows:
    """Per corpus and rule: findings of the rule check, and a random sample of all findings for a hand to check."""
    rows = []
    everything: list[tuple[str, str, str]] = []
    for name, specimens in corpora.items():
        counts: Counter[tuple[str, str]] = Counter()
        files: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for specimen in specimens:
            circuit = specimen.outcome[0]
            for finding in check(circuit) if circuit else ():
                key = finding.rule, finding.severity.value
                counts[key] += 1
                files[key].add(specimen.name)
                if finding.severity.value != "note":
                    everything.append((f"{name}/{specimen.name}", finding.rule, str(finding)))
        progress(f"rules on {name}: {sum(counts.values())} findings")
        rows += [
            {
                "table": "rule check",
                "corpus": name,
                "circuits": sum(s.outcome[0] is not None for s in specimens),
                "rule": rule,
                "severity": severity,
                "findings": count,
                "circuits with it": len(files[rule, severity]),
            }
            for (rule, severity), count in sorted(counts.items())
        ] or [_no_finding(name, specimens)]
    rows += [
        {"table": "sample of findings", "number": number, "netlist": place, "rule": rule, "finding": _short(text)}
        for number, (place, rule, text) in enumerate(_sampled(everything, sample, seed), 1)
    ]
    return rows


def _no_finding(name: str, specimens: Sequence[Specimen]) -> dict[str, Any]:
    return {
        "table": "rule check",
        "corpus": name,
        "circuits": sum(s.outcome[0] is not None for s in specimens),
        "rule": "none",
        "severity": "",
        "findings": 0,
        "circuits with it": 0,
    }


def _sampled(everything: list[tuple[str, str, str]], count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """A sample in which every rule has its turn: rules in a circle, findings of each in random order."""
    draw = random.Random(seed)
    by_rule: Mapping[str, list[tuple[str, str, str]]] = defaultdict(list)
    for finding in everything:
        by_rule[finding[1]].append(finding)
    for found in by_rule.values():
        draw.shuffle(found)
    taken = 0
    while taken < count and any(by_rule.values()):
        for rule in sorted(by_rule):
            if by_rule[rule] and taken < count:
                taken += 1
                yield by_rule[rule].pop()


def _short(text: str) -> str:
    """A finding without the folder of its file."""
    place, found, rest = text.partition(": ")
    return f"{place.rpartition('/')[2]}: {rest}" if found else text
