"""Whether direct current finds its way from the supply to the outputs of a topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import family_of, role_of

if TYPE_CHECKING:
    from eda.topology.device.topology import Topology

__all__ = ["unreached"]

_SUPPLIED_BY_INPUT = frozenset({"ldo", "voltage_regulator", "power_converter"})
_LOADED = frozenset({"mirror", "mixer", "filter", "general", "power_amplifier"})
_DRIVEN = frozenset({"bias", "level", "control", "clock", "oscillator", "input"})


def unreached(topology: Topology, kind: str) -> str:
    """What the supply does not reach, in a sentence; empty where it reaches what it must.

    Args:
        topology: any.
        kind: its class: regulators and converters may be supplied by an input, open outputs by the load.
    """
    ports = topology.ports
    supplies = [port for port in ports if role_of(port) == "supply"]
    if kind in _SUPPLIED_BY_INPUT:
        supplies += [port for port in ports if family_of(port) == "vin"]
    if "vss" not in ports:
        return "it has no ground"
    outputs = [port for port in ports if role_of(port) == "output"]
    if not outputs:
        return "it has no output"
    if not supplies and kind not in _LOADED:
        return "it has no supply"
    reached = _reached(topology, supplies or outputs)
    if "vss" not in reached:
        return "no direct current flows from the supply to ground"
    # an output may be coupled by a capacitor
    coupled = {
        net for part in topology.parts if part.kind == "capacitor" and set(part.nets) & reached for net in part.nets
    }
    for port in outputs:
        if port not in reached | coupled:
            return f"nothing joins the output {port} to the supply"
    return ""


def _reached(topology: Topology, begin: list[str]) -> set[str]:
    """Nets that direct current reaches, through transistors that are on, resistors, inductors and diodes."""
    # what is driven from outside passes current to ground
    links = [{port, "vss"} for port in topology.ports if role_of(port) in _DRIVEN]
    for part in topology.parts:
        kind = KINDS[part.kind]
        nets = {net for terminal, net in zip(kind.terminals, part.nets, strict=True) if terminal in kind.conducting}
        if len(nets) > 1:
            links.append(nets)
    reached, growing = set(begin), True
    while growing:
        growing = False
        for nets in links:
            if nets & reached and not nets <= reached:
                reached |= nets
                growing = True
    return reached
