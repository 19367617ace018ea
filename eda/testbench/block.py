"""Testbenches of circuit classes: one block with stimuli around it, in one deck, whatever is measured.

A testbench says once what it drives the block with and which analyses it knows. Of these a deck has those that the
metrics asked for and the guards need. Analyses that need another circuit (inputs in common mode, a closed loop) change
values of the stimuli before they run (`Deck.settings`): there is one circuit, loaded once.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from eda.errors import InputError, did_you_mean
from eda.netlist import format_netlist
from eda.simulation import Deck, Fourier
from eda.technology import with_deviates
from eda.testbench.guards import check_regions, read_regions
from eda.testbench.measurements import Undefined, integrated_noise, spot_noise
from eda.testbench.metric import metric, metrics_of
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Testbench, asked_metrics
from eda.units import format_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eda.netlist import Circuit
    from eda.simulation import Analysis, Setting, Simulation, Waveforms
    from eda.technology import Technology
    from eda.testbench.guards import Guard
    from eda.testbench.measurements import Value
    from eda.testbench.metric import Metric

__all__ = ["FLAT", "TRANSIENT", "BlockTestbench", "Readings", "Stimuli", "SuppliedReadings", "beyond", "require_design"]

_OPERATING_POINT: Final = ("id", "vds", "vdsat")
"""Quantities of a transistor that the guards read; every MOS model of ngspice has them."""

TRANSIENT: Final = 1e-6
"""`reltol` of transients, of which each step counts.

With `trtol=1` a closed loop rings within 0.5 % of what it should; that of operating points would cost twice the steps,
ngspice's own (1e-3) misses by several per cent.
"""

FLAT: Final = (0.0, 1e-12, 1e-12, 1.0, 2.0)
"""Delay, rise, fall, width and period of a pulse between equal levels, which is none."""

_STATIC: Final[Mapping[str, Setting]] = {"reltol": 1e-7, "vntol": 1e-10, "trtol": 7}  # as in `ACCURATE`
# by kind of analysis; a sweep that leads into a corner of a dead circuit would otherwise end in gmin stepping
_LOOSER: Final[Mapping[str, Mapping[str, Setting]]] = {
    "dc": {"reltol": 1e-6, "vntol": 1e-7},
    "tran": {"reltol": TRANSIENT, "vntol": 1e-6, "trtol": 1},
}


@dataclass(frozen=True, slots=True)
class Stimuli:
    """What a testbench puts around a block.

    Attributes:
        text: elements, in SPICE; the block's ports are nodes of the same names.
        analyses: all that it can run, in their order.
        saved: voltages and currents that are read.
        switched: see `Deck.switched`.
        settings: see `Deck.settings`.
        nodesets: see `Deck.nodesets`.
        initial_conditions: see `Deck.initial_conditions`.
        options: of ngspice.
        impossible: by the name of an analysis, why it cannot be run for this block.
    """

    text: str
    analyses: tuple[Analysis, ...]
    saved: tuple[str, ...]
    switched: Mapping[str, Setting] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    nodesets: Mapping[str, float] = field(default_factory=dict)
    initial_conditions: Mapping[str, float] = field(default_factory=dict)
    options: tuple[str, ...] = ACCURATE
    impossible: Mapping[str, str] = field(default_factory=dict)


class Readings:
    """What is read off one simulation of a block: a method for each metric, and the guards.

    Attributes:
        bench: the testbench with its settings.
        analyses: waveforms by name of the analysis.
        transistors: ngspice paths of the MOS transistors by name.
        metrics: what the class measures, by name.
    """

    metrics: ClassVar[Mapping[str, Metric]]

    def __init_subclass__(cls) -> None:
        cls.metrics = metrics_of(cls)

    def __init__(self, bench: Any, simulation: Simulation, deck: Deck) -> None:
        self.bench = bench
        self.analyses = simulation.analyses
        self.transistors = deck.transistors

    @property
    def point(self) -> Waveforms:
        """The operating point."""
        return self.analyses["op"]

    def guards(self) -> tuple[Guard, ...]:
        """The conditions of a working circuit."""
        raise NotImplementedError

    @metric("m^2", "op", logarithmic=True, quantities=("w", "l", "m"))
    def area(self) -> Value:
        """Gate area of all transistors: the sum of width times length."""
        total = 0.0
        for path in self.transistors.values():
            width, length, count = (self.point.value(f"@{path}[{name}]") for name in ("w", "l", "m"))
            total += width * length * count
        return total if total > 0 else Undefined("the circuit has no transistor")

    def delivered(self, source: str) -> Value:
        """Current out of the positive end of a voltage source at the operating point, A."""
        current = -self.point.value(f"i({source})")
        return current if current > 0 else Undefined(f"the supply delivers {current:.3g} A")

    def noise_density(self, of: str) -> Value:
        """Noise density at the testbench's `frequency`: of the output (`onoise`), or as at the input (`inoise`)."""
        noise = self.analyses["noise"]
        return spot_noise(noise.scale, noise.real(f"{of}_spectrum"), self.bench.frequency)

    def noise_in_band(self, of: str) -> Value:
        """The same from the testbench's `noise_low` to its `noise_high`, root mean square."""
        noise, bench = self.analyses["noise"], self.bench
        return integrated_noise(noise.scale, noise.real(f"{of}_spectrum"), bench.noise_low, bench.noise_high)


class SuppliedReadings(Readings):
    """Of a block that works at rest from one supply, `vdd`."""

    @metric("A", "op", logarithmic=True)
    def supply_current(self) -> Value:
        """Current into vdd at the operating point, bias included."""
        return self.delivered("vdd")

    @metric("W", "op", logarithmic=True)
    def power(self) -> Value:
        """Supply voltage times supply current."""
        current = self.supply_current()
        return current if isinstance(current, Undefined) else self.point.value("v(vdd)") * current


class BlockTestbench(Testbench):
    """A testbench of one class of circuits.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        regions: the region that a transistor is meant to work in, by its name: `saturation` where none is given,
            `triode`, `cutoff`, or `any`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive; an unknown region.
    """

    kind: ClassVar[str]
    """Its name in task files."""
    title: ClassVar[str]
    """Its name in sentences."""
    ports: ClassVar[tuple[str, ...]]
    """Ports that a block must have."""
    optional: ClassVar[tuple[str, ...]] = ()
    """Ports that it may have beside them."""
    guarded: ClassVar[tuple[str, ...]] = ("op",)
    """Analyses that the guards need."""
    readings: ClassVar[type[Readings]]
    """Metrics and guards."""
    units: ClassVar[Mapping[str, str]]
    """Units of its settings by name; each is an attribute, `None` where its value follows from others."""

    def __init__(self, vdd: str | float | None = None, regions: Mapping[str, str] | None = None) -> None:
        self.vdd = None if vdd is None else self.positive("vdd", vdd, "V")
        self.regions = read_regions(regions)

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics by name."""
        return self.readings.metrics

    def supply(self, technology: Technology, conditions: Conditions) -> float:
        """The supply voltage under some conditions, V."""
        return float((technology.supply if self.vdd is None else self.vdd) * conditions.supply)

    @abstractmethod
    def stimuli(self, circuit: Circuit, supply: float) -> Stimuli:
        """What is put around a block.

        Args:
            circuit: the block.
            supply: its supply voltage, V.
        """

    def describe(self) -> Mapping[str, str]:
        """The settings as text."""
        exact = 12  # digits: settings that differ must not look alike
        texts = {"kind": self.kind}
        for name, unit in {"vdd": "V", **self.units}.items():
            value = getattr(self, name)
            texts[name] = "default" if value is None else format_quantity(value, unit, exact)
        return texts | ({"regions": str(dict(sorted(self.regions.items())))} if self.regions else {})

    def deck(
        self, circuit: Circuit, technology: Technology, conditions: Conditions, asked: Collection[str] | None = None
    ) -> Deck:
        """The deck that measures a bound block."""
        require_design(circuit, self.ports, self.optional, self.title)
        supply = self.supply(technology, conditions)
        stimuli = self.stimuli(circuit, supply)
        analyses, quantities = self._needed(stimuli, circuit, asked)
        cards = technology.cards(conditions.corner, technology.devices(circuit), conditions.variation)
        circuit, mismatch = with_deviates(circuit, cards.mismatch)
        parameters = circuit.free_parameters()
        call = " ".join((*circuit.ports, circuit.top.name, *(f"{name}={{dut_{name}}}" for name in parameters)))
        transistors = technology.transistor_paths(circuit, "xdut")
        check_regions(self.regions, transistors)
        return Deck(
            models=cards.text,
            body=f"{format_netlist(circuit)}\nXdut {call}\n{stimuli.text.strip()}",
            parameters={**{f"dut_{n}": value for n, value in parameters.items()}, **dict.fromkeys(cards.deviates, 0.0)},
            analyses=analyses,
            saved=(*stimuli.saved, *(f"@{path}[{name}]" for path in transistors.values() for name in quantities)),
            temperature=conditions.temperature,
            setup=cards.setup,
            bins=cards.bins,
            deviates=(*(f"dut_{name}" for name in mismatch), *cards.deviates),
            options=(*cards.options, *stimuli.options),
            nodesets=stimuli.nodesets,
            initial_conditions=stimuli.initial_conditions,
            transistors=transistors,
            title=f"{circuit.name} in {self.title}, {technology.name} {conditions.population}",
            switched={**_STATIC, **stimuli.switched},
            settings={a.name: values for a in analyses if (values := _settings(a, stimuli))},
        )

    def measure(self, simulation: Simulation, deck: Deck) -> Measurement:
        """Metrics and guards of one simulation."""
        readings = self.readings(self, simulation, deck)
        there = simulation.analyses.keys()
        saved = {name.rpartition("[")[2][:-1] for name in deck.saved if name[0] == "@"}
        values: dict[str, Value] = {
            name: getattr(readings, name)()
            for name, one in self.metrics.items()
            if there >= set(one.needs) and (saved >= set(one.quantities) or not deck.transistors)
        }
        return Measurement(values, readings.guards())

    @staticmethod
    def positive(name: str, value: str | float, unit: str) -> float:
        """A setting as a number.

        Raises:
            InputError: it has another unit, or is not positive.
        """
        number = parse_quantity(value, unit)
        if number <= 0:
            raise InputError(f"`{name} > 0` must hold, but got {number:g}")
        return number

    def _needed(
        self, stimuli: Stimuli, circuit: Circuit, asked: Collection[str] | None
    ) -> tuple[tuple[Analysis, ...], tuple[str, ...]]:
        """The analyses for some metrics, and the quantities of transistors that are saved for them."""
        known = {analysis.name for analysis in stimuli.analyses}
        wanted = self.metrics.values() if asked is None else asked_metrics(asked, self.metrics, self.title)
        possible = [one for one in wanted if set(one.needs) <= known]
        if asked is not None and len(possible) < len(list(wanted)):
            one = next(one for one in wanted if one not in possible)
            reason = next(stimuli.impossible[name] for name in one.needs if name not in known)
            raise InputError(f"{self.title} cannot measure {one.name!r} of {circuit.name}: {reason}")
        needed = {*self.guarded, *(name for one in possible for name in one.needs)}
        needed |= {a.transient for a in stimuli.analyses if isinstance(a, Fourier) and a.name in needed}
        quantities = (*_OPERATING_POINT, *(name for one in possible for name in one.quantities))
        return tuple(a for a in stimuli.analyses if a.name in needed), tuple(dict.fromkeys(quantities))


def _settings(analysis: Analysis, stimuli: Stimuli) -> dict[str, Setting]:
    """What an analysis sets; sweeps and transients have tolerances of their own."""
    return {**_LOOSER.get(analysis.kind, {}), **stimuli.settings.get(analysis.name, {})}


def beyond(frequency: float, points: int) -> float:
    """The end of a sweep with so many points a decade that reaches a frequency: its last step may fall short."""
    return frequency * float(10 ** (1 / points))


def require_design(circuit: Circuit, ports: tuple[str, ...], optional: tuple[str, ...], purpose: str) -> None:
    """Check that a circuit is nothing but a design with the ports of a testbench.

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
    extra = [port for port in circuit.ports if port not in (*ports, *optional)]
    if extra:
        raise InputError(f"{purpose} does not know what to connect to the port {extra[0]!r} of {circuit.name}")
