"""A sizing problem: circuit, technology, testbench, specs and design space, ready to be evaluated."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from eda.errors import InputError, SimulatorError, did_you_mean, require_type
from eda.netlist import Circuit, Severity, check, format_netlist, names
from eda.problem.evaluation import REPEAT, Evaluation
from eda.problem.space import DesignSpace
from eda.problem.spec import Spec, parse_specs
from eda.simulation import (
    Job,
    Op,
    OperatingPoint,
    Simulation,
    Simulator,
    Status,
    WorkerPool,
    draw,
    operating_point,
    saved_quantities,
)
from eda.simulation.failures import keep_failure
from eda.technology import Technology, load_technology
from eda.testbench import Conditions, Testbench, Undefined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eda.simulation import Deck

__all__ = ["SizingProblem"]


class SizingProblem:
    """What is to be sized, and how a candidate is judged.

    Args:
        circuit: the netlist; its top block is the design, the block's parameters are the sizes.
        technology: name of a technology, or the object.
        testbench: what is measured.
        specs: sentences such as `"gbw >= 10 MHz"` and `"minimize power"`.
        space: variables and bounds; the netlist's own `*@` lines when it is `None`.
        conditions: corner, temperature and supply that candidates are sized at.
        simulator: a backend; worker processes with libngspice, one a core, when it is `None`.

    Raises:
        InputError: an unknown metric, a wrong unit, an empty space, a missing port or parameter.
        TechnologyError: the technology is not installed or lacks a model of the circuit.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        technology: str | Technology,
        testbench: Testbench,
        specs: Sequence[str | Spec],
        space: DesignSpace | None = None,
        conditions: Conditions | None = None,
        simulator: Simulator | None = None,
    ) -> None:
        require_type("circuit", circuit, Circuit, "eda.read_netlist('ota.sp')")
        require_type("testbench", testbench, Testbench, "eda.OpAmpTestbench()")
        if isinstance(specs, str):
            raise InputError(f"specs must be a list of texts, but got the text {specs!r}")
        _check_rules(circuit)
        self.technology = load_technology(technology)
        self.testbench = testbench
        self.specs = parse_specs(specs, testbench.metrics)
        self.space = DesignSpace.of(circuit) if space is None else space
        require_type("space", self.space, DesignSpace, "eda.DesignSpace((eda.Variable('w1', 1e-6, 100e-6),))")
        self.source = _with_free_variables(circuit, self.space)
        self.circuit = self.technology.bind(self.source)
        for end in ("low", "high"):
            self.technology.check_sizes(self.source, {v.name: getattr(v, end) for v in self.space.variables})
        self.conditions = conditions or Conditions(self.technology.corners[0])
        self.simulator: Simulator = WorkerPool() if simulator is None else simulator
        self.deck(self.conditions)  # a missing port or model shows now, not in the first evaluation
        self._decks: dict[tuple[Conditions, frozenset[str]], Deck] = {}

    @property
    def name(self) -> str:
        """Name of the design."""
        return self.circuit.name

    def __repr__(self) -> str:
        return f"<SizingProblem {self.name} in {self.technology.name}: {'; '.join(map(str, self.specs))}>"

    def deck(self, conditions: Conditions, asked: Collection[str] | None = None) -> Deck:
        """The deck under some conditions.

        Args:
            conditions: corner, temperature and supply.
            asked: names of the metrics that are wanted; those of the specs when it is `None`.
        """
        return self.testbench.deck(
            self.circuit, self.technology, conditions, _named(self.specs) if asked is None else asked
        )

    def with_simulator(self, simulator: Simulator) -> SizingProblem:
        """The same problem, simulated by another backend; this one keeps its own."""
        require_type("simulator", simulator, Simulator, "eda.simulation.WorkerPool(2)")
        other = copy.copy(self)
        other.simulator = simulator
        return other

    def with_specs(self, specs: Sequence[str | Spec]) -> SizingProblem:
        """The same problem with other specs."""
        other = copy.copy(self)
        other.specs = parse_specs(specs, self.testbench.metrics)
        other.deck(other.conditions)  # a metric that cannot be measured shows now
        return other

    def evaluate(self, designs: Sequence[Mapping[str, float]]) -> list[Evaluation]:
        """Simulate designs at the problem's conditions.

        Args:
            designs: values by variable name, SI.

        Returns:
            One evaluation per design, in their order.
        """
        require_type("designs", designs, Sequence, "[{'w1': 10e-6}]")
        results = dict(self.stream([(design, self.conditions) for design in designs]))
        return [results[index] for index in range(len(designs))]

    def stream(
        self,
        points: Sequence[tuple[Mapping[str, float], Conditions]],
        specs: Sequence[Spec] = (),
        asked: Collection[str] = (),
    ) -> Iterator[tuple[int, Evaluation]]:
        """Simulate designs under conditions, yielding (index, evaluation) as they finish.

        Args:
            points: designs with their conditions; a list may be appended to meanwhile, see `Simulator.run`.
            specs: the specs that decide which metrics must be defined; the problem's when empty.
            asked: names of metrics that are wanted beside those of the specs.
        """
        metrics = frozenset(asked) | _named(specs or self.specs)
        jobs = [self._job(*point, metrics) for point in points]
        for index, simulation in self.simulator.run(jobs):
            design, conditions = points[index]
            if simulation.ok:
                yield index, self._evaluation(design, simulation, jobs[index].deck, specs or self.specs)
            else:
                yield index, self._failure(design, conditions, jobs[index], simulation)
            jobs.extend(self._job(*point, metrics) for point in points[len(jobs) :])

    def simulate(
        self, design: Mapping[str, float], conditions: Conditions | None = None, asked: Collection[str] = ()
    ) -> Simulation:
        """The waveforms of one design, at the problem's conditions unless others are given; `asked` as in `stream`."""
        (simulation,) = self.simulate_each(design, [conditions or self.conditions], asked)
        return simulation

    def simulate_each(
        self, design: Mapping[str, float], everywhere: Sequence[Conditions], asked: Collection[str] = ()
    ) -> list[Simulation]:
        """The waveforms of one design under each of some conditions; `asked` as in `stream`."""
        metrics = frozenset(asked) | _named(self.specs)
        return self.simulator.simulate([self._job(design, conditions, metrics) for conditions in everywhere])

    def operating_point(self, design: Mapping[str, float], conditions: Conditions | None = None) -> OperatingPoint:
        """Currents, conductances and regions of the transistors of one design.

        Args:
            design: values by variable name, SI.
            conditions: the problem's when it is `None`.

        Raises:
            SimulatorError: its operating point cannot be found.
        """
        job = self._job(design, conditions or self.conditions, _named(self.specs))
        paths = job.deck.transistors
        static = tuple(analysis for analysis in job.deck.analyses if analysis.kind == "op")[:1] or (Op(),)
        for threshold in ("vth", "von"):  # as models call it, by their level
            saved = saved_quantities(paths.values(), threshold=threshold)
            deck = replace(job.deck, analyses=static, saved=saved, settings={}, measures=())
            (simulation,) = self.simulator.simulate([Job(deck, job.values)])
            if simulation.ok and simulation.analyses[static[0].name].vectors.keys() >= set(saved):
                return operating_point(simulation.analyses[static[0].name], paths)
        raise SimulatorError(f"there is no operating point of {self.name}: {simulation.status.value}")

    def measurable(self) -> tuple[str, ...]:
        """Names of the metrics that this circuit allows; a testbench may have others, for other circuits."""
        everything = self.testbench.deck(self.circuit, self.technology, self.conditions)
        there = {analysis.name for analysis in everything.analyses}
        return tuple(name for name, metric in self.testbench.metrics.items() if set(metric.needs) <= there)

    def _job(self, design: Mapping[str, float], conditions: Conditions, asked: frozenset[str]) -> Job:
        require_type("a design", design, Mapping, "{'w1': 10e-6}")
        for name, value in design.items():
            require_type(name, value, Real, "10e-6")
            self._require_free(name)
        self.technology.check_sizes(self.source, design)
        key = (conditions.population, asked)
        if key not in self._decks:
            self._decks[key] = self.deck(*key)
        deck = self._decks[key]
        sizes = {f"dut_{name.lower()}": value for name, value in design.items()}
        return Job(deck, sizes | draw(deck.deviates, conditions.seed, conditions.sample))

    def _require_free(self, name: str) -> None:
        parameters = self.circuit.top.parameters
        if name.lower() not in parameters:
            raise InputError(f"{self.name} has no parameter {name!r}. {did_you_mean(name, parameters)}")
        if names(parameters[name.lower()]):
            raise InputError(f"{name} follows from other parameters in the netlist; set these instead")

    def _failure(
        self, design: Mapping[str, float], conditions: Conditions, job: Job, simulation: Simulation
    ) -> Evaluation:
        """An evaluation without results; what was simulated is kept as a deck that plain ngspice runs."""
        about = f"{self.name} in {self.technology.name}, {conditions}, {json.dumps(dict(design))}"
        again = keep_failure(job, simulation, about)
        log = f"{simulation.log}\n{REPEAT}{again}" if again else simulation.log
        return Evaluation(dict(design), simulation.status, log=log.lstrip(), seconds=simulation.seconds)

    def _evaluation(
        self, design: Mapping[str, float], simulation: Simulation, deck: Deck, specs: Sequence[Spec]
    ) -> Evaluation:
        measured = self.testbench.measure(simulation, deck)
        undefined, values = {}, {}
        for name, value in measured.values.items():
            if isinstance(value, Undefined):
                undefined[name] = value.reason
            elif np.isfinite(value):
                values[name] = float(value)
            else:
                undefined[name] = f"it came out as {value}"
        asked = {spec.metric.name for spec in specs}
        status = Status.UNDEFINED_METRIC if asked & undefined.keys() else Status.OK
        return Evaluation(dict(design), status, values, undefined, measured.guards, seconds=simulation.seconds)

    def describe(self) -> dict[str, object]:
        """The problem as data: what a run store and a report need to tell it from others; its simulator with it."""
        return {**self.definition(), "simulator": self.simulator.version}

    def definition(self) -> dict[str, object]:
        """The problem as data, whatever simulates it."""
        netlist = format_netlist(self.source)
        return {
            "circuit": self.name,
            "netlist_sha256": hashlib.sha256(netlist.encode()).hexdigest(),
            "technology": self.technology.name,
            "models": self.technology.source,
            "testbench": dict(self.testbench.describe()),
            "conditions": str(self.conditions),
            "variation": self.conditions.variation.value,
            **self.simulated(self.conditions),
            "specs": [str(spec) for spec in self.specs],
            "space": [
                f"{v.name} {v.low:.12g} {v.high:.12g} {v.scale} {v.step or 0:.12g}" for v in self.space.variables
            ],
        }

    def simulated(self, conditions: Conditions) -> dict[str, str]:
        """Hashes of the models and the deck under some conditions."""
        used = self.technology.devices(self.circuit)
        return {
            "models_sha256": self.technology.library.digest(conditions.corner, used),
            "deck_sha256": hashlib.sha256(self.deck(conditions).text().encode()).hexdigest(),
        }

    def fingerprint(self) -> str:
        """A short hash of `describe()`."""
        text = json.dumps(self.describe(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]


def _named(specs: Sequence[Spec]) -> frozenset[str]:
    return frozenset(spec.metric.name for spec in specs)


def _check_rules(circuit: Circuit) -> None:
    """Refuse a circuit that cannot mean what it says, by the rule check."""
    fatal = [str(finding) for finding in check(circuit) if finding.severity is Severity.FATAL]
    if fatal:
        raise InputError("\n".join(fatal))


def _with_free_variables(circuit: Circuit, space: DesignSpace) -> Circuit:
    """The circuit with a number as the default of every variable, also where it follows from other parameters."""
    defaults = circuit.defaults()
    for name in space.names:
        if name not in defaults:
            raise InputError(
                f"the variable {name!r} is no parameter of the subcircuit {circuit.name!r}. "
                f"{did_you_mean(name, defaults)}"
            )
    return circuit.sized({name: defaults[name] for name in space.names})
