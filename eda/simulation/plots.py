"""Plots of waveforms as matplotlib figures, none of them kept anywhere: `figure.savefig("bode.png")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MultipleLocator

from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from eda.simulation.results import Waveforms

__all__ = [
    "COLOURS",
    "plot_bode",
    "plot_curves",
    "plot_file",
    "plot_noise",
    "plot_poles_zeros",
    "save_figure",
    "show_legend",
]

COLOURS = ("#2563eb", "#ea580c", "#059669", "#9333ea", "#dc2626", "#0891b2", "#a16207", "#475569")
_GREY = "#94a3b8"
_FLOOR = 1e-15  # -300 dB, for responses that are zero
_FORMATS = {".svg", ".png", ".pdf"}
_NEAR = 100.0  # ratio of the largest to the smallest root that linear axes can show
_SCALES = {"s": "time", "Hz": "frequency", "°C": "temperature", "V": "swept voltage", "A": "swept current"}


def plot_bode(response: Waveforms, *names: str) -> Figure:
    """Magnitude in dB and phase in degrees over frequency.

    Args:
        response: results of `Ac`.
        names: vectors to show; all when there are none.

    Raises:
        InputError: no such vector, or no sweep over frequency.
    """
    names = _names(response, names, "Hz")
    figure, (magnitude, phase) = _figure(2, height=5.2)
    for colour, name in zip(_cycle(names), names, strict=True):
        gain = response[name]
        magnitude.semilogx(response.scale, 20 * np.log10(np.maximum(np.abs(gain), _FLOOR)), color=colour, label=name)
        phase.semilogx(response.scale, np.degrees(np.unwrap(np.angle(gain))), color=colour)
    magnitude.axhline(0, color=_GREY, linewidth=0.8)
    magnitude.set_ylabel("magnitude [dB]" if _unit(response, names) == "V" else "magnitude [dB, re 1 unit]")
    phase.set_ylabel("phase [deg]")
    phase.yaxis.set_major_locator(MultipleLocator(_phase_step(phase)))
    phase.set_xlabel("frequency [Hz]")
    _decades(phase, response)
    show_legend(magnitude, fontsize=8)
    return figure


def plot_curves(waveforms: Waveforms, *names: str) -> Figure:
    """Vectors over time, frequency or the swept quantity; a panel for each unit, a curve for each outer value.

    Args:
        waveforms: results of any analysis that sweeps something.
        names: vectors to show; all when there are none.

    Raises:
        InputError: no such vector, or no sweep.
    """
    names = _names(waveforms, names)
    units = list(dict.fromkeys(waveforms.units.get(name, "") for name in names))
    figure, panels = _figure(len(units), height=1.6 + 2.0 * len(units))
    for unit, panel in zip(units, panels, strict=True):
        shown = [name for name in names if waveforms.units.get(name, "") == unit]
        _curves(panel, waveforms, shown)
        panel.set_ylabel("voltage" if unit == "V" else "current" if unit == "A" else f"[{unit}]" if unit else "")
        if unit in {"V", "A", "S", "W"}:
            panel.yaxis.set_major_formatter(EngFormatter(unit))
    panels[-1].set_xlabel(_SCALES.get(waveforms.scale_unit, "sweep"))
    if waveforms.scale_unit == "Hz":
        panels[-1].set_xscale("log")
    panels[-1].xaxis.set_major_formatter(EngFormatter(waveforms.scale_unit))
    panels[-1].set_xlim(waveforms.scale.min(), waveforms.scale.max())
    return figure


def plot_noise(noise: Waveforms) -> Figure:
    """Spectral densities over frequency, both axes logarithmic; totals stand in the legend.

    Args:
        noise: results of `Noise`; contributions of devices are shown when they are there.

    Raises:
        InputError: no sweep over frequency.
    """
    names = _names(noise, _sources_of(noise), "Hz")
    units = list(dict.fromkeys(noise.units[name] for name in ("onoise_spectrum", "inoise_spectrum") if name in names))
    figure, panels = _figure(len(units), height=2.0 + 2.2 * len(units))
    for unit, panel in zip(units, panels, strict=True):
        shown = [name for name in names if noise.units[name] == unit and noise.real(name).max() > 0]
        for colour, name in zip(_cycle(shown), shown, strict=True):
            style = "-" if name.endswith("_spectrum") else "--"
            panel.loglog(noise.scale, noise.real(name), style, color=colour, label=_noise_label(noise, name))
        panel.set_ylabel(f"noise density [{unit}]")
        show_legend(panel, fontsize=8)
    panels[-1].set_xlabel("frequency [Hz]")
    _decades(panels[-1], noise)
    return figure


def plot_poles_zeros(roots: Waveforms) -> Figure:
    """Poles (x) and zeros (o) in the complex plane, in Hz; the right half-plane, of growing responses, is shaded.

    Args:
        roots: results of `Pz`.

    Raises:
        InputError: there are none.
    """
    poles, zeros = (roots.vectors.get(name, np.empty(0)) / (2 * np.pi) for name in ("poles", "zeros"))
    everything = np.concatenate([poles, zeros])
    if not len(everything):
        raise InputError("a plot of poles and zeros needs at least one of them, but got none")
    figure, (axes,) = _figure(1, height=4.4)
    magnitudes = np.abs(everything)[np.abs(everything) > 0]
    smallest, largest = np.min(magnitudes, initial=1e12), np.max(magnitudes, initial=1.0)
    limit = 1.3 * largest
    if largest > _NEAR * smallest:  # linear axes show angles, and with them damping, but not roots far apart
        linear = 10 ** np.floor(np.log10(smallest))
        axes.set_xscale("symlog", linthresh=linear, linscale=0.7)
        axes.set_yscale("symlog", linthresh=linear, linscale=0.7)
        limit = 5 * largest
    else:
        axes.xaxis.set_major_formatter(EngFormatter())
        axes.yaxis.set_major_formatter(EngFormatter())
    axes.plot(poles.real, poles.imag, "x", color=COLOURS[0], markersize=9, markeredgewidth=2, label="poles")
    if len(zeros):
        axes.plot(zeros.real, zeros.imag, "o", color=COLOURS[1], markersize=8, fillstyle="none", label="zeros")
    axes.set_xlim(-limit, limit)
    axes.set_ylim(-limit, limit)
    axes.axvspan(0, limit, color=COLOURS[4], alpha=0.06, linewidth=0)
    axes.axhline(0, color=_GREY, linewidth=0.8)
    axes.axvline(0, color=_GREY, linewidth=0.8)
    axes.set_xlabel("real part / 2π [Hz]")
    axes.set_ylabel("imaginary part / 2π [Hz]")
    show_legend(axes, fontsize=8)
    return figure


def plot_file(path: Path) -> Path:
    """The path of a plot, if its ending tells a format: that is known before long work.

    Raises:
        InputError: another ending than .svg, .png or .pdf.
    """
    if path.suffix.lower() not in _FORMATS:
        raise InputError(f"a plot is a file with the ending {', '.join(sorted(_FORMATS))}, but got {path}")
    return path


def show_legend(axes: Axes, **style: Any) -> None:
    """A legend without a frame, whose names stand as they are: a `$` in the name of a net begins no formula."""
    for name in axes.legend(frameon=False, **style).get_texts():
        name.set_parse_math(False)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure; the same figure gives the same file.

    Args:
        figure: what is drawn.
        path: the file; its ending tells the format.

    Raises:
        InputError: the file cannot be written, or has another ending than .svg, .png or .pdf.
    """
    unsaid = {".svg": ("Date", "Creator"), ".pdf": ("CreationDate",)}.get(plot_file(path).suffix.lower(), ())
    try:
        with rc_context({"svg.hashsalt": "eda"}):
            figure.savefig(path, metadata=dict.fromkeys(unsaid))
    except OSError as error:
        raise InputError(f"cannot write the plot {path}: {error.strerror}") from None


def _curves(panel: Axes, waveforms: Waveforms, names: Sequence[str]) -> None:
    """Curves of one panel; one a value of the outer sweep, which the colour's strength tells."""
    rows = max(len(waveforms.outer), 1)
    for colour, name in zip(_cycle(names), names, strict=True):
        scales = waveforms.scale.reshape(rows, -1)
        for row, (scale, curve) in enumerate(zip(scales, waveforms.real(name).reshape(rows, -1), strict=True)):
            label = name if rows == 1 else f"{name}, outer {waveforms.outer[row]:.4g}"
            panel.plot(scale, curve, color=colour, alpha=1 if rows == 1 else 0.3 + 0.7 * row / (rows - 1), label=label)
    if len(names) * rows <= 12:  # more would hide the curves
        show_legend(panel, fontsize=8)


def _sources_of(noise: Waveforms) -> tuple[str, ...]:
    """Spectra of the output, the input and whole devices: `onoise_m1`, not the part `onoise_m1_1overf` of it."""
    parts = {name for name in noise.vectors for whole in noise.vectors if name.startswith(f"{whole}_")}
    return tuple(name for name in noise.vectors if name not in parts)


def _noise_label(noise: Waveforms, name: str) -> str:
    total = name.replace("_spectrum", "_total")
    if name == total or total not in noise.totals:
        return name.removeprefix("onoise_")
    side = "output" if name.startswith("o") else "referred to the input"
    return f"{side}, total {EngFormatter(noise.units[total], places=3)(noise.totals[total])} rms"


def _names(waveforms: Waveforms, names: tuple[str, ...], unit: str = "") -> tuple[str, ...]:
    """Names that are there; all vectors when none are given.

    Raises:
        InputError: one is not there, or the sweep is of another unit.
    """
    if not len(waveforms.scale) or (unit and waveforms.scale_unit != unit):
        raise InputError(
            f"a plot needs a sweep{f' in {unit}' if unit else ''}, but got {waveforms.scale_unit or 'none'}"
        )
    for name in names:
        if name not in waveforms.vectors:
            raise InputError(f"there is no vector {name!r}. {did_you_mean(name, waveforms.vectors)}")
    return names or tuple(waveforms.vectors)


def _figure(panels: int, height: float) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(7, height), layout="constrained")
    axes = list(np.atleast_1d(figure.subplots(panels, 1, sharex=True)))
    for panel in axes:
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _cycle(names: Sequence[str]) -> list[str]:
    return [COLOURS[number % len(COLOURS)] for number in range(len(names))]


def _unit(waveforms: Waveforms, names: Sequence[str]) -> str:
    units = {waveforms.units.get(name, "V") for name in names}
    return units.pop() if len(units) == 1 else ""


def _phase_step(panel: Axes) -> float:
    """Ticks at multiples of 45 degrees, wider apart when there is much phase."""
    low, high = panel.get_ylim()
    return next((step for step in (15.0, 45.0, 90.0, 180.0) if high - low <= 7 * step), 360.0)


def _decades(panel: Axes, waveforms: Waveforms) -> None:
    panel.xaxis.set_major_formatter(EngFormatter(sep=" "))
    panel.set_xlim(waveforms.scale[0], waveforms.scale[-1])
