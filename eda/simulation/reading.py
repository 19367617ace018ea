"""Running an analysis in the library and reading what it gave: complete results, or none.

A failed analysis leaves the plot of another one, or ngspice's constants, as the current plot: what is read must come
from a new plot of the right kind, with every vector in the length of a scale that reaches the end of the sweep.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from eda.simulation.analyses import Dc, Fourier, Noise, Sens
from eda.simulation.fourier import fourier
from eda.simulation.library import Vector
from eda.simulation.measures import measured, split_measures
from eda.simulation.quantities import unit_of, units_of
from eda.simulation.results import Simulation, Status, Waveforms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck
    from eda.simulation.library import Library

    Read = Callable[[Library, str, Analysis, Sequence[str]], Waveforms | None]
    """How results are read: `read`, or that of a `Rereader`."""

__all__ = [
    "OWN_KINDS",
    "assemble",
    "complete_sweep",
    "is_own",
    "joined",
    "perform",
    "plot_before",
    "read",
    "read_all",
    "run",
    "saves_around",
    "scale_name",
]


# `.save` with names keeps all others out, also what these analyses are run for, whose names nobody knows before
_OWN = {
    "noise": re.compile(r"[io]noise_.*"),
    "tf": re.compile(r"transfer_function|.*(?:input|output)_impedance.*"),
    "pz": re.compile(r"(?:pole|zero)\(\d+\)"),
    "sens": re.compile(r"(?!frequency$|all$|@).*"),
    # ngspice 39 inverts Z for Y, which is 22 % off for a resistor between two ports: neither is handed on
    "sp": re.compile(r"s_\d+_\d+"),
}
OWN_KINDS = frozenset(_OWN)
_LONGEST = 500  # characters of a command
_SWEEPS = {"v": "v-sweep", "i": "i-sweep", "r": "res-sweep"}


def is_own(analysis: Analysis, name: str) -> bool:
    """Whether a vector is a result that only this kind of analysis has, whatever the deck saves."""
    pattern = _OWN.get(analysis.kind)
    return pattern is not None and pattern.fullmatch(name) is not None


def saves_around(analysis: Analysis, saved: Sequence[str]) -> tuple[list[str], list[str]]:
    """Commands before and after an analysis: its own vectors are kept, then the deck's; the circuit stays whole."""
    if analysis.kind not in _OWN:
        return [], []
    if analysis.kind == "sens":  # it leaves values of devices changed: the circuit is read again, with its `.save`
        return ["save all"], ["reset"]
    return ["save all"], ["delete all", *(f"save {group}" for group in joined(saved, " "))]


def joined(words: Sequence[str], by: str) -> list[str]:
    """Words in as few lines as ngspice takes whole: it cuts commands at some 1,000 characters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(by) + len(word) < _LONGEST:
            lines[-1] += by + word
        else:
            lines.append(word)
    return lines


def perform(library: Library, deck: Deck, read: Read) -> Simulation | None:
    """Run every analysis of the loaded deck in turn, with its measurements; `None` when one gives no result."""
    analyses: dict[str, Waveforms] = {}
    found: dict[str, float | str] = {}
    previous: Analysis | None = None
    for analysis in deck.analyses[1:] if deck.keeps_operating_point else deck.analyses:
        if isinstance(analysis, Fourier):
            waveforms = fourier(analyses[analysis.transient], analysis)
        else:
            for command in deck.before(analysis, previous):
                library.command(command)
            previous = analysis
            waveforms = run(library, analysis, deck.saved_by(analysis.kind), read, saved=deck.saved)
            if waveforms is not None and deck.keeps_operating_point and not analyses:
                point = deck.analyses[0]  # the response has just started from it
                kept = read(library, plot_before(library, library.plot()), point, deck.saved_by(point.kind))
                if kept is None:
                    break
                analyses[point.name] = kept
        if waveforms is None:
            break
        analyses[analysis.name] = waveforms
        for text in deck.measures_of(analysis):
            found[text.split()[1]] = measured(text, library.said(f"meas {text}"))
    for command in () if previous is None else deck.after(previous):
        library.command(command)
    if len(analyses) < len(deck.analyses):
        return None
    numbers, reasons = split_measures(found)
    return Simulation(Status.OK, analyses, measures=numbers, failed_measures=reasons)


def read_all(library: Library, deck: Deck, read: Read) -> Simulation | None:
    """Read what `run` gave for the cards of a plain deck, whose plots are the only ones; `None` when one is missing."""
    analyses: dict[str, Waveforms] = {}
    if library.exited:
        return None
    for analysis in deck.analyses:
        waveforms = read(library, f"{analysis.kind}1", analysis, deck.saved_by(analysis.kind))
        if waveforms is None:
            return None
        analyses[analysis.name] = waveforms
    return Simulation(Status.OK, analyses)


def run(
    library: Library, analysis: Analysis, names: Sequence[str], read: Read, *, saved: Sequence[str] = ()
) -> Waveforms | None:
    """Run an analysis of the loaded circuit and read it.

    Args:
        library: with a circuit.
        analysis: any but `Fourier`, which is computed from a transient.
        names: vectors to read; noise, transfer functions, poles, sensitivities and S-parameters have their own.
        read: how results are read.
        saved: what the deck saves, to be restored behind an analysis with vectors of its own.
    """
    before, after = saves_around(analysis, saved)
    for command in before:
        library.command(command)
    old = library.plot()
    library.command(str(analysis))
    plot = library.plot()
    if library.exited:
        return None
    for command in after:
        library.command(command)
    return None if plot == old else read(library, plot, analysis, names)


def read(library: Library, plot: str, analysis: Analysis, names: Sequence[str]) -> Waveforms | None:
    """Read the results of an analysis from a plot that is there.

    Args:
        library: that holds the plot.
        plot: its name, such as `op1`; of noise the one with the totals, which is the current one after the analysis.
        analysis: what was run.
        names: vectors to read.

    Returns:
        Complete results; `None` when the plot is of another kind, ended early, or lacks a vector.
    """
    if plot.rstrip("0123456789") != analysis.kind:
        return None
    totals: dict[str, Vector | None] = {}
    if isinstance(analysis, Noise):
        totals = {name.lower(): library.vector(f"{plot}.{name}") for name in library.vectors(plot)}
        plot = plot_before(library, plot)
    if analysis.kind in _OWN:
        names = [name.lower() for name in library.vectors(plot) if is_own(analysis, name.lower())]
    vectors = {name: library.vector(f"{plot}.{name}") for name in names}
    scale = scale_name(analysis)
    return assemble(analysis, library.vector(f"{plot}.{scale}") if scale else None, vectors, totals)


def assemble(
    analysis: Analysis,
    scale: Vector | None,
    vectors: Mapping[str, Vector | None],
    totals: Mapping[str, Vector | None] | None = None,
) -> Waveforms | None:
    """Waveforms from the vectors of a plot, when they are complete.

    Args:
        analysis: what was run.
        scale: the sweep; `None` where nothing is swept.
        vectors: by name.
        totals: noise integrated over the sweep, by name.
    """
    found = {name: vector for name, vector in vectors.items() if vector is not None}
    if len(found) < len(vectors) or (analysis.kind in _OWN and not found):
        return None
    found = _RENAMED.get(analysis.kind, dict)(found)
    sweep = complete_sweep(analysis, None if scale is None else scale.values)
    length = 1 if scale_name(analysis) is None else 0 if sweep is None else len(sweep)
    if sweep is None or (analysis.kind != "pz" and any(len(v.values) != length for v in found.values())):
        return None
    integrals = {n: v for n, v in (totals or {}).items() if v is not None and is_own(analysis, n)}
    return Waveforms(
        sweep,
        {name: vector.values for name, vector in found.items()},
        units_of(analysis, [(name, vector.kind) for name, vector in (found | integrals).items()]),
        unit_of(scale_name(analysis) or "", scale.kind) if scale else "",
        {name: float(np.real(vector.values[0])) for name, vector in integrals.items()},
        analysis.outer.values() if isinstance(analysis, Dc) and analysis.outer else np.empty(0),
    )


def scale_name(analysis: Analysis) -> str | None:
    """Name of the vector that an analysis sweeps; `None` where nothing is swept."""
    if isinstance(analysis, Dc):
        return "temp-sweep" if analysis.source.lower() == "temp" else _SWEEPS.get(analysis.source[0].lower())
    if isinstance(analysis, Sens) and analysis.frequencies is None:
        return None
    return {"ac": "frequency", "noise": "frequency", "sens": "frequency", "sp": "frequency", "tran": "time"}.get(
        analysis.kind
    )


def complete_sweep(analysis: Analysis, scale: NDArray[Any] | None) -> NDArray[np.float64] | None:
    """The values that an analysis swept, empty where it sweeps nothing; `None` when it did not come to its end."""
    if scale_name(analysis) is None:
        return np.empty(0)
    if scale is None or len(scale) == 0:
        return None
    sweep = np.real(scale).astype(np.float64)
    if isinstance(analysis, Dc) and analysis.outer is not None:
        expected = len(analysis.inner.values()) * len(analysis.outer.values())
        return sweep if len(sweep) == expected else None
    reached = getattr(analysis, "reached", None)
    return sweep if reached is None or reached(float(sweep[-1])) else None


def _transfer(found: Mapping[str, Vector]) -> dict[str, Vector]:
    """Results of a transfer function without the names of nodes and sources in their names."""
    names = ("transfer_function", "output_impedance", "input_impedance")
    return {name: vector for name in names for spelt, vector in found.items() if name in spelt}


def _roots(found: Mapping[str, Vector]) -> dict[str, Vector]:
    """Poles and zeros as one vector each, from one vector a root."""
    roots = {}
    for word in ("pole", "zero"):
        values = [complex(vector.values[0]) for name, vector in found.items() if name.startswith(word)]
        roots[f"{word}s"] = Vector(np.array(sorted(values, key=lambda root: (abs(root), root.imag)), complex), word)
    return roots


_RENAMED: Mapping[str, Callable[[Mapping[str, Vector]], dict[str, Vector]]] = {"tf": _transfer, "pz": _roots}


def plot_before(library: Library, plot: str) -> str:
    """The plot that was made just before another one; empty where ngspice has lost one of them."""
    plots = library.plots()
    at = plots.index(plot) + 1 if plot in plots else len(plots)
    return plots[at] if at < len(plots) else ""
