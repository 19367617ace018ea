"""Work that a suite is made of: independent units on every core, each kept on disk as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from eda.errors import EDAError, RunStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Unit = Mapping[str, Any]
    Work = Callable[[Unit], dict[str, Any]]
    Row = list[Unit]  # the unit, and what of it is known again

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
        EDAError: a unit failed; all others were worked on before.
    """
    known = [{key: value for key, value in unit.items() if key[0] != "_"} for unit in units]
    keys = [fingerprint(unit) for unit in known]
    path = run_dir / f"{name}.jsonl"
    try:
        done = _read(path)
        missing = {key: row for key, *row in zip(keys, units, known, strict=True) if key not in done}
        if missing:
            run_dir.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                done |= _work_off(work, missing, processes or os.cpu_count() or 1, file)
    except KeyboardInterrupt:
        sys.stderr.write(f"what was done is kept in {path}: the same call goes on from there\n")
        raise
    except OSError as error:
        raise RunStoreError(f"cannot write {path}: {error.strerror}; choose another --run-dir") from None
    return [done[key] for key in keys]


def _work_off(work: Work, missing: Mapping[str, Row], processes: int, file: TextIO) -> dict[str, Any]:
    """The results by key, each written down as soon as it is there."""
    name, done, failed = Path(file.name).stem, {}, []
    if file.tell() and not Path(file.name).read_text(encoding="utf-8").endswith("\n"):
        file.write("\n")  # behind a line that was cut short
    units = {key: unit for key, (unit, _) in missing.items()}
    for number, (key, result) in enumerate(_results(work, units, min(processes, len(units))), 1):
        shown = missing[key][1]
        said = f"{name}: {number} of {len(missing)}: {_brief(shown)}"
        if isinstance(result, Exception):
            failed.append((said, result))
            said += f": failed: {type(result).__name__}: {result}"
        else:
            done[key] = result
            file.write(json.dumps({"key": key, "unit": shown, "result": result}) + "\n")
            file.flush()
        sys.stderr.write(said + "\n")
    for said, error in failed[:1]:
        if isinstance(error, EDAError) and len(failed) == 1:
            raise error
        message = f"{len(failed)} of {len(missing)} units of work failed; of {said}: {type(error).__name__}: {error}"
        raise EDAError(f"{message}; the others are kept, and the same command tries again") from error
    return done


def _results(work: Work, units: Mapping[str, Unit], count: int) -> Iterator[tuple[str, dict[str, Any] | Exception]]:
    """What comes of units, as they are done: by so many processes, or by this one where one is enough."""
    if count == 1:
        for key, unit in units.items():
            yield key, _outcome(partial(work, unit))
        return
    with _pool(count) as pool:
        futures = {pool.submit(work, unit): key for key, unit in units.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], _outcome(future.result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _outcome(call: Callable[[], dict[str, Any]]) -> dict[str, Any] | Exception:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - it is raised when all others are done
        return error


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
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            try:
                row = json.loads(line)
                found[row["key"]] = row["result"]
            except (ValueError, KeyError, TypeError):
                if number > 1 or not line.endswith("}"):
                    continue  # cut short when the process was killed
                raise RunStoreError(f"{path}:{number} is no result of a suite; choose another --run-dir") from None
    return found
