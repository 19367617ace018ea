"""Trained weights on disk: a safetensors file, and a card beside it that says what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["save_weights"]


def save_weights(path: Path, weights: bytes, card: Mapping[str, Any]) -> None:
    """Write weights, and their card with the ending `.json`.

    The weights come last, and at once or not at all: where they are, their training is done and the card is there.

    Args:
        path: of the weights.
        weights: what `safetensors` made of them.
        card: JSON data.

    Raises:
        OSError: a file cannot be written.
    """
    path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    part = path.with_suffix(".part")
    try:
        part.write_bytes(weights)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
