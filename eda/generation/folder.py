"""Generated circuits on disk: netlists, tasks beside them, and what is known of them as one JSON file."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from eda.errors import InputError
from eda.netlist import format_netlist

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eda.generation.generate import Generated

__all__ = ["CircuitFolder"]


class CircuitFolder:
    """A folder that circuits are written to as soon as they are found; who asks for the same again goes on in it.

    Args:
        path: of the folder, which is made when the first circuit is there.
        name: what the names of the circuits and of the JSON file begin with.
        request: JSON data that decide which circuits there are, `technology` and `specs` among them.

    Attributes:
        content: of the JSON file: the request, and under `circuits` what is known of each.

    Raises:
        InputError: circuits of the name are there that were asked for in another way.
    """

    def __init__(self, path: Path, name: str, request: Mapping[str, Any]) -> None:
        self.path, self._report = path, path / f"{name}.json"
        self.content: dict[str, Any] = {**request, "circuits": []}
        taken = sorted(path.glob(f"{name}_*.sp")) if path.is_dir() else []
        if taken and not self._is_of(request):
            raise InputError(
                f"{path} has circuits of this class and seed already that another command has made, such as "
                f"{taken[0].name}; give another --out or --seed"
            )

    def _is_of(self, request: Mapping[str, Any]) -> bool:
        """Whether the JSON file there is of a request."""
        try:
            known = json.loads(self._report.read_text(encoding="utf-8"))
            return bool({name: known[name] for name in request} == json.loads(json.dumps(request)))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def add(self, one: Generated) -> Path:
        """Write a circuit and, where a testbench fits, its task; a task that is there stays as it is.

        Returns:
            The path of the netlist.

        Raises:
            InputError: a file cannot be written, or the netlist is there and is another one.
        """
        netlist = self.path / f"{one.name}.sp"
        task = netlist.with_suffix(".toml") if one.fit else None
        self._make()
        if netlist.exists() and netlist.read_text(encoding="utf-8") != format_netlist(one.circuit):
            raise InputError(f"{netlist} has been changed, and is not overwritten: move it away, or give another --out")
        one.circuit.write(netlist)
        if task is not None and not task.exists():
            self._write(task, self._task(one, netlist))
        trial, evaluation = one.climb.trial, one.evaluation
        self.content["circuits"].append(
            {
                "name": one.name,
                "netlist": str(netlist),
                "task": task and str(task),
                "devices": len(one.climb.topology.parts),
                "rungs": [rung.value for rung in one.climb.passed],
                "found": one.climb.reason,
                "figure": trial.figure if trial and math.isfinite(trial.figure) else None,
                "verdict": one.verdict or None,
                "metrics": evaluation and dict(evaluation.metrics),
                "guards": evaluation and {guard.name: guard.holds for guard in evaluation.guards},
            }
        )
        self._keep()
        return netlist

    def close(self, summary: Mapping[str, Any]) -> None:
        """Add what is to be said of all of them.

        Args:
            summary: JSON data.
        """
        self.content = {**self.content, **summary}
        if self.content["circuits"]:
            self._keep()

    def _task(self, one: Generated, netlist: Path) -> str:
        assert one.fit is not None
        lines = "".join(f'  "{spec}",\n' for spec in self.content["specs"] or one.fit.specs)
        return (
            f'# What {one.name} is measured by; the bounds are a beginning.\nnetlist = "{netlist.name}"\n'
            f'technology = "{self.content["technology"]}"\nspecs = [\n{lines}]\n\n'
            f'[testbench]\nkind = "{one.fit.testbench}"\n'
        )

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make the folder {self.path}: {error.strerror}") from None

    def _keep(self) -> None:
        self._write(self._report, json.dumps(self.content, indent=2) + "\n")

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None
