"""Decks for plain `ngspice -b`, and what such a run left behind.

Plain decks run as a user would run them, by their cards with `-r`. Others (see `Deck.plain`) run by a `.control` block,
each analysis with a raw file of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.simulation.analyses import Fourier
from eda.simulation.fourier import fourier
from eda.simulation.library import Vector
from eda.simulation.measures import measured
from eda.simulation.rawfile import read_plots
from eda.simulation.reading import assemble, is_own, saves_around, scale_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck
    from eda.simulation.rawplot import RawPlot
    from eda.simulation.results import Waveforms

__all__ = ["control_text", "measures_in", "plain_results", "results"]

_PLAIN = {"op", "ac", "dc", "tran"}
_MARK = "eda-measure"


def control_text(deck: Deck, values: Mapping[str, float]) -> str:
    """The deck with a `.control` block that runs its analyses in turn and writes `0.raw`, `1.raw` ..."""
    commands = ["set filetype=binary", "set appendwrite"]
    previous = None
    for number, analysis in enumerate(deck.analyses):
        if isinstance(analysis, Fourier) or (deck.keeps_operating_point and number == 0):
            continue
        before, after = saves_around(analysis, deck.saved)
        commands += [*deck.before(analysis, previous), *before, str(analysis), *after, f"write {number}.raw"]
        previous = analysis
        if deck.keeps_operating_point and number == 1:
            commands += ["setplot previous", "write 0.raw", "setplot next"]
        if analysis.kind == "noise":  # the totals are the current plot, the spectrum the one before it
            commands += ["setplot previous", f"write {number}.raw"]
        for text in deck.measures_of(analysis):
            commands += [f"echo {_MARK} {text.split()[1]}", f"meas {text}"]
        # a failed analysis leaves the current plot as it is: there must be none to be taken for its result
        commands += [f"echo {_MARK}", "destroy all"]
    if any("`" in command for command in commands):
        raise InputError("what stands in backquotes ngspice gives to a shell: rename what has one in its name")
    block = "\n".join((".control", *commands, "quit", ".endc", ".end", ""))
    return deck.text(values, cards=False).removesuffix(".end\n") + block


def plain_results(deck: Deck, folder: Path, complaints: str) -> dict[str, Waveforms]:
    """The complete analyses of a run with dot cards, by name."""
    path = folder / "0.raw"
    plots = {plot.kind: plot for plot in read_plots(path, cut=True)} if path.is_file() else {}
    found = {a.name: _from_plots(deck, a, [plots[a.kind]], complaints) for a in deck.analyses if a.kind in plots}
    return {name: waveforms for name, waveforms in found.items() if waveforms is not None}


def results(deck: Deck, folder: Path, complaints: str) -> dict[str, Waveforms]:
    """The complete analyses of a run with a `.control` block, by name."""
    found: dict[str, Waveforms] = {}
    for number, analysis in enumerate(deck.analyses):
        path = folder / f"{number}.raw"
        if isinstance(analysis, Fourier):
            transient = found.get(analysis.transient)
            waveforms = None if transient is None else fourier(transient, analysis)
        elif path.is_file():
            plots = [plot for plot in read_plots(path, cut=True) if plot.kind == analysis.kind]
            waveforms = _from_plots(deck, analysis, plots, complaints)
        else:
            waveforms = None
        if waveforms is not None:
            found[analysis.name] = waveforms
    return found


def measures_in(deck: Deck, said: str, complaints: str) -> dict[str, float | str]:
    """Numbers of the measurements, or reasons why there are none, by name.

    Args:
        deck: the deck.
        said: what ngspice printed.
        complaints: what it printed to the standard error, where the reasons stand.
    """
    sections = dict(re.findall(rf"{_MARK} (\S+)\n(.*?)(?={_MARK})", said, re.DOTALL))
    found = {}
    for analysis in deck.analyses:
        for text in deck.measures_of(analysis):
            name = text.split()[1]
            reasons = re.findall(rf"Error: measure\s+{re.escape(name)}\s.*", complaints, re.IGNORECASE)
            found[name] = measured(text, [*sections.get(name, "").splitlines(), *reasons])
    return found


def _from_plots(deck: Deck, analysis: Analysis, plots: list[RawPlot], complaints: str) -> Waveforms | None:
    """Results from the plots that an analysis wrote; noise writes its totals first."""
    # ngspice writes zeros for a quantity of a device that is not there, and a warning
    if not plots or re.search(r"unrecognized variable - @", complaints):
        return None
    vectors, scale = _vectors(plots[-1]), scale_name(analysis)
    bare = {_bare(name): vector for name, vector in vectors.items()}
    asked: dict[str, Vector | None] = {name: vectors.get(name.lower()) for name in deck.saved_by(analysis.kind)}
    own: dict[str, Vector | None] = {name: vector for name, vector in bare.items() if is_own(analysis, name)}
    totals: dict[str, Vector | None] = {_bare(name): vector for name, vector in _vectors(plots[0]).items()}
    return assemble(
        analysis,
        bare.get(scale) if scale else None,
        asked if analysis.kind in _PLAIN else own,
        totals if analysis.kind == "noise" and len(plots) > 1 else None,
    )


def _vectors(plot: RawPlot) -> dict[str, Vector]:
    return {name: Vector(values, plot.types[name]) for name, values in plot.vectors.items()}


def _bare(name: str) -> str:
    """`v(pole(1))` is how raw files may spell `pole(1)`."""
    match = re.fullmatch(r"[vi]\((.*)\)", name)
    return match[1] if match else name
