"""Success against simulations: how many of its runs an optimizer has finished after so many."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from eda.errors import InputError
from eda.simulation.plots import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    Row = Mapping[str, Any]

__all__ = ["KINDS", "plot_success"]

KINDS: Final = ("sizing", "targets", "equals")
"""Kinds of suites that count the simulations of their runs."""

_COUNTS = ("simulations to feasible", "simulations to equal")  # by run; none where it did not get there
_TICKS = [step * 10**power for power in range(7) for step in (1, 2, 3, 5)]


def plot_success(rows: Sequence[Row], title: str = "") -> Figure:
    """A curve a method, over all tasks and seeds: the share of its runs that got there within so many simulations.

    Args:
        rows: of a suite's report, or of its record.
        title: above.

    Raises:
        InputError: no row counts the simulations of its runs.
    """
    counts = _counts(rows)
    reached = {method: np.sort([count for count in runs if count is not None]) for method, runs in counts.items()}
    if not counts:
        raise InputError(f"a plot needs a table with {' or '.join(_COUNTS)}, but there is none in this suite")
    everything = np.concatenate([*reached.values()])
    begin = max(tick for tick in _TICKS if tick <= everything.min(initial=_TICKS[-1]))
    end = min(tick for tick in _TICKS if tick >= everything.max(initial=begin))
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    styles = [(style, colour) for style in ("-", "--", ":") for colour in COLOURS]
    for (style, colour), (method, successes) in zip(styles, reached.items(), strict=False):
        share = 100 * np.arange(len(successes) + 1) / len(counts[method])
        steps = np.concatenate([[begin], successes, [end]]), np.append(share, share[-1])
        axes.step(*steps, style, where="post", color=colour, label=method)
    axes.set_xscale("log")
    axes.set_xticks([tick for tick in _TICKS if begin <= tick <= end], minor=False)
    _finish(axes, title)
    figure.legend(frameon=False, fontsize=9, loc="outside right center")
    return figure


def _counts(rows: Sequence[Row]) -> dict[str, list[int | None]]:
    """By method: simulations of each run, over all rows of it."""
    found: dict[str, list[int | None]] = {}
    for row in rows:
        for key in _COUNTS:
            if key in row:
                found.setdefault(row.get("optimizer") or row["method"], []).extend(row[key])
    return found


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(fill(title, 80), fontsize=10, loc="left")
    axes.set_xlabel("simulations")
    axes.set_ylabel("share of runs that got there")
    axes.set_ylim(-2, 102)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:.0f} %")
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
