"""Generated op-amps of transistors, sized by the loop, beside op-amps by hand with the same budget."""

from __future__ import annotations

import sys
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from eda.generation import generated
from eda.generation.behavioural import BehaviouralSource
from eda.netlist.writer import format_netlist
from eda.problem import SizingProblem
from eda.problem.spec import parse_specs
from eda.simulation import WorkerPool
from eda.sizing import Bayesian, size
from eda.testbench import OpAmpTestbench
from eda.topology.device.generator import TopologyGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from eda.generation import Source
    from eda.netlist import Circuit
    from eda.simulation import Simulator

__all__ = ["SOURCES", "opamps", "sized"]

_LOAD: Final = 2e-12  # F
_SPECS: Final = ("dc_gain >= 60 dB", "phase_margin >= 45 deg", "maximize gbw", "minimize power")
_DRAWS: Final = 10_000  # topologies at most
_SECONDS: Final = 5.0  # that a simulation may take while a topology is tried out

SOURCES: Final[Mapping[str, Callable[[], Source]]] = {
    "behavioural": lambda: BehaviouralSource(parse_specs(_SPECS, OpAmpTestbench().metrics)),
    "language model": TopologyGenerator.load,
}
"""What op-amps come from."""


def opamps(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Netlists of op-amps that amplify and that the testbench of op-amps takes.

    Args:
        unit: `source`, one of `SOURCES`, `seed`, `count` and `technology`.
    """
    source = SOURCES[unit["source"]]()
    with WorkerPool(1, timeout=_SECONDS) as pool:
        rest = {"simulator": pool, "technology": unit["technology"], "seed": unit["seed"]}
        found = (one.circuit for one in generated(source, "opamp", _DRAWS, **rest) if one.fit is not None)
        return {"netlists": [format_netlist(one) for one in islice(found, unit["count"])]}


def sized(
    name: str, circuits: Sequence[Circuit], *, technology: str, simulator: Simulator, run_dir: Path, budget: int
) -> dict[str, Any]:
    """How many op-amps meet 60 dB and 45 degrees at 2 pF once they are sized, and the best figures of merit.

    Args:
        name: of all of them, for progress.
        circuits: that are sized, each with the budget.
        technology: of their transistors.
        simulator: runs ngspice.
        run_dir: where runs of sizing are kept.
        budget: simulations of each.

    Returns:
        Counts; figures of merit in MHz pF/mW, 0 where no design of a circuit meets the specs with all guards.
    """
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
