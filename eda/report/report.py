"""The report of a run: one self-contained HTML file, and the same in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import SimulatorError
from eda.netlist import format_netlist
from eda.problem.table import spec_rows
from eda.report import markup
from eda.report.figures import bode_plot, convergence_plot, figure_html, figure_style, front_plot, samples_plot
from eda.report.markup import Cell, table, text
from eda.report.sensitivity import sensitivities
from eda.report.waveforms import plot_simulation
from eda.testbench import OpAmpTestbench
from eda.units import format_quantity
from eda.verification import Verification, VerificationRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eda.problem import Evaluation, Spec
    from eda.sizing import Result
    from eda.testbench import Conditions

__all__ = ["Report"]

_HEAT = 0.5  # change of slack at which a cell has its full colour


class Report:
    """What a run found, for people to look at.

    It simulates the best design again for its waveforms, its operating point and the change of each size. In a notebook
    it shows itself.

    Args:
        result: the run.
        verification: its verification, when there is one; else what the run itself simulated under other conditions.
        command: that gives the run again.
    """

    def __init__(self, result: Result, verification: Verification | None = None, *, command: str = "") -> None:
        self.result, self.command = result, command
        self.verification = verification or _of_the_run(result)
        self.best = result.best
        self._body = ""

    def save(self, path: str | Path) -> Path:
        """Write it as an HTML file that needs no network to read.

        Raises:
            InputError: the file cannot be written.
        """
        problem = self.result.problem
        return markup.write_page(path, f"{problem.name} in {problem.technology.name}", self._repr_html_())

    def _repr_html_(self) -> str:
        if not self._body:
            problem = self.result.problem
            parts = {
                "Specifications": self._specifications(),
                "Parameters": self._parameters(),
                "Convergence": convergence_plot(self.result),
                "Pareto front": self._front(),
                "Waveforms": self._waveforms(),
                "Operating point": self._operating_point(),
                "Sensitivities": self._sensitivities(),
                "Corners": self._corners(),
                "Monte Carlo": self._monte_carlo(),
                "Netlist": f"<pre>{text(format_netlist(self.result.circuit))}</pre>",
                "Provenance": self._provenance(),
            }
            self._body = markup.page(f"{problem.name} in {problem.technology.name}", self._verdict(), parts)
        return self._body

    def _verdict(self) -> str:
        result = self.result
        met = result.feasible and (self.verification is None or self.verification.passed)
        words = "all specs and guards met" if result.feasible else "no design met all specs and guards"
        if self.verification is not None:
            failing, count = len(self.verification.failing), len(self.verification.rows)
            asked, verified = (
                {spec for spec in specs if not spec.is_objective}
                for specs in (result.problem.specs, self.verification.specs)
            )
            words += f"; fails at {failing} of" if failing else "; holds at all"
            words += f" {count} condition{'s' if count > 1 else ''}"
            words += "" if asked == verified else " by the specs of the verification"
            if (samples := self.verification.monte_carlo) is not None:
                drawn = len(samples.evaluations)
                words += f"; {drawn - len(samples.failing)} of {drawn} samples pass"
        others = len(result.conditions) - 1
        more = f" and {others} other condition{'s' if others > 1 else ''}" if others > 0 else ""
        first = f", the first feasible design after {result.first_feasible}" if result.first_feasible else ""
        return (
            f'<p><span class="verdict {"met" if met else "missed"}">{text(words)}</span><br>'
            f"{len(result.evaluations)} simulations{first}; sized at {text(str(result.problem.conditions))}"
            f"{more}</p>"
        )

    def _specifications(self) -> str:
        words = {True: "yes", False: "NO", None: "-"}
        specs = self.result.problem.specs
        found = spec_rows(self.best, specs)
        bars = [self._margin(spec) for spec in specs]
        rows = [
            (row.requirement, words[row.met], row.value, row.margin, bar) for row, bar in zip(found, bars, strict=False)
        ]
        guards = [
            (row.requirement.removeprefix("guard: "), words[row.met], Cell(text(row.value), "long"))
            for row in found[len(specs) :]
        ]
        asked = table(("spec", "met", "value", "margin", ""), rows)
        if (count := len(self.result.conditions)) > 1:
            asked += f"<p>Each value is the worst of {count} conditions.</p>"
        asked += "".join(f"<p>{text(sentence)}</p>" for sentence in self.result.conflicts)
        return asked + (table(("guard", "holds", ""), guards) if guards else "")

    def _margin(self, spec: Spec) -> str | Cell:
        value = self.best.metrics.get(spec.metric.name)
        return "" if spec.is_objective or value is None else markup.slack_bar(max(spec.slack(value), -1))

    def _parameters(self) -> str:
        space, design = self.result.problem.space, self.best.design
        rows = [
            (
                v.name,
                format_quantity(design[v.name], "", 5),
                format_quantity(v.low, "", 5),
                markup.position_bar(float(share)),
                format_quantity(v.high, "", 5),
                v.scale,
            )
            for v, share in zip(space.variables, space.encode(design), strict=True)
        ]
        return table(("parameter", "value", "low", "", "high", "scale"), rows)

    def _front(self) -> str:
        objectives = [spec for spec in self.result.problem.specs if spec.is_objective]
        if len(objectives) < 2 or not self.result.feasible:
            return ""
        names = self.result.problem.space.names
        rows = [
            [format_quantity(one.metrics[spec.metric.name], spec.metric.unit) for spec in objectives]
            + [format_quantity(one.design[name], "", 5) for name in names]
            for one in self.result.pareto
        ]
        return front_plot(self.result) + table([*(str(spec) for spec in objectives), *names], rows)

    def _waveforms(self) -> str:
        """The open-loop response of an op-amp, under all conditions; of others all that is swept for the specs."""
        problem = self.result.problem
        if isinstance(problem.testbench, OpAmpTestbench):
            return self._responses([row.conditions for row in self.verification.rows] if self.verification else [])
        simulation = problem.simulate(self.best.design)
        if not simulation.ok or not any(len(waves.scale) > 1 for waves in simulation.analyses.values()):
            return ""
        with figure_style():
            return figure_html(plot_simulation(simulation, problem.testbench))

    def _responses(self, others: Sequence[Conditions]) -> str:
        """Nominal in front, and the rows of the verification by their places."""
        problem = self.result.problem
        asked = {str(place): one for place, one in enumerate(others)}
        if problem.conditions not in others:
            asked = {"nominal": problem.conditions, **asked}
        found = zip(asked.items(), problem.simulate_each(self.best.design, list(asked.values())), strict=True)
        responses = [(place, one, there.analyses["ac"]) for (place, one), there in found if there.ok]
        if not responses:
            return ""
        options = "".join(f'<option value="{place}">{text(str(one))}</option>' for place, one, _ in responses)
        choice = f'<select data-conditions><option value="all">all conditions</option>{options}</select>'
        return (f"<p>{choice}</p>" if others else "") + bode_plot(responses)

    def _operating_point(self) -> str:
        try:
            point = self.result.problem.operating_point(self.best.design)
        except SimulatorError:
            return ""
        rows: list[Sequence[str | Cell]] = [
            (
                one.name,
                one.region,
                *(format_quantity(value, unit, 3) for value, unit in _quantities(one)),
            )
            for one in point.transistors
        ]
        header = ("", "region", "id", "gm", "gds", "gm/id", "vgs", "vth", "vov", "vds", "vdsat")
        where = f"<p>At {text(str(self.result.problem.conditions))}.</p>"
        return table(header, rows) + where if rows else ""

    def _sensitivities(self) -> str:
        specs = self.result.problem.specs
        shown = [spec for spec in specs if not spec.is_objective]
        rows: list[Sequence[str | Cell]] = []
        for one in sensitivities(self.result.problem, self.best.design):
            ends = f"{format_quantity(one.low, '', 4)} to {format_quantity(one.high, '', 4)}"
            cells = [_heat(one.metrics.get(s.metric.name), one.slacks.get(str(s)), s.metric.unit) for s in shown]
            rows.append((one.variable, ends, *cells))
        note = (
            "<p>What the metric of each spec gains when one size goes from a tenth below to a tenth above, by "
            f"simulation at {text(str(self.result.problem.conditions))}, on green where that helps; - where the "
            "circuit has no such metric at one end.</p>"
        )
        return note + table(("size", "from and to", *(str(spec) for spec in shown)), rows) + self._findings()

    def _findings(self) -> str:
        """What the search learned of the problem."""
        findings = self.result.findings
        parts = []
        for granularity in ("region", "local"):
            rows = findings.get(granularity)
            if isinstance(rows, dict) and rows:
                names = list(next(iter(rows.values())))
                cells = [[what, *(f"{row[name]:.3g}" for name in names)] for what, row in rows.items()]
                parts.append(f"<p>As the search has learned, {granularity}:</p>{table(('', *names), cells)}")
        return "".join(parts)

    def _corners(self) -> str:
        checked = self.verification
        if checked is None:
            return ""
        header, rows = checked.table()
        reasons = [
            f"{row.conditions}: {why}" for row in checked.failing for why in row.evaluation.failures(checked.specs)
        ]
        asked = ", ".join(str(spec) for spec in checked.specs if not spec.is_objective)
        return f"<p>{text(asked)}</p>{table(header, rows, conditions=True)}{markup.bullets(reasons)}"

    def _monte_carlo(self) -> str:
        samples = self.verification.monte_carlo if self.verification else None
        if samples is None:
            return ""
        values = {
            spec: np.array([e.metrics[spec.metric.name] for e in samples.evaluations if spec.metric.name in e.metrics])
            for spec in samples.specs
            if not spec.is_objective
        }
        there = {spec: column for spec, column in values.items() if len(column)}
        plot = samples_plot(there) if there else ""
        return f"<p>{text(samples.verdict())}</p>{plot}{table(*samples.table())}{markup.bullets(samples.failures())}"

    def _provenance(self) -> str:
        about = self.result.about
        facts: Mapping[str, Any] = {
            **about["problem"],
            **about["optimizer"],
            **{key: about[key] for key in ("screening", "ahead") if key in about},
            **({"designs to start with": len(about["start"])} if "start" in about else {}),
            **about["versions"],
            "run folder": self.result.folder,
        }
        rows = [
            (key, Cell(text(", ".join(map(str, value)) if isinstance(value, list) else str(value)), "long"))
            for key, value in facts.items()
        ]
        command = f"<p>The same run again:</p><pre>{text(self.command)}</pre>" if self.command else ""
        return command + table(("", ""), rows)


def _of_the_run(result: Result) -> Verification | None:
    """What the run itself simulated of its best design under other conditions."""
    if len(result.conditions) < 2:
        return None
    design = result.best.design
    found: dict[int, Evaluation] = {
        place: one for place, one in zip(result.places, result.evaluations, strict=True) if one.design == design
    }
    if len(found) < len(result.conditions):  # nothing is said of what was not simulated
        return None
    rows = tuple(VerificationRow(result.conditions[place], found[place]) for place in sorted(found))
    return Verification(result.problem.name, result.problem.specs, rows)


def _quantities(one: Any) -> list[tuple[float, str]]:
    voltages = [(value, "V") for value in (one.vgs, one.vth, one.vov, one.vds, one.vdsat)]
    return [(one.id, "A"), (one.gm, "S"), (one.gds, "S"), (one.gm_over_id, "/V"), *voltages]


def _heat(ends: tuple[float, float] | None, slack: float | None, unit: str) -> Cell:
    """What a metric gains, on green where that helps its spec and on red where it hurts."""
    if ends is None or slack is None:
        return Cell("-", "heat")
    strength = 60 * min(abs(slack) / _HEAT, 1)
    colour = f"color-mix(in srgb, var(--{'good' if slack >= 0 else 'bad'}) {strength:.0f}%, transparent)"
    gain = ends[1] - ends[0]
    return Cell(f"{'+' if gain >= 0 else ''}{text(format_quantity(gain, unit, 3))}", "heat", f"background:{colour}")
