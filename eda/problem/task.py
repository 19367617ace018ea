"""Task files: a sizing problem in TOML, beside its netlist."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.errors import InputError, did_you_mean
from eda.netlist import Variable, number, read_netlist
from eda.problem.problem import SizingProblem
from eda.problem.space import DesignSpace
from eda.testbench import Conditions, OpAmpTestbench, Testbench

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.simulation import Simulator

__all__ = ["Task", "load_task"]

_TESTBENCHES: Mapping[str, Callable[..., Testbench]] = {"opamp": OpAmpTestbench}
_KEYS = {
    "": {"name", "netlist", "technology", "specs", "testbench", "conditions", "verification", "space"},
    "testbench": {"kind", "vdd", "load", "vcm"},
    "conditions": {"corner", "temperature", "supply"},
    "verification": {"corners", "temperatures", "supplies", "specs"},
}


@dataclass(frozen=True, slots=True)
class Verification:
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
        name: name of the task.
        problem: the sizing problem.
        verification: conditions and specs of its verification.
    """

    path: Path
    name: str
    problem: SizingProblem
    verification: Verification


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
    _known_keys(path, data)
    own = path.parent / _required(path, data, "netlist", str)
    bench = dict(_optional(path, data, "testbench", dict, {}))
    kind = bench.pop("kind", "opamp")
    if kind not in _TESTBENCHES:
        raise InputError(f"{path}: there is no testbench {kind!r}. {did_you_mean(str(kind), _TESTBENCHES)}")
    wanted = specs or tuple(_strings(path, "specs", _required(path, data, "specs", list)))
    space = _optional(path, data, "space", dict, {})
    problem = SizingProblem(
        read_netlist(own if netlist is None else netlist),
        technology=technology or _required(path, data, "technology", str),
        testbench=_TESTBENCHES[kind](**bench),
        specs=wanted,
        space=DesignSpace(tuple(_variable(path, *item) for item in space.items())) if space else None,
        conditions=_conditions(path, data),
        simulator=simulator,
    )
    name = _optional(path, data, "name", str, path.stem)
    return Task(path, name, problem, _verification(path, data))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise InputError(f"cannot read the task {path}: {error.strerror}. {did_you_mean(path.name, known)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the task {path} is no TOML file: {error}") from None


def _known_keys(path: Path, data: dict[str, Any]) -> None:
    for table, known in _KEYS.items():
        content = data if not table else data.get(table, {})
        if not isinstance(content, dict):
            raise InputError(f"{path}: [{table}] must be a table, but got {content!r}")
        for key in content:
            if key not in known:
                place = f" in [{table}]" if table else ""
                raise InputError(f"{path}: unknown key {key!r}{place}. {did_you_mean(key, known)}")


def _required(path: Path, data: dict[str, Any], key: str, kind: type) -> Any:
    if key not in data:
        raise InputError(f"{path}: the key {key!r} is missing")
    return _optional(path, data, key, kind, None)


def _optional(path: Path, data: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = data.get(key, default)
    if key in data and not isinstance(value, kind):
        raise InputError(f"{path}: {key} must be a {kind.__name__}, but got {value!r}")
    return value


def _strings(path: Path, key: str, values: list[Any]) -> list[str]:
    for value in values:
        if not isinstance(value, str):
            raise InputError(f"{path}: {key} must hold texts, but got {value!r}")
    return values


def _numbers(path: Path, key: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or not values or not all(isinstance(v, int | float) for v in values):
        raise InputError(f"{path}: {key} must be a list of numbers, but got {values!r}")
    return tuple(float(value) for value in values)


def _variable(path: Path, name: str, text: Any) -> Variable:
    """A variable from `w1 = "1u..100u log step 10n"`, written as in a netlist."""
    words = text.split() if isinstance(text, str) else []
    bounds = words[0].split("..") if words else []
    if len(bounds) != 2:
        raise InputError(f"{path}: bounds of {name!r} read like '1u..100u log step 10n', but got {text!r}")
    scale = "log" if "log" in words else "linear"
    step = number(words[words.index("step") + 1]) if "step" in words[:-1] else None
    return Variable(name.lower(), number(bounds[0]), number(bounds[1]), scale, step)


def _conditions(path: Path, data: dict[str, Any]) -> Conditions | None:
    table = data.get("conditions")
    if not table:
        return None
    corner = _optional(path, table, "corner", str, "tt")
    temperature, supply = (table.get(key, default) for key, default in (("temperature", 27.0), ("supply", 1.0)))
    (temperature,) = _numbers(path, "temperature", [temperature])
    (supply,) = _numbers(path, "supply", [supply])
    return Conditions(corner, temperature, supply)


def _verification(path: Path, data: dict[str, Any]) -> Verification:
    table = data.get("verification", {})
    corners = table.get("corners", ["all"])
    return Verification(
        specs=tuple(_strings(path, "specs", _optional(path, table, "specs", list, []))),
        corners=tuple(_strings(path, "corners", [corners] if isinstance(corners, str) else corners)),
        temperatures=_numbers(path, "temperatures", table.get("temperatures", [27.0])),
        supplies=_numbers(path, "supplies", table.get("supplies", [1.0])),
    )
