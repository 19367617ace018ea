"""Figures of a page: SVG that takes the colours of the page, with the values that are shown under the pointer."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator

from eda.simulation.plots import show_legend
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray

    from eda.problem import Spec
    from eda.simulation import Waveforms
    from eda.sizing import Result
    from eda.testbench import Conditions

__all__ = [
    "bode_plot",
    "comparison_plot",
    "convergence_plot",
    "figure_html",
    "figure_style",
    "front_plot",
    "samples_plot",
]

BLUE, ORANGE, GREY = "#2563eb", "#ea580c", "#94a3b8"
_INK = "#010203"  # stands for the colour of the page's text
_STYLE: Any = {
    "svg.hashsalt": "eda",  # and no date: the same run gives the same file
    "svg.fonttype": "none",
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK),
}
_COLUMNS = 3  # of small figures side by side
_POINTS = 200  # of a curve, that are shown under the pointer


def figure_html(figure: Figure, caption: str = "") -> str:
    """A figure as it stands in a page: values of its curves are shown under the pointer, in the units of its axes.

    Args:
        figure: drawn within `figure_style()`.
        caption: below it.
    """
    buffer = io.StringIO()
    with figure_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    svg = buffer.getvalue()
    svg = re.sub(r'\s(?:width|height)="[\d.]+pt"', "", svg[svg.index("<svg") :], count=2)
    svg = svg.replace(_INK, "currentColor").replace("<text ", '<text fill="currentColor" ')
    panels: dict[tuple[float, ...], list[dict[str, Any]]] = {}
    for panel in figure.axes:  # two may lie above each other, with an axis at either side
        if panel.get_visible():
            panels.setdefault(_box(panel, figure), []).extend(_series(line, panel, figure) for line in _curves(panel))
    data = [{"box": box, "series": series} for box, series in panels.items()]
    script = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure data-plot>{svg}<script type="application/json">{script}</script>{words}</figure>'


def figure_style() -> AbstractContextManager[None]:
    """Text and axes in the colour of the page, text that stays text, and the same file for the same run."""
    return rc_context(_STYLE)


def _box(panel: Axes, figure: Figure) -> tuple[float, ...]:
    """Left, top, right and bottom of a panel, in the points of the SVG."""
    height, scale = figure.get_figheight() * 72, 72 / figure.dpi
    box = panel.get_window_extent()
    return tuple(
        round(v, 1) for v in (box.x0 * scale, height - box.y1 * scale, box.x1 * scale, height - box.y0 * scale)
    )


def _curves(panel: Axes) -> list[Line2D]:
    """Lines with data of their own, which those across the panel and those for the legend have not."""
    return [
        one for one in panel.lines if len(np.asarray(one.get_xdata())) > 2 and one.get_transform() == panel.transData
    ]


def _series(line: Line2D, panel: Axes, figure: Figure) -> dict[str, Any]:
    height, scale = figure.get_figheight() * 72, 72 / figure.dpi
    points = np.column_stack([np.asarray(values, dtype=float) for values in line.get_data()])
    points = points[np.isfinite(points).all(axis=1)]
    points = points[:: -(-len(points) // _POINTS) or 1]
    shown = panel.transData.transform(points) * scale if len(points) else points
    label = str(line.get_label())
    return {
        "name": "" if label.startswith("_") else label,
        "id": line.get_gid(),
        "x": [round(float(x), 1) for x in shown[:, 0]],
        "y": [round(float(height - y), 1) for y in shown[:, 1]],
        "at": [format_quantity(float(x), _unit(_x_label(panel))) for x in points[:, 0]],
        "values": [format_quantity(float(y), _unit(panel.get_ylabel())) for y in points[:, 1]],
    }


def _x_label(panel: Axes) -> str:
    """Of panels on one x axis only the lowest has it."""
    return next((label for one in panel.get_shared_x_axes().get_siblings(panel) if (label := one.get_xlabel())), "")


def _unit(label: str) -> str:
    """What stands in brackets."""
    found = re.search(r"\[(.*?)\]", label)
    return found[1] if found else ""


def _panels(count: int = 1, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """A figure with panels above each other on one x axis, each so many inches high."""
    with figure_style():
        figure = Figure(figsize=(7.5, 0.4 + height * count), layout="constrained")
        panels = list(np.atleast_1d(figure.subplots(count, 1, sharex=True)))
    for panel in panels:
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, panels


def convergence_plot(result: Result) -> str:
    """What is missing to feasibility against simulations, and below it the objective of feasible designs."""
    specs = result.problem.specs
    objective = next((spec for spec in specs if spec.is_objective and result.feasible), None)
    figure, panels = _panels(1 if objective is None else 2, 3.0 if objective is None else 2.2)
    feasible = np.array([evaluation.meets(specs) for evaluation in result.trace])
    numbers = np.arange(1, len(feasible) + 1)
    dots: dict[str, Any] = {"linestyle": "", "marker": ".", "markersize": 4}
    for panel, spec in zip(panels, (None, objective), strict=False):
        values, best = _progress(result, panel, spec)
        if spec is None:
            panel.plot(numbers[~feasible], values[~feasible], color=GREY, label="missed", **dots)
        panel.plot(numbers[feasible], values[feasible], color=ORANGE, label="feasible", **dots)
        panel.step(numbers, best, where="post", color=BLUE, label="best so far")
    show_legend(panels[0], fontsize=8)
    panels[-1].set_xlabel("simulations")
    return figure_html(figure)


def comparison_plot(results: Sequence[tuple[str, Result]]) -> str:
    """The best so far of several runs, by their names: of the objective when one of them has a feasible design."""
    figure, (panel,) = _panels()
    specs = results[0][1].problem.specs
    found = any(result.feasible for _, result in results)
    objective = next((spec for spec in specs if spec.is_objective and found), None)
    for name, result in results:
        _, best = _progress(result, panel, objective)
        panel.step(np.arange(1, len(best) + 1), best, where="post", label=name)
    panel.set_xlabel("simulations")
    show_legend(panel, fontsize=8)
    return figure_html(figure)


def _progress(result: Result, panel: Axes, objective: Spec | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The objective of every feasible design, or without one the violation of every design, and the best so far."""
    specs = result.problem.specs
    if objective is None:
        panel.set_ylabel("sum of missed slack")
        values = np.array([evaluation.violation(specs) for evaluation in result.trace])
        return values, np.minimum.accumulate(values)
    metric = objective.metric
    panel.set_ylabel(f"{metric.name} [{metric.unit}]")
    if metric.logarithmic:
        panel.set_yscale("log")
        panel.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        panel.yaxis.set_major_formatter(EngFormatter(sep=""))
        panel.yaxis.set_minor_formatter(EngFormatter(sep=""))
    values = np.array([e.metrics[metric.name] if e.meets(specs) else np.nan for e in result.trace])
    better = np.fmin if objective.sense == "minimize" else np.fmax
    return values, better.accumulate(values)


def front_plot(result: Result) -> str:
    """Feasible designs by their first two objectives, and those that no other dominates."""
    specs = result.problem.specs
    first, second = [spec for spec in specs if spec.is_objective][:2]
    figure, (panel,) = _panels(height=3.4)
    dots: dict[str, Any] = {"color": GREY, "linestyle": "", "marker": ".", "markersize": 4}
    front: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 4, "linewidth": 1}
    feasible = [one for one in result.trace if one.meets(specs)]
    for label, designs, style in (("feasible", feasible, dots), ("Pareto front", result.pareto, front)):
        x, y = ([one.metrics[spec.metric.name] for one in designs] for spec in (first, second))
        order = np.argsort(x)
        panel.plot(np.array(x)[order], np.array(y)[order], label=label, **style)
    for spec, name in ((first, "x"), (second, "y")):
        getattr(panel, f"set_{name}label")(f"{spec.metric.name} [{spec.metric.unit}] ({spec.sense})")
        if spec.metric.logarithmic:
            getattr(panel, f"set_{name}scale")("log")
    show_legend(panel, fontsize=8)
    return figure_html(figure)


def bode_plot(responses: Sequence[tuple[str, Conditions, Waveforms]], node: str = "v(out)") -> str:
    """Magnitude and phase of one node's response under several conditions, the first one in front.

    Args:
        responses: places in the choice of conditions, the conditions, and the small-signal analysis there.
        node: whose response is drawn.
    """
    figure, (magnitude, phase) = _panels(2, 2.4)
    for place, conditions, response in reversed(responses):
        gain = response[node]
        first = place == responses[0][0]
        style: dict[str, Any] = {"linewidth": 1.6} if first else {"linewidth": 0.8, "alpha": 0.6}
        curves = (20 * np.log10(np.maximum(np.abs(gain), 1e-12)), np.degrees(np.unwrap(np.angle(gain))))
        for panel, values, unit, colour in zip((magnitude, phase), curves, ("dB", "deg"), (BLUE, ORANGE), strict=True):
            (line,) = panel.semilogx(response.scale, values, color=colour if first else GREY, **style)
            line.set_label(str(conditions))
            line.set_gid(f"{unit}-condition-{place}")
    magnitude.axhline(0, color=GREY, linewidth=0.8)
    magnitude.set_ylabel("gain [dB]")
    phase.axhline(-180, color=GREY, linewidth=0.8)
    phase.set_ylabel("phase [deg]")
    phase.set_xlabel("frequency [Hz]")
    return figure_html(figure)


def samples_plot(values: Mapping[Spec, NDArray[np.float64]]) -> str:
    """How metrics are spread over Monte Carlo samples, with their bounds.

    Args:
        values: by spec, its metric in its unit, one a sample.
    """
    rows = -(-len(values) // _COLUMNS)
    with figure_style():
        figure = Figure(figsize=(7.5, 0.2 + 1.7 * rows), layout="constrained")
        panels = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
    for panel, (spec, column) in zip(panels, values.items(), strict=False):
        panel.hist(column, bins=min(30, max(8, len(column) // 5)), color=BLUE, alpha=0.6)
        if spec.bound is not None:
            panel.axvline(spec.bound, color=ORANGE)
        panel.set_xlabel(f"{spec.metric.name} [{spec.metric.unit}]")
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
        panel.xaxis.set_major_locator(MaxNLocator(3))
        panel.spines[["top", "right"]].set_visible(False)
    for panel in panels[len(values) :]:
        panel.set_visible(False)
    return figure_html(figure, "Samples, and in orange the bound.")
