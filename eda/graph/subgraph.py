"""Enclosing subgraphs of terminals: what link prediction looks at.

The circuit is indexed once; a query then costs what it visits. A hop goes from a device over one of its nets to the
devices on that net.

Source: Zhang and Chen, "Link prediction based on graph neural networks", NeurIPS 2018 (enclosing subgraphs). Rails
are not crossed: over a supply any two devices are one hop apart, and two hops would take in the whole circuit.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.graph.incidence import ROLES, incidence
from eda.netlist.conventions import is_ground, is_supply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from eda.graph.flat import FlatCircuit
    from eda.netlist import Circuit, Device

__all__ = ["Neighbourhood", "TerminalIndex"]

_LISTED: Final = 30

Terminal = tuple[str, str]
"""A device and the role of its terminal; `pin3` is the terminal at place 3 of a call."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What lies around some terminals.

    Attributes:
        devices: distance in hops by name of device, in the order they were met.
        nets: distance in hops by name of net; nets at the border are here, with only some of their devices.
        pins: (device, role, net) of every terminal of these devices, less the hidden ones.
        touched: how many pins were looked at.
        circuit: the devices as a circuit of their own, ports and models as in the whole.
    """

    devices: Mapping[str, int]
    nets: Mapping[str, int]
    pins: tuple[tuple[str, str, str], ...]
    touched: int
    circuit: Circuit


@dataclass(slots=True)
class _Visit:
    """The state of one query: dictionaries of what was met, so that nothing costs the size of the circuit."""

    limit: float
    closed: frozenset[int]
    devices: dict[int, int] = field(default_factory=dict)
    nets: dict[int, int] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)
    touched: int = 0

    def meet_net(self, net: int, distance: int) -> None:
        """Note a net, to be crossed when its turn comes."""
        if net not in self.nets:
            self.nets[net] = distance
            self.waiting.append(net)

    @property
    def full(self) -> bool:
        """Whether no more devices are wanted."""
        return len(self.devices) >= self.limit


class TerminalIndex:
    """An index of the terminals of a circuit; made in linear time.

    Args:
        circuit: any circuit; hierarchy is flattened.
        masters: element letters of undefined masters, see `to_graph`.

    Raises:
        InputError: the circuit cannot be flattened, a letter is unknown, or a control names two devices.
    """

    def __init__(self, circuit: Circuit, *, masters: Mapping[str, str] | None = None) -> None:
        graph = incidence(circuit, masters)
        self._flat: FlatCircuit = graph.flat
        self._nets, self._role, self._position, self._net = graph.nets, graph.role, graph.position, graph.net
        self._device = graph.device
        self._device_start = _starts(graph.device, len(graph.letters))
        self._net_slots = np.argsort(graph.net, kind="stable")
        self._net_start = _starts(graph.net[self._net_slots], len(graph.nets))
        self._device_of = {device.name: index for index, device in enumerate(graph.flat.devices)}
        self._net_of = {net: index for index, net in enumerate(graph.nets)}
        named = frozenset(graph.flat.circuit.globals)
        self._rails = frozenset(
            index
            for index, net in enumerate(graph.nets)
            if net == "0" or net in named or is_supply(net) or is_ground(net)
        )
        self._ports = {port: place for place, port in enumerate(dict.fromkeys(graph.flat.ports))}

    def around(
        self,
        terminals: Iterable[Terminal | str],
        hops: int,
        *,
        max_devices: int | None = None,
        through_supplies: bool = False,
        hidden: Iterable[Terminal] = (),
    ) -> Neighbourhood:
        """The devices within some hops of terminals and nets.

        Args:
            terminals: (device, role) pairs, whose devices are at distance 0, or names of nets, which are too.
            hops: how far to go, at least 0.
            max_devices: stop after so many devices, the nearest first; `None` for all.
            through_supplies: whether ground, global nets and nets named as supplies lead on to their devices; else
                they are only borders.
            hidden: terminals that count as open: they are not followed, and each ends on a net of its own in the
                circuit, so that a prediction cannot read the answer off the graph.

        Returns:
            The neighbourhood, as `to_graph(neighbourhood.circuit)` encodes it. Controls are not followed.

        Raises:
            InputError: there is no such device, terminal or net, or `hops` is negative.
        """
        if hops < 0:
            raise InputError(f"`hops >= 0` must hold, but got {hops}")
        closed = frozenset(self._slot(terminal) for terminal in hidden)
        visit = _Visit(math.inf if max_devices is None else max_devices, closed)
        for terminal in terminals:
            if isinstance(terminal, str):
                visit.meet_net(self._known(terminal, self._net_of, f"net {terminal!r}"), 0)
            else:
                self._meet_device(visit, int(self._device[self._slot(terminal)]), 0)
        while visit.waiting and not visit.full:
            net = visit.waiting.popleft()
            if visit.nets[net] < hops and (through_supplies or net not in self._rails):
                self._cross(visit, net)
        return self._result(visit)

    def _meet_device(self, visit: _Visit, device: int, distance: int) -> None:
        """Note a device and its nets."""
        if device in visit.devices or visit.full:
            return
        visit.devices[device] = distance
        for slot in self._slots(device):
            visit.touched += 1
            if slot not in visit.closed:
                visit.meet_net(int(self._net[slot]), distance)

    def _cross(self, visit: _Visit, net: int) -> None:
        """Note the devices on a net; the pins are taken one by one, since a rail may have very many."""
        for slot in map(int, self._net_slots[self._net_start[net] : self._net_start[net + 1]]):
            if visit.full:
                return
            visit.touched += 1
            if slot not in visit.closed:
                self._meet_device(visit, int(self._device[slot]), visit.nets[net] + 1)

    def _result(self, visit: _Visit) -> Neighbourhood:
        devices = self._flat.devices
        pins = tuple(
            (devices[device].name, self._role_name(slot), self._nets[self._net[slot]])
            for device in visit.devices
            for slot in self._slots(device)
            if slot not in visit.closed
        )
        return Neighbourhood(
            {devices[device].name: distance for device, distance in visit.devices.items()},
            {self._nets[net]: distance for net, distance in visit.nets.items()},
            pins,
            visit.touched,
            self._circuit(visit),
        )

    def _circuit(self, visit: _Visit) -> Circuit:
        """The devices that were met, hidden terminals opened."""
        whole = self._flat.circuit
        met = tuple(self._opened(device, visit.closed) for device in visit.devices)
        if not whole.subcircuits:
            return replace(whole, devices=met)
        ports = sorted(
            (net for net in map(self._nets.__getitem__, visit.nets) if net in self._ports), key=self._ports.__getitem__
        )
        return replace(whole, subcircuits=(replace(whole.top, devices=met, ports=tuple(ports)),))

    def _opened(self, index: int, closed: frozenset[int]) -> Device:
        device = self._flat.devices[index]
        slots = self._slots(index)
        if closed.isdisjoint(slots):
            return device
        nodes = (
            f"{device.name}.{self._role_name(slot)}.open" if slot in closed else node
            for slot, node in zip(slots, device.nodes, strict=False)  # what a text names follows the nodes
        )
        return replace(device, nodes=tuple(nodes))

    def _slot(self, terminal: Terminal) -> int:
        device = self._known(terminal[0], self._device_of, f"device {terminal[0]!r}")
        roles = {self._role_name(slot): slot for slot in self._slots(device)}
        return self._known(terminal[1], roles, f"terminal {terminal[1]!r} of {terminal[0]!r}")

    @staticmethod
    def _known(name: str, places: Mapping[str, int], what: str) -> int:
        if name not in places:
            # of a large circuit the names are too many to list
            advice = did_you_mean(name, places) if len(places) <= _LISTED else "Names are those of the flat circuit."
            raise InputError(f"the circuit has no {what}. {advice}")
        return places[name]

    def _role_name(self, slot: int) -> str:
        """Role of a pin; with its position where the role has one."""
        role = ROLES[self._role[slot]]
        return f"{role}{self._position[slot]}" if role in {"pin", "sense"} else role

    def _slots(self, device: int) -> range:
        """The pins of a device."""
        return range(int(self._device_start[device]), int(self._device_start[device + 1]))


def _starts(owner: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Where the rows of each owner begin, of `count` owners, in ascending rows."""
    return np.searchsorted(owner, np.arange(count + 1))
