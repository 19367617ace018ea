"""Where the topologies come from that circuits are generated of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from eda.errors import InputError
from eda.generation.behavioural import BehaviouralSource
from eda.generation.fit import FITS, bench_of
from eda.problem.spec import parse_specs
from eda.topology.device import Topology
from eda.topology.device.generator import TopologyGenerator, known_keys
from eda.topology.device.ports import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from eda.netlist import Circuit

__all__ = ["TEMPERATURE", "LearnedSource", "Source", "beginning_of", "source_of"]

TEMPERATURE: Final = 0.8
"""Of draws that are to work: of the circuits that are drawn so, more do than at 1, and fewer differ."""


class Source(Protocol):
    """Where topologies come from."""

    def topologies(self, kind: str, *, seed: int) -> Iterator[Topology]:
        """Topologies of a class, without end."""

    def knows(self, topology: Topology) -> bool:
        """Whether it is one of those that the source was made from."""


@dataclass(frozen=True, slots=True)
class LearnedSource:
    """Draws from a network.

    Attributes:
        generator: the network.
        temperature: below 1 for likelier circuits, above 1 for rarer ones.
        beginning: what all circuits have.
        devices: how many devices they have, or nearly; as the network draws them when it is not given.
    """

    generator: TopologyGenerator
    temperature: float = TEMPERATURE
    beginning: Topology | None = None
    devices: int | None = None

    def topologies(self, kind: str, *, seed: int) -> Iterator[Topology]:
        """Topologies of a class, without end; for the errors see `TopologyGenerator.topologies`."""
        return self.generator.topologies(
            kind, seed=seed, temperature=self.temperature, beginning=self.beginning, devices=self.devices
        )

    def knows(self, topology: Topology) -> bool:
        """Whether it is one of those that the network has learned."""
        return self.generator.knows(topology)


def source_of(
    kind: str,
    *,
    specs: Sequence[str] = (),
    temperature: float = TEMPERATURE,
    beginning: Circuit | None = None,
    devices: int | None = None,
    weights: Path | None = None,
) -> Source:
    """Where circuits of a class come from: op-amps that must meet specs from behavioural ones, others from the network.

    Args:
        kind: the class.
        specs: what sized circuits must meet.
        temperature: of the network's draws.
        beginning: a netlist that all circuits complete: by the network.
        devices: how many devices they have, or nearly: by the network.
        weights: of the network, if not those of the package.

    Raises:
        InputError: weights are missing or of another version; the specs are none of a testbench of the class; the
            beginning has ports or devices that topologies do not have.
    """
    if specs and kind == "opamp" and weights is None and beginning is None and devices is None:
        return BehaviouralSource(parse_specs(specs, bench_of(kind).metrics), known_keys())
    begun = None if beginning is None else beginning_of(beginning, kind)
    return LearnedSource(TopologyGenerator.load(weights), temperature, begun, devices)


def beginning_of(circuit: Circuit, kind: str) -> Topology:
    """The topology of a circuit that is to be completed; ports may be called as its class's testbench has them.

    Raises:
        InputError: a port is called neither so nor as topologies have it, or a device is of another kind.
    """
    fit = FITS.get(kind)
    names = {} if fit is None else {wanted: own[0] for wanted, own in (*fit.ports.items(), *fit.optional.items())}
    block = circuit.top
    wrong = [port for port in block.ports if port not in names and not Topology.takes(port)]
    if wrong:
        families = ", ".join(f"{family.name}1" if family.most else family.name for family in FAMILIES.values())
        raise InputError(
            f"{circuit.name} has the port {wrong[0]!r}; ports of a circuit to complete are called "
            f"{', '.join(names) or 'as follows'}, or {families}"
        )
    devices = tuple(
        device.joined_to(names)
        for device in block.devices
        if device.letter not in "vi"  # biases, which the design makes itself
    )
    return Topology.of(replace(circuit, subcircuits=(replace(block, devices=devices),)))
