"""What is shown of behavioural op-amps: solver, networks that predict, rebuild, answer and search, published labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.behavioural_labels import compare_labels
from eda.benchmark.behavioural_networks import autoencoder, conditional, prediction, trained
from eda.benchmark.behavioural_search import search
from eda.benchmark.behavioural_solver import compare_solvers
from eda.benchmark.units import run_units
from eda.errors import require_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eda.simulation import Simulator

__all__ = ["measure_behavioural_topologies"]

_SOLVER: Final = "solver"
_LABELS: Final = "labels"
_TABLES: Final = {"prediction": prediction, "autoencoder": autoencoder, "conditional": conditional, "search": search}


def measure_behavioural_topologies(
    *,
    simulator: Simulator,
    run_dir: Path,
    tables: Sequence[str] = (_SOLVER, *_TABLES, _LABELS),
    seeds: int = 3,
    circuits: int = 100_000,
    rounds: Mapping[str, int] | None = None,
    specifications: int = 1000,
    runs: int = 20,
    evaluations: int = 150,
) -> list[dict[str, Any]]:
    """The tables of behavioural op-amps.

    Args:
        simulator: runs ngspice.
        run_dir: where networks and results are kept, so that the suite goes on where it was stopped.
        tables: which of them.
        seeds: seeds 0 to `seeds - 1`, of data and networks.
        circuits: random op-amps with exact labels that networks learn from.
        rounds: over the data, by network: `predictor`, `autoencoder`, and `small` for the predictor that learns from
            9,000 op-amps.
        specifications: of each seed, that op-amps are asked for.
        runs: of each search.
        evaluations: op-amps that a search may ask the solver about.

    Raises:
        InputError: there is no such table.
    """
    require_known("table", tables, [_SOLVER, *_TABLES, _LABELS])
    rows: list[dict[str, Any]] = []
    if _SOLVER in tables:
        rows += [{"table": _SOLVER, **row} for row in compare_solvers(simulator, seeds)]
    long = {"predictor": 30, "autoencoder": 20, "small": 60, **(rounds or {})}
    each = [
        {"seed": seed, "circuits": circuits, "rounds": long, "_folder": str(run_dir / f"networks-{seed}")}
        for seed in range(seeds)
    ]
    wanted = [table for table in _TABLES if table in tables]
    if wanted:
        run_units(trained, each, run_dir=run_dir, name="trained")
    limits = {
        "conditional": {"specifications": specifications},
        "search": {"runs": runs, "evaluations": evaluations},
    }
    for table in wanted:
        units = [{**unit, **limits.get(table, {})} for unit in each]
        for found in run_units(_TABLES[table], units, run_dir=run_dir, name=table):
            rows += [{"table": table, **row} for row in found["rows"]]
    if _LABELS in tables:
        rows.append({"table": _LABELS, **compare_labels()})
    return rows
