"""Designs that are broken on purpose, which guards must reject, and the designs that work, which they must accept."""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.benchmark.calibration import read_record
from eda.errors import InputError
from eda.netlist import number
from eda.problem import load_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Simulator

__all__ = ["Broken", "accept_feasible", "broken_designs", "reject_broken"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A design that converges, but does not work.

    Attributes:
        kind: circuit class.
        task: the task that it breaks.
        why: what is wrong with it.
        guard: name of the guard that must say so.
        sizes: values that are other than the netlist's.
        edits: texts of the netlist, and what stands in their place.
    """

    kind: str
    task: Path
    why: str
    guard: str
    sizes: Mapping[str, float] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()

    def netlist(self) -> str:
        """The text of the broken netlist.

        Raises:
            InputError: an edit matches nothing: the design would not be broken.
        """
        name = tomllib.loads(self.task.read_text(encoding="utf-8"))["netlist"]
        text = (self.task.parent / str(name)).read_text(encoding="utf-8")
        for old, new in self.edits:
            if old not in text:
                raise InputError(f"{self.task}: the netlist has no {old!r} that {self.why!r} could change")
            text = text.replace(old, new)
        return text


def broken_designs(folder: Path) -> list[Broken]:
    """The broken designs that the files of a folder describe, one file a class.

    Raises:
        InputError: a file cannot be read.
    """
    found: list[Broken] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8"))["design"]
            found += [_broken(path.stem, folder, entry) for entry in entries]
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{path}: {error}") from None
    return found


def _broken(kind: str, folder: Path, entry: Mapping[str, Any]) -> Broken:
    return Broken(
        kind=kind,
        task=folder / entry["task"],
        why=entry["why"],
        guard=entry["guard"],
        sizes={name: number(str(value)) for name, value in entry.get("sizes", {}).items()},
        edits=tuple((old, new) for old, new in entry.get("replace", [])),
    )


def reject_broken(broken: Broken, simulator: Simulator) -> dict[str, Any]:
    """A row that says whether a broken design is rejected, and by the right guard.

    Args:
        broken: the design.
        simulator: that runs it.
    """
    with tempfile.TemporaryDirectory(prefix="eda-broken-") as name:
        path = Path(name) / "broken.sp"
        path.write_text(broken.netlist(), encoding="utf-8")
        problem = load_task(broken.task, netlist=path, simulator=simulator).problem
        ((_, evaluation),) = problem.stream([(broken.sizes, problem.conditions)])
    failing = {guard.name: guard.detail for guard in evaluation.guards if not guard.holds}
    return {
        "table": "guards",
        "class": broken.kind,
        "task": broken.task.stem,
        "broken by": broken.why,
        "status": evaluation.status.value,
        "guard": broken.guard,
        "says": failing.get(broken.guard, "-"),
        "others that fail": ", ".join(name for name in failing if name != broken.guard),
        "holds": evaluation.simulated and broken.guard in failing and not evaluation.meets(problem.specs),
    }


def accept_feasible(task: Path, simulator: Simulator) -> dict[str, Any] | None:
    """A row that says whether the known design of a task is accepted; `None` where the task has no record.

    Args:
        task: its file.
        simulator: that runs it.
    """
    record = read_record(task)
    if record is None:
        return None
    problem = load_task(task, simulator=simulator).problem
    design = (record["feasible"] or {}).get("design")
    if design is None:
        return {"table": "known designs", "task": task.stem, "guards": 0, "accepted": False, "why": "none is known"}
    ((_, evaluation),) = problem.stream([(design, problem.conditions)])
    return {
        "table": "known designs",
        "task": task.stem,
        "guards": len(evaluation.guards),
        "accepted": evaluation.meets(problem.specs),
        "why": "; ".join(evaluation.failures(problem.specs)) or "-",
    }
