"""Simulations to equal the best of many random designs: how L2DC's gain over a search without a method is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.trials import budgets_of, known_task, median_needed, own_task, reached_by, search
from eda.benchmark.units import run_units
from eda.sizing import OPTIMIZERS, RandomSearch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eda.problem import Evaluation

__all__ = ["measure_equals"]

_AGENT: Final = "ddpg"


def measure_equals(
    *,
    folder: Path,
    run_dir: Path,
    tasks: Sequence[str],
    optimizers: Sequence[str],
    designs: int,
    seeds: int,
    budget: int,
) -> list[dict[str, Any]]:
    """Search until a design is at least as good as the best of many random ones.

    Better is what `Evaluation.rank` says: feasible before infeasible, then by cost or by what is missing.

    Args:
        folder: what task paths are relative to.
        run_dir: where results are kept, and found again.
        tasks: task files.
        optimizers: names in `OPTIMIZERS`, and `ddpg` for the agent, whose training is what counts.
        designs: random ones, by a seed of their own for each seed.
        seeds: seeds 0 to `seeds - 1`.
        budget: simulations a search; of the agent moves, of which those to a design that it met before are neither
            simulated nor counted.
    """
    known = [known_task((folder / task).resolve()) for task in tasks]
    drawn = [{**one, "random": designs, "seed": seed} for one in known for seed in range(seeds)]
    best = run_units(_best_of_random, drawn, run_dir=run_dir, name="equals")
    units = [
        {
            **{key: value for key, value in unit.items() if key != "random"},
            "_run_dir": str(run_dir),
            "optimizer": name,
            "settings": _settings(name, unit["seed"]),
            "budget": budget,
            "rank": found["rank"],
        }
        for unit, found in zip(drawn, best, strict=True)
        for name in optimizers
    ]
    found = run_units(_run, units, run_dir=run_dir, name="equals")
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for unit, result in zip(units, found, strict=True):
        groups.setdefault((unit["task"], unit["optimizer"]), []).append({**result, "rank": unit["rank"]})
    return [_row(*key, runs, designs, budget) for key, runs in groups.items()]


def _settings(optimizer: str, seed: int) -> dict[str, Any]:
    if optimizer == _AGENT:
        from eda.sizing.agent_training import trainer  # noqa: PLC0415 - of an extra

        return {"trainer": trainer()}
    return dict(OPTIMIZERS[optimizer](seed).describe())


def _best_of_random(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    ranks: list[tuple[float, float]] = []

    def note(evaluation: Evaluation) -> bool:
        ranks.append(evaluation.rank(problem.specs))
        return False

    # seeds far from those of the searches, whose random baseline would else draw the same designs
    search(problem, RandomSearch(seed=1000 + unit["seed"]), unit["random"], until=note)
    return {"rank": list(min(ranks))}


def _run(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    wanted = tuple(unit["rank"])

    def equals(evaluation: Evaluation) -> bool:
        return evaluation.rank(problem.specs) <= wanted

    if unit["optimizer"] == _AGENT:
        return _train(unit, equals)
    trial = search(problem, OPTIMIZERS[unit["optimizer"]](unit["seed"]), unit["budget"], until=equals)
    return {"reached": trial.reached, "first": trial.first}


def _train(unit: Mapping[str, Any], equals: Any) -> dict[str, Any]:
    """The same of an agent, by its designs in training."""
    from eda.sizing.agent_training import train_agent  # noqa: PLC0415 - of an extra

    problem = own_task(unit["_path"]).problem
    seen: list[tuple[bool, bool]] = []

    def watch(evaluation: Evaluation) -> None:
        seen.append((equals(evaluation), evaluation.meets(problem.specs)))

    train_agent(
        problem,
        algorithm=_AGENT,
        simulations=unit["budget"],
        seed=unit["seed"],
        watch=watch,
        run_dir=unit["_run_dir"],
        progress=False,
    )
    reached, first = (next((n for n, one in enumerate(column, 1) if one), None) for column in zip(*seen, strict=True))
    return {"reached": reached, "first": first}


def _row(task: str, optimizer: str, runs: Sequence[Mapping[str, Any]], designs: int, budget: int) -> dict[str, Any]:
    reached = [run["reached"] for run in runs]
    middle = median_needed(reached)
    return {
        "table": f"to equal the best of {designs} random designs",
        "task": task,
        "optimizer": optimizer,
        "median simulations": middle,
        "fewest": min((one for one in reached if one is not None), default=None),
        "most": max(reached) if None not in reached else None,
        "times fewer": designs / middle if middle else None,
        **reached_by(reached, budgets_of(budget)),
        "random feasible": sum(run["rank"][0] == 0 for run in runs),
        "best violations": [run["rank"][1] if run["rank"][0] else 0.0 for run in runs],
        "simulations to equal": reached,
    }
