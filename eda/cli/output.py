"""What every command shares: JSON out, errors with their exit codes."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DONE", "FAILED", "MISSED", "JsonOption", "emit_json", "writable"]

DONE, MISSED, FAILED = 0, 1, 3

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def emit_json(data: Any) -> None:
    """Print data as JSON on standard output; what JSON cannot say (infinity, NaN) becomes null."""
    json.dump(_plain(data), sys.stdout, indent=2)
    sys.stdout.write("\n")


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    return data


def writable(path: Path, *read: Path) -> Path:
    """The path of a file that long work will end with; whether it can be written is known before the work.

    Args:
        path: of the file.
        read: files that the work begins with.

    Raises:
        InputError: it cannot, or it would overwrite one of these, or a task.
    """
    if path.exists():
        if path.suffix == ".toml":
            raise InputError(f"{path} is a task, and would be overwritten; choose another --output")
        if any(one.exists() and path.samefile(one) for one in read):
            raise InputError(f"{path} is what this begins with, and would be overwritten; choose another --output")
    if not path.parent.is_dir() or path.is_dir():
        raise InputError(f"cannot write {path}: its folder must exist, and it must be a file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"cannot write {path}: it is read-only, or its folder is")
    return path
