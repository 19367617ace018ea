"""Trained weights on disk: a safetensors file, and a card beside it that says what they are."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from eda.errors import InputError, an, files_beside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import torch

__all__ = ["digest", "load_weights", "save_weights"]


def digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """Sixteen hexadecimal digits that tell tensors, by name, from others."""
    hashed = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        hashed.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return hashed.hexdigest()[:16]


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


def load_weights(path: Path, command: str) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Read weights and their card; nothing in them is executed.

    Args:
        path: of the weights.
        command: that trains them.

    Raises:
        InputError: a file is missing or damaged; the message names the command.
    """
    card_file = path.with_suffix(".json")
    if path.exists() and not card_file.exists():
        raise InputError(f"the weights {path} must have their card beside them, {card_file.name}, but it is missing")
    try:
        card = json.loads(card_file.read_text(encoding="utf-8"))
        tensors = load_file(path)
    except OSError as error:
        near = files_beside(path)
        raise InputError(
            f"there are no weights {path}: {error.strerror}. {near}{' ' if near else ''}Train them: {command}"
        ) from None
    except (ValueError, SafetensorError) as error:
        raise InputError(
            f"{path} and its card must be weights as eda keeps them, but: {error}; train them again: {command}"
        ) from None
    if not isinstance(card, dict):
        raise InputError(
            f"the card of {path} must be an object, but it is {an(type(card).__name__)}; train them again: {command}"
        )
    return tensors, card
