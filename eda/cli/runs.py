"""Where a run came from: what `eda size` leaves in its folder for the commands that read it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.errors import RunStoreError

if TYPE_CHECKING:
    from eda.problem import Task
    from eda.simulation import Simulator

__all__ = ["Origin", "RunDirOption", "find_origin", "is_training"]

RunDirOption = Annotated[Path, typer.Option(help="Where runs are stored; the same command resumes there.")]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a run was asked for.

    Attributes:
        task: the task file.
        technology: in place of the task's.
        specs: in place of the task's.
        words: the command.
        folder: where it was given.
    """

    task: str
    technology: str | None = None
    specs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    folder: str = ""

    @classmethod
    def of_command(cls, task: Path, technology: str | None, specs: list[str] | None) -> Origin:
        """That of the command that is running."""
        return cls(str(task.resolve()), technology, tuple(specs or ()), ("eda", *sys.argv[1:]), str(Path.cwd()))

    @property
    def command(self) -> str:
        """The command as one would type it, with the folder that its paths are relative to."""
        return f"cd {shlex.quote(self.folder)}\n{shlex.join(self.words)}" if self.words else ""

    def load(self, simulator: Simulator) -> Task:
        """The task as the run had it."""
        from eda.problem import load_task

        return load_task(Path(self.task), technology=self.technology, specs=self.specs, simulator=simulator)


def is_training(run: Path) -> bool:
    """Whether a run is one of practice, or of the training of an agent: it sized nothing.

    Raises:
        RunStoreError: there is no run.
    """
    from eda.sizing.store import read_run

    name = str(read_run(run)[0].get("optimizer", {}).get("optimizer"))
    return name == "practice" or name.startswith("training of ")


def find_origin(run: Path, task: Path | None = None) -> Origin:
    """Where a run came from.

    Args:
        run: its folder.
        task: used in place of the one that the run knows.

    Raises:
        RunStoreError: there is no run, or neither tells the task.
    """
    from eda.sizing.store import read_origin

    noted = read_origin(run)
    found = noted if noted.keys() >= {one.name for one in fields(Origin)} else {}  # a script may keep anything there
    if not found and task is None:
        raise RunStoreError(f"{run} does not tell its task, as runs of `eda size` do; give --task TASK")
    if not found:
        return Origin(str(task))
    return Origin(
        found["task"] if task is None else str(task),
        found["technology"],
        tuple(found["specs"]),
        tuple(found["words"]),
        found["folder"],
    )
