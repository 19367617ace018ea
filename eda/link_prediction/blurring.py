"""What changes in circuits in training, so that netlists of other sources are less strange.

A source of netlists has habits: which nets it marks or names, whether currents come from transistors or from symbols.
What is the same circuit otherwise is drawn here in other habits. (Leaving out devices or further pins was tried: it
makes predictors expect nets of their own everywhere.)
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

import torch

from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS, KINDS
from eda.nn.pins import NET_FLAGS, ROLE_COUNT, role_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.nn.pins import Pins

__all__ = ["Blurring", "blurred"]

_REPLACED: Final = 0.5  # of the transistors that two ends can stand for
_DRIVEN: Final = 0.3  # of the ports
_AT_PORTS: Final = {"v": 0.5, "i": 0.2, "c": 0.15, "r": 0.15}  # what stands there, how often
_GATE, _DRAIN, _SOURCE, _PLUS, _MINUS = map(ROLES.index, ("gate", "drain", "source", "plus", "minus"))
_MOS, _BIPOLAR, _CURRENT, _RESISTOR, _CALL = map(KINDS.index, "mqirx")
_N, _P = (next(i for i, column in enumerate(DEVICE_COLUMNS) if column.name == f"polarity_{sign}") for sign in "np")
_PORT, _SUPPLY, _LOW = (NET_FLAGS.index(name) for name in ("is_port", "is_supply", "is_low_rail"))


@dataclass(frozen=True, slots=True)
class Blurring:
    """Probabilities of changes, each drawn for each circuit.

    Attributes:
        any: anything changes at all; the others are of the circuits for which that is so.
        ports: no net is marked as a port.
        supply: no net is marked as a high rail.
        ground: none as a low rail.
        symbols: pairs of transistors with a mirror as their load are calls of amplifiers.
        replaced: some transistors at a rail are current sources, or resistors.
        driven: some ports have a source or a load.
        mirror: n is p, the high rail is the low one, and what has a direction is turned round.
        bipolar: MOS transistors are bipolar ones.
    """

    any: float = 0.5
    ports: float = 1.0
    supply: float = 0.4
    ground: float = 0.2
    symbols: float = 0.3
    replaced: float = 0.3
    driven: float = 0.5
    mirror: float = 0.5
    bipolar: float = 0.1


def blurred(whole: Pins, blurring: Blurring, generator: torch.Generator) -> Pins:
    """Circuits as other sources could have them.

    Args:
        whole: circuits side by side.
        blurring: what changes.
        generator: of what is drawn.
    """
    chance = torch.rand(len(fields(blurring)), whole.circuits, generator=generator)
    drawn = {one.name: row < getattr(blurring, one.name) for one, row in zip(fields(blurring), chance, strict=True)}
    changed = {name: row & drawn["any"] for name, row in drawn.items()}
    whole = _symbols(whole, changed["symbols"])
    whole = _two_ended(whole, changed["replaced"], generator)
    whole = _driven(whole, changed["driven"], generator)
    whole = _bipolar(whole, changed["bipolar"])
    whole = _mirrored(whole, changed["mirror"])
    nets, of = whole.nets.clone(), whole.circuit_of_net
    low = nets[:, _LOW] > 0
    nets[changed["ports"][of], _PORT] = 0
    nets[changed["supply"][of] & ~low, _SUPPLY] = 0
    nets[changed["ground"][of] & low] = 0
    return replace(whole, nets=nets).keeping(whole.role >= 0)


def _transistors(whole: Pins) -> torch.Tensor:
    """Places of the gate, drain and source of each device, `3 x n`; -1 where it is no whole MOS transistor."""
    pin_of = torch.full((3, len(whole.devices)), -1)
    for row, place in enumerate((_GATE, _DRAIN, _SOURCE)):
        mine = torch.nonzero(whole.role == place)[:, 0]
        pin_of[row, whole.device[mine]] = mine
    pin_of[:, (pin_of < 0).any(0) | (whole.devices[:, _MOS] == 0)] = -1
    return pin_of


def _rails(whole: Pins) -> torch.Tensor:
    """Whether each net is a rail."""
    return (whole.nets[:, _SUPPLY] > 0) | (whole.nets[:, _LOW] > 0)


def _symbols(whole: Pins, changed: torch.Tensor) -> Pins:
    """Differential pairs that a current mirror loads, as calls: positive input, negative input, output."""
    pin_of = _transistors(whole)
    mine = torch.nonzero((pin_of[0] >= 0) & changed[whole.circuit_of_device])[:, 0]
    gate, drain, source = whole.net[pin_of[:, mine]]
    sign, inner = whole.devices[mine, _N], ~_rails(whole)
    # both of a pair: sources on one inner net, the gates on two
    first, second = torch.nonzero(
        (source[:, None] == source) & (sign[:, None] == sign) & inner[source] & (gate[:, None] != gate)
        & (drain[:, None] != drain)
    ).T  # fmt: skip
    # their loads: gates on the drain of the first, drains on both
    load = (gate[:, None] == drain[first]) & ~inner[source][:, None] & (sign[:, None] != sign[first])
    one, other = load & (drain[:, None] == drain[first]), load & (drain[:, None] == drain[second])
    found = one.any(0) & other.any(0)
    first, second, one, other = first[found], second[found], one[:, found], other[:, found]
    if not len(first):
        return whole
    tail = (drain[:, None] == source[first]) & ~inner[source][:, None]
    gone = torch.zeros(len(whole.devices), dtype=torch.bool)
    gone[mine[(one | other | tail).any(1)]] = True
    gone[mine[first]] = gone[mine[second]] = True
    role = torch.where(gone[whole.device], -1, whole.role)
    nets = (gate[first], gate[second], drain[second])
    return _with(replace(whole, role=role), _CALL, [role_place("pin", place) for place in range(3)], nets)


def _two_ended(whole: Pins, changed: torch.Tensor, generator: torch.Generator) -> Pins:
    """Some transistors at a rail as current sources; as resistors, too, those whose gate is on their drain."""
    gate, drain, source = _transistors(whole)
    fit = (gate >= 0) & _rails(whole)[whole.net[source]] & changed[whole.circuit_of_device]
    fit &= torch.rand(len(fit), generator=generator) < _REPLACED
    resistor = (whole.net[gate] == whole.net[drain]) | (torch.rand(len(fit), generator=generator) < 1 / 3)
    devices, role = whole.devices.clone(), whole.role.clone()
    devices[fit] = 0
    devices[fit & resistor, _RESISTOR] = 1
    devices[fit & ~resistor, _CURRENT] = 1
    # current enters at plus: from the net into a low rail, from a high rail into the net
    low = whole.nets[whole.net[source[fit]], _LOW] > 0
    role[drain[fit]] = torch.where(low, _PLUS, _MINUS)
    role[source[fit]] = torch.where(low, _MINUS, _PLUS)
    role[gate[fit]] = -1
    return replace(whole, devices=devices, role=role)


def _driven(whole: Pins, changed: torch.Tensor, generator: torch.Generator) -> Pins:
    """Some ports with an element to the low rail of their circuit, where it has one."""
    of = whole.circuit_of_net
    rails = torch.nonzero(whole.nets[:, _LOW] > 0)[:, 0]
    low = torch.full((whole.circuits,), -1)
    low[of[rails]] = rails
    ports = (whole.nets[:, _PORT] > 0) & ~_rails(whole) & changed[of] & (low[of] >= 0)
    ports &= torch.rand(len(ports), generator=generator) < _DRIVEN
    kind = torch.multinomial(torch.tensor([*_AT_PORTS.values()]), len(ports), replacement=True, generator=generator)
    for place, letter in enumerate(_AT_PORTS):
        nets = torch.nonzero(ports & (kind == place))[:, 0]
        whole = _with(whole, KINDS.index(letter), [_PLUS, _MINUS], (nets, low[of[nets]]))
    return whole


def _with(whole: Pins, kind: int, roles: Sequence[int], nets: Sequence[torch.Tensor]) -> Pins:
    """Circuits with more devices of a kind.

    Args:
        whole: circuits.
        kind: place in `KINDS`.
        roles: of the pins of each.
        nets: for each role a net for each new device.
    """
    count = len(nets[0])
    devices = torch.zeros(count, whole.devices.shape[1])
    devices[:, kind] = 1
    own = torch.arange(count) + len(whole.devices)
    return replace(
        whole,
        devices=torch.cat((whole.devices, devices)),
        device=torch.cat((whole.device, *(own for _ in roles))),
        role=torch.cat((whole.role, *(torch.full_like(own, role) for role in roles))),
        net=torch.cat((whole.net, *nets)),
        circuit_of_device=torch.cat((whole.circuit_of_device, whole.circuit_of_net[nets[0]])),
    )


def _mirrored(whole: Pins, changed: torch.Tensor) -> Pins:
    """Complementary circuits."""
    devices, nets = whole.devices.clone(), whole.nets.clone()
    mine = torch.nonzero(changed[whole.circuit_of_device])[:, 0]
    devices[mine, _N], devices[mine, _P] = whole.devices[mine, _P], whole.devices[mine, _N]
    rails = changed[whole.circuit_of_net]
    low = whole.nets[rails, _LOW]
    high = whole.nets[rails, _SUPPLY] * (1 - low)
    nets[rails, _LOW], nets[rails, _SUPPLY] = high, torch.maximum(high, low)
    role = torch.where(changed[whole.circuit_of_device][whole.device], _MIRRORED[whole.role], whole.role)
    return replace(whole, devices=devices, nets=nets, role=role)


def _bipolar(whole: Pins, changed: torch.Tensor) -> Pins:
    """Circuits of bipolar transistors."""
    mine = changed[whole.circuit_of_device]
    devices = whole.devices.clone()
    devices[mine, _BIPOLAR] += devices[mine, _MOS]
    devices[mine, _MOS] = 0
    role = torch.where(mine[whole.device], _OF_BIPOLAR[whole.role], whole.role)
    return replace(whole, devices=devices, role=role)


def _renamed(changes: Mapping[str, str]) -> torch.Tensor:
    """Roles by role; the last place is that of -1."""
    roles = torch.arange(ROLE_COUNT + 1)
    roles[-1] = -1
    for old, new in changes.items():
        roles[ROLES.index(old)] = ROLES.index(new)
    return roles


_MIRRORED: Final = _renamed({"plus": "minus", "minus": "plus", "anode": "cathode", "cathode": "anode"})
_OF_BIPOLAR: Final = _renamed({"drain": "collector", "gate": "base", "source": "emitter"})
