"""The page of benchmarks shows what the records say."""

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


def test_tables_of_the_page_are_those_of_the_records(script):
    page = script.PAGE.read_text()
    assert set(re.findall(r"<!-- table: (.+?) -->", page)) == script.TABLES.keys()
    assert script.render(page) == page, "run python scripts/show_results.py"


def test_a_figure_that_was_altered_by_hand_is_found(script):
    page = script.PAGE.read_text()
    assert "| `bayesian` |" in page
    assert script.render(page.replace("| `bayesian` |", "| `bayesian`, improved |", 1)) == page


@pytest.mark.parametrize("record", ["autockt_from_nothing", "autockt_by_an_agent", "class_ab", "tia"])
def test_figures_of_the_page_are_there(script, record):
    assert record in script.FIGURES
    assert (ROOT / f"benchmarks/results/{record}.svg").read_text().startswith("<?xml")
