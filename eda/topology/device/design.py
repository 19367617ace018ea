"""A topology as a netlist with sizes: parameters with defaults and bounds, and biases inside the block.

Transistors that must match share their sizes: those of a mirror (one gate and one source), and pairs (one source, gates
at inputs). Ports called `vb...` and `ib...` are biases: the block makes them itself, from sources whose values are
parameters like the sizes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from eda.netlist import Circuit, Device, Model, Subcircuit, Variable
from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import role_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eda.technology import Technology
    from eda.topology.device.topology import Part, Topology

__all__ = ["bias_voltage", "design_of", "flows_in", "own_biases"]

_LENGTHS: Final = (1.0, 3.0, 10.0)  # smallest, usual and largest length, as multiples of twice the technology's least
_ASPECT: Final = {"nmos": 10.0, "pmos": 25.0}  # width over length: holes are 2.5 times slower
_WIDTHS: Final = (0.05, 10.0)  # bounds of a width, as multiples of the usual one
_VALUES: Final = {  # smallest, usual and largest value
    "resistor": (100.0, 10e3, 1e6),
    "capacitor": (10e-15, 1e-12, 20e-12),
    "inductor": (0.2e-9, 5e-9, 1e-6),
}
_VALUE_NAMES: Final = {"resistor": "res", "capacitor": "cap", "inductor": "ind"}
_CURRENTS: Final = (1e-6, 20e-6, 200e-6)
# textbook cards, where the technology has none: P. R. Gray et al., "Analysis and Design of Analog Integrated Circuits",
# 5th ed. 2009, tables 2.3 and 2.4
_CARDS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "npn": ("npn", {"is": "2e-15", "bf": "100", "vaf": "35", "rb": "200", "rc": "200", "re": "2", "tf": "0.35n"}),
    "pnp": ("pnp", {"is": "2e-15", "bf": "50", "vaf": "30", "rb": "300", "rc": "100", "re": "10", "tf": "30n"}),
    "diode": ("d", {"is": "2e-15", "rs": "20", "cjo": "50f", "tt": "1n"}),
}


def design_of(
    topology: Topology,
    technology: Technology,
    *,
    kept: Collection[str] = (),
    made: Collection[str] = (),
    name: str = "generated",
    title: str = "",
) -> Circuit:
    """A topology as a design: sized, biased, with bounds, to be checked, simulated and sized.

    Args:
        topology: what it is made of.
        technology: says how small and how large transistors may be.
        kept: biases that stay ports, such as the input of a current mirror.
        made: other ports that the design makes itself, such as a common-mode level.
        name: of the block.
        title: of the netlist.

    Returns:
        One block with the ports of the topology less its biases, whose parameters have defaults and bounds.
    """
    biases = [port for port in (*own_biases(topology), *made) if port not in kept]
    free = _Free()
    devices: list[Device] = []
    groups = _matched(topology)
    sizes: dict[int, tuple[str, str]] = {}
    number: Counter[str] = Counter()
    for index, part in enumerate(topology.parts):
        kind = KINDS[part.kind]
        number[kind.letter] += 1
        label = f"{kind.letter}{number[kind.letter]}"
        if kind.letter == "m":
            group = groups[index]
            if group not in sizes:
                sizes[group] = _transistor(free, label[1:], part.kind, technology)
            width, length = sizes[group]
            devices.append(Device(label, part.nets, model=part.kind, parameters={"w": width, "l": length}))
        elif part.kind in _VALUES:
            value = f"{_VALUE_NAMES[part.kind]}{label[1:]}"  # l1 is the length of a transistor
            devices.append(Device(label, part.nets, value=free.add(value, *_VALUES[part.kind])))
        else:
            area = free.add(f"a{label}", 1.0, 1.0, 20.0, "linear")
            devices.append(Device(label, part.nets, model=part.kind, parameters={"area": area}))
    devices += [_bias(topology, port, technology.supply, free) for port in biases]
    used = {part.kind for part in topology.parts}
    models = tuple(Model(name, *card) for name, card in _CARDS.items() if name in used)
    ports = tuple(port for port in topology.ports if port not in biases)
    block = Subcircuit(name, ports, free.defaults, {}, tuple(devices), models, variables=tuple(free.variables))
    return Circuit(title=title, subcircuits=(block,))


def own_biases(topology: Topology) -> tuple[str, ...]:
    """The biases that a design can make itself: those that need a supply are left out where there is none."""
    ports = topology.ports
    return tuple(
        port
        for port in ports
        if role_of(port) == "bias" and ("vdd" in ports or port.startswith("v") or not flows_in(topology, port))
    )


class _Free:
    """Parameters as they are found: their defaults and bounds."""

    def __init__(self) -> None:
        self.defaults: dict[str, str] = {}
        self.variables: list[Variable] = []

    def add(self, name: str, low: float, usual: float, high: float, scale: str = "log") -> str:
        """One more parameter; its name, which no other one has."""
        assert name not in self.defaults
        self.defaults[name] = f"{usual:.4g}"
        self.variables.append(Variable(name, float(f"{low:.6g}"), float(f"{high:.6g}"), scale))
        return name


def _transistor(free: _Free, label: str, kind: str, technology: Technology) -> tuple[str, str]:
    limits = technology.transistors[kind]
    shortest, usual, longest = (min(2 * limits.min_length * factor, limits.max_length) for factor in _LENGTHS)
    width = usual * _ASPECT[kind]
    narrowest, widest = max(limits.min_width, width * _WIDTHS[0]), min(limits.max_width, width * _WIDTHS[1])
    return free.add(f"w{label}", narrowest, width, widest), free.add(f"l{label}", shortest, usual, longest)


def _matched(topology: Topology) -> dict[int, int]:
    """For each transistor, the first of those that it shares its sizes with."""
    first: dict[tuple[str, ...], int] = {}
    groups = {}
    for index, part in enumerate(topology.parts):
        if KINDS[part.kind].letter != "m":
            continue
        _, gate, source, _ = part.nets
        pair = gate.startswith("vin") and source not in {"vss", "vdd"}
        key = (part.kind, source, "pair") if pair else (part.kind, source, "gate", gate)
        groups[index] = first.setdefault(key, index)
    return groups


def _bias(topology: Topology, port: str, supply: float, free: _Free) -> Device:
    """The source of a bias."""
    if port.startswith("v"):
        value = free.add(port, 0.0, bias_voltage(topology, port) * supply, supply, "linear")
        return Device(f"v{port}", (port, "vss"), value=f"dc {{{value}}}")
    ends = ("vdd", port) if flows_in(topology, port) else (port, "vss")
    return Device(f"i{port}", ends, value=f"dc {{{free.add(port, *_CURRENTS)}}}")


def bias_voltage(topology: Topology, net: str) -> float:
    """Where the gates on a net would like it, as a share of the supply: the mean over those that say something.

    A transistor on a rail wants a third of the supply between gate and source, a cascode half of it.
    """
    wanted = [share for part in topology.parts if (share := _gate_level(part, net)) is not None]
    return sum(wanted) / len(wanted) if wanted else 0.5


def _gate_level(part: Part, net: str) -> float | None:
    if part.kind == "nmos" and part.nets[1] == net:
        return 0.33 if part.nets[2] == "vss" else 0.5
    if part.kind == "pmos" and part.nets[1] == net:
        return 0.67 if part.nets[2] == "vdd" else 0.5
    if part.kind in {"npn", "pnp"} and part.nets[1] == net:
        return 0.25 if part.kind == "npn" else 0.75
    return None


def flows_in(topology: Topology, net: str) -> bool:
    """Whether a bias current flows into a net: drains of n-channel devices and sources of p-channel ones take it."""
    balance = 0
    for part in topology.parts:
        n_type = part.kind in {"nmos", "npn"}
        if part.kind not in {"nmos", "pmos", "npn", "pnp"}:
            continue
        upper, _, lower = part.nets[:3]
        balance += (upper == net) * (1 if n_type else -1)
        balance += (lower == net) * (-1 if n_type else 1)
    return balance >= 0
