"""Whether direct current finds its way from the supply to the outputs of a topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.topology.device.kinds import KINDS
from eda.topology.device.ports import family_of, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    links = _links(topology)
    # what is driven from outside passes current to ground
    driven = [{port, "vss"} for port in ports if role_of(port) in _DRIVEN and port not in supplies]
    reached = _reached(supplies or outputs, [*links, *driven], {"vss"})
    if "vss" not in reached:
        return "no direct current flows from the supply to ground"
    # an output may be coupled by a capacitor
    coupled = {
        net for part in topology.parts if part.kind == "capacitor" and set(part.nets) & reached for net in part.nets
    }
    sunk = _reached(["vss"], links, set(supplies))
    for port in outputs:
        loaded = kind in _LOADED or port.startswith("i")  # what it is loaded with joins it to a supply
        if port not in reached | coupled and not (loaded and port in sunk):
            return f"nothing joins the output {port} to the supply"
    return ""


def _reached(begin: Iterable[str], links: Iterable[set[str]], ends: set[str]) -> set[str]:
    """Nets that are linked with some, but not by way of the ends."""
    reached, growing = set(begin), True
    while growing:
        growing = False
        for nets in links:
            if nets & reached - ends and not nets <= reached:
                reached |= nets
                growing = True
    return reached


def _links(topology: Topology) -> list[set[str]]:
    """Nets that a transistor that is on, a resistor, an inductor or a diode joins for direct current."""
    links = []
    for part in topology.parts:
        kind = KINDS[part.kind]
        nets = {net for terminal, net in zip(kind.terminals, part.nets, strict=True) if terminal in kind.conducting}
        if len(nets) > 1:
            links.append(nets)
    return links
