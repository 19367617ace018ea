"""The library of circuits as a table: what each task asks, and how hard it is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.benchmark.calibration import read_record
from eda.benchmark.trials import median_needed
from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["find_tasks", "library_rows", "task_file"]


def find_tasks(folder: Path) -> dict[str, Path]:
    """The tasks in a folder and those below it, by name.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder.resolve()} with tasks; go to the project's, or use --folder")
    return {path.stem: path for path in sorted(folder.rglob("*.toml")) if _is_task(path)}


def task_file(text: str, folder: Path) -> Path:
    """The file of a task that is named by its path, or by its name in the library.

    Raises:
        InputError: there is no such task.
    """
    path = Path(text)
    if path.suffix == ".toml" or path.is_file():
        return path
    known = find_tasks(folder) if folder.is_dir() else {}
    if text not in known:
        raise InputError(f"there is no task {text!r} in {folder.resolve()}. {did_you_mean(text, known)}")
    return known[text]


def library_rows(tasks: Mapping[str, Path]) -> list[dict[str, Any]]:
    """A row for each task, with what its record says of its difficulty.

    Raises:
        InputError: a record cannot be read.
    """
    return [_row(name, path) for name, path in tasks.items()]


def _row(name: str, path: Path) -> dict[str, Any]:
    data, record = tomllib.loads(path.read_text(encoding="utf-8")), read_record(path)
    row: dict[str, Any] = {
        "task": name,
        "class": data.get("testbench", {}).get("kind", "opamp"),
        "technology": data.get("technology", ""),
    }
    if record is None:
        return row | dict.fromkeys(("devices", "variables", "specs", "random hits", "reference", "ms"))
    runs = record["reference"]["simulations to feasible"]
    middle = median_needed(runs)
    return row | {
        "devices": record["devices"],
        "variables": record["variables"],
        "specs": len(record["specs"]),
        "random hits": f"{record['random']['all']}/{record['random']['designs']}",
        "reference": f"{'-' if middle is None else f'{middle:g}'} ({len(runs) - runs.count(None)}/{len(runs)})",
        "ms": record["ms per evaluation"],
    }


def _is_task(path: Path) -> bool:
    try:
        return {"netlist", "specs"} <= tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (OSError, ValueError):
        return False
