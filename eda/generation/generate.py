"""Generate circuits of a class: draw topologies, climb, keep those that came high enough."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.generation.fit import Fit, bench_of, fit_of, fitted
from eda.generation.ladder import Climb, Rung, broken_rule, climb, with_values
from eda.generation.source import TEMPERATURE, source_of
from eda.problem import SizingProblem
from eda.problem.spec import parse_specs
from eda.simulation import WorkerPool
from eda.sizing import Bayesian, size
from eda.technology import load_technology
from eda.testbench.kinds import make_testbench
from eda.topology.device.novelty import topology_key
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eda.generation.source import Source
    from eda.netlist import Circuit
    from eda.simulation import Simulator
    from eda.technology import Technology
    from eda.topology.device import Topology

__all__ = ["Generated", "Search", "generate", "generated"]

_MOST_DRAWS: Final = 200  # topologies drawn for each one that is wanted
_SECONDS: Final = 5.0  # that a simulation may take: a topology may be one that ngspice is long about


@dataclass(frozen=True, slots=True)
class Generated:
    """A circuit that was generated.

    Attributes:
        name: of its block: class, seed and number.
        climb: how far it came.
        circuit: the netlist, under the ports of its testbench where one fits.
        fit: that testbench; `None` where none fits.
    """

    name: str
    climb: Climb
    circuit: Circuit
    fit: Fit | None


@dataclass(slots=True)
class Search:
    """How a generation goes on.

    Attributes:
        drawn: topologies.
        repeated: of them, those that were drawn before.
        known: those of training.
        found: those that came high enough.
    """

    drawn: int = 0
    repeated: int = 0
    known: int = 0
    found: int = 0


def generate(
    kind: str,
    count: int = 1,
    *,
    specs: Sequence[str] = (),
    technology: str | Technology = "generic",
    seed: int = 0,
    temperature: float = TEMPERATURE,
    beginning: Circuit | None = None,
    devices: int | None = None,
    weights: Path | None = None,
    budget: int = 200,
    simulator: Simulator | None = None,
) -> list[Circuit]:
    """Circuits of a class that do what their class does, none of them a circuit of training, no two the same.

    Args:
        kind: the class, such as `"opamp"`; see `eda.topology.device.CLASSES`.
        count: how many.
        specs: what they must meet, such as `"dc_gain >= 80 dB"`: op-amps are then made from behavioural ones that do,
            and each is sized.
        technology: of the transistors.
        seed: of the draws; the same circuits for the same seed, unless a simulation takes too long on a busy machine.
        temperature: of the network's draws: below 1 for likelier circuits, which work more often, above 1 for rarer
            ones.
        beginning: a netlist that all of them complete.
        devices: how many devices each has, or nearly.
        weights: of a generator that was trained by `scripts/train_topology.py`; those of the package by default.
        budget: simulations to size one circuit.
        simulator: runs ngspice; worker processes, one a core, when it is not given.

    Returns:
        Sized netlists, fewer where too few of the draws worked.

    Raises:
        InputError: there is no such class, weights are missing or of another version, the beginning cannot be
            completed, or the specs are none of a testbench of the class.
        TechnologyError: the technology is not installed.
    """
    source = source_of(
        kind, specs=specs, temperature=temperature, beginning=beginning, devices=devices, weights=weights
    )
    with WorkerPool(timeout=_SECONDS) if simulator is None else nullcontext(simulator) as running:
        found = generated(
            source,
            kind,
            count,
            simulator=running,
            specs=specs,
            technology=technology,
            seed=seed,
            budget=budget,
        )
        return [one.circuit for one in found]


def generated(
    source: Source,
    kind: str,
    count: int,
    *,
    simulator: Simulator,
    specs: Sequence[str] = (),
    technology: str | Technology = "generic",
    seed: int = 0,
    least: Rung | None = None,
    budget: int = 200,
    run_dir: Path | None = None,
    watch: Callable[[Search], None] | None = None,
) -> Iterator[Generated]:
    """Circuits of a class, each with how far it came.

    Args:
        source: draws topologies.
        kind: the class.
        count: how many.
        simulator: runs ngspice.
        specs: what sized circuits must meet.
        technology: of the transistors.
        seed: of the draws.
        least: the rung that they reach at least: the highest one, or the one below it where there are no specs.
        budget: simulations to size one circuit.
        run_dir: where runs of sizing are kept; nowhere by default.
        watch: called after each draw.

    Yields:
        New and distinct circuits, `count` of them, or fewer where 200 draws for each do not suffice.

    Raises:
        InputError: see `generate`.
    """
    if count < 1:
        raise InputError(f"the number of circuits must be 1 or more, but got {count}")
    if specs:
        parse_specs(specs, bench_of(kind).metrics)  # a wrong one shows now
    least = least or (Rung.SPECS if specs else Rung.FUNCTION)
    if least is Rung.SPECS and not specs:
        raise InputError("the rung of specs needs some, such as 'dc_gain >= 80 dB'")
    maker = _Maker(kind, load_technology(technology), simulator, tuple(specs), least, budget, seed, run_dir)
    search, seen = Search(), set[str]()
    for topology in source.topologies(kind, seed=seed):
        search.drawn += 1
        key = topology_key(topology)
        if key in seen:
            search.repeated += 1
        elif source.knows(topology):
            search.known += 1
        elif (one := maker.make(topology, f"{kind}_{seed}_{search.found + 1}")) is not None:
            search.found += 1
            yield one
        seen.add(key)
        if watch:
            watch(search)
        if search.found == count or search.drawn >= _MOST_DRAWS * count:
            return


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes circuits of topologies; its attributes are arguments of `generated`."""

    kind: str
    technology: Technology
    simulator: Simulator
    specs: tuple[str, ...]
    least: Rung
    budget: int
    seed: int
    run_dir: Path | None

    def make(self, topology: Topology, name: str) -> Generated | None:
        """The circuit of a topology; none where it does not come high enough."""
        climbed = climb(topology, self.kind, self.technology, self.simulator, seed=self.seed)
        before = Rung.FUNCTION if self.least is Rung.SPECS else self.least
        if before not in climbed.passed:
            return None
        one = self._named(climbed, name)
        if self.specs and one.fit and climbed.works:
            one = self._sized(one)
        return one if self.least in one.climb.passed else None

    def _named(self, climbed: Climb, name: str) -> Generated:
        assert climbed.circuit is not None  # the grammar accepted it
        title = f"{name}: {climbed}{_levels(climbed, self.technology.supply)}"
        found = fit_of(climbed.topology, climbed.kind)
        if found is not None:
            fit, names = found
            circuit = fitted(climbed.topology, self.technology, names, name)
            if climbed.trial is not None:
                circuit = with_values(circuit, climbed.trial.port_values(self.technology.supply))
            if not broken_rule(circuit):
                if fit.testbench == "opamp":
                    circuit = _turned(circuit, self.technology, self.simulator)
                return Generated(name, climbed, replace(circuit, title=title), fit)
        block = replace(climbed.circuit.top, name=name)
        return Generated(name, climbed, replace(climbed.circuit, title=title, subcircuits=(block,)), None)

    def _sized(self, one: Generated) -> Generated:
        """The same with sizes that meet the specs, or with the best that were found."""
        problem = SizingProblem(
            one.circuit,
            technology=self.technology,
            testbench=bench_of(self.kind),
            specs=self.specs,
            simulator=self.simulator,
        )
        with TemporaryDirectory() if self.run_dir is None else nullcontext(str(self.run_dir)) as folder:
            result = size(problem, Bayesian(seed=self.seed), budget=self.budget, run_dir=folder, progress=False)
        rungs = (*one.climb.passed, Rung.SPECS) if result.feasible else one.climb.passed
        reason = f"specs {'met' if result.feasible else 'missed'} after {len(result.evaluations)} simulations"
        climbed = replace(one.climb, passed=rungs, reason=reason)
        circuit = replace(one.circuit.sized(result.best.design), title=f"{one.name}: {climbed}")
        return replace(one, climb=climbed, circuit=circuit)


def _levels(climbed: Climb, supply: float) -> str:
    """What the ports that stay were tried at, as the end of a title."""
    values = {} if climbed.trial is None else climbed.trial.port_values(supply)
    ports = [
        port for port in climbed.topology.ports if port in values and climbed.circuit and port in climbed.circuit.ports
    ]
    if not ports:
        return ""
    levels = ", ".join(
        f"{port} {format_quantity(values[port], 'A' if port.startswith('i') else 'V')}" for port in ports
    )
    return f"; tried with {levels}"


def _turned(circuit: Circuit, technology: Technology, simulator: Simulator) -> Circuit:
    """An op-amp with its inputs in the order in which it does not invert."""
    swapped = _swapped(circuit)
    bench = make_testbench({"kind": "opamp"})
    for one in (circuit, swapped):
        problem = SizingProblem(
            one, technology=technology, testbench=bench, specs=["dc_gain >= 0 dB"], simulator=simulator
        )
        (evaluation,) = problem.evaluate([{}])
        if any(guard.name == "polarity" and guard.holds for guard in evaluation.guards):
            return one
    return circuit


def _swapped(circuit: Circuit) -> Circuit:
    turned = {"inp": "inn", "inn": "inp"}
    block = circuit.top
    devices = tuple(device.joined_to(turned) for device in block.devices)
    return replace(circuit, subcircuits=(replace(block, devices=devices),))
