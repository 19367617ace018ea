"""The waveforms of a testbench: a panel for each analysis, drawn as its kind is usually shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from eda.errors import InputError, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

    from eda.problem import SizingProblem
    from eda.simulation import Simulation, Waveforms
    from eda.testbench import Conditions

__all__ = ["draw_simulation", "plot_simulation"]

_SCALES = {"Hz": "frequency [Hz]", "s": "time [s]", "V": "swept voltage [V]", "A": "swept current [A]", "°C": "[°C]"}
_FLOOR = 1e-15  # -300 dB, for responses that are zero
_COLUMNS = 2
_STILL = 1e-4  # of the largest change
_FORMATS = {".svg", ".png", ".pdf"}


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
    if path.suffix not in _FORMATS:
        raise InputError(f"a plot is a file with the ending {', '.join(sorted(_FORMATS))}, but got {path}")
    simulation = problem.simulate(design, conditions, problem.measurable())
    if not simulation.ok:
        raise SimulatorError(f"there is nothing to plot: {simulation.status.value}")
    figure = plot_simulation(simulation, f"{problem.name} in {problem.technology.name}, {conditions}")
    try:
        figure.savefig(path)
    except OSError as error:
        raise InputError(f"cannot write the plot {path}: {error.strerror}") from None


def plot_simulation(simulation: Simulation, title: str = "") -> Figure:
    """A panel for each analysis that sweeps something: gain in dB, densities of noise, voltages over time or a sweep.

    Args:
        simulation: its results.
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
        _draw(panel, waves)
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_xlabel(_SCALES.get(waves.scale_unit, "sweep"), fontsize=8)
        panel.tick_params(labelsize=8)
        panel.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    return figure


def _draw(panel: Axes, waves: Waveforms) -> None:
    """The curves of one analysis."""
    if "onoise_spectrum" in waves.vectors:
        for name in ("onoise_spectrum", "inoise_spectrum"):
            panel.loglog(waves.scale, waves.real(name), label=f"{name.partition('_')[0]} [{waves.units[name]}]")
        return
    small = waves.scale_unit == "Hz"
    panel.set_ylabel("[dB]" if small else "[V]", fontsize=8)
    if small:
        panel.set_xscale("log")
    else:
        panel.xaxis.set_major_formatter(EngFormatter())
    for name in _moving(waves):
        curve = 20 * np.log10(np.maximum(np.abs(waves[name]), _FLOOR)) if small else waves.real(name)
        panel.plot(waves.scale, curve, linewidth=1, label=name)


def _moving(waves: Waveforms) -> list[str]:
    """The voltages that change in the sweep; all of them where none does."""
    voltages = [name for name in waves.vectors if name.startswith("v(")] or list(waves.vectors)
    sizes = {name: float(np.ptp(np.abs(waves[name]))) for name in voltages}
    return [name for name in voltages if sizes[name] > _STILL * max(sizes.values())] or voltages
