"""What every testbench is: from a circuit to a deck, and from its simulation to metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean
from eda.technology import Variation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Deck, Simulation
    from eda.technology import Technology
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Undefined

__all__ = ["ACCURATE", "Conditions", "Measurement", "Metric", "Testbench", "require_design"]


ACCURATE: Final = ("reltol=1e-7", "vntol=1e-10")
"""Options of ngspice for an operating point that does not depend on where the search for it began.

With its own (1e-3, 1 uV) the gain of an op-amp differs by up to 3 % between two ways to the same point; Newton's method
makes the difference in its last step, so these cost nothing that could be measured.
"""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where a circuit is simulated.

    Attributes:
        corner: process corner.
        temperature: degrees Celsius.
        supply: factor on the testbench's nominal supply voltage.
        variation: what varies from sample to sample; nothing by default.
        seed: of the Monte Carlo samples.
        sample: number of the sample, from 0.

    Raises:
        InputError: no physical conditions.
    """

    corner: str = "tt"
    temperature: float = 27.0
    supply: float = 1.0
    variation: Variation = Variation.NONE
    seed: int = 0
    sample: int = 0

    def __post_init__(self) -> None:
        if not (self.supply > 0 and self.temperature > -273.15):
            raise InputError(
                f"`supply > 0` and `temperature > -273.15` must hold, but got {self.supply:g} and {self.temperature:g}"
            )

    def __str__(self) -> str:
        supply = "" if self.supply == 1 else f" {self.supply * 100:.12g} % supply"
        sample = "" if self.variation is Variation.NONE else f" {self.variation.value} {self.seed}:{self.sample}"
        return f"{self.corner} {self.temperature:g} °C{supply}{sample}"

    @property
    def population(self) -> Conditions:
        """The same without its sample: what all samples of one deck share."""
        return replace(self, seed=0, sample=0)


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity that a testbench measures.

    Attributes:
        name: its name in specs.
        unit: its SI unit, or dB or deg.
        definition: how it is measured, with the source.
        logarithmic: whether designs differ in it by factors rather than by amounts.
    """

    name: str
    unit: str
    definition: str
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a testbench read off one simulation.

    Attributes:
        values: metrics by name; `Undefined` with the reason where there is none.
        guards: the conditions of a working circuit.
    """

    values: Mapping[str, float | Undefined] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()


class Testbench(ABC):
    """Stimuli, analyses and measurements for one class of circuits."""

    @property
    @abstractmethod
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that it measures, by name."""

    @abstractmethod
    def deck(self, circuit: Circuit, technology: Technology, conditions: Conditions) -> Deck:
        """The deck that measures a circuit; its parameters are the circuit's, as `dut_NAME`.

        Args:
            circuit: the circuit, bound to the technology.
            technology: models and corners.
            conditions: corner, temperature and supply.

        Raises:
            InputError: the circuit lacks a port.
        """

    @abstractmethod
    def measure(self, simulation: Simulation, deck: Deck) -> Measurement:
        """The metrics of a simulation that succeeded."""

    @abstractmethod
    def describe(self) -> Mapping[str, str]:
        """Its settings as text, for reports and for telling runs apart."""


def require_design(circuit: Circuit, ports: tuple[str, ...], purpose: str) -> None:
    """Check that a circuit is nothing but a design with exactly the ports of a testbench.

    Raises:
        InputError: a port is missing or left over, or the netlist has elements or statements outside its blocks.
    """
    foreign = [f"the element {d.name} ({d.location})" for d in circuit.devices] + list(circuit.statements)
    if foreign:
        raise InputError(
            f"{purpose} brings its own stimuli and analyses, but the netlist has {foreign[0]!r} outside its .subckt; "
            f"leave it out, or use circuit.with_top({circuit.top.name!r})"
        )
    missing = [port for port in ports if port not in circuit.ports]
    if missing:
        raise InputError(
            f"{purpose} needs the ports {' '.join(ports)}, but {circuit.name} lacks {missing[0]!r} "
            f"(it has {' '.join(circuit.ports)}). {did_you_mean(missing[0], circuit.ports)}"
        )
    extra = [port for port in circuit.ports if port not in ports]
    if extra:
        raise InputError(f"{purpose} does not know what to connect to the port {extra[0]!r} of {circuit.name}")
