"""Curves of a suite's rows: success against simulations, and how the training of agents went."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from eda.errors import InputError
from eda.simulation.plots import COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    Row = Mapping[str, Any]

__all__ = ["KINDS", "plot_rows"]

KINDS: Final = ("sizing", "targets", "equals")
"""Kinds of suites with rows that can be plotted."""
_COUNTS: Final = ("simulations to feasible", "simulations to equal")  # by run; none where it did not get there
_TICKS: Final = [step * 10**power for power in range(7) for step in (1, 2, 3, 5)]
_PANEL: Final = (8.0, 4.2)  # inches


def plot_rows(rows: Sequence[Row], title: str = "") -> Figure:
    """A panel for success against simulations, and one for training, of whichever there are rows.

    Args:
        rows: of a suite's report, or of its record.
        title: above.

    Raises:
        InputError: there are rows of neither.
    """
    panels = [draw for draw, has_rows in ((_success, _counts(rows)), (_training, _curves(rows))) if has_rows]
    if not panels:
        raise InputError(f"a plot needs a table with {' or '.join(_COUNTS)}, or training, but this suite has none")
    figure = Figure(figsize=(_PANEL[0], _PANEL[1] * len(panels)), layout="constrained")
    for axes, draw in zip(figure.subplots(len(panels), squeeze=False).flat, panels, strict=True):
        draw(axes, rows)
        axes.yaxis.set_major_formatter("{x:.0f} %")
        axes.set_ylim(-2, 102)
        axes.grid(visible=True, alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.axes[0].set_title(fill(title, 80), fontsize=10, loc="left")
    return figure


def _success(axes: Axes, rows: Sequence[Row]) -> None:
    """A curve a method, over all tasks and seeds: the share of its runs that got there within so many simulations."""
    counts = _counts(rows)
    reached = {method: np.sort([count for count in runs if count is not None]) for method, runs in counts.items()}
    everything = np.concatenate([*reached.values()])
    begin = max(tick for tick in _TICKS if tick <= everything.min(initial=_TICKS[-1]))
    end = min(tick for tick in _TICKS if tick >= everything.max(initial=begin))
    for (style, colour), (method, successes) in zip(_styles(), reached.items(), strict=False):
        share = 100 * np.arange(len(successes) + 1) / len(counts[method])
        steps = np.concatenate([[begin], successes, [end]]), np.append(share, share[-1])
        axes.step(*steps, style, where="post", color=colour, label=method)
    axes.set_xscale("log")
    axes.set_xticks([tick for tick in _TICKS if begin <= tick <= end], minor=False)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("simulations")
    axes.set_ylabel("share of runs that got there")


def _counts(rows: Sequence[Row]) -> dict[str, list[int | None]]:
    """By method: simulations of each run, over all rows of it."""
    found: dict[str, list[int | None]] = {}
    for row in rows:
        for key in _COUNTS:
            if key in row:
                found.setdefault(row.get("optimizer") or row["method"], []).extend(row[key])
    return found


def _training(axes: Axes, rows: Sequence[Row]) -> None:
    """A curve an agent: the share of the episodes that met their targets, while it was trained."""
    for (style, colour), (name, curve) in zip(_styles(), _curves(rows).items(), strict=False):
        shown = [row for row in curve if "met" in row]
        share = [100 * row["met"] for row in shown]
        axes.plot([row["simulations"] for row in shown], share, style, linewidth=1, color=colour, label=name)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("simulations in training")
    axes.set_ylabel("share of episodes that met targets")


def _curves(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {f"{row['method']}, seed {row['seed']}": row["curve"] for row in rows if "curve" in row}


def _styles() -> Iterator[tuple[str, str]]:
    return ((style, colour) for style in ("-", "--", ":") for colour in COLOURS)
