"""What is shown of generated circuits of transistors: sized beside circuits by hand."""

from __future__ import annotations

import itertools
import sys
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from eda.errors import require_known
from eda.generation import generated
from eda.generation.behavioural import BehaviouralSource
from eda.netlist import read_netlist
from eda.problem import SizingProblem
from eda.problem.spec import parse_specs
from eda.sizing import Bayesian, size
from eda.testbench import OpAmpTestbench
from eda.topology.device.generator import TopologyGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eda.netlist import Circuit
    from eda.simulation import Simulator

__all__ = ["measure_device_topologies"]

_LOAD: Final = 2e-12  # F
_SPECS: Final = ("dc_gain >= 60 dB", "phase_margin >= 45 deg", "maximize gbw", "minimize power")


def measure_device_topologies(
    *,
    folder: Path,
    simulator: Simulator,
    run_dir: Path,
    by_hand: Sequence[str],
    tables: Sequence[str] = ("end to end",),
    seeds: int = 1,
    count: int = 50,
    budget: int = 200,
    technology: str = "sky130",
) -> list[dict[str, Any]]:
    """The tables of generated circuits.

    Args:
        folder: that the paths of netlists are relative to.
        simulator: runs ngspice.
        run_dir: where runs of sizing are kept, so that the suite goes on where it was stopped.
        by_hand: netlists of op-amps, to compare with.
        tables: which of them.
        seeds: seeds 0 to `seeds - 1`.
        count: circuits of each method.
        budget: simulations to size one circuit.
        technology: of the transistors.

    Raises:
        InputError: there is no such table.
    """

    def end_to_end() -> Iterator[dict[str, Any]]:
        designs = [read_netlist(folder / path) for path in by_hand]
        yield _row("by hand", None, designs, technology, simulator, run_dir, budget)
        for seed, name in itertools.product(range(seeds), ("behavioural", "language model")):
            circuits = list(itertools.islice(_generated(name, seed, technology, simulator), count))
            yield _row(name, seed, circuits, technology, simulator, run_dir, budget)

    known: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {"end to end": end_to_end}
    require_known("table", tables, list(known))
    return [{"table": table, **row} for table in tables for row in known[table]()]


def _generated(name: str, seed: int, technology: str, simulator: Simulator) -> Iterator[Circuit]:
    """Op-amps that amplify and that the testbench of op-amps takes."""
    specs = parse_specs(_SPECS, OpAmpTestbench().metrics)
    source = BehaviouralSource(specs) if name == "behavioural" else TopologyGenerator.load()
    for one in generated(source, "opamp", 10_000, simulator=simulator, technology=technology, seed=seed):
        if one.fit is not None:
            yield one.circuit


def _row(
    name: str,
    seed: int | None,
    circuits: Sequence[Circuit],
    technology: str,
    simulator: Simulator,
    run_dir: Path,
    budget: int,
) -> dict[str, Any]:
    figures: list[float] = []
    spent = 0
    for number, circuit in enumerate(circuits, 1):
        sys.stderr.write(f"end to end: {name}, {number} of {len(circuits)}\n")
        problem = SizingProblem(
            circuit,
            technology=technology,
            testbench=OpAmpTestbench(load=_LOAD),
            specs=_SPECS,
            simulator=simulator,
        )
        result = size(problem, Bayesian(seed=0), budget=budget, run_dir=run_dir, progress=False)
        spent += len(result.evaluations)
        feasible = [one for one in result.evaluations if one.meets(problem.specs)]
        found = [_figure_of_merit(one.metrics["gbw"], one.metrics["power"]) for one in feasible]
        figures.append(max(found, default=0.0))
    met = [figure for figure in figures if figure > 0]
    return {
        "circuits": name,
        "seed": seed,
        "sized": len(circuits),
        "meet 60 dB and 45 degrees": len(met),
        "best, MHz pF/mW": max(met, default=None),
        "median of those, MHz pF/mW": median(met) if met else None,
        "simulations": spent,
        "figures of merit": figures,
    }


def _figure_of_merit(gbw: float, power: float) -> float:
    """Gain-bandwidth product times load over power, MHz pF/mW."""
    return (gbw / 1e6) * (_LOAD / 1e-12) / (power / 1e-3)
