"""AutoCkt's targets: sizing one op-amp for bounds that change, from nothing and after practice."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.benchmark.trials import budgets_of, own_task, reached_by, search
from eda.benchmark.units import fingerprint, run_units
from eda.datasets.autockt import published_targets
from eda.errors import require_known
from eda.problem import Evaluation, load_task
from eda.simulation import WorkerPool
from eda.sizing import OPTIMIZERS
from eda.sizing.agent import Agent, Policy
from eda.sizing.amortised import Amortised
from eda.sizing.experience import Experience, Target, identity
from eda.sizing.practice import practise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.benchmark.units import Work
    from eda.problem import SizingProblem, Spec
    from eda.sizing import Optimizer

__all__ = ["measure_targets"]

_TABLES: Final = ("after practice", "by an agent", "from nothing")
_CHUNK: Final = 10  # targets of a unit of work
_ANSWER: Final = 30  # simulations that an answer may take: as many as the steps of AutoCkt's trajectories
_PUBLISHED: Final = (
    {
        "method": "AutoCkt, as published",
        "training simulations": 180_000,
        "targets": 1000,
        "met": "938 to 963 with 2 % slack",
        "mean": 27.0,
    },
    {"method": "genetic algorithm, as published there", "training simulations": 0, "mean": 1063.0},
)


def measure_targets(
    *,
    folder: Path,
    run_dir: Path,
    task: str,
    optimizers: Sequence[str],
    count: int,
    budget: int,
    training: Sequence[int],
    moves: int,
    seeds: int,
    tables: Sequence[str],
) -> list[dict[str, Any]]:
    """Meet published targets.

    Args:
        folder: what the task's path is relative to.
        run_dir: where results are kept, and found again.
        task: the task file, whose bounds are replaced.
        optimizers: names in `OPTIMIZERS` that search from nothing.
        count: targets that these are given, drawn by seed 0 of the 1,000.
        budget: simulations for each.
        training: numbers of simulations to practise with, for amortised sizing, which gets all targets.
        moves: to train agents with by reinforcement learning, which get all targets.
        seeds: seeds 0 to `seeds - 1` of practice and agents.
        tables: of `from nothing`, `after practice`, `by an agent`.

    Raises:
        InputError: there is no such table.
    """
    require_known("table", tables, _TABLES)
    path = (folder / task).resolve()
    loaded = load_task(path)
    about = [identity(loaded.problem), loaded.targets]
    known = {"task": path.stem, "problem": fingerprint(about), "_path": str(path)}
    rows: list[dict[str, Any]] = []
    if "after practice" in tables:
        rows += [{"table": "after practice", **row} for row in _PUBLISHED]
        rows += [row for simulations in training for row in _practised(known, run_dir, simulations, seeds)]
    if "by an agent" in tables:
        rows += [{"table": "by an agent", **row} for row in _PUBLISHED]
        rows += [_by_agent(known, run_dir, moves, seed) for seed in range(seeds)]
    if "from nothing" in tables:
        rows += [_from_nothing(known, run_dir, name, count, budget) for name in optimizers]
    return rows


def _from_nothing(known: Mapping[str, Any], run_dir: Path, optimizer: str, count: int, budget: int) -> dict[str, Any]:
    chosen = np.random.default_rng(0).permutation(len(published_targets()))[:count].tolist()
    units = [
        {
            **known,
            "optimizer": optimizer,
            "settings": dict(OPTIMIZERS[optimizer](0).describe()),
            "targets": chosen[start : start + _CHUNK],
            "budget": budget,
        }
        for start in range(0, count, _CHUNK)
    ]
    found = [row for part in run_units(_search_targets, units, run_dir=run_dir, name="autockt") for row in part["rows"]]
    firsts = [row["first"] for row in found]
    spent = sum(row["simulations"] for row in found)
    return {
        "table": "from nothing",
        "method": optimizer,
        "targets": count,
        **_summary(firsts, budget),
        **{f"with 2 % slack {k}": v for k, v in reached_by([r["first_with_slack"] for r in found], (budget,)).items()},
        "ms per proposal": 1e3 * sum(row["asking"] for row in found) / spent,
        "ms per simulation": 1e3 * sum(row["simulating"] for row in found) / spent,
        "simulations to feasible": firsts,
    }


def _summary(firsts: Sequence[int | None], budget: int) -> dict[str, Any]:
    counts = sorted(np.inf if first is None else first for first in firsts)
    met = [first for first in firsts if first is not None]
    return {
        "met": len(met),
        **reached_by(firsts, budgets_of(budget)),
        "median": _finite(median(counts)),
        "90 %": _finite(counts[int(np.ceil(0.9 * len(counts))) - 1]),
        "mean": mean(met) if met else None,
        "mean spent": mean(min(one, budget) for one in counts),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _search_targets(unit: Mapping[str, Any]) -> dict[str, Any]:
    def optimizer(_specs: tuple[Spec, ...], seed: int) -> Optimizer:
        return OPTIMIZERS[unit["optimizer"]](seed)

    return {"rows": _search_all(own_task(unit["_path"]).problem, unit, optimizer)}


def _search_all(
    problem: SizingProblem, unit: Mapping[str, Any], optimizer: Callable[[tuple[Spec, ...], int], Optimizer]
) -> list[dict[str, Any]]:
    """One search for each target of a unit, with the target's number for a seed."""
    rows = []
    for number in unit["targets"]:
        asked = problem.with_specs(published_targets()[number].specs())
        met = partial(Evaluation.meets, specs=asked.specs)
        trial = search(asked, optimizer(asked.specs, number), unit["budget"], until=met)
        rows.append({"target": number, "design": trial.answer, **trial.as_data()})
    return rows


def _practised(known: Mapping[str, Any], run_dir: Path, simulations: int, seeds: int) -> list[dict[str, Any]]:
    trained = [_train(known, run_dir, simulations, seed) for seed in range(seeds)]
    rows = []
    for seed, experience in enumerate(trained):
        what = {"training": f"{simulations} simulations, seed {seed}", "experience": _digest(experience)}
        found = _answers(_answer_targets, known, run_dir, {**what, "_experience": experience})
        rows.append(
            {
                "table": "after practice",
                "method": "amortised",
                "training simulations": simulations,
                "seed": seed,
                **_of_all(found),
                "by a practised design": sum(row["practised"] for row in found),
            }
        )
    return rows


def _answers(work: Work, known: Mapping[str, Any], run_dir: Path, what: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What came of all targets."""
    units = [
        {**known, **what, "targets": list(range(start, start + 50)), "budget": _ANSWER}
        for start in range(0, len(published_targets()), 50)
    ]
    return [row for part in run_units(work, units, run_dir=run_dir, name="autockt") for row in part["rows"]]


def _of_all(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    firsts = [row["first"] for row in found]
    return {
        "targets": len(found),
        **_summary(firsts, _ANSWER),
        **{f"with 2 % slack {k}": v for k, v in reached_by([r["first_with_slack"] for r in found], (_ANSWER,)).items()},
        "at the first try": firsts.count(1),
        "missed": [row["target"] for row in found if row["first"] is None],
    }


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def _train(known: Mapping[str, Any], run_dir: Path, simulations: int, seed: int) -> str:
    """The file of an experience, trained when it is not there."""
    file = run_dir / f"{known['task']}-{known['problem']}-{simulations}-{seed}.safetensors"
    if not file.is_file():
        with WorkerPool() as simulator:
            task = load_task(known["_path"], simulator=simulator)
            practise(task.problem, task.targets, simulations=simulations, seed=seed, run_dir=run_dir).save(file)
    return str(file.resolve())


def _answer_targets(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    experience = Experience.load(Path(unit["_experience"]), problem)

    def answer(specs: tuple[Spec, ...], seed: int) -> Amortised:
        return Amortised(experience, specs, seed=seed)

    rows = _search_all(problem, unit, answer)
    for row in rows:
        specs = problem.with_specs(published_targets()[row["target"]].specs()).specs
        slacks = Target.of(specs, experience.ensemble.outputs).slacks(experience.scaled)
        row["practised"] = bool((slacks.min(axis=1) >= 0).any())
    return {"rows": rows}


def _by_agent(known: Mapping[str, Any], run_dir: Path, moves: int, seed: int) -> dict[str, Any]:
    from eda.sizing.agent_training import train_agent, trainer  # noqa: PLC0415 - of an extra

    file = run_dir / f"{known['task']}-{known['problem']}-ppo-{moves}-{seed}-{trainer()}.safetensors"
    curve_file = file.with_suffix(".curve.json")
    if not file.is_file():
        with WorkerPool() as simulator:
            task = load_task(known["_path"], simulator=simulator)
            policy, curve = train_agent(task.problem, task.targets, simulations=moves, seed=seed, run_dir=run_dir)
        curve_file.write_text(json.dumps(curve), encoding="utf-8")
        policy.save(file)  # last: where it is, the training is done
    what = {"training": f"ppo, {moves} moves, seed {seed}", "agent": _digest(str(file)), "_agent": str(file.resolve())}
    found = _answers(_play_targets, known, run_dir, what)
    curve = json.loads(curve_file.read_text(encoding="utf-8"))
    return {
        "table": "by an agent",
        "method": "ppo",
        "training simulations": int(curve[-1]["simulations"]),
        "seed": seed,
        **_of_all(found),
        "curve": curve,
    }


def _play_targets(unit: Mapping[str, Any]) -> dict[str, Any]:
    problem = own_task(unit["_path"]).problem
    policy = Policy.load(Path(unit["_agent"]), problem)

    def player(specs: tuple[Spec, ...], seed: int) -> Agent:
        return Agent(policy, specs, seed=seed)

    return {"rows": _search_all(problem, unit, player)}
