"""The table of truth: ideal circuits through the testbenches, beside the answers that are known by analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.benchmark.classes import TRUTHS
from eda.errors import SimulatorError
from eda.netlist import parse_netlist
from eda.simulation import Job
from eda.technology import load_technology
from eda.testbench import Conditions, Undefined

if TYPE_CHECKING:
    from eda.benchmark.classes import Truth
    from eda.simulation import Simulator

__all__ = ["compare_truths", "measured_truth"]


def measured_truth(truth: Truth, simulator: Simulator) -> dict[str, float | str]:
    """The metrics of an ideal circuit that are known; a reason where there is no number.

    Args:
        truth: the circuit and what is expected.
        simulator: that runs it.

    Raises:
        SimulatorError: it does not simulate.
    """
    technology = load_technology(truth.technology)
    circuit = technology.bind(parse_netlist(truth.netlist))
    deck = truth.testbench.deck(circuit, technology, Conditions(), tuple(truth.expected))
    (simulation,) = simulator.simulate([Job(deck)])
    if not simulation.ok:
        raise SimulatorError(f"{truth.about}: {simulation.status.value}\n{simulation.log[-1000:]}")
    values = truth.testbench.measure(simulation, deck).values
    return {name: v.reason if isinstance(v, Undefined) else float(v) for name in truth.expected for v in [values[name]]}


def compare_truths(simulator: Simulator) -> list[dict[str, Any]]:
    """A row for each metric of each ideal circuit, with the relative error.

    Args:
        simulator: that runs them.
    """
    rows = []
    for truth in (truth for truths in TRUTHS.values() for truth in truths):
        metrics = truth.testbench.metrics
        for name, value in measured_truth(truth, simulator).items():
            expected = float(truth.expected[name])
            error = None if isinstance(value, str) else abs(value - expected) / (abs(expected) or 1.0)
            rows.append(
                {
                    "table": "truth",
                    "testbench": truth.testbench.kind,
                    "circuit": truth.about,
                    "metric": name,
                    "unit": metrics[name].unit,
                    "expected": expected,
                    "measured": value,
                    "relative error": error,
                    "allowed": truth.tolerance,
                    "holds": error is not None and error <= truth.tolerance,
                }
            )
    return rows
