"""Generated op-amps of transistors, sized by the loop, beside op-amps by hand with the same budget."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.drawn_topologies import BY_MODEL
from eda.generation import generated
from eda.generation.behavioural import BehaviouralSource
from eda.generation.source import LearnedSource
from eda.netlist import parse_netlist
from eda.netlist.writer import format_netlist
from eda.problem import SizingProblem
from eda.problem.spec import parse_specs
from eda.simulation import WorkerPool
from eda.sizing import Bayesian, size
from eda.testbench import OpAmpTestbench
from eda.topology.device.generator import TopologyGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.generation import Source

__all__ = ["SOURCES", "compared", "opamps", "sized"]

_LOAD: Final = 2e-12  # F
_SPECS: Final = ("dc_gain >= 60 dB", "phase_margin >= 45 deg", "maximize unity_gain_frequency", "minimize power")
_MORE: Final = 10  # op-amps at most for each one that the testbench takes
_SECONDS: Final = 5.0  # that a simulation may take while a topology is tried out

SOURCES: Final[Mapping[str, Callable[[str], Source]]] = {
    "behavioural": lambda _: BehaviouralSource(parse_specs(_SPECS, OpAmpTestbench().metrics)),
    BY_MODEL: lambda weights: LearnedSource(TopologyGenerator.load(Path(weights) if weights else None)),
}
"""What op-amps come from: the second one has weights, those of the package where no path is given."""


def opamps(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Netlists of op-amps that amplify and that the testbench of op-amps takes.

    Args:
        unit: `source`, one of `SOURCES`, `seed`, `count` and `technology`; `_weights`, if not those of the package.

    Returns:
        Their texts, fewer than asked for where too few work.
    """
    source = SOURCES[unit["source"]](unit["_weights"])
    with WorkerPool(1, timeout=_SECONDS) as pool:
        rest = {"simulator": pool, "technology": unit["technology"], "seed": unit["seed"]}
        found = (
            one.circuit for one in generated(source, "opamp", _MORE * unit["count"], **rest) if one.fit is not None
        )
        return {"netlists": [format_netlist(one) for one in islice(found, unit["count"])]}


def sized(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The best figure of merit of an op-amp once it is sized, in MHz pF/mW at 2 pF.

    Args:
        unit: `netlist`, `technology` of its transistors, `budget` in simulations, and `_run_dir`, where the run is
            kept.

    Returns:
        The figure, 0 where no design meets 60 dB and 45 degrees with all guards; and the simulations that were spent.
    """
    with WorkerPool(1) as pool:
        problem = SizingProblem(
            parse_netlist(unit["netlist"]),
            technology=unit["technology"],
            testbench=OpAmpTestbench(load=_LOAD),
            specs=_SPECS,
            simulator=pool,
        )
        result = size(problem, Bayesian(seed=0), budget=unit["budget"], run_dir=unit["_run_dir"], progress=False)
    feasible = [one for one in result.evaluations if one.meets(problem.specs)]
    found = [_figure_of_merit(one.metrics["unity_gain_frequency"], one.metrics["power"]) for one in feasible]
    return {"figure": max(found, default=0.0), "simulations": len(result.evaluations)}


def compared(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many op-amps meet the specs once they are sized, and their best figures of merit.

    Args:
        rows: what `sized` found.
    """
    figures = [row["figure"] for row in rows]
    met = [figure for figure in figures if figure > 0]
    return {
        "sized": len(rows),
        "meet 60 dB and 45 degrees": len(met),
        "best, MHz pF/mW": max(met, default=None),
        "median of those, MHz pF/mW": median(met) if met else None,
        "simulations": sum(row["simulations"] for row in rows),
        "figures of merit": figures,
    }


def _figure_of_merit(unity_gain_frequency: float, power: float) -> float:
    """Unity-gain frequency times load over power, MHz pF/mW.

    The product of gain and bandwidth would be no such figure: behind a second pole below unity it is a thousand times
    the frequency at which the gain ends.
    """
    return (unity_gain_frequency / 1e6) * (_LOAD / 1e-12) / (power / 1e-3)
