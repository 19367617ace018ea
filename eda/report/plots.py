"""Plots of a run as SVG text: convergence, and the Bode plot of its best design."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eda.simulation import Waveforms
    from eda.sizing import Result

__all__ = ["bode_plot", "convergence_plot", "svg"]

_BLUE, _ORANGE, _GREY = "#2563eb", "#ea580c", "#94a3b8"


def convergence_plot(result: Result) -> str:
    """Objective (or violation, without an objective) against simulations, with the best so far."""
    specs = result.problem.specs
    figure, axes = _figure(1)
    objective = next((spec for spec in specs if spec.is_objective), None)
    numbers = np.arange(1, len(result.evaluations) + 1)
    feasible = np.array([evaluation.feasible(specs) for evaluation in result.trace])
    if objective is None:
        values = np.array([evaluation.violation(specs) for evaluation in result.trace])
        axes[0].set_ylabel("sum of missed slack")
        axes[0].plot(numbers, np.minimum.accumulate(values), color=_BLUE, label="best so far")
    else:
        name, unit = objective.metric.name, objective.metric.unit
        values = np.array([evaluation.metrics.get(name, np.nan) for evaluation in result.trace])
        axes[0].set_ylabel(f"{name} [{unit}]")
        if objective.metric.logarithmic:
            axes[0].set_yscale("log")
        better = np.fmin if objective.sense == "minimize" else np.fmax
        best = better.accumulate(np.where(feasible, values, np.nan))
        axes[0].step(numbers, best, where="post", color=_BLUE, label="best feasible so far")
    axes[0].plot(numbers[~feasible], values[~feasible], ".", color=_GREY, markersize=4, label="a spec or guard missed")
    axes[0].plot(numbers[feasible], values[feasible], ".", color=_ORANGE, markersize=5, label="feasible")
    axes[0].set_xlabel("simulations")
    axes[0].legend(frameon=False, fontsize=8)
    return svg(figure)


def bode_plot(response: Waveforms, node: str = "v(out)") -> str:
    """Magnitude and phase of one node's response."""
    figure, (magnitude, phase) = _figure(2)
    gain = response[node]
    magnitude.semilogx(response.scale, 20 * np.log10(np.maximum(np.abs(gain), 1e-12)), color=_BLUE)
    magnitude.axhline(0, color=_GREY, linewidth=0.8)
    magnitude.set_ylabel("gain [dB]")
    phase.semilogx(response.scale, np.degrees(np.unwrap(np.angle(gain))), color=_ORANGE)
    phase.axhline(-180, color=_GREY, linewidth=0.8)
    phase.set_ylabel("phase [deg]")
    phase.set_xlabel("frequency [Hz]")
    return svg(figure)


def _figure(panels: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(7, 2.2 + 1.4 * panels), layout="constrained")
    axes = list(np.atleast_1d(figure.subplots(panels, 1, sharex=True)))
    for panel in axes:
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, axes


def svg(figure: Figure) -> str:
    """A figure as SVG text to stand in a page."""
    buffer = io.StringIO()
    # no date and a fixed salt: the same run gives the same file
    with rc_context({"svg.hashsalt": "eda"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    text = buffer.getvalue()
    return re.sub(r'\s(?:width|height)="[\d.]+pt"', "", text[text.index("<svg") :], count=2)
