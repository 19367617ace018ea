"""How a circuit is put under the testbench of its class: which of its ports is which, and what it makes itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.testbench.kinds import make_testbench
from eda.topology.device import design_of
from eda.topology.device.design import own_biases
from eda.topology.device.ports import role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.technology import Technology
    from eda.testbench import Testbench
    from eda.topology.device import Topology

__all__ = ["FITS", "Fit", "bench_of", "fit_of", "fitted"]


@dataclass(frozen=True, slots=True)
class Fit:
    """A testbench and the ports that it needs.

    Attributes:
        testbench: its name in task files.
        ports: by its port, the names that a port may have in a topology, the best one first.
        optional: likewise for those that it can do without.
        specs: what a task begins with.
    """

    testbench: str
    ports: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    specs: tuple[str, ...]


_RAILS: Final = {"vdd": ("vdd",), "vss": ("vss",)}
_TWO_INPUTS: Final = {"inp": ("vin1",), "inn": ("vin2",), "out": ("vout1",), **_RAILS}

FITS: Final[Mapping[str, Fit]] = {
    "opamp": Fit("opamp", _TWO_INPUTS, {}, ("dc_gain >= 20 dB", "phase_margin >= 45 deg", "minimize power")),
    "comparator": Fit("comparator", _TWO_INPUTS, {}, ("minimize power",)),
    "bandgap": Fit("reference", {"out": ("vout1",), **_RAILS}, {}, ("minimize power",)),
    "oscillator": Fit("oscillator", {"out": ("vout1",), **_RAILS}, {"ctrl": ("vcont1",)}, ("minimize supply_current",)),
    "mirror": Fit(
        "mirror",
        {"in": ("iin1", "iref1", "ib1"), "out": ("iout1", "vout1"), "vss": ("vss",)},
        {"vdd": ("vdd",)},
        ("minimize area",),
    ),
}
"""By class."""

_CONSTANT: Final = frozenset({"level", "control", "bias"})  # roles of ports that a design can make itself


def bench_of(kind: str) -> Testbench:
    """The testbench that a class is measured by.

    Raises:
        InputError: it has none.
    """
    if kind not in FITS:
        known = ", ".join(FITS)
        raise InputError(f"specs need a testbench of the class, and there is one for {known}, but not for {kind!r}")
    return make_testbench({"kind": FITS[kind].testbench})


def fit_of(topology: Topology, kind: str) -> tuple[Fit, dict[str, str]] | None:
    """The testbench that a topology can be put under, and its ports' names there by their own; `None` where none fits.

    Args:
        topology: of the class.
        kind: its class.
    """
    fit = FITS.get(kind)
    if fit is None:
        return None
    names: dict[str, str] = {}
    for wanted, candidates in (*fit.ports.items(), *fit.optional.items()):
        own = next((port for port in candidates if port in topology.ports and port not in names), None)
        if own is not None:
            names[own] = wanted
        elif wanted in fit.ports:
            return None
    others = [port for port in topology.ports if port not in names]
    pins = Counter(net for part in topology.parts for net in part.nets)
    if any(not _may_be_inside(port, pins[port]) for port in others):
        return None
    return fit, names


def _may_be_inside(port: str, pins: int) -> bool:
    """Whether a port may become an inner net: one that the design makes itself, or an output on several pins."""
    if role_of(port) == "output":
        return pins > 1
    return role_of(port) in _CONSTANT


def fitted(topology: Topology, technology: Technology, names: Mapping[str, str], name: str) -> Circuit:
    """The design of a topology with the ports of a testbench; biases and constant levels are made inside.

    Args:
        topology: its devices.
        technology: of its transistors.
        names: of the ports under the testbench, by their own.
        name: of the block.
    """
    made = [
        port
        for port in topology.ports
        if port not in names and role_of(port) in _CONSTANT and port not in own_biases(topology)
    ]
    design = design_of(topology, technology, kept=tuple(names), made=made, name=name)
    block = design.top
    devices = tuple(device.joined_to(names) for device in block.devices)
    return replace(design, subcircuits=(replace(block, ports=tuple(names.values()), devices=devices),))
