import json

import pytest

from eda.technology import card_cache

STATEMENTS = [
    ".param v=2",
    ".subckt r1 a b",
    "rx a b r={1k*v}",
    ".ends",
    ".model m.1 nmos lmin=1 lmax=2 wmin=1 wmax=2 a={v}",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(card_cache, "user_cache_path", lambda *_, **__: tmp_path)
    return tmp_path / "cards"


def test_what_was_compiled_is_read_again(folder, monkeypatch):
    first = card_cache.cached_cards(STATEMENTS, {})
    (file,) = folder.iterdir()
    monkeypatch.setattr(card_cache, "compile_definitions", lambda *_: pytest.fail("compiled again"))
    assert card_cache.cached_cards(STATEMENTS, {}) == first
    assert json.loads(file.read_text())["bins"][0]["family"] == "m"


def test_other_text_and_other_switches_are_other_files(folder):
    cards = [
        card_cache.cached_cards(STATEMENTS, {}),
        card_cache.cached_cards(STATEMENTS, {"v": 3.0}),
        card_cache.cached_cards([*STATEMENTS, ".model n r rsh=1"], {}),
    ]
    assert len(list(folder.iterdir())) == 3
    assert "r=3000" in cards[1].text.replace(".0", "")


@pytest.mark.parametrize("content", ["", "{}", "[1]", "no json"])
def test_a_file_that_cannot_be_used_is_written_again(folder, content):
    first = card_cache.cached_cards(STATEMENTS, {})
    (file,) = folder.iterdir()
    file.write_text(content)
    assert card_cache.cached_cards(STATEMENTS, {}) == first
    assert json.loads(file.read_text())


def test_a_folder_that_cannot_be_written_costs_no_result(tmp_path, monkeypatch):
    (tmp_path / "cards").write_text("a file in the way")
    monkeypatch.setattr(card_cache, "user_cache_path", lambda *_, **__: tmp_path)
    assert card_cache.cached_cards(STATEMENTS, {}).bins
