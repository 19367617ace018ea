"""Failed simulations, kept as decks that plain ngspice runs."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from typing import TYPE_CHECKING, Final

from platformdirs import user_cache_path

from eda.simulation.control import control_text

if TYPE_CHECKING:
    from pathlib import Path

    from eda.simulation.results import Simulation
    from eda.simulation.simulator import Job

__all__ = ["failures_folder", "keep_failure"]

_MOST: Final = 200  # folders; the oldest go first


def failures_folder() -> Path:
    """Where failed simulations are kept."""
    return user_cache_path("eda", appauthor=False) / "failures"


def keep_failure(job: Job, result: Simulation, about: str) -> str:
    """Write the deck of a failed simulation, the settings that it needs, and what ngspice said.

    Args:
        job: what was simulated.
        result: what came of it.
        about: a sentence that says which evaluation it is.

    Returns:
        The command that runs it again; empty when it cannot be written, which is no second failure.
    """
    plain = job.deck.plain
    text = job.deck.text(job.values) if plain else control_text(job.deck, job.values)
    folder = failures_folder() / hashlib.sha256(text.encode()).hexdigest()[:12]
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "deck.sp").write_text(
            f"* {about}: {result.status.value}\n{text.partition(chr(10))[2]}", encoding="utf-8"
        )
        (folder / ".spiceinit").write_text("\n".join((*job.deck.setup, "set num_threads=1", "")))
        (folder / "log.txt").write_text(result.log, encoding="utf-8")
        _forget_oldest(folder.parent)
        return f"cd {folder} && HOME=$PWD ngspice -b {'-r out.raw ' if plain else ''}deck.sp"
    return ""


def _forget_oldest(parent: Path) -> None:
    kept = sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for folder in kept[:-_MOST]:
        shutil.rmtree(folder, ignore_errors=True)
