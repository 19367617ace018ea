"""`eda doctor`: is everything there that eda needs?"""

from __future__ import annotations

import platform
from typing import Any

import typer

from eda.cli.output import JsonOption, emit_json
from eda.cli.pdk import described, summary
from eda.errors import EDAError

__all__ = ["doctor"]


def doctor(*, json: JsonOption = False) -> None:
    """Check ngspice, its library, the process kits and a first simulation.

    Example: `eda doctor`
    """
    from eda import __version__
    from eda.simulation import BatchSimulator, WorkerPool
    from eda.technology import Technology, survey

    findings: list[dict[str, Any]] = [
        {"check": "eda", "ok": True, "found": f"{__version__} on Python {platform.python_version()}"},
        _try("ngspice program", lambda: BatchSimulator().version),
        _try("ngspice library", _library_version),
        _try("divider, by the library", lambda: _divider(WorkerPool(1))),
        _try("divider, by ngspice -b", lambda: _divider(BatchSimulator())),
    ]
    findings += [
        {"check": f"technology {name}", "ok": isinstance(kit, Technology), "found": summary(kit), **described(kit)}
        for name, kit in survey().items()
    ]
    if json:
        emit_json(findings)
    else:
        for finding in findings:
            needed = not finding["check"].startswith("technology")
            print(
                f"{'ok  ' if finding['ok'] else 'FAIL' if needed else '-   '}  {finding['check']}: {finding['found']}"
            )
    if not all(finding["ok"] for finding in findings if not finding["check"].startswith("technology")):
        raise typer.Exit(3)


def _try(name: str, action: Any) -> dict[str, Any]:
    try:
        return {"check": name, "ok": True, "found": action()}
    except EDAError as error:
        return {"check": name, "ok": False, "found": str(error)}


def _library_version() -> str:
    from eda.simulation import WorkerPool

    with WorkerPool(1) as pool:
        return pool.version


def _divider(simulator: Any) -> str:
    from eda.errors import SimulatorError
    from eda.simulation import Deck, Job, Op

    deck = Deck("", "v1 in 0 dc 1\nr1 in out 1k\nr2 out 0 3k", {}, (Op(),), ("v(out)",))
    with simulator:
        (result,) = simulator.simulate([Job(deck)])
    if not result.ok:
        raise SimulatorError(f"{result.status.value}\n{result.log}")
    value = result.analyses["op"].value("v(out)")
    if abs(value - 0.75) > 1e-9:
        raise SimulatorError(f"0.75 V expected, but got {value:.12g} V")
    return "0.75 V, as it must be"
