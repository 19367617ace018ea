"""Suites: what to run is a TOML file, how to run it is a function of its kind."""

from __future__ import annotations

import inspect
import json
import platform
import shlex
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.benchmark.behavioural_topology import measure_behavioural_topologies
from eda.benchmark.device_topology import measure_device_topologies
from eda.benchmark.equals import measure_equals
from eda.benchmark.link_prediction import measure_link_prediction
from eda.benchmark.netlist import measure_netlists
from eda.benchmark.overhead import measure_overhead
from eda.benchmark.parasitics import measure_parasitics
from eda.benchmark.pareto import measure_pareto
from eda.benchmark.pvt import measure_pvt
from eda.benchmark.simulator import measure_simulators
from eda.benchmark.sizing import compare_optimizers
from eda.benchmark.surrogate import measure_surrogates
from eda.benchmark.targets import measure_targets
from eda.benchmark.testbench import measure_testbenches
from eda.benchmark.units import fingerprint
from eda.errors import InputError, did_you_mean, require_known
from eda.problem.table import format_table
from eda.simulation import WorkerPool
from eda.sizing import OPTIMIZERS
from eda.sizing.versions import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Report", "Suite", "find_suites", "load_suite", "run_suite"]

_KINDS: Mapping[str, Callable[..., list[dict[str, Any]]]] = {
    "behavioural topology": measure_behavioural_topologies,
    "device topology": measure_device_topologies,
    "sizing": compare_optimizers,
    "equals": measure_equals,
    "link prediction": measure_link_prediction,
    "netlist": measure_netlists,
    "overhead": measure_overhead,
    "parasitics": measure_parasitics,
    "pareto": measure_pareto,
    "pvt": measure_pvt,
    "simulator": measure_simulators,
    "surrogate": measure_surrogates,
    "targets": measure_targets,
    "testbench": measure_testbenches,
}
_AGENTS: Mapping[str, tuple[str, ...]] = {"equals": ("ddpg",)}  # that a kind takes among its optimizers
_COUNTS = frozenset({"budget", "seeds"})


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite definition.

    Attributes:
        path: its file.
        kind: which function runs it.
        about: what it shows, in a sentence.
        settings: the arguments of that function.
    """

    path: Path
    kind: str
    about: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What a suite measured.

    Attributes:
        suite: the suite.
        command: the command that gives it again.
        versions: of everything that matters.
        rows: one per line of the table.
    """

    suite: Suite
    command: str
    versions: Mapping[str, str]
    rows: list[dict[str, Any]]

    def as_data(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "suite": self.suite.path.stem,
            "about": self.suite.about,
            "command": self.command,
            "settings": dict(self.suite.settings),
            "versions": dict(self.versions),
            "rows": self.rows,
        }

    def save(self, path: Path) -> None:
        """Write the report as JSON.

        Raises:
            InputError: the file cannot be written.
        """
        try:
            path.write_text(json.dumps(self.as_data(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None

    def __str__(self) -> str:
        tables: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            tables.setdefault(row.get("table", ""), []).append(row)
        return "\n\n".join([self.suite.about, *(_table(name, rows) for name, rows in tables.items())])


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    """One table; what is long in a row (lists, mappings) stands in the record only."""
    long = {key for row in rows for key, value in row.items() if isinstance(value, list | dict)}
    columns = [key for key in dict.fromkeys(key for row in rows for key in row) if key not in {"table", *long}]
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    return f"{name}\n{format_table(columns, cells)}".lstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def find_suites(folder: Path) -> dict[str, Path]:
    """Suite definitions in a folder, by name.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder.resolve()} with suites; go to the project's, or use --folder")
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_suite(name: str, folder: Path) -> Suite:
    """Read a suite by name or path.

    Args:
        name: name of a definition in `folder`, or the path of one.
        folder: where definitions are looked up.

    Raises:
        InputError: there is none, or something in it is unknown.
    """
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        known = find_suites(folder)
        if name not in known:
            raise InputError(f"there is no suite {name!r} in {folder.resolve()}. {did_you_mean(name, known)}")
        path = known[name]
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the suite {path} is no TOML file: {error}") from None
    kind, about = data.pop("kind", ""), data.pop("about", path.stem)
    if kind not in _KINDS:
        raise InputError(f"{path}: unknown kind {kind!r}. {did_you_mean(str(kind), _KINDS)}")
    return Suite(path, kind, about, data)


def run_suite(suite: Suite, *, run_dir: Path, overrides: Mapping[str, Any] | None = None) -> Report:
    """Run a suite; what the same versions of everything have already run is not run again.

    Args:
        suite: the definition.
        run_dir: where runs are stored, in a folder for these versions.
        overrides: settings that replace those of the definition.

    Raises:
        InputError: a setting is unknown, or a task cannot be read.
    """
    changed = {key: value for key, value in (overrides or {}).items() if value is not None}
    settings = {**suite.settings, **changed}
    runner = _KINDS[suite.kind]
    accepted = inspect.signature(runner).parameters
    known = {name: one for name, one in accepted.items() if name not in {"folder", "run_dir", "simulator"}}
    for name in changed:
        if name not in known:
            raise InputError(f"a suite of the kind {suite.kind}, as {suite.path}, has no {name} to choose")
    for name in settings:
        if name not in known:
            raise InputError(f"{suite.path}: unknown setting {name!r}. {did_you_mean(name, known)}")
    missing = [name for name, one in known.items() if one.default is one.empty and name not in settings]
    if missing:
        raise InputError(f"{suite.path}: a setting is missing: {', '.join(missing)}")
    if not settings.get("tasks", ["none wanted"]):
        raise InputError(f"{suite.path}: at least one task is needed")
    require_known("optimizer", settings.get("optimizers", ()), [*OPTIMIZERS, *_AGENTS.get(suite.kind, ())])
    for name in _COUNTS & settings.keys():
        if not isinstance(settings[name], int) or settings[name] < 1:
            raise InputError(f"{suite.path}: `{name}` must be a whole number, 1 or more, but got {settings[name]!r}")
    with WorkerPool() as simulator:
        by = {"simulator": simulator.version, "python": platform.python_version(), **versions()}
        own = run_dir / f"suites-{by['analog-eda']}-{fingerprint(by)[:8]}"
        given = {"folder": suite.path.parent, "run_dir": own, "simulator": simulator}
        rows = runner(**{key: value for key, value in given.items() if key in accepted}, **settings)
    command = shlex.join(["eda", *sys.argv[1:]])
    return Report(Suite(suite.path, suite.kind, suite.about, settings), command, by, rows)
