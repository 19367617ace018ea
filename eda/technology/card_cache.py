"""Compiled cards on disk, by the hash of what they are compiled from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from eda.technology.cards import Cards, ModelBin
from eda.technology.compiled import compile_definitions
from eda.technology.definitions import parse_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["cached_cards"]

_FORM = 6  # of the files, and of what the compiler writes: another one makes old files useless


def cached_cards(statements: Sequence[str], switches: Mapping[str, float]) -> Cards:
    """Compile statements of a library, or read what they were compiled to before.

    Args:
        statements: of one corner, with what its devices need.
        switches: global parameters that replace those of the library.

    Raises:
        TechnologyError: an expression is not understood.
    """
    text = json.dumps([_FORM, list(statements), sorted(switches.items())])
    file = user_cache_path("eda", appauthor=False) / "cards" / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # a file that cannot be used is written again
        return _from_data(json.loads(file.read_text(encoding="utf-8")))
    cards = compile_definitions(parse_definitions(statements), switches)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, no result
        _write(file, json.dumps(asdict(cards)))
    return cards


def _write(file: Path, text: str) -> None:
    """Write a file at once: another process never sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(file)


def _from_data(data: dict[str, Any]) -> Cards:
    bins = (ModelBin(b["family"], b["text"], tuple(b["lengths"]), tuple(b["widths"])) for b in data["bins"])
    mismatch = {name: tuple(deviates) for name, deviates in data["mismatch"].items()}
    return Cards(data["text"], tuple(bins), tuple(data["deviates"]), mismatch, tuple(data["options"]))
