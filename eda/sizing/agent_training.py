"""Training of agents by Stable-Baselines3: PPO, the algorithm of AutoCkt, and DDPG, that of L2DC.

What they see and how they are set is not as published: slacks, bounds and sizes, and small networks of two or three
layers. L2DC's agent sees the operating points of transistors as well.
"""

from __future__ import annotations

import itertools
import math
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError, require_type
from eda.problem import SizingProblem
from eda.sizing.agent import Policy
from eda.sizing.environment import Moves, SizingEnv
from eda.sizing.experience import identity
from eda.sizing.optimizer import require
from eda.sizing.store import Record, RunStore, run_folder
from eda.sizing.versions import versions

try:
    import torch
    from stable_baselines3 import DDPG, PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.noise import NormalActionNoise
    from stable_baselines3.common.vec_env import VecEnv
except ImportError:
    raise InputError("agents are trained by Stable-Baselines3: pip install 'analog-eda[rl]'") from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import Evaluation

__all__ = ["ALGORITHMS", "train_agent", "trainer"]

ALGORITHMS: Final[Mapping[str, Moves]] = {"ppo": Moves.STEPS, "ddpg": Moves.DESIGNS}
"""By name, how their actions move."""
_ROUND: Final = 1200  # moves between updates of PPO: AutoCkt's batch
_WIDTH: Final = 64
_PASSES: Final = 10  # of PPO over each batch
_RATES: Final = {"ppo": 3e-4, "ddpg": 1e-3}
_EXPLORED: Final = 100  # designs of DDPG before it learns
_NOISE: Final = 0.2  # deviation of DDPG's actions from its policy's


def train_agent(
    problem: SizingProblem,
    targets: Mapping[str, tuple[float, float]] | None = None,
    *,
    algorithm: str = "ppo",
    simulations: int = 50_000,
    seed: int = 0,
    length: int = 30,
    together: int = 16,
    watch: Callable[[Evaluation], None] | None = None,
    run_dir: str | Path = "runs",
    progress: bool = True,
) -> tuple[Policy, list[dict[str, float]]]:
    """Train a policy on a problem.

    Every simulation is recorded in a run's folder: the same call again, or one with more moves, trains anew but
    simulates none of them again.

    Args:
        problem: circuit, testbench, specs; its simulator is used.
        targets: by metric of a spec, the range that bounds are drawn from.
        algorithm: `"ppo"` (moves by steps) or `"ddpg"` (proposes designs).
        simulations: moves to train with, each with its simulation; PPO makes some more, for its rounds to be whole and
            alike. Designs met before are neither simulated nor counted again.
        seed: of all random numbers.
        length: moves of an episode.
        together: episodes at a time, simulated together.
        watch: is told every design that is met for the first time, in their order.
        run_dir: where run folders are made; that of the training is named by what it is.
        progress: whether to show progress on stderr.

    Returns:
        The policy, and the training curve: by moves the simulations so far, and of the episodes that ended since the
        last row the mean reward, length and share that met everything; with an objective the least cost so far.

    Raises:
        InputError: an unknown algorithm, a setting that cannot work, or Stable-Baselines3 is missing.
        RunStoreError: the run's folder cannot be written, or is in use.
        SimulatorError: ngspice is missing.
    """
    require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
    require(simulations=(simulations, _EXPLORED + 1), seed=(seed, 0), length=(length, 1), together=(together, 1))
    if algorithm not in ALGORITHMS:
        raise InputError(f"agents are trained by {' or '.join(ALGORITHMS)}, but got {algorithm!r}")
    moves = ALGORITHMS[algorithm]
    together = together if algorithm == "ppo" else 1
    games = [SizingEnv(problem, moves=moves, targets=targets, length=length) for _ in range(together)]
    given = {name: (float(low), float(high)) for name, (low, high) in (targets or {}).items()}
    settings = {"seed": seed, "length": length, "together": together, "targets": given}
    about = {
        "problem": problem.describe(),
        "optimizer": {"optimizer": f"training of {algorithm}", **settings},
        "versions": versions("gymnasium", "stable-baselines3"),
    }
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the networks are small
    try:
        with RunStore(run_folder(run_dir, about), about) as store:
            arena = _Arena(games, store, watch)
            if arena.known and progress:
                sys.stderr.write(f"{problem.name}: {len(arena.known)} simulations are on disk, and are not repeated\n")
            model = _learner(algorithm, arena, seed, simulations)
            curve = _Curve(problem, arena, shown=progress)
            model.learn(total_timesteps=simulations, callback=curve)
    finally:
        torch.set_num_threads(threads)
    card = {
        "problem": identity(problem),
        "metrics": [spec.metric.name for spec in problem.specs if not spec.is_objective],
        "training": {
            "algorithm": algorithm,
            "moves": int(model.num_timesteps),
            "seed": seed,
            "simulations": len(arena.met),
        },
    }
    activation = "tanh" if algorithm == "ppo" else "relu"
    return Policy(_layers(model, algorithm), activation, moves, given, length, card), curve.rows


def trainer() -> str:
    """What trains agents, with its version."""
    return f"stable-baselines3-{version('stable-baselines3')}"


def _learner(algorithm: str, arena: _Arena, seed: int, simulations: int) -> Any:
    common: dict[str, Any] = {
        "policy": "MlpPolicy",
        "env": arena,
        "seed": seed,
        "learning_rate": _RATES[algorithm],
        "device": "cpu",
    }
    if algorithm == "ppo":
        rounds = math.ceil(simulations / _ROUND)
        least = math.ceil(simulations / rounds / arena.num_envs)
        steps, batch = next(_batches(least, arena.num_envs))
        return PPO(
            **common,
            n_steps=steps,
            batch_size=batch,
            n_epochs=_PASSES,
            ent_coef=0.01,
            policy_kwargs={"net_arch": [_WIDTH, _WIDTH, _WIDTH]},
        )
    dimension = arena.action_space.shape[0] if arena.action_space.shape else 1
    return DDPG(
        **common,
        learning_starts=_EXPLORED,
        batch_size=64,
        action_noise=NormalActionNoise(np.zeros(dimension), np.full(dimension, _NOISE)),
        policy_kwargs={"net_arch": [_WIDTH, _WIDTH]},
    )


def _batches(least: int, together: int) -> Iterator[tuple[int, int]]:
    """From so many steps on, those whose moves make some ten batches without a rest, 20 at most, and their size."""
    for steps in itertools.count(least):
        moves = steps * together
        size = next(size for size in range(max(moves // 10, 1), 0, -1) if moves % size == 0)
        if 20 * size >= moves:
            yield steps, size


def _layers(model: Any, algorithm: str) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]:
    """The linear layers from what is seen to actions."""
    policy = model.policy
    parts = [*policy.mlp_extractor.policy_net, policy.action_net] if algorithm == "ppo" else list(policy.actor.mu)
    linear = [part for part in parts if isinstance(part, torch.nn.Linear)]
    return tuple((one.weight.detach().numpy().copy(), one.bias.detach().numpy().copy()) for one in linear)


class _Arena(VecEnv):
    """Games that are simulated together, on all workers of the problem's simulator; what was met is remembered."""

    def __init__(self, games: Sequence[SizingEnv], store: RunStore, watch: Callable[[Evaluation], None] | None) -> None:
        self.store, self.watch = store, watch
        self.games, self.problem = list(games), games[0].problem
        super().__init__(len(games), games[0].observation_space, games[0].action_space)
        self.known = {tuple(one.evaluation.design.values()): one.evaluation for one in store.records()}
        self.met: set[tuple[float, ...]] = set()
        self.best = np.inf
        self._actions: NDArray[Any] = np.empty(0)

    def _evaluate(self, designs: Sequence[Mapping[str, float]]) -> list[Evaluation]:
        keys = [tuple(design.values()) for design in designs]
        fresh = {key: design for key, design in zip(keys, designs, strict=True) if key not in self.met}
        missing = {key: design for key, design in fresh.items() if key not in self.known}
        for key, evaluation in zip(missing, self.problem.evaluate(list(missing.values())), strict=True):
            point = tuple(self.problem.space.encode(missing[key]).tolist())
            self.store.add(Record(len(self.known), 0, 0, point, evaluation))
            self.known[key] = evaluation
        for key in fresh:
            self.met.add(key)
            if self.watch is not None:
                self.watch(self.known[key])
        return [self.known[key] for key in keys]

    def reset(self) -> NDArray[np.float32]:
        seeds = self._seeds
        designs = [game.begin(seed=seed) for game, seed in zip(self.games, seeds, strict=True)]
        self._reset_seeds()
        seen = [game.first(one)[0] for game, one in zip(self.games, self._evaluate(designs), strict=True)]
        return np.array(seen)

    def step_async(self, actions: NDArray[Any]) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        designs = [game.propose(action) for game, action in zip(self.games, self._actions, strict=True)]
        results = [game.judge(one) for game, one in zip(self.games, self._evaluate(designs), strict=True)]
        infos: list[dict[str, Any]] = []
        for seen, _, terminated, truncated, info in results:
            evaluation = info["evaluation"]
            if info["is_success"] and any(spec.is_objective for spec in self.problem.specs):
                self.best = min(self.best, evaluation.cost(self.problem.specs))
            ended = terminated or truncated
            last = {"terminal_observation": seen, "TimeLimit.truncated": truncated and not terminated} if ended else {}
            infos.append({"is_success": info["is_success"], **last})
        ends = np.array([terminated or truncated for _, _, terminated, truncated, _ in results])
        fresh = [game for game, ended in zip(self.games, ends, strict=True) if ended]
        begun = self._evaluate([game.begin() for game in fresh]) if fresh else []
        first = {id(game): game.first(one)[0] for game, one in zip(fresh, begun, strict=True)}
        shown = [first.get(id(game), row[0]) for game, row in zip(self.games, results, strict=True)]
        return np.array(shown), np.array([row[1] for row in results], dtype=np.float32), ends, infos

    def close(self) -> None:
        pass

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.games[index], attr_name) for index in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        for index in self._get_indices(indices):
            setattr(self.games[index], attr_name, value)

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        return [getattr(self.games[i], method_name)(*method_args, **method_kwargs) for i in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:  # noqa: ARG002
        return [False for _ in self._get_indices(indices)]


class _Curve(BaseCallback):
    """Writes down how training goes."""

    def __init__(self, problem: SizingProblem, arena: _Arena, *, shown: bool) -> None:
        super().__init__()
        self.problem, self.arena, self.shown = problem, arena, shown
        self.rows: list[dict[str, float]] = []
        self.ended: list[tuple[float, int, bool]] = []
        self.rewards = np.zeros(arena.num_envs)
        self.lengths = np.zeros(arena.num_envs, dtype=int)

    def _on_step(self) -> bool:
        self.rewards += self.locals["rewards"]
        self.lengths += 1
        for place, ended in enumerate(self.locals["dones"]):
            if ended:
                met = bool(self.locals["infos"][place]["is_success"])
                self.ended.append((float(self.rewards[place]), int(self.lengths[place]), met))
                self.rewards[place], self.lengths[place] = 0.0, 0
        if self.num_timesteps // _ROUND > len(self.rows):
            self._write()
        return True

    def _on_training_end(self) -> None:
        if not self.rows or self.rows[-1]["moves"] < self.num_timesteps:
            self._write()

    def _write(self) -> None:
        ended, self.ended = self.ended, []
        row = {"moves": float(self.num_timesteps), "simulations": float(len(self.arena.met))}
        if ended:
            rewards, lengths, met = zip(*ended, strict=True)
            row |= {"reward": float(np.mean(rewards)), "length": float(np.mean(lengths)), "met": float(np.mean(met))}
        if np.isfinite(self.arena.best):
            row["best cost"] = float(self.arena.best)
        self.rows.append(row)
        if self.shown:
            words = ", ".join(f"{name} {value:.4g}" for name, value in row.items())
            sys.stderr.write(f"{self.problem.name}: {words}\n")
            sys.stderr.flush()
