"""Task files: a sizing problem in TOML, beside its netlist."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.errors import InputError, TechnologyError, an, did_you_mean, files_beside
from eda.netlist import Variable, parse_variable, read_netlist
from eda.problem.problem import SizingProblem
from eda.problem.space import DesignSpace
from eda.problem.spec import parse_specs, read_targets
from eda.testbench import Conditions
from eda.testbench.kinds import make_testbench

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Simulator

__all__ = ["Task", "load_task"]

_KEYS = {
    "": {"netlist", "technology", "specs", "testbench", "conditions", "verification", "space", "targets"},
    "conditions": {"corner", "temperature", "supply"},
    "verification": {"corners", "temperatures", "supplies", "specs"},
}


@dataclass(frozen=True, slots=True)
class VerificationPlan:
    """What a task wants to hold beyond its nominal conditions.

    Attributes:
        specs: bounds that must hold everywhere; the task's own when empty.
        corners: corner names, or `("all",)`.
        temperatures: degrees Celsius.
        supplies: factors on the nominal supply.
    """

    specs: tuple[str, ...] = ()
    corners: tuple[str, ...] = ("all",)
    temperatures: tuple[float, ...] = (27.0,)
    supplies: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Task:
    """A task file: a sizing problem and what is to be verified.

    Attributes:
        path: the file.
        name: name of the file without its ending.
        problem: the sizing problem.
        verification: conditions and specs of its verification.
        targets: by metric, the range of bounds that amortised sizing and agents are trained for, in its unit.
    """

    path: Path
    name: str
    problem: SizingProblem
    verification: VerificationPlan
    targets: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def load_task(
    path: str | Path,
    *,
    netlist: str | Path | None = None,
    technology: str | None = None,
    specs: tuple[str, ...] = (),
    simulator: Simulator | None = None,
) -> Task:
    """Read a task file.

    Args:
        path: the TOML file.
        netlist: replaces the netlist of the file, for example by a sized one.
        technology: replaces the technology of the file.
        specs: replace the specs of the file.
        simulator: backend for the problem.

    Raises:
        InputError: the file cannot be read, or something in it is unknown, missing or of the wrong kind.
    """
    path = Path(path)
    data = _read(path)
    try:
        return _task(path, data, netlist=netlist, technology=technology, specs=specs, simulator=simulator)
    except (InputError, TechnologyError) as error:
        raise type(error)(f"{path}: {error}") from None


def _task(
    path: Path,
    data: dict[str, Any],
    *,
    netlist: str | Path | None,
    technology: str | None,
    specs: tuple[str, ...],
    simulator: Simulator | None,
) -> Task:
    _known_keys(data)
    file = path.parent / _required(data, "netlist", str)
    space = _optional(data, "space", dict, {})
    problem = SizingProblem(
        read_netlist(file if netlist is None else netlist),
        technology=technology or _required(data, "technology", str),
        testbench=make_testbench(data.get("testbench", {}), path.parent),
        specs=specs or _strings("specs", _required(data, "specs", list)),
        space=DesignSpace(tuple(_variable(*item) for item in space.items())) if space else None,
        conditions=_conditions(data),
        simulator=simulator,
    )
    plan = _verification(data)
    for corner in plan.corners:
        if corner != "all":
            problem.technology.corner(corner)
    for supply in plan.supplies:
        Conditions(supply=supply)
    parse_specs(plan.specs or problem.specs, problem.testbench.metrics)
    own = {
        name: ends
        for name, ends in _optional(data, "targets", dict, {}).items()
        if not specs or _is_bounded(name, problem)
    }
    return Task(path, path.stem, problem, plan, read_targets(own, problem.specs))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read the task {path}: {error.strerror}. {files_beside(path)}".rstrip()) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        wanted = "" if path.suffix == ".toml" else "; a task is one that names a netlist, a testbench and specs"
        raise InputError(f"the task {path} is no TOML file: {error}{wanted}") from None


def _known_keys(data: dict[str, Any]) -> None:
    for table, known in _KEYS.items():
        content = data if not table else data.get(table, {})
        if not isinstance(content, dict):
            raise InputError(f"[{table}] must be a table, but got {content!r}")
        for key in content:
            if key not in known:
                place = f" in [{table}]" if table else ""
                raise InputError(f"unknown key {key!r}{place}. {did_you_mean(key, known)}")


def _required(data: dict[str, Any], key: str, kind: type) -> Any:
    if key not in data:
        raise InputError(f"the key {key!r} is missing")
    return _optional(data, key, kind, None)


def _optional(data: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = data.get(key, default)
    if key in data and not isinstance(value, kind):
        raise InputError(f"{key} must be {an(kind.__name__)}, but got {value!r}")
    return value


def _strings(key: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{key} must be a list of texts, but got {values!r}")
    return tuple(values)


def _numbers(key: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or not values or not all(isinstance(v, int | float) for v in values):
        raise InputError(f"{key} must be a list of numbers, but got {values!r}")
    return tuple(float(value) for value in values)


def _variable(name: str, text: Any) -> Variable:
    """A variable from `w1 = "1u..100u log step 10n"`, written as in a netlist."""
    return parse_variable(f"{name} = {text}")


def _conditions(data: dict[str, Any]) -> Conditions | None:
    table = data.get("conditions")
    if not table:
        return None
    corner = _optional(table, "corner", str, "tt")
    (temperature,) = _numbers("temperature", [table.get("temperature", 27.0)])
    (supply,) = _numbers("supply", [table.get("supply", 1.0)])
    return Conditions(corner, temperature, supply)


def _verification(data: dict[str, Any]) -> VerificationPlan:
    table = data.get("verification", {})
    corners = table.get("corners", ["all"])
    return VerificationPlan(
        specs=_strings("specs", table.get("specs", [])),
        corners=_strings("corners", [corners] if isinstance(corners, str) else corners),
        temperatures=_numbers("temperatures", table.get("temperatures", [27.0])),
        supplies=_numbers("supplies", table.get("supplies", [1.0])),
    )


def _is_bounded(name: str, problem: SizingProblem) -> bool:
    """Whether a spec bounds a metric; names that are none are kept, to be told."""
    return name not in problem.testbench.metrics or any(
        spec.metric.name == name and not spec.is_objective for spec in problem.specs
    )
