"""Does a sized circuit hold everywhere it must? A row per corner, temperature and supply, all simulated."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eda.errors import InputError, require_type
from eda.problem import SizingProblem
from eda.problem.conditions import combinations, samples
from eda.problem.spec import parse_specs
from eda.problem.table import format_table
from eda.simulation import ExecutorSimulator
from eda.sizing import Result
from eda.technology import Variation
from eda.units import format_quantity
from eda.verification.monte_carlo import MonteCarlo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from eda.problem import Evaluation, Spec
    from eda.testbench import Conditions

__all__ = ["Verification", "VerificationRow", "verify"]


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """One set of conditions and what simulation says there."""

    conditions: Conditions
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of `eda.verify`.

    Attributes:
        name: the design.
        specs: the bounds that must hold.
        rows: one per set of conditions.
        monte_carlo: samples of process spread and mismatch, when they were asked for.
    """

    name: str
    specs: tuple[Spec, ...]
    rows: tuple[VerificationRow, ...]
    monte_carlo: MonteCarlo | None = None

    @property
    def passed(self) -> bool:
        """Whether every bound and guard holds in every row, and in every sample."""
        return not self.failing and (self.monte_carlo is None or self.monte_carlo.passed)

    @property
    def failing(self) -> tuple[VerificationRow, ...]:
        """The rows in which something is missed."""
        return tuple(row for row in self.rows if not row.evaluation.meets(self.specs))

    def worst(self) -> Iterator[tuple[Spec, VerificationRow]]:
        """For every bound, the row with the least slack; one without a value is the worst."""
        for spec in self.specs:
            if not spec.is_objective:
                name = spec.metric.name
                slacks = [spec.slack(row.evaluation.metrics.get(name, float("nan"))) for row in self.rows]
                yield spec, self.rows[int(np.argmin(slacks))]

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Header and rows: conditions, a column per metric of the specs, verdict."""
        columns = {spec.metric.name: spec for spec in self.specs}  # a metric may have several
        header = ("conditions", *columns, "pass")
        rows = [
            (
                str(row.conditions),
                *(_cell(row.evaluation, spec) for spec in columns.values()),
                "yes" if row.evaluation.meets(self.specs) else "NO",
            )
            for row in self.rows
        ]
        return header, rows

    def verdict(self) -> str:
        """At how many conditions it fails, in a sentence."""
        verdict = f"fails at {len(self.failing)} of" if self.failing else "holds at all"
        return f"{self.name} {verdict} {len(self.rows)} conditions"

    def __str__(self) -> str:
        header, rows = self.table()
        lines = [format_table(header, rows), ""]
        for spec, row in self.worst():
            lines.append(f"worst {spec}: {_cell(row.evaluation, spec)} at {row.conditions}")
        for row in self.failing:
            lines += [f"FAILS at {row.conditions}: {reason}" for reason in row.evaluation.failures(self.specs)]
        lines.append(self.verdict())
        samples = "process spread and mismatch: not simulated (monte_carlo=0)"
        return "\n".join([*lines, "", samples if self.monte_carlo is None else str(self.monte_carlo)])


def _cell(evaluation: Evaluation, spec: Spec) -> str:
    value = evaluation.metrics.get(spec.metric.name)
    return "-" if value is None else format_quantity(value, spec.metric.unit)


def verify(
    design: Result | SizingProblem,
    *,
    corners: str | Sequence[str] = "all",
    temperatures: float | Sequence[float] = (27.0,),
    supplies: float | Sequence[float] = (1.0,),
    specs: Sequence[str] = (),
    sizes: Mapping[str, float] | None = None,
    monte_carlo: int = 0,
    variation: str | Variation = Variation.BOTH,
    seed: int = 0,
    executor: Executor | Callable[[], Executor] | None = None,
) -> Verification:
    """Simulate a design at every combination of corner, temperature and supply, and in samples of the process.

    Args:
        design: a result, whose best design is verified; or a problem, whose circuit is verified with its defaults.
        corners: `"all"`, or names of corners.
        temperatures: degrees Celsius.
        supplies: factors on the testbench's supply voltage.
        specs: bounds that must hold; those of the problem when empty.
        sizes: sizes to verify instead, by parameter, SI.
        monte_carlo: samples, at the first corner, temperature and supply; none by default.
        variation: what varies from sample to sample: `"process"`, `"mismatch"` or `"both"`.
        seed: of the samples; a sample depends on seed and number only.
        executor: where to simulate, in place of the problem's simulator: an executor, such as `get_executor()` of a
            Dask client, or a function that makes one (see `eda.simulation.ExecutorSimulator`).

    Raises:
        InputError: an unknown corner or variation, no conditions at all, or a technology without statistics.
        SimulatorError: ngspice is missing, or the executor is broken.
    """
    if isinstance(specs, str):
        raise InputError(f"specs are a list, such as ['gbw >= 10 MHz'], but got {specs!r}")
    problem = design.problem if isinstance(design, Result) else design
    require_type("design", problem, SizingProblem, "the result of eda.size(...)")
    values = dict(design.best.design if isinstance(design, Result) else {}) | dict(sizes or {})
    problem.circuit.sized(values)  # an unknown parameter shows here
    bounds = parse_specs(specs, problem.testbench.metrics) if specs else problem.specs
    everywhere = combinations(problem.technology, corners, temperatures, supplies)
    drawn_at = samples(everywhere[0], monte_carlo, variation, seed)
    points = [(values, conditions) for conditions in (*everywhere, *drawn_at)]
    with nullcontext() if executor is None else ExecutorSimulator(executor) as simulator:
        there = problem if simulator is None else problem.with_simulator(simulator)
        done = dict(there.stream(points, bounds))
    rows = tuple(VerificationRow(conditions, done[number]) for number, conditions in enumerate(everywhere))
    drawn = tuple(done[len(rows) + number] for number in range(monte_carlo))
    return Verification(problem.name, bounds, rows, MonteCarlo(drawn_at[0], bounds, drawn) if drawn else None)
