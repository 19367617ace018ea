"""Completion of netlists: open terminals are found, and joined to the nets where they most probably belong.

A terminal is open when it is alone on a net that is no port, ground or supply. Of several open ones the surest is
joined first, and the others are looked at again in the circuit that then is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean
from eda.graph.flat import flat
from eda.graph.incidence import incidence
from eda.graph.masters import masters_of
from eda.link_prediction.predictor import LinkPredictor
from eda.netlist import DEVICE_TYPES, Finding, Severity, check
from eda.netlist.conventions import is_ground, is_supply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.link_prediction.predictor import Candidate
    from eda.netlist import Circuit, Device

__all__ = ["Completion", "Joined", "complete", "open_terminals"]

_BAD: Final = frozenset({Severity.FATAL, Severity.ERROR})

Terminal = tuple[str, str]
"""Name of a device of the top block, and role of its terminal."""


@dataclass(frozen=True, slots=True)
class Joined:
    """An open terminal and what became of it.

    Attributes:
        terminal: device and role.
        net: that it was joined to; `None` where it was left alone.
        probability: of that net, or of none, by the predictor.
        candidates: all nets and none, the most probable first.
        vetoes: why candidates that are more probable than `net` were not taken: findings of the rule check, by net.
    """

    terminal: Terminal
    net: str | None
    probability: float
    candidates: tuple[Candidate, ...]
    vetoes: Mapping[str, Finding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed netlist.

    Attributes:
        circuit: with the terminals joined.
        joined: the terminals, in the order in which they were looked at.
    """

    circuit: Circuit
    joined: tuple[Joined, ...]


def complete(
    circuit: Circuit,
    predictor: LinkPredictor | None = None,
    *,
    terminals: Sequence[str] = (),
    masters: Mapping[str, str] | None = None,
) -> Completion:
    """Join open terminals to the nets where they most probably belong.

    A net is not taken when the rule check finds an error or worse that was not there before.

    Args:
        circuit: one block, or a deck; terminals of devices inside the blocks that it uses are not looked at.
        predictor: trained; that of the package when it is `None`.
        terminals: to be joined, whether they are open or not, such as `M3.d`; those that are open when none are given.
        masters: element letters of undefined masters; those called like transistors when not given.

    Raises:
        InputError: there is no such terminal, the circuit cannot be encoded, or there are no weights.
    """
    predictor = LinkPredictor.load() if predictor is None else predictor
    masters = masters_of(circuit) if masters is None else masters
    left = [_known(circuit, one, masters) for one in terminals] or open_terminals(circuit, masters=masters)
    before = Counter(finding.rule for finding in check(circuit) if finding.severity in _BAD)
    done: list[Joined] = []
    while left:
        rows = predictor.rank(circuit, left, masters=masters)
        choices = [_chosen(circuit, one, row, before, masters) for one, row in zip(left, rows, strict=True)]
        # what is to be joined comes before what is to be left alone
        best = max(choices, key=lambda one: (one.net is not None, one.probability))
        done.append(best)
        if best.net is not None:
            circuit = joined(circuit, best.terminal, best.net, masters)
        still = left if terminals else [one for one in left if one in open_terminals(circuit, masters=masters)]
        left = [one for one in still if one != best.terminal]
    return Completion(circuit, tuple(done))


def open_terminals(circuit: Circuit, *, masters: Mapping[str, str] | None = None) -> list[Terminal]:
    """The terminals, bulks aside, that are alone on a net that is no port, ground, supply or global net."""
    graph = incidence(circuit, masters)
    ports, named = frozenset(graph.flat.ports), frozenset(graph.flat.circuit.globals)
    size = Counter(graph.net.tolist())
    own = {device.name for device in _devices(circuit)}
    found = []
    for index, (device, role) in _terminals(circuit, masters):
        net = graph.nets[graph.net[index]]
        driven = net in ports or net in named or is_supply(net) or is_ground(net)
        if size[int(graph.net[index])] == 1 and not driven and role not in {"bulk", "substrate"} and device in own:
            found.append((device, role))
    return found


def joined(circuit: Circuit, terminal: Terminal, net: str, masters: Mapping[str, str] | None = None) -> Circuit:
    """The circuit with a terminal of its top block on another net.

    Args:
        circuit: one block, or a deck.
        terminal: device and role.
        net: the net.
        masters: element letters of undefined masters.
    """
    place = _roles(_device(circuit, terminal[0]), masters).index(terminal[1])

    def moved(device: Device) -> Device:
        if device.name != terminal[0]:
            return device
        return replace(device, nodes=(*device.nodes[:place], net, *device.nodes[place + 1 :]))

    if not circuit.subcircuits or circuit.devices:
        return replace(circuit, devices=tuple(map(moved, circuit.devices)))
    top = circuit.top
    block = replace(top, devices=tuple(map(moved, top.devices)))
    return replace(circuit, subcircuits=tuple(block if one is top else one for one in circuit.subcircuits))


def _chosen(
    circuit: Circuit,
    terminal: Terminal,
    row: list[Candidate],
    before: Counter[str],
    masters: Mapping[str, str],
) -> Joined:
    """The most probable candidate that the rule check allows; one of no net ends the search."""
    vetoes: dict[str, Finding] = {}
    for one in row:
        if one.net is None:
            return Joined(terminal, None, one.probability, tuple(row), vetoes)
        after = [finding for finding in check(joined(circuit, terminal, one.net, masters)) if finding.severity in _BAD]
        counts = Counter(finding.rule for finding in after)
        new = next((finding for finding in after if counts[finding.rule] > before[finding.rule]), None)
        if new is None:
            return Joined(terminal, one.net, one.probability, tuple(row), vetoes)
        vetoes[one.net] = new
    return Joined(terminal, None, 0.0, tuple(row), vetoes)


def _known(circuit: Circuit, terminal: str, masters: Mapping[str, str]) -> Terminal:
    """A terminal of the circuit; its role may be a beginning of one, and its device may have dots of its own."""
    name, _, role = terminal.lower().rpartition(".")
    if not name or not role:
        raise InputError(f"a terminal must be a device and a role, such as M3.d, but got {terminal!r}")
    roles = _roles(_device(circuit, name), masters)
    found = [one for one in roles if one == role] or [one for one in roles if one.startswith(role)]
    if len(found) != 1:
        raise InputError(f"{name} has no terminal {role!r}. {did_you_mean(role, roles)}")
    return name, found[0]


def _device(circuit: Circuit, name: str) -> Device:
    devices = {device.name: device for device in _devices(circuit)}
    if name not in devices:
        raise InputError(f"the top block has no device {name!r}. {did_you_mean(name, devices)}")
    return devices[name]


def _devices(circuit: Circuit) -> tuple[Device, ...]:
    """The devices whose terminals can be joined."""
    return circuit.devices if circuit.devices or not circuit.subcircuits else circuit.top.devices


def _roles(device: Device, masters: Mapping[str, str] | None) -> list[str]:
    """Roles of the nodes of a device; of a call's terminal with its position."""
    letter = (masters or {}).get(device.model or "", "x") if device.letter == "x" else device.letter
    named = list(DEVICE_TYPES[letter].pins[: len(device.nodes)])
    return named + [f"pin{place}" for place in range(len(named), len(device.nodes))]


def _terminals(circuit: Circuit, masters: Mapping[str, str] | None) -> Iterator[tuple[int, Terminal]]:
    """The places in the incidence of all nodes of the flat circuit; what texts name has places, too, but no role."""
    graph = incidence(circuit, masters)
    start = 0
    for index, device in enumerate(flat(circuit).devices):
        for place, role in enumerate(_roles(device, masters)):
            yield start + place, (device.name, role)
        start += int((graph.device == index).sum())
