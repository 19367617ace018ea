"""The waveforms of a testbench: a panel for each analysis, drawn as its kind is usually shown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from eda.errors import InputError, SimulatorError
from eda.simulation.plots import COLOURS, plot_file, save_figure, show_legend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

    from eda.problem import SizingProblem
    from eda.simulation import Simulation, Waveforms
    from eda.testbench import Conditions, Testbench
    from eda.testbench.testbench import Curve

__all__ = ["draw_simulation", "plot_simulation"]

_SCALES = {"Hz": "frequency [Hz]", "s": "time [s]", "V": "swept voltage [V]", "A": "swept current [A]", "°C": "[°C]"}
_FLOOR = 1e-15  # -300 dB, for responses that are zero
_COLUMNS = 2
_STILL = 1e-4  # of the largest change
_GREY = "#64748b"
_QUANTITIES = {"V": "voltage [V]", "A": "current [A]", "": "ratio"}


def draw_simulation(problem: SizingProblem, design: Mapping[str, float], conditions: Conditions, path: Path) -> None:
    """Simulate everything that the testbench measures of a design, and draw it.

    Args:
        problem: circuit and testbench.
        design: values by variable name, SI.
        conditions: corner, temperature and supply.
        path: the file; its ending tells the format.

    Raises:
        InputError: the file cannot be written, or has another ending than .svg, .png or .pdf.
        SimulatorError: the simulation fails.
    """
    plot_file(path)
    simulation = problem.simulate(design, conditions, problem.measurable())
    if not simulation.ok:
        raise SimulatorError(f"there is nothing to plot: {simulation.status.value}")
    title = f"{problem.name} in {problem.technology.name}, {conditions}"
    save_figure(plot_simulation(simulation, problem.testbench, title), path)


def plot_simulation(simulation: Simulation, testbench: Testbench, title: str = "") -> Figure:
    """A panel for each analysis that sweeps something: gain and phase, densities of noise, curves over time or a sweep.

    Args:
        simulation: its results.
        testbench: which says what is shown of each.
        title: above the panels.

    Raises:
        InputError: no analysis sweeps anything.
    """
    shown = {name: waves for name, waves in simulation.analyses.items() if len(waves.scale) > 1}
    if not shown:
        raise InputError("a plot needs an analysis that sweeps something, but there is an operating point only")
    rows = -(-len(shown) // _COLUMNS)
    figure = Figure(figsize=(11, 0.6 + 2.6 * rows), layout="constrained")
    figure.suptitle(title, fontsize=11)
    panels = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
    for panel, (name, waves) in zip(panels, shown.items(), strict=False):
        panel.set_title(name.replace("_", " "), fontsize=9, loc="left")
        _draw(panel, waves, testbench.curves(name, waves))
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_xlabel(_SCALES.get(waves.scale_unit, "sweep"), fontsize=8)
        panel.tick_params(labelsize=8)
        show_legend(panel, fontsize=7, loc="lower right", bbox_to_anchor=(1, 0.97), ncols=3)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    return figure


def _draw(panel: Axes, waves: Waveforms, curves: Mapping[str, Curve]) -> None:
    """The curves of one analysis; those of a second unit, and the phase of a response, belong to the axis on the right.

    Args:
        panel: where to.
        waves: the analysis.
        curves: what is shown of it.
    """
    units = list(dict.fromkeys(curve.unit for curve in curves.values()))
    if waves.scale_unit == "Hz" and "√Hz" in units[0]:
        for name, curve in curves.items():
            panel.loglog(waves.scale, np.real(curve.values), label=f"{name.removesuffix('_spectrum')} [{curve.unit}]")
        return
    if waves.scale_unit == "Hz":
        _draw_responses(panel, waves, curves, units[0])
        return
    panel.xaxis.set_major_formatter(EngFormatter())
    panel.xaxis.set_major_locator(MaxNLocator(6))
    colours = itertools.cycle(COLOURS)
    for unit, axis in zip(units, (panel, *(panel.twinx() for _ in units[1:])), strict=True):
        axis.set_ylabel(_QUANTITIES.get(unit, f"[{unit}]"), fontsize=8)
        axis.yaxis.set_major_formatter(EngFormatter())
        axis.tick_params(labelsize=8)
        if axis is not panel:  # behind the curves of the first unit
            panel.set_zorder(axis.get_zorder() + 1)
            panel.patch.set_visible(False)
        for name in _moving({n: curve for n, curve in curves.items() if curve.unit == unit}):
            strength = 1 if axis is panel else 0.5
            axis.plot(waves.scale, np.real(curves[name].values), linewidth=1, color=next(colours), alpha=strength)
            panel.plot([], [], color=axis.lines[-1].get_color(), label=name)  # one legend for both axes


def _draw_responses(panel: Axes, waves: Waveforms, curves: Mapping[str, Curve], unit: str) -> None:
    """Magnitudes in dB, and dashed the phase of the first one."""
    panel.set_xscale("log")
    panel.set_ylabel("[dB]" if unit in {"", "V"} else f"[dB re 1 {unit}]", fontsize=8)
    names = _moving(curves)
    for colour, name in zip(itertools.cycle(COLOURS), names):
        magnitude = np.maximum(np.abs(curves[name].values), _FLOOR)
        panel.plot(waves.scale, 20 * np.log10(magnitude), linewidth=1, color=colour, label=name)
    right = panel.twinx()
    right.plot(waves.scale, np.degrees(np.unwrap(np.angle(curves[names[0]].values))), "--", linewidth=0.8, color=_GREY)
    right.set_ylabel("[deg]", fontsize=8)
    right.tick_params(labelsize=8)
    right.spines["top"].set_visible(False)
    panel.plot([], [], "--", linewidth=0.8, color=_GREY, label=f"phase of {names[0]}")


def _moving(curves: Mapping[str, Curve]) -> list[str]:
    """The curves that change in the sweep; all of them where none does."""
    sizes = {name: float(np.ptp(np.abs(curve.values))) for name, curve in curves.items()}
    return [name for name in curves if sizes[name] > _STILL * max(sizes.values())] or list(curves)
