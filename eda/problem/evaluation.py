"""One candidate and what simulation says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eda.simulation import Status, failure_reason
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.problem.spec import Spec
    from eda.testbench import Guard

__all__ = ["REPEAT", "Evaluation"]

REPEAT = "repeat it: "
"""Before the command, in the log of a failed simulation, that runs it again by plain ngspice."""

_WORST = -1.0  # slack of what is undefined; slacks are cut off there, so that all failures look alike to an optimizer


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A design with its metrics, guards and status.

    Attributes:
        design: values by variable name, SI.
        status: what became of the simulation.
        metrics: metrics by name that have a value, in their units.
        undefined: reasons by name of the metrics that have none.
        guards: conditions of a working circuit.
        log: last lines of a failed simulation.
        seconds: simulation time.
    """

    design: Mapping[str, float]
    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    log: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def simulated(self) -> bool:
        """Whether ngspice gave results, so that there are metrics to judge."""
        return self.status in {Status.OK, Status.UNDEFINED_METRIC}

    @property
    def margin(self) -> float:
        """Least margin of the guards; -1 where one is undefined, or there is none."""
        return min((g.margin if np.isfinite(g.margin) else _WORST for g in self.guards), default=_WORST)

    def slacks(self, specs: tuple[Spec, ...]) -> NDArray[np.float64]:
        """Slack of every bound and, last, of the worst guard; at least 0 where met.

        Args:
            specs: the specs of the problem; its objective has no slack.

        Returns:
            `c` slacks in [-1, 1], each -1 where it is undefined.
        """
        bounds = [self._slack(spec) for spec in specs if not spec.is_objective]
        guard = self.margin
        if not np.all(np.isfinite(self.costs(specs))):
            guard = _WORST
        return np.asarray(np.clip([*bounds, guard], _WORST, -_WORST), dtype=np.float64)

    def _slack(self, spec: Spec) -> float:
        return spec.slack(self.metrics.get(spec.metric.name, float("nan")))

    def meets(self, specs: tuple[Spec, ...]) -> bool:
        """Whether the simulation worked, every guard holds and every bound is met."""
        return self.simulated and bool(np.all(self.slacks(specs) >= 0))

    def violation(self, specs: tuple[Spec, ...]) -> float:
        """Sum of what is missing to feasibility; 0 when feasible."""
        slacks = self.slacks(specs)
        return float(-np.sum(slacks[slacks < 0])) + 0.0  # no minus zero

    def costs(self, specs: tuple[Spec, ...]) -> NDArray[np.float64]:
        """The objectives as numbers to minimize, infinite where undefined; a single 0 without any."""
        values = [(spec, self.metrics.get(spec.metric.name, float("nan"))) for spec in specs if spec.is_objective]
        return np.array([spec.cost(value) if np.isfinite(value) else np.inf for spec, value in values] or [0.0])

    def cost(self, specs: tuple[Spec, ...]) -> float:
        """The first of the `costs`."""
        return float(self.costs(specs)[0])

    def rank(self, specs: tuple[Spec, ...]) -> tuple[float, float]:
        """Sort key, best first: feasible designs by cost, then the others by violation (Deb 2000)."""
        return (0.0, self.cost(specs)) if self.meets(specs) else (1.0, self.violation(specs))

    def failures(self, specs: tuple[Spec, ...]) -> list[str]:
        """What is wrong with it, a sentence each."""
        if not self.simulated:
            log, _, again = self.log.partition(REPEAT)
            reason = failure_reason(log.strip())
            sentence = f"{self.status.value} ({reason})" if reason else self.status.value
            return [f"{sentence}; {REPEAT}{again.strip()}" if again else sentence]
        sentences = [f"{g.name}: {g.detail}" for g in self.guards if not g.holds]
        for spec in specs:
            name = spec.metric.name
            if name not in self.metrics:
                sentences.append(f"{name} is undefined: {self.undefined.get(name, 'not measured')}")
            elif not spec.is_objective and self._slack(spec) < 0:
                sentences.append(f"{spec} is missed by {_shortfall(spec, self.metrics[name])}")
            elif spec.is_objective and not np.isfinite(spec.cost(self.metrics[name])):
                value = format_quantity(self.metrics[name], spec.metric.unit)
                sentences.append(f"'{spec}' compares values above 0, but {name} is {value}")
        if not sentences and not self.guards:
            return ["no guard says that the circuit works: a testbench must have one"]
        return list(dict.fromkeys(sentences))  # a metric may have several bounds


def _shortfall(spec: Spec, value: float) -> str:
    assert spec.bound is not None
    return f"{format_quantity(abs(value - spec.bound), spec.metric.unit)} ({format_quantity(value, spec.metric.unit)})"
