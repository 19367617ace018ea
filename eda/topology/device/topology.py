"""A topology: devices and the nets that join them, without sizes and values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist import Circuit, Device, Subcircuit
from eda.netlist.conventions import is_ground, is_supply, polarity
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import PORTS, is_port

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Part", "Topology"]

_SAME: Final = {"in": "vin", "vckl": "vclk", "vlogica": "logica", "vlogicb": "logicb"}  # AnalogGenie's slips of the pen
_TYPE_OF: Final = {"r": "resistor", "c": "capacitor", "l": "inductor", "d": "diode"}


@dataclass(frozen=True, slots=True)
class Part:
    """A device of a topology.

    Attributes:
        kind: a row of `KINDS`.
        nets: one a terminal, in the order of the table.
    """

    kind: str
    nets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topology:
    """Devices and the nets that join them. Nets that are called like a port are ports, all others are inner nets.

    Attributes:
        parts: the devices.
    """

    parts: tuple[Part, ...]

    @property
    def ports(self) -> tuple[str, ...]:
        """Its ports, in the order in which they appear."""
        return tuple(dict.fromkeys(net for part in self.parts for net in part.nets if is_port(net)))

    @classmethod
    def of(cls, circuit: Circuit) -> Topology:
        """The topology of a circuit: one block of transistors, diodes, resistors, capacitors and inductors.

        Transmission gates and inverters (AnalogGenie's masters) are replaced by their transistors.

        Raises:
            InputError: a device is of another kind.
        """
        names = {net: _port_name(net) for device in circuit.top.devices for net in device.nodes}
        parts: list[Part] = []
        for device in circuit.top.devices:
            parts += _parts(device, tuple(names[node] for node in device.nodes), len(parts))
        return cls(tuple(parts))

    @staticmethod
    def takes(port: str) -> bool:
        """Whether a port of a netlist is one of a topology's under its name."""
        return _port_name(port) in PORTS

    def circuit(self, name: str = "topology", title: str = "") -> Circuit:
        """As a netlist of one block, without sizes; models are called `nmos`, `pmos`, `npn`, `pnp` and `diode`.

        Args:
            name: of the block.
            title: of the netlist.
        """
        number: Counter[str] = Counter()
        devices = []
        for part in self.parts:
            kind = KINDS[part.kind]
            number[kind.letter] += 1
            model = part.kind if kind.letter in "mqd" else None
            devices.append(Device(f"{kind.letter}{number[kind.letter]}", part.nets, model=model))
        return Circuit(title=title, subcircuits=(Subcircuit(name, self.ports, devices=tuple(devices)),))


def _port_name(net: str) -> str:
    """A net under the name that topologies give it."""
    if is_port(net):
        return net
    stem = net.rstrip("0123456789")
    number = net[len(stem) :]
    if stem in _SAME:
        return _SAME[stem] + number
    if net == "0" or is_ground(net):
        return "vss"
    return "vdd" if is_supply(net) else f"n_{net}"


def _parts(device: Device, nets: tuple[str, ...], number: int) -> Iterable[Part]:
    if device.letter == "x" and device.model == "inverter" and len(nets) == 4:
        return _inverter(*nets)
    if device.letter == "x" and device.model == "transmission_gate" and len(nets) == 5:
        a, b, clock, supply, ground = nets
        inverted = f"n_inverted_{number}"
        through = (Part("nmos", (a, clock, b, ground)), Part("pmos", (a, inverted, b, supply)))
        return (*_inverter(clock, inverted, supply, ground), *through)
    kind = _kind(device)
    if kind is None:
        raise InputError(
            f"a topology is made of {', '.join(KINDS)}, but {device.name} is another device"
            + (f" (model {device.model!r})" if device.model else "")
        )
    return (Part(kind, nets[: len(KINDS[kind].terminals)]),)


def _inverter(gate: str, output: str, supply: str, ground: str) -> tuple[Part, Part]:
    return Part("nmos", (output, gate, ground, ground)), Part("pmos", (output, gate, supply, supply))


def _kind(device: Device) -> str | None:
    if device.letter in _TYPE_OF:
        return _TYPE_OF[device.letter]
    kind = polarity(device.model or "")
    if device.letter == "q" and len(device.nodes) >= 3:
        return {"n": "npn", "p": "pnp"}.get(kind)
    if device.letter in "mx" and len(device.nodes) == 4:
        return {"n": "nmos", "p": "pmos"}.get(kind)
    return None
