"""Whether the netlist that another reader saw is the one in the file, with every doubt in the reader's favour."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.listed import Value, number_or_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.benchmark.peers import PeerRead
    from eda.netlist import Circuit, Device

__all__ = ["Judgement", "judge", "verdict"]

_TOLERANCE: Final = 1e-9
_FIRST: Final = 3
# elements whose line a reader may divide between nodes, controls and value as it likes
_FREE: Final = frozenset("efghbkwstoyupna")
_TERM: Final = re.compile(r"\.?\d[\w.]*(?:(?<=e)[+-]\d+)?|[a-z_][\w.$:!#]*|[^\s\w(){}'\",=]")
_QUOTED: Final = re.compile(r"\{([^{}]*)\}|'([^']*)'|\"([^\"]*)\"")
_FUNCTION: Final = {"vol": "v", "cur": "i"}


@dataclass(slots=True)
class Judgement:
    """What is not the same, and what could not be compared.

    Attributes:
        differences: a sentence each.
        not_compared: kinds of information that the reader does not keep, or keeps in another form.
        devices: how many devices of the file were compared.
    """

    differences: list[str] = field(default_factory=list)
    not_compared: set[str] = field(default_factory=set)
    devices: int = 0

    @property
    def right(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def verdict(ours: Circuit, read: PeerRead) -> str:
    """One cell of the table: `right`, `nothing to compare`, `silently wrong: ...`, or what the peer said."""
    if read.status != "read":
        return f"{read.status}: {read.message}"
    judgement = judge(ours, read.view)
    if judgement.right:
        return "right" if judgement.devices else "nothing to compare"
    first = "; ".join(judgement.differences[:_FIRST])
    more = len(judgement.differences) - _FIRST
    return f"silently wrong: {first}{f'; and {more} more' if more > 0 else ''}"


def judge(ours: Circuit, view: Mapping[str, Any]) -> Judgement:
    """Compare a hierarchical circuit with a peer's view of the same file.

    Compared are the blocks, their ports, and of each device its nodes, model, value and parameters. `1k` equals
    `1000.0`; an expression equals the same text without regard to quotes, braces and spaces. Where the peer evaluates
    expressions (`lacks` them), a number in the place of one is not compared.

    Args:
        ours: the netlist in the file.
        view: as `PeerRead.view`.
    """
    judgement = Judgement(not_compared=set(view.get("lacks", ())))
    blocks = {"": ((), ours.devices), **{block.name: (block.ports, block.devices) for block in ours.walk()}}
    theirs = view["blocks"]
    if "top" in judgement.not_compared:
        del blocks[""]
    for name in theirs.keys() - blocks.keys() - {""}:
        judgement.differences.append(f"a block {name!r} that the file does not have")
    for name, (ports, devices) in blocks.items():
        if name not in theirs:
            if name or devices:
                judgement.differences.append(f"the block {name!r} is missing")
            continue
        if "ports" not in judgement.not_compared and [*map(_node, theirs[name]["ports"])] != [*map(_node, ports)]:
            judgement.differences.append(f"ports of {name!r} are {' '.join(theirs[name]['ports'])}")
        _block(judgement, name, devices, theirs[name]["devices"])
    return judgement


def _block(judgement: Judgement, name: str, ours: tuple[Device, ...], theirs: list[list[Any]]) -> None:
    seen: dict[str, list[Any]] = {}
    for other, *rest in theirs:
        if other in seen:
            judgement.differences.append(f"{name}/{other} is there twice")
        seen[other] = rest
    known = {device.name for device in ours}
    judgement.differences += [f"{name}/{each} is not in the file" for each in seen if each not in known]
    judgement.devices += len(ours)
    for device in ours:
        place = f"{name}/{device.name}" + (f" (line {device.location.line})" if device.location else "")
        if device.name not in seen:
            judgement.differences.append(f"{place} is missing")
        else:
            found = _Found(*seen[device.name])
            judgement.differences += [f"{place}: {text}" for text in _device(device, found, judgement.not_compared)]


@dataclass(slots=True)
class _Found:
    """A device in a peer's view."""

    nodes: list[str]
    shown: str
    parameters: dict[str, str]


def _device(ours: Device, found: _Found, skipped: set[str]) -> Iterator[str]:
    if ours.letter in _FREE or ours.name[0] in _FREE:
        yield from _free(ours, found)
        return
    if [*map(_node, found.nodes)] != [*map(_node, ours.nodes)]:
        yield f"nodes are {' '.join(found.nodes) or 'missing'}, not {' '.join(ours.nodes)}"
    expected, parameters = dict(ours.parameters), dict(found.parameters)
    if ours.letter in "vi":
        if not _same_source(ours.value or "", found.shown, skipped):
            yield f"source is {found.shown or 'missing'}, not {ours.value}"
        return
    words = _bare(found.shown).split()
    if ours.letter in "rcl" and not words:
        words = [parameters.pop(key) for key in (ours.letter, "model") if key in parameters]
    wanted = [_bare(word) for word in (ours.value, ours.model) if word]
    for word in wanted:
        hit = next((each for each in words if _same(word, each, skipped)), None)
        if hit is None:
            kind = "model" if word == ours.model else "value"
            yield f"{kind} is {found.shown or 'missing'}, not {word}"
        else:
            words.remove(hit)
    if words and "area" in expected and "area" not in parameters:
        parameters["area"] = words[0]
    if "parameters" in skipped or (ours.letter == "x" and "call parameters" in skipped):
        return
    yield from _named(expected, parameters, skipped)


def _same_source(ours: str, theirs: str, skipped: set[str]) -> bool:
    """Whether two sources have the same terms, wherever the parentheses and equal signs stand."""
    terms = [
        [term for term in re.split(r"[\s(),=]+", _bare(text)) if term not in {"", "dc"}] for text in (ours, theirs)
    ]
    return len(terms[0]) == len(terms[1]) and all(_same(a, b, skipped) for a, b in zip(*terms, strict=True))


def _named(ours: Mapping[str, str], theirs: Mapping[str, str], skipped: set[str]) -> Iterator[str]:
    # CDL marks some parameters with a dollar
    ours, theirs = ({key.removeprefix("$"): text for key, text in each.items()} for each in (ours, theirs))
    for key in sorted(ours.keys() | theirs.keys()):
        if key not in theirs:
            yield f"{key}={ours[key]} is missing"
        elif key not in ours:
            yield f"{key}={theirs[key]} is not in the file"
        elif not _same(ours[key], theirs[key], skipped):
            yield f"{key} is {theirs[key]}, not {ours[key]}"


def _free(ours: Device, found: _Found) -> Iterator[str]:
    """The words of the line in their order, however they are divided; of a polynomial source in any order."""
    assigned = [f"{key}={text}" for key, text in found.parameters.items()]
    given = [f"{key}={text}" for key, text in ours.parameters.items()]
    expected = _terms([*map(_node, ours.nodes), *ours.controls, ours.value or "", ours.model or "", *given])
    terms = _terms([*map(_node, found.nodes), found.shown, *assigned])
    if "poly" in expected:
        expected, terms = sorted(expected, key=str), sorted(terms, key=str)
    if len(expected) != len(terms) or not all(map(_equal, expected, terms)):
        yield f"is {' '.join(filter(None, [*found.nodes, found.shown, *assigned]))}"


def _terms(words: list[str]) -> list[Value]:
    terms = (number_or_text(term) for term in _TERM.findall(" ".join(words)))
    return [_FUNCTION.get(term, term) if isinstance(term, str) else term for term in terms]


def _node(name: str) -> str:
    return "0" if name == "gnd" else name


def _bare(text: str) -> str:
    """The text with expressions as single words."""
    return _QUOTED.sub(lambda match: "".join((match[1] or match[2] or match[3] or "").split()), text)


def _same(ours: str, theirs: str, skipped: set[str]) -> bool:
    first, second = (number_or_text(_bare(text).replace(" ", "")) for text in (ours, theirs))
    evaluated = isinstance(first, str) and isinstance(second, float)
    return (evaluated and "expressions" in skipped) or _equal(first, second)


def _equal(ours: Value, theirs: Value) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=_TOLERANCE)
    return ours == theirs
