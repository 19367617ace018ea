"""The run store: every evaluation on disk before the next one starts.

One SQLite file a run, in write-ahead mode: a process that is killed loses nothing that was recorded.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import sqlite3
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from eda.errors import RunStoreError
from eda.problem import Evaluation
from eda.simulation import Status
from eda.testbench import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Record", "RunStore", "flattened", "read_origin", "read_run", "run_folder"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS evaluation (
    number INTEGER PRIMARY KEY, round INTEGER NOT NULL, place INTEGER NOT NULL, point TEXT NOT NULL,
    design TEXT NOT NULL, status TEXT NOT NULL,
    metrics TEXT NOT NULL, undefined TEXT NOT NULL, guards TEXT NOT NULL, log TEXT NOT NULL, seconds REAL NOT NULL
);
"""
_ROWS = """
SELECT number, round, place, point, design, status, metrics, undefined, guards, log, seconds
FROM evaluation ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: which evaluation of which round, where, its point in the unit cube, and what came of it.

    Attributes:
        number: of the evaluation, from 0.
        round: in which it was asked for.
        place: of its conditions among those of the run; 0 is nominal.
        point: of the design.
        evaluation: the outcome.
    """

    number: int
    round: int
    place: int
    point: tuple[float, ...]
    evaluation: Evaluation


def run_folder(run_dir: str | Path, about: Mapping[str, Any]) -> Path:
    """The folder of a run, named by the circuit and by all that the run is.

    Args:
        run_dir: where run folders are made.
        about: what the run is, with `problem` as of `SizingProblem.describe`.
    """
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:10]
    return Path(run_dir) / f"{about['problem']['circuit']}-{digest}"


class RunStore:
    """The evaluations of one run, in `FOLDER/run.sqlite`.

    Args:
        folder: the run's folder; made when it is missing.
        about: what the run is; must equal what an existing folder holds.

    Raises:
        RunStoreError: the folder cannot be written, is in use, or holds another run.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder = folder
        with contextlib.ExitStack() as undo:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = undo.enter_context((folder / "lock").open("a+"))
                self._claim()
                self._database = undo.enter_context(contextlib.closing(sqlite3.connect(folder / "run.sqlite")))
                # NORMAL: a killed process loses nothing; only a power cut may lose the last rows, which are repeated
                self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
                self._identify(json.loads(json.dumps(about)))
                self._database.execute(f"{_ROWS} LIMIT 0")  # a folder of an older version lacks a column
            except (OSError, sqlite3.Error) as error:
                reason = getattr(error, "strerror", None) or error
                raise RunStoreError(
                    f"cannot write the run folder {folder}: {reason}; choose another with --run-dir"
                ) from None
            self._open = undo.pop_all()

    def _claim(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            raise RunStoreError(
                f"the run {self.folder} is in use by process {holder}; wait for it, or choose another --run-dir"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def _identify(self, about: dict[str, Any]) -> None:
        row = self._database.execute("SELECT value FROM run WHERE key = 'about'").fetchone()
        if row is None:
            with self._database:
                self._database.execute("INSERT INTO run VALUES ('about', ?)", (json.dumps(about),))
        elif (found := json.loads(row[0])) != about:
            one, other = flattened(found), flattened(about)
            different = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
            raise RunStoreError(
                f"the folder {self.folder} holds another run (different: {', '.join(different)}); "
                "choose another --run-dir"
            )

    def add(self, record: Record) -> None:
        """Write one evaluation; it is on disk when this returns."""
        e = record.evaluation
        row = (
            record.number,
            record.round,
            record.place,
            json.dumps(record.point),
            json.dumps(dict(e.design)),
            e.status.name,
            json.dumps(dict(e.metrics)),
            json.dumps(dict(e.undefined)),
            json.dumps([asdict(guard) for guard in e.guards]),
            e.log,
            e.seconds,
        )
        with self._database:
            self._database.execute("INSERT INTO evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def note(self, key: str, data: Mapping[str, Any]) -> None:
        """Keep something about the run beside its evaluations, in place of what was noted before."""
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, json.dumps(data)))

    def notes(self, key: str) -> dict[str, Any]:
        """What was noted; nothing when nothing was."""
        return _noted(self._database, key)

    def records(self) -> list[Record]:
        """All rows, in the order of their numbers."""
        return [_record(row) for row in self._database.execute(_ROWS)]

    def close(self) -> None:
        """Close the file and free the run for others."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is KeyboardInterrupt:
            kept = len(self.records())
            sys.stderr.write(f"{kept} simulations are kept in {self.folder}: the same call goes on from there\n")
        self.close()


def read_run(folder: Path) -> tuple[dict[str, Any], list[Record], dict[str, Any]]:
    """What a run folder holds: its description, its rows and the findings; nothing is locked or changed.

    Raises:
        RunStoreError: there is no run.
    """
    with _opened(folder) as database:
        (about,) = database.execute("SELECT value FROM run WHERE key = 'about'").fetchone()
        rows = database.execute(_ROWS).fetchall()
        return json.loads(about), [_record(row) for row in rows], _noted(database, "findings")


def read_origin(folder: Path) -> dict[str, Any]:
    """What `size(origin=...)` was given; nothing when it was given nothing.

    Raises:
        RunStoreError: there is no run.
    """
    with _opened(folder) as database:
        return _noted(database, "origin")


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database of a run, to read."""
    path = folder / "run.sqlite"
    if not path.is_file():
        raise RunStoreError(f"{folder} holds no run (no run.sqlite); give a folder that `eda size` printed")
    try:
        # a reader of a write-ahead log writes beside it, but where all is in the file it need not
        archived = not os.access(folder, os.W_OK) and not path.with_name("run.sqlite-wal").exists()
        how = "immutable=1" if archived else "mode=ro"
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as database:
            yield database
    except (sqlite3.Error, TypeError) as error:
        raise RunStoreError(f"{path} is no run of eda: {error}") from None


def _noted(database: sqlite3.Connection, key: str) -> dict[str, Any]:
    row = database.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
    return {} if row is None else dict(json.loads(row[0]))


def flattened(about: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested keys joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in about.items():
        flat |= flattened(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _record(row: tuple[Any, ...]) -> Record:
    number, round_, place, point, design, status, metrics, undefined, guards, log, seconds = row
    evaluation = Evaluation(
        design=json.loads(design),
        status=Status[status],
        metrics=json.loads(metrics),
        undefined=json.loads(undefined),
        guards=tuple(Guard(**guard) for guard in json.loads(guards)),
        log=log,
        seconds=seconds,
    )
    return Record(number, round_, place, tuple(json.loads(point)), evaluation)
