"""What every testbench is: from a circuit to a deck, and from its simulation to metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError, did_you_mean
from eda.technology import Variation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from eda.netlist import Circuit
    from eda.simulation import Deck, Simulation, Waveforms
    from eda.technology import Technology
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value
    from eda.testbench.metric import Metric

__all__ = ["ACCURATE", "Conditions", "Curve", "Measurement", "Testbench", "asked_metrics"]


ACCURATE: Final = ("reltol=1e-7", "vntol=1e-10")
"""Options of ngspice for an operating point that does not depend on where the search for it began.

With its own (1e-3, 1 uV) the gain of an op-amp differs by up to 3 % between two ways to the same point; Newton's method
makes the difference in its last step, so these cost nothing that could be measured.
"""

_FACTORS: Final = (0.1, 1.5)  # of supplies; greater ones are meant as volts


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
        if not self.temperature > -273.15:
            raise InputError(f"`temperature > -273.15` must hold, but got {self.temperature:g}")
        low, high = _FACTORS
        if not low <= self.supply <= high:
            raise InputError(
                f"a supply is a factor on the testbench's supply, from {low} to {high} (0.9 is ten percent less), but "
                f"got {self.supply:g}; volts are given to the testbench: vdd = '1.8 V'"
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
class Measurement:
    """What a testbench read off one simulation.

    Attributes:
        values: metrics by name; `Undefined` with the reason where there is none.
        guards: the conditions of a working circuit.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """What a plot shows over the scale of an analysis.

    Attributes:
        values: as many as the scale has; complex for small signals.
        unit: `V`, `A`, `V/√Hz` ..., empty for a ratio.
    """

    values: NDArray[Any]
    unit: str = ""


class Testbench(ABC):
    """Stimuli, analyses and measurements for one class of circuits."""

    @property
    @abstractmethod
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that it measures, by name."""

    @abstractmethod
    def deck(
        self, circuit: Circuit, technology: Technology, conditions: Conditions, asked: Collection[str] | None = None
    ) -> Deck:
        """The deck that measures a circuit; its parameters are the circuit's, as `dut_NAME`.

        Args:
            circuit: the circuit, bound to the technology.
            technology: models and corners.
            conditions: corner, temperature and supply.
            asked: the metrics that are wanted: only analyses that these and the guards need are in the deck; every
                metric that the circuit allows when it is `None`.

        Raises:
            InputError: the circuit lacks a port, or a metric that is asked for cannot be measured on it.
        """

    @abstractmethod
    def measure(self, simulation: Simulation, deck: Deck) -> Measurement:
        """The metrics of a simulation that succeeded: all that its analyses tell."""

    def curves(self, analysis: str, waves: Waveforms) -> Mapping[str, Curve]:  # noqa: ARG002 - some classes tell by it
        """What a plot of an analysis shows, by label: spectra of noise, or voltages; whatever there is without one.

        Args:
            analysis: its name.
            waves: its results.
        """
        names = [name for name in waves.vectors if name.startswith("v(") or name.endswith("_spectrum")]
        return {name: Curve(waves.vectors[name], waves.units.get(name, "")) for name in names or waves.vectors}

    @abstractmethod
    def describe(self) -> Mapping[str, str]:
        """Its settings as text, for reports and for telling runs apart."""


def asked_metrics(asked: Collection[str], known: Mapping[str, Metric], purpose: str) -> list[Metric]:
    """The metrics of these names.

    Raises:
        InputError: there is no such metric.
    """
    for name in asked:
        if name not in known:
            raise InputError(f"{purpose} has no metric {name!r}. {did_you_mean(name, known)}")
    return [metric for name, metric in known.items() if name in asked]
