"""Work that a suite is made of: independent units on every core, each kept on disk as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any

from eda.errors import RunStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    Unit = Mapping[str, Any]
    Work = Callable[[Unit], dict[str, Any]]
    Row = tuple[str, Unit, Unit]  # its key, and what of it is known again

__all__ = ["fingerprint", "run_units"]


def run_units(
    work: Work, units: Sequence[Unit], *, run_dir: Path, name: str, processes: int | None = None
) -> list[Any]:
    """The results of units, in their order; those on disk are not worked on again.

    A unit is known again by its content, but for keys with an underscore in front, such as where a file lies here. What
    else a result depends on belongs into it: `fingerprint` of the problem, settings of the optimizer.

    Args:
        work: from a unit to its result, JSON data both; a module's function, for it runs in other processes.
        units: what is to be done.
        run_dir: where results are kept, in `NAME.jsonl`, a line a unit.
        name: of the file.
        processes: at once; one a core when it is `None`.

    Raises:
        RunStoreError: the file cannot be written, or is no such file.
    """
    known = [{key: value for key, value in unit.items() if key[0] != "_"} for unit in units]
    keys = [fingerprint(unit) for unit in known]
    path = run_dir / f"{name}.jsonl"
    done = _read(path)
    missing = [row for row in zip(keys, units, known, strict=True) if row[0] not in done]
    if missing:
        run_dir.mkdir(parents=True, exist_ok=True)
        count = min(processes or os.cpu_count() or 1, len(missing))
        with path.open("a", encoding="utf-8") as file:
            if file.tell() and not path.read_text(encoding="utf-8").endswith("\n"):
                file.write("\n")  # behind a line that was cut short
            for number, (row, result) in enumerate(_results(work, missing, count), 1):
                key, _, shown = row
                done[key] = result
                file.write(json.dumps({"key": key, "unit": shown, "result": result}) + "\n")
                file.flush()
                sys.stderr.write(f"{name}: {number} of {len(missing)}: {_brief(shown)}\n")
    return [done[key] for key in keys]


def _results(work: Work, rows: Sequence[Row], count: int) -> Iterator[tuple[Row, dict[str, Any]]]:
    """What comes of units, as they are done: by so many processes, or by this one where one is enough."""
    if count == 1:
        for row in rows:
            yield row, work(row[1])
        return
    with _pool(count) as pool:
        futures = {pool.submit(work, row[1]): row for row in rows}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def fingerprint(data: Any) -> str:
    """Sixteen hexadecimal digits that tell JSON data from others."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def _brief(unit: Unit) -> str:
    words = [str(value) for value in unit.values() if isinstance(value, str | int)]
    return ", ".join(word for word in words if len(word) < 40)


def _pool(count: int) -> ProcessPoolExecutor:
    # spawned: the parent may hold threads and simulators, which a fork would copy half
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Leave as soon as the parent is gone, also when it was killed: nobody waits for this unit any more."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _read(path: Path) -> dict[str, Any]:
    found = {}
    with suppress(FileNotFoundError):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                found[row["key"]] = row["result"]
            except (ValueError, KeyError, TypeError):
                if number > 1 or not line.endswith("}"):
                    continue  # cut short when the process was killed
                raise RunStoreError(f"{path}:{number} is no result of a suite; choose another --run-dir") from None
    return found
