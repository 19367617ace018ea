"""The pages show what the records say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("show_results", ROOT / "scripts/show_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(script):
    return [page.read_text() for page in script.PAGES]


def test_tables_of_the_pages_are_those_of_the_records(script, pages):
    assert {name for page in pages for name in re.findall(r"<!-- table: (.+?) -->", page)} == script.TABLES.keys()
    assert [script.render(page) for page in pages] == pages, "run python scripts/show_results.py"


@pytest.mark.parametrize(
    ("number", "shown", "other"), [(0, "199 of 200", "200 of 200"), (1, "29 (99.5 %)", "28 (100 %)")]
)
def test_a_figure_that_was_altered_by_hand_is_found(script, pages, number, shown, other):
    altered = pages[number].replace(shown, other, 1)
    assert altered != pages[number]
    assert script.render(altered) == pages[number]


def test_figures_of_the_page_are_those_of_the_records(script, pages, tmp_path):
    page = pages[0]
    assert set(re.findall(r"\(results/(\w+)\.svg\)", page)) == set(script.FIGURES)
    script.draw(tmp_path)
    for record in script.FIGURES:
        drawn, shown = (folder / f"{record}.svg" for folder in (tmp_path, ROOT / "benchmarks/results"))
        assert drawn.read_bytes() == shown.read_bytes(), "run python scripts/show_results.py"


def test_two_rows_for_one_cell_are_an_error(script, monkeypatch):
    rows = script.rows_of("pvt")
    monkeypatch.setattr(script, "rows_of", lambda _: [*rows, {**rows[0], "optimizer": "de"}])
    assert "| `de`, likeliest failures first |" in script.render("<!-- table: pvt -->\n<!-- end -->")
    failed = {**rows[0], "simulations": [None] * 5, "passes everywhere": 0, "median simulations": None}
    monkeypatch.setattr(script, "rows_of", lambda _: [failed])
    assert "| 0 of 5 | - (none) |" in script.render("<!-- table: pvt -->\n<!-- end -->")
    monkeypatch.setattr(script, "rows_of", lambda _: [*rows, rows[0]])
    with pytest.raises(ValueError, match=r"two rows of pvt\.json are for one cell"):
        script.render("<!-- table: pvt -->\n<!-- end -->")


def test_simulations_until_bounds_are_met_are_told_by_their_median(script):
    def told(*simulations):
        return script.typical([script.Spent(one) for one in simulations])

    assert told(1, 3, 2) == "2 (up to 3)"
    assert told(1, None, 2) == "2 (2 of 3 met)"
    assert told(None, None, 2) == "- (1 of 3 met)"
