"""Generate circuits of a class: draw topologies, climb, keep those that came high enough."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.generation.fit import Fit, fit_of, fitted
from eda.generation.ladder import Climb, Rung, climb
from eda.problem import SizingProblem
from eda.simulation import WorkerPool
from eda.technology import load_technology
from eda.testbench.kinds import make_testbench
from eda.topology.device import Topology
from eda.topology.device.generator import TopologyGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eda.netlist import Circuit
    from eda.simulation import Simulator
    from eda.technology import Technology

__all__ = ["Generated", "Search", "generate", "generated"]

_MOST_DRAWS: Final = 200  # topologies drawn for each one that is wanted
_SECONDS: Final = 5.0  # that a simulation may take: a topology may be one that ngspice is long about


@dataclass(frozen=True, slots=True)
class Generated:
    """A circuit that was generated.

    Attributes:
        name: of its block: class, seed and number.
        climb: how far it came.
        novel: whether no circuit of training is the same, numbers of ports aside.
        circuit: the netlist, under the ports of its testbench where one fits.
        fit: that testbench; `None` where none fits.
    """

    name: str
    climb: Climb
    novel: bool
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
    technology: str | Technology = "generic",
    seed: int = 0,
    temperature: float = 1.0,
    beginning: Circuit | None = None,
    weights: Path | None = None,
    simulator: Simulator | None = None,
) -> list[Circuit]:
    """Circuits of a class that do what their class does, none of them a circuit of training, no two the same.

    Args:
        kind: the class, such as `"opamp"`; see `eda.topology.device.CLASSES`.
        count: how many.
        technology: of the transistors.
        seed: of the draws; the same circuits for the same seed.
        temperature: below 1 for likelier circuits, above 1 for rarer ones.
        beginning: a netlist that all of them complete.
        weights: of a generator that was trained by `scripts/train_topology.py`; those of the package by default.
        simulator: runs ngspice; worker processes, one a core, when it is not given.

    Returns:
        Sized netlists, fewer where too few of the draws worked.

    Raises:
        InputError: there is no such class, weights are missing or of another version, or the beginning cannot be
            completed.
        TechnologyError: the technology is not installed.
    """
    generator = TopologyGenerator.load(weights)
    with WorkerPool(timeout=_SECONDS) if simulator is None else nullcontext(simulator) as running:
        found = generated(
            generator,
            kind,
            count,
            technology=technology,
            seed=seed,
            temperature=temperature,
            beginning=beginning,
            simulator=running,
        )
        return [one.circuit for one in found]


def generated(
    generator: TopologyGenerator,
    kind: str,
    count: int,
    *,
    simulator: Simulator,
    technology: str | Technology = "generic",
    seed: int = 0,
    temperature: float = 1.0,
    beginning: Circuit | None = None,
    least: Rung = Rung.FUNCTION,
    watch: Callable[[Search], None] | None = None,
) -> Iterator[Generated]:
    """Circuits of a class, each with how far it came.

    Args:
        generator: draws topologies.
        kind: the class.
        count: how many.
        simulator: runs ngspice.
        technology: of the transistors.
        seed: of the draws.
        temperature: see `generate`.
        beginning: a netlist that all of them complete.
        least: the rung that they reach at least.
        watch: called after each draw.

    Yields:
        New and distinct circuits, `count` of them, or fewer where 200 draws for each do not suffice.

    Raises:
        InputError: see `generate`.
    """
    if count < 1:
        raise InputError(f"the number of circuits must be 1 or more, but got {count}")
    technology = load_technology(technology)
    begun = None if beginning is None else Topology.of(beginning)
    search, seen = Search(), set[str]()
    for topology in generator.topologies(kind, seed=seed, temperature=temperature, beginning=begun):
        search.drawn += 1
        key = generator.key(topology)
        novel = not generator.knows(topology)
        if key in seen:
            search.repeated += 1
        elif not novel:
            search.known += 1
        else:
            climbed = climb(topology, kind, technology, simulator, seed=seed)
            if least in climbed.passed:
                search.found += 1
                yield _named(climbed, f"{kind}_{seed}_{search.found}", technology, simulator, novel=novel)
        seen.add(key)
        if watch:
            watch(search)
        if search.found == count or search.drawn >= _MOST_DRAWS * count:
            return


def _named(climbed: Climb, name: str, technology: Technology, simulator: Simulator, *, novel: bool) -> Generated:
    assert climbed.circuit is not None  # the grammar accepted it
    title = f"{name}: {climbed}"
    found = fit_of(climbed.topology, climbed.kind)
    if found is None:
        block = replace(climbed.circuit.top, name=name)
        circuit = replace(climbed.circuit, title=title, subcircuits=(block,))
        return Generated(name, climbed, novel, circuit, None)
    fit, names = found
    circuit = fitted(climbed.topology, technology, names, name)
    known = {key: float(value) for key, value in climbed.circuit.top.parameters.items()}
    circuit = circuit.sized({key: value for key, value in known.items() if key in circuit.top.parameters})
    if fit.testbench == "opamp":
        circuit = _turned(circuit, technology, simulator)
    return Generated(name, climbed, novel, replace(circuit, title=title), fit)


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
    devices = tuple(replace(d, nodes=tuple(turned.get(node, node) for node in d.nodes)) for d in block.devices)
    return replace(circuit, subcircuits=(replace(block, devices=devices),))
