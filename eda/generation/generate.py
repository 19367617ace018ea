"""Generate circuits of a class: draw topologies, climb, keep those that came high enough."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
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
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from eda.generation.source import Source
    from eda.netlist import Circuit
    from eda.problem import Evaluation
    from eda.simulation import Simulator
    from eda.technology import Technology
    from eda.topology.device import Topology

__all__ = ["Generated", "Search", "generate", "generated"]

_MOST_DRAWS: Final = 200  # topologies drawn for each one that is wanted
_TURNED: Final = {"inp": "inn", "inn": "inp"}
_SECONDS: Final = 5.0  # that a simulation may take: a topology may be one that ngspice is long about


@dataclass(frozen=True, slots=True)
class Generated:
    """A circuit that was generated.

    Attributes:
        name: of its block: class, seed and number.
        climb: how far it came.
        circuit: the netlist, under the ports of its testbench where one fits.
        fit: that testbench; `None` where none fits.
        ports: names of ports in the netlist, by those that they have in the topology, where these differ.
        evaluation: the netlist under its testbench, with the levels that are usual there; `None` where none fits.
    """

    name: str
    climb: Climb
    circuit: Circuit
    fit: Fit | None = None
    ports: Mapping[str, str] = field(default_factory=dict)
    evaluation: Evaluation | None = None

    def __str__(self) -> str:
        return f"{self.climb}; {self.verdict}" if self.verdict else str(self.climb)

    @property
    def verdict(self) -> str:
        """What its testbench says of it, in a sentence; empty where none fits.

        Levels and loads are others there than where it was tried out for its function, so it may say otherwise.
        """
        if self.fit is None or self.evaluation is None:
            return ""
        found = ", ".join(guard.name for guard in self.evaluation.guards if not guard.holds)
        if not self.evaluation.simulated:
            found = self.evaluation.status.value
        return f"testbench {self.fit.testbench}: {f'fails: {found}' if found else 'all guards hold'}"


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
        one = self._fitted(climbed, name)
        if one is None:
            block = replace(climbed.circuit.top, name=name)
            one = Generated(name, climbed, replace(climbed.circuit, subcircuits=(block,)))
        title = f"{name}: {one}{_levels(one, self.technology.supply)}"
        return replace(one, circuit=replace(one.circuit, title=title))

    def _fitted(self, climbed: Climb, name: str) -> Generated | None:
        """The circuit under the testbench of its class, with its values of the trial; none where none fits."""
        found = fit_of(climbed.topology, climbed.kind)
        if found is None:
            return None
        fit, ports = found
        circuit = fitted(climbed.topology, self.technology, ports, name)
        if climbed.trial is not None:
            circuit = with_values(circuit, climbed.trial.port_values(self.technology.supply))
        if broken_rule(circuit):
            return None
        one = Generated(name, climbed, circuit, fit, ports, self._evaluated(circuit, fit))
        if fit.testbench != "opamp" or _has_polarity(one):
            return one
        circuit = _swapped(circuit)
        turned = {own: _TURNED.get(name, name) for own, name in ports.items()}
        other = Generated(name, climbed, circuit, fit, turned, self._evaluated(circuit, fit))
        return other if _has_polarity(other) else one

    def _evaluated(self, circuit: Circuit, fit: Fit) -> Evaluation:
        """A circuit under its testbench."""
        problem = SizingProblem(
            circuit,
            technology=self.technology,
            testbench=make_testbench({"kind": fit.testbench}),
            specs=fit.specs,
            simulator=self.simulator,
        )
        return problem.evaluate([{}])[0]

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
        one = replace(one, climb=climbed, evaluation=result.best)
        return replace(one, circuit=replace(one.circuit.sized(result.best.design), title=f"{one.name}: {one}"))


def _levels(one: Generated, supply: float) -> str:
    """What the ports of the netlist were tried at, as the end of its title."""
    trial = one.climb.trial
    values = {} if trial is None else trial.port_values(supply)
    names = {port: one.ports.get(port, port) for port in one.climb.topology.ports if port in values}
    levels = ", ".join(
        f"{name} {format_quantity(values[port], 'A' if port.startswith('i') else 'V')}"
        for port, name in names.items()
        if name in one.circuit.ports
    )
    return f"; tried out with {levels}" if levels else ""


def _has_polarity(one: Generated) -> bool:
    """Whether an op-amp does not invert, as far as its testbench can tell."""
    assert one.evaluation is not None
    return any(guard.name == "polarity" and guard.holds for guard in one.evaluation.guards)


def _swapped(circuit: Circuit) -> Circuit:
    """An op-amp with its inputs exchanged."""
    block = circuit.top
    devices = tuple(device.joined_to(_TURNED) for device in block.devices)
    return replace(circuit, subcircuits=(replace(block, devices=devices),))
