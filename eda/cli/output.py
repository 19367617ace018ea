"""What every command shares: JSON out, errors with their exit codes."""

from __future__ import annotations

import json
import math
import sys
from typing import Annotated, Any

import typer

__all__ = ["DONE", "FAILED", "MISSED", "JsonOption", "emit_json"]

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
