"""Sizing as a game for reinforcement learning: a gymnasium environment.

Two ways to move, each that of a paper. `steps`: every variable goes one step down, stays, or goes one step up, from
the middle of the space (AutoCkt: K. Settaluri et al., DATE 2020). `designs`: an action is a whole design (L2DC:
H. Wang et al., "Learning to design circuits", 2018). Changed: specs are strict, the guards of a working circuit count
as one more spec, and what is missing is measured by slack.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import gymnasium
import numpy as np
from gymnasium.spaces import Box, MultiDiscrete

from eda.errors import InputError, parse_choice, require_known, require_type
from eda.problem import SizingProblem, Spec
from eda.problem.spec import read_targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, Evaluation

__all__ = ["Game", "Moves", "SizingEnv", "draw_specs"]

_STEPS: Final = 50  # from one end of a variable to the other: either is within reach in an episode
_SUCCESS: Final = 10.0  # AutoCkt's reward for a design that meets everything


class Moves(Enum):
    """What an action does."""

    STEPS = "steps"
    DESIGNS = "designs"


@dataclass(frozen=True, slots=True)
class Game:
    """What an agent sees and what its actions do; the same in training and in use.

    Attributes:
        space: the design space.
        moves: what actions do.
        targets: by metric, the range of bounds that is played; of others the bound is always the same.
    """

    space: DesignSpace
    moves: Moves
    targets: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def start(self) -> NDArray[np.float64]:
        """`d` coordinates of the middle of the space, on its grid."""
        return self._on_grid(np.full(self.space.dimension, 0.5))

    def moved(self, point: NDArray[np.float64], action: NDArray[Any]) -> NDArray[np.float64]:
        """The design after an action.

        Args:
            point: `d` coordinates of the design before.
            action: `d` integers 0, 1, 2 (down, stay, up), or `d` numbers in [-1, 1] across the space.
        """
        if self.moves is Moves.DESIGNS:
            return self._on_grid((np.asarray(action, dtype=float) + 1) / 2)
        direction = np.asarray(action) - 1
        reach = np.full(len(point), 1 / _STEPS)
        there = self._on_grid(point + direction * reach)
        # where the grid is coarser than that, a step leads to its next value
        while np.any(stuck := (there == point) & (direction != 0) & (reach < 1)):
            reach = np.where(stuck, 2 * reach, reach)
            there = self._on_grid(point + direction * reach)
        return there

    def _on_grid(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        snapped: NDArray[np.float64] = self.space.snap(np.clip(point, 0, 1)[None])[0]
        return snapped

    def seen(
        self, point: NDArray[np.float64], slacks: NDArray[np.float64], specs: Sequence[Spec]
    ) -> NDArray[np.float32]:
        """What an agent observes: the slacks, where bounds lie within their ranges, and the design.

        Args:
            point: `d` coordinates.
            slacks: `c` slacks of the specs, and of the guards.
            specs: the specs.

        Returns:
            `c + k + d` numbers in [-1, 1].
        """
        bounds = [
            2 * _share(spec, *self.targets[spec.metric.name]) - 1
            for spec in specs
            if spec.bound is not None and spec.metric.name in self.targets
        ]
        return np.clip(np.concatenate((slacks, bounds, 2 * point - 1)), -1, 1).astype(np.float32)

    def describe(self) -> dict[str, Any]:
        """As JSON data."""
        return {"moves": self.moves.value, "targets": {name: list(ends) for name, ends in sorted(self.targets.items())}}


def _share(spec: Spec, low: float, high: float) -> float:
    """Where the bound of a spec lies in a range, in decades where the metric is logarithmic."""
    assert spec.bound is not None
    if low == high:
        return 0.5
    if spec.metric.logarithmic:
        return float(np.log(spec.bound / low) / np.log(high / low))
    return (spec.bound - low) / (high - low)


def draw_specs(
    specs: Sequence[Spec], targets: Mapping[str, tuple[float, float]], generator: np.random.Generator, beyond: float = 0
) -> list[Spec]:
    """Specs with bounds from ranges, uniform in decades where the metric is logarithmic.

    Args:
        specs: whose bounds are replaced, where there is a range.
        targets: ranges by metric.
        generator: of random numbers.
        beyond: what is drawn beyond the ends, by the range.
    """
    found = [
        spec if spec.bound is None else _drawn(spec, targets, generator.uniform(-beyond, 1 + beyond)) for spec in specs
    ]
    for (low, least), (high, most) in itertools.permutations(enumerate(found), 2):
        if (least.metric, least.sense, most.sense) == (most.metric, ">=", "<="):  # there must be room between them
            bounds = sorted((least.bound or 0.0, most.bound or 0.0))
            found[low], found[high] = replace(least, bound=bounds[0]), replace(most, bound=bounds[1])
    return found


def _drawn(spec: Spec, targets: Mapping[str, tuple[float, float]], share: float) -> Spec:
    if spec.metric.name not in targets:
        return spec
    low, high = targets[spec.metric.name]
    bound = low * (high / low) ** share if spec.metric.logarithmic else low + share * (high - low)
    return Spec(spec.metric, spec.sense, float(bound))


class SizingEnv(gymnasium.Env[Any, Any]):
    """Size a circuit move by move.

    An episode ends when everything is met, or after so many moves. The reward is minus what is missing, and 10 when
    nothing is; with an objective it is then up to one more or less than that, by how much better or worse the objective
    is than at the start of the episode (`tanh` of decades, or of shares of it), and the episode goes on. Specs that are
    given are played by `reset(options={"specs": [...]})`; else their bounds are drawn from `targets`.

    Args:
        problem: circuit, testbench, specs; its simulator is used.
        moves: `"steps"` or `"designs"`.
        targets: by metric of a spec, the range that bounds are drawn from, such as `("1 MHz", "25 MHz")`.
        length: moves of an episode.

    Raises:
        InputError: an unknown way to move, a target of no spec, or a length below 1.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - gymnasium's own
    render_mode: str | None = None

    def __init__(
        self,
        problem: SizingProblem,
        *,
        moves: Moves | str = Moves.STEPS,
        targets: Mapping[str, Sequence[str | float]] | None = None,
        length: int = 30,
    ) -> None:
        require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
        require_type("length", length, int, "30")
        if length < 1:
            raise InputError(f"`length >= 1` must hold, but got {length}")
        self.problem, self.length = problem, length
        played = read_targets(targets or {}, problem.specs)
        self.game = Game(problem.space, parse_choice(Moves, moves, "way to move"), played)
        self.specs = problem.specs
        self.point = self.game.start()
        self.reference = np.inf
        self.moves_made: int | None = None
        dimension = problem.space.dimension
        self.action_space = (
            MultiDiscrete([3] * dimension)
            if self.game.moves is Moves.STEPS
            else Box(-1.0, 1.0, (dimension,), dtype=np.float32)
        )
        bounded = [spec.metric.name for spec in problem.specs if not spec.is_objective]
        seen = len(bounded) + 1 + len([name for name in bounded if name in self.game.targets]) + dimension
        self.observation_space = Box(-1.0, 1.0, (seen,), dtype=np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in the middle of the space."""
        design = self.begin(seed=seed, options=options)
        (evaluation,) = self.problem.evaluate([design])
        return self.first(evaluation)

    def step(self, action: NDArray[Any]) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Make a move."""
        (evaluation,) = self.problem.evaluate([self.propose(action)])
        return self.judge(evaluation)

    # the halves of `reset` and `step` before and after simulation: several environments simulate together

    def begin(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> dict[str, float]:
        """The design that an episode begins with.

        Raises:
            InputError: an unknown option, or specs that differ from the problem's by more than their bounds.
        """
        super().reset(seed=seed)
        require_known("option", options or {}, ("specs",))
        given = (options or {}).get("specs")
        drawn = draw_specs(self.problem.specs, self.game.targets, self.np_random)
        self.specs = self._played(given) if given else tuple(drawn)
        self.point, self.moves_made = self.game.start(), 0
        return self.problem.space.decode(self.point)

    def _played(self, given: Sequence[str | Spec]) -> tuple[Spec, ...]:
        """Specs in place of the problem's, of which only the bounds may be others: what is seen has one shape."""
        specs = self.problem.with_specs(given).specs
        for one, own in itertools.zip_longest(specs, self.problem.specs):
            if one is None or own is None or (one.metric, one.sense) != (own.metric, own.sense):
                raise InputError(
                    "specs of an episode are those of the problem with other bounds, in the same order: "
                    f"{'; '.join(map(str, self.problem.specs))}; but got {'; '.join(map(str, specs))}"
                )
        return specs

    def first(self, evaluation: Evaluation) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """What is seen of the design that an episode starts with."""
        self.reference = evaluation.cost(self.specs)
        return self._seen(evaluation), {"evaluation": evaluation}

    def propose(self, action: NDArray[Any]) -> dict[str, float]:
        """The design that a move leads to.

        Raises:
            InputError: it is no action of this space, or no episode has begun.
        """
        if self.moves_made is None:
            raise InputError("an episode begins with reset()")
        if not self.action_space.contains(np.asarray(action, dtype=self.action_space.dtype)):
            raise InputError(f"an action is one of {self.action_space}, but got {action!r}")
        self.point = self.game.moved(self.point, action)
        self.moves_made += 1
        return self.problem.space.decode(self.point)

    def judge(self, evaluation: Evaluation) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """What came of it: what is seen, reward, whether the goal is reached, whether time is up."""
        assert self.moves_made is not None
        feasible = evaluation.meets(self.specs)
        objective = next((spec for spec in self.specs if spec.is_objective), None)
        reward = -evaluation.violation(self.specs)
        if feasible:
            reward = _SUCCESS + (self._gain(objective, evaluation.cost(self.specs)) if objective else 0.0)
        info = {"evaluation": evaluation, "is_success": feasible}
        over = feasible and objective is None
        return self._seen(evaluation), reward, over, self.moves_made >= self.length, info

    def _gain(self, objective: Spec, cost: float) -> float:
        """How much better than at the start the objective is, within -1 and 1."""
        reference = self.reference if np.isfinite(self.reference) else 0.0
        unit = 1.0 if objective.metric.logarithmic else abs(reference) or 1.0
        return float(np.tanh((reference - cost) / unit))

    def _seen(self, evaluation: Evaluation) -> NDArray[np.float32]:
        return self.game.seen(self.point, evaluation.slacks(self.specs), self.specs)
