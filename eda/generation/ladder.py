"""The ladder of validity that a generated circuit climbs, rung by rung, until one does not hold.

`.op` converges for nearly every netlist, real or shuffled, so convergence is no rung: an operating point counts when
the transistors conduct, and the next rung asks for the function of the class. Where transistors switch, rest says
little, and any operating point counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from eda.netlist import Severity, check
from eda.topology.device import design_of, try_out
from eda.topology.device.grammar import refusal
from eda.topology.device.reach import unreached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Simulator
    from eda.technology import Technology
    from eda.topology.device import Topology, Trial

__all__ = ["Climb", "Rung", "broken_rule", "climb", "with_values"]


class Rung(Enum):
    """The rungs, from the lowest; their values are words for a table. The last one is that of a search for sizes."""

    GRAMMAR = "grammar"
    RULES = "rule check"
    OPERATING_POINT = "operating point"
    FUNCTION = "function"
    SPECS = "specs after sizing"


@dataclass(frozen=True, slots=True)
class Climb:
    """How far a circuit came.

    Attributes:
        topology: what climbed.
        kind: its class.
        passed: the rungs that hold, from the lowest.
        reason: what was found at the last rung, in a sentence.
        circuit: the design, with the sizes and biases that did best; `None` where the grammar refuses it.
        trial: what the tried designs did; `None` where none was tried.
    """

    topology: Topology
    kind: str
    passed: tuple[Rung, ...]
    reason: str
    circuit: Circuit | None = None
    trial: Trial | None = None

    @property
    def works(self) -> bool:
        """Whether it does what its class does."""
        return Rung.FUNCTION in self.passed

    def __str__(self) -> str:
        rungs = ", ".join(rung.value for rung in self.passed) or "none"
        return f"passed: {rungs}; {self.reason}"


def climb(
    topology: Topology,
    kind: str,
    technology: Technology,
    simulator: Simulator,
    *,
    tries: int | None = None,
    seed: int = 0,
    name: str = "generated",
) -> Climb:
    """How far a topology climbs, up to its function.

    Args:
        topology: any.
        kind: its class.
        technology: of its transistors.
        simulator: runs ngspice.
        tries: designs that are tried for the operating point and the function, at most; see `try_out`.
        seed: of their sizes and biases.
        name: of the design's block.
    """
    if reason := refusal(topology, kind):
        return Climb(topology, kind, (), reason)
    design = design_of(topology, technology, name=name)
    if reason := broken_rule(design) or unreached(topology, kind):
        return Climb(topology, kind, (Rung.GRAMMAR,), reason, design)
    trial = try_out(topology, kind, technology, simulator, tries=tries, seed=seed)
    design = with_values(design, trial.port_values(technology.supply))
    passed = [Rung.GRAMMAR, Rung.RULES]
    if trial.alive:
        passed.append(Rung.OPERATING_POINT)
        if trial.works:
            passed.append(Rung.FUNCTION)
    reason = trial.reason
    if trial.converged and not trial.alive:
        reason = f"only {trial.conducting:.0%} of the transistors conduct"
    return Climb(topology, kind, tuple(passed), reason, design, trial)


def with_values(design: Circuit, values: Mapping[str, float]) -> Circuit:
    """A design with those of the values that are its parameters, within their bounds."""
    bounds = {variable.name: (variable.low, variable.high) for variable in design.top.variables}
    known = {
        name: min(max(value, bounds[name][0]), bounds[name][1]) for name, value in values.items() if name in bounds
    }
    return design.sized(known)


def broken_rule(design: Circuit) -> str:
    """The worst finding of the rule check, if it is an error."""
    errors = [finding for finding in check(design) if finding.severity in {Severity.ERROR, Severity.FATAL}]
    return errors[0].message if errors else ""
