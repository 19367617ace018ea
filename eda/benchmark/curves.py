"""Curves of a suite's rows: success against simulations, and what practice and training brought."""

from __future__ import annotations

from functools import partial
from itertools import cycle
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from eda.errors import InputError
from eda.simulation.plots import COLOURS, show_legend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    Row = Mapping[str, Any]

__all__ = ["KINDS", "plot_rows"]

KINDS: Final = ("sizing", "targets", "equals")
"""Kinds of suites with rows that can be plotted."""
_COUNTS: Final = ("simulations to feasible", "simulations to equal")  # by run; none where it did not get there
_TICKS: Final = [step * 10**power for power in range(7) for step in (1, 2, 3, 5)]
_PANEL: Final = (8.0, 4.2)  # inches
_COLOURS: Final = (*COLOURS, "#94a3b8")  # of nine methods none has the colour of another


def plot_rows(rows: Sequence[Row], budget: int, title: str = "") -> Figure:
    """A panel for each of these, where rows have it: success against simulations, after practice, and in training.

    Args:
        rows: of a suite's report, or of its record.
        budget: simulations of a run.
        title: above.

    Raises:
        InputError: they have none of these.
    """
    panels: list[Callable[[Axes], None]] = []
    if counts := _counts(rows):
        panels.append(partial(_draw_success, counts=counts, budget=budget))
    if practised := _practised(rows):
        panels.append(partial(_draw_practice, practised=practised))
    if curves := _curves(rows):
        panels.append(partial(_draw_training, curves=curves))
    if not panels:
        raise InputError(f"a plot needs a table with {' or '.join(_COUNTS)}, or training, but this suite has none")
    figure = Figure(figsize=(_PANEL[0], _PANEL[1] * len(panels)), layout="constrained")
    for draw, axes in zip(panels, figure.subplots(len(panels), squeeze=False).flat, strict=True):
        draw(axes)
        axes.yaxis.set_major_formatter("{x:.0f} %")
        axes.set_ylim(-2, 102)
        axes.grid(visible=True, alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        show_legend(axes, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.axes[0].set_title(fill(title, 80), fontsize=10, loc="left")
    return figure


def _draw_success(axes: Axes, counts: Mapping[str, Sequence[int | None]], budget: int) -> None:
    """A curve a method, over all tasks and seeds: the share of its runs that got there within so many simulations."""
    first = min((count for runs in counts.values() for count in runs if count is not None), default=1)
    begin = max(tick for tick in _TICKS if tick <= first)
    for style, (method, runs) in zip(_styles(), counts.items(), strict=False):
        reached = np.sort([count for count in runs if count is not None])
        share = 100 * np.arange(len(reached) + 1) / len(runs)
        steps = np.concatenate([[begin], reached, [budget]]), np.append(share, share[-1])
        axes.step(*steps, where="post", label=method, **style)
    _scale(axes, [tick for tick in _TICKS if begin <= tick <= budget])
    axes.set_xlabel("simulations")
    axes.set_ylabel("share of runs that got there")


def _draw_practice(axes: Axes, practised: Mapping[str, Mapping[int, float]]) -> None:
    """A curve a seed: the share of targets that were met, by simulations of practice."""
    for style, (name, shares) in zip(_styles(), practised.items(), strict=False):
        axes.plot(list(shares), [100 * share for share in shares.values()], marker="o", label=name, **style)
    _scale(axes, sorted({simulations for shares in practised.values() for simulations in shares}))
    axes.set_xlabel("simulations of practice")
    axes.set_ylabel("share of targets that were met")


def _draw_training(axes: Axes, curves: Mapping[str, Sequence[Row]]) -> None:
    """A curve an agent: the share of the episodes that met their targets, while it was trained."""
    for style, (name, curve) in zip(_styles(), curves.items(), strict=False):
        shown = [row for row in curve if "met" in row]
        share = [100 * row["met"] for row in shown]
        axes.plot([row["simulations"] for row in shown], share, linewidth=1, label=name, **style)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("simulations in training")
    axes.set_ylabel("share of episodes that met targets")


def _counts(rows: Sequence[Row]) -> dict[str, list[int | None]]:
    """By method: simulations of each run, over all rows of it."""
    found: dict[str, list[int | None]] = {}
    for row in rows:
        for key in _COUNTS:
            if key in row:
                found.setdefault(row.get("optimizer") or row["method"], []).extend(row[key])
    return found


def _practised(rows: Sequence[Row]) -> dict[str, dict[int, float]]:
    """By method and seed: the share of targets that were met, by simulations of practice."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        if row.get("table") == "after practice" and "seed" in row:
            shares = found.setdefault(f"{row['method']}, seed {row['seed']}", {})
            shares[row["training simulations"]] = row["met"] / row["targets"]
    return found


def _curves(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """By agent: the rows of its training."""
    return {f"{row['method']}, seed {row['seed']}": row["curve"] for row in rows if "curve" in row}


def _scale(axes: Axes, ticks: Sequence[int]) -> None:
    """Numbers of simulations on a log scale, with these ticks and no others."""
    axes.set_xscale("log")
    axes.set_xticks(ticks, minor=False)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_locator(NullLocator())


def _styles() -> Iterator[dict[str, Any]]:
    """Colours, in a solid line first; without an end."""
    return ({"linestyle": style, "color": one} for style in cycle(("-", "--", "-.", ":")) for one in _COLOURS)
