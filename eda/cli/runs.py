"""Where a run came from: what `eda size` leaves in its folder for the commands that read it."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import RunStoreError

if TYPE_CHECKING:
    from eda.problem import Task
    from eda.simulation import Simulator

__all__ = ["Origin", "read_origin"]

_FILE = "origin.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a run was asked for.

    Attributes:
        task: the task file.
        technology: in place of the task's.
        specs: in place of the task's.
        words: the command.
    """

    task: str
    technology: str | None = None
    specs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.words)

    def write(self, folder: Path) -> None:
        """Leave it in the folder of a run."""
        (folder / _FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def load(self, simulator: Simulator) -> Task:
        """The task as the run had it."""
        from eda.problem import load_task

        return load_task(Path(self.task), technology=self.technology, specs=self.specs, simulator=simulator)


def read_origin(folder: Path, task: Path | None = None) -> Origin:
    """Where a run came from.

    Args:
        folder: of the run.
        task: used where the run does not know.

    Raises:
        RunStoreError: neither tells.
    """
    path = folder / _FILE
    if task is None and not path.is_file():
        raise RunStoreError(f"{folder} does not tell its task, as runs of `eda size` do; give --task TASK")
    if not path.is_file():
        return Origin(str(task))
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = Origin(data["task"], data["technology"], tuple(data["specs"]), tuple(data["words"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunStoreError(f"{path} cannot be read ({error}); give --task TASK") from None
    return found if task is None else Origin(str(task), found.technology, found.specs, found.words)
