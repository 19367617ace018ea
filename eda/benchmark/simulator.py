"""The suite of the simulation room: speed and agreement of the ways to simulate, compiled cards, memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from eda.benchmark.compiled_cards import compare_devices, compare_opamp
from eda.benchmark.opamp_decks import Specimen, autockt, two_stage
from eda.benchmark.schemes import agreement, memory_growth, speed, start_up
from eda.errors import require_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["measure_simulators"]


def measure_simulators(
    *,
    folder: Path,
    tables: Sequence[str],
    circuits: Sequence[str],
    repeats: int,
    evaluations: int,
    designs: int,
    sizes: int,
    corners: Sequence[str],
    temperatures: Sequence[float],
    memory_evaluations: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Measure every way to simulate on the same circuits and points.

    Args:
        folder: of the suite; `netlists/` of the project lies beside it.
        tables: which of `speed`, `agreement`, `start-up`, `devices`, `op-amp`, `memory`.
        circuits: `autockt`, and names of kits.
        repeats: turns of the schemes; medians are reported.
        evaluations: of a turn.
        designs: points on which results are compared.
        sizes: for each transistor of a kit.
        corners: at which compiled cards are compared.
        temperatures: degrees Celsius.
        memory_evaluations: of one worker.
        seed: of all random numbers.

    Raises:
        InputError: there is no such table, or a data set is missing.
        TechnologyError: a kit is not installed.
    """
    netlists = folder.resolve().parent / "netlists"
    specimens = [autockt() if name == "autockt" else two_stage(netlists, name) for name in circuits]
    kits = [name for name in circuits if name != "autockt"]

    def places(specimen: Specimen) -> tuple[str, ...]:
        return ("nearby", "nearby, started", "anywhere") if specimen.full else ("anywhere",)

    def speeds() -> list[dict[str, Any]]:
        return [
            row
            for specimen in specimens
            for where in places(specimen)
            for row in speed(specimen, where=where, repeats=repeats, evaluations=evaluations, seed=seed)
        ]

    def agreements() -> list[dict[str, Any]]:
        return [
            row
            for specimen in specimens
            for where in places(specimen)
            for row in agreement(specimen, where=where, designs=designs, batch=designs, full=designs // 50, seed=seed)
        ]

    available: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "speed": speeds,
        "agreement": agreements,
        "start-up": lambda: [start_up(specimen, repeats=repeats) for specimen in specimens if specimen.full],
        "devices": lambda: [
            row
            for kit in kits
            for row in compare_devices(kit, sizes=sizes, corners=corners, temperatures=temperatures, seed=seed)
        ],
        "op-amp": lambda: [compare_opamp(netlists, kit, corners=corners, temperatures=temperatures) for kit in kits],
        "memory": lambda: [
            row for s in specimens for row in memory_growth(s, evaluations=memory_evaluations, seed=seed)
        ],
    }
    require_known("table", tables, available)
    rows = []
    for name in tables:
        sys.stderr.write(f"{name} ...\n")
        rows += available[name]()
    return rows
