"""Curves of success against simulations."""

from __future__ import annotations

import pytest

from eda.benchmark.curves import plot_rows
from eda.errors import InputError
from eda.simulation.plots import save_figure

ROWS = [
    {"table": "all tasks", "optimizer": "de", "mean rank": 1.5},
    {"table": "tasks", "task": "a", "optimizer": "de", "simulations to feasible": [40, None]},
    {"table": "tasks", "task": "b", "optimizer": "de", "simulations to feasible": [20, 240]},
    {"table": "from nothing", "method": "random", "simulations to feasible": [None, None]},
]


def _curve(axes, label):
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return line.get_xydata()


def test_a_curve_has_a_step_for_every_successful_run():
    (axes,) = plot_rows(ROWS, 250, "t").axes
    assert _curve(axes, "de").tolist() == [[20, 0], [20, 25], [40, 50], [240, 75], [250, 75]]
    assert _curve(axes, "random").tolist() == [[20, 0], [250, 0]]
    assert axes.get_xticks().tolist() == [20, 30, 50, 100, 200]


def test_simulations_to_equal_others_are_curves_too():
    (axes,) = plot_rows([{"optimizer": "bayesian", "simulations to equal": [7]}], 10).axes
    assert _curve(axes, "bayesian").tolist() == [[5, 0], [7, 100], [10, 100]]


def test_training_has_a_panel_of_its_own():
    curve = [{"simulations": 100.0, "met": 0.25}, {"simulations": 200.0, "met": 0.75}, {"simulations": 200.0}]
    above, below = plot_rows([*ROWS, {"method": "ppo", "seed": 3, "curve": curve}], 300).axes
    assert _curve(below, "ppo, seed 3").tolist() == [[100, 25], [200, 75]]
    assert _curve(above, "de").tolist()[-1] == [300, 75]
    (alone,) = plot_rows([{"method": "ppo", "seed": 3, "curve": curve}], 300).axes
    assert _curve(alone, "ppo, seed 3").tolist() == [[100, 25], [200, 75]]


def test_practice_has_a_panel_of_its_own():
    published = {"table": "after practice", "method": "as published", "training simulations": 9, "met": "938 to 963"}
    ours = {"table": "after practice", "method": "amortised", "seed": 1, "targets": 8}
    rows = [
        published,
        {**ours, "training simulations": 500, "met": 6},
        {**ours, "training simulations": 2000, "met": 8},
    ]
    above, below = plot_rows([*ROWS, *rows], 300).axes
    assert _curve(below, "amortised, seed 1").tolist() == [[500, 75], [2000, 100]]
    assert below.get_xticks().tolist() == [500, 2000]
    assert len(below.lines) == 1
    assert _curve(above, "de").tolist()[-1] == [300, 75]


def test_no_two_of_many_methods_look_alike():
    (axes,) = plot_rows([{"optimizer": f"{n}", "simulations to feasible": [n + 1]} for n in range(36)], 100).axes
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 36


def test_where_no_run_got_there_the_curve_is_flat():
    (axes,) = plot_rows(ROWS[3:], 300).axes
    assert _curve(axes, "random").tolist() == [[1, 0], [300, 0]]


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_without_counts_there_is_nothing_to_draw(rows):
    with pytest.raises(InputError, match="needs a table with simulations to feasible"):
        plot_rows(rows, 300)


def test_the_same_rows_give_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg", "a.pdf", "b.pdf", "a.png"):
        save_figure(plot_rows(ROWS, 300), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert (tmp_path / "a.png").stat().st_size > 5_000
