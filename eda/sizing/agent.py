"""An optimizer that a reinforcement-learning agent plays: its policy proposes the next design from what it sees."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save

from eda.errors import InputError
from eda.nn.weights import load_weights, save_weights
from eda.sizing.environment import Game, Moves
from eda.sizing.experience import require_same
from eda.sizing.optimizer import Optimizer, Outcome, Search, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import DesignSpace, SizingProblem, Spec

__all__ = ["Agent", "Policy"]

_COMMAND: Final = "eda train agent TASK"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """A trained network and the game that it plays.

    Attributes:
        layers: weights `out x in` and biases `out` of its layers, from what is seen to actions.
        activation: between layers, `tanh` or `relu`.
        moves: what its actions do.
        targets: ranges of the bounds that it was trained for, by metric.
        length: moves of an episode.
        card: what it was trained on.
    """

    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
    activation: str
    moves: Moves
    targets: Mapping[str, tuple[float, float]]
    length: int
    card: Mapping[str, Any]

    def outputs(self, seen: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the last layer gives: logits of the moves, or the design before it is squashed."""
        values = np.asarray(seen, dtype=np.float64)
        for number, (weights, biases) in enumerate(self.layers):
            values = weights @ values + biases
            if number < len(self.layers) - 1:
                values = np.tanh(values) if self.activation == "tanh" else np.maximum(values, 0)
        return values

    def act(self, seen: NDArray[np.float32], generator: np.random.Generator) -> NDArray[Any]:
        """An action: drawn by its probability where actions are steps, else the one that the network says."""
        values = self.outputs(seen)
        if self.moves is Moves.DESIGNS:
            return np.tanh(values)
        # the greatest of logits with Gumbel noise is a draw from their distribution
        return np.asarray((values + generator.gumbel(size=values.shape)).reshape(-1, 3).argmax(axis=1))

    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell it from others."""
        hashed = hashlib.sha256(
            repr((self.activation, self.moves.value, sorted(self.targets.items()), self.length)).encode()
        )
        for weights, biases in self.layers:
            hashed.update(np.ascontiguousarray(weights).tobytes() + np.ascontiguousarray(biases).tobytes())
        return hashed.hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write it as safetensors, with a JSON card beside it.

        Raises:
            InputError: a file cannot be written.
        """
        tensors: dict[str, NDArray[np.float32]] = {}
        for number, (weights, biases) in enumerate(self.layers):
            tensors |= {f"{number}.weights": np.ascontiguousarray(weights), f"{number}.biases": biases}
        about = {
            "format": _FORMAT,
            "activation": self.activation,
            "moves": self.moves.value,
            "targets": {name: list(ends) for name, ends in self.targets.items()},
            "length": self.length,
            "card": dict(self.card),
        }
        try:
            save_weights(path, save(tensors), about)
        except (OSError, SafetensorError) as error:
            raise InputError(f"cannot write the agent {path}: {error}") from None

    @classmethod
    def load(cls, path: Path, problem: SizingProblem) -> Policy:
        """Read what `save` wrote; nothing in it is executed.

        Raises:
            InputError: a file is missing or is no agent, or it is one of another problem.
        """
        weights, about = load_weights(path, _COMMAND)
        try:
            tensors = {name: weight.numpy() for name, weight in weights.items()}
            if about["format"] != _FORMAT:
                raise ValueError(f"its format is {about['format']}, and {_FORMAT} is read here")  # noqa: TRY301
            layers = tuple((tensors[f"{n}.weights"], tensors[f"{n}.biases"]) for n in range(len(tensors) // 2))
            targets = {name: (float(low), float(high)) for name, (low, high) in about["targets"].items()}
            policy = cls(layers, about["activation"], Moves(about["moves"]), targets, about["length"], about["card"])
        except (KeyError, TypeError, ValueError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else error
            raise InputError(f"{path} is no agent of eda ({reason}); train it: {_COMMAND}") from None
        asked = [spec.metric.name for spec in problem.specs if not spec.is_objective]
        lacking = [name for name in policy.card.get("metrics", ()) if name not in asked]
        require_same(path, policy.card.get("problem", {}), problem, lacking, _COMMAND)
        return policy


@dataclass(frozen=True, slots=True)
class Agent(Optimizer):
    """Sizes as its policy plays: episode after episode, from the middle of the space.

    A deterministic policy plays its first episode from there, and others from elsewhere.

    Attributes:
        policy: what `train_agent` returned, or `Policy.load`.
        specs: of the problem, whose slacks it sees.
        seed: of its random numbers.

    Raises:
        InputError: a setting that cannot work, or specs on other metrics than it was trained for.
    """

    policy: Policy
    specs: tuple[Spec, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        require(seed=(self.seed, 0))
        asked = [spec.metric.name for spec in self.specs if not spec.is_objective]
        trained = list(self.policy.card.get("metrics", asked))
        if asked != trained:
            raise InputError(
                f"the agent was trained for specs on {', '.join(trained)}, in this order, but got {', '.join(asked)}"
            )

    def start(self, space: DesignSpace, known: Outcome | None = None) -> Search:  # noqa: ARG002 - it begins in the middle
        """A new game."""
        return _Player(self, Game(space, self.policy.moves, self.policy.targets))

    def describe(self) -> Mapping[str, object]:
        """Name and settings; the policy by what its card says of it."""
        training = dict(self.policy.card.get("training", {}))
        return {"optimizer": "agent", "seed": self.seed, "training": training, "policy": self.policy.digest()}


class _Player(Search):
    """Acts on the last outcome alone."""

    def __init__(self, settings: Agent, game: Game) -> None:
        self.settings, self.game = settings, game
        self.generator = np.random.default_rng(settings.seed)
        self.point, self.moves = game.start(), 0

    def ask(self) -> NDArray[np.float64]:
        return self.point[None].copy()

    def revise(self, known: Outcome) -> bool:  # noqa: ARG002 - it does not look back
        return True

    def _restart(self) -> NDArray[np.float64]:
        """Where the next episode begins: elsewhere, if the policy would play the same again from the middle."""
        if self.settings.policy.moves is Moves.DESIGNS:
            return np.asarray(self.game.space.snap(self.generator.random((1, self.game.space.dimension)))[0])
        return self.game.start()

    def tell(self, outcome: Outcome) -> None:
        if self.moves == self.settings.policy.length:
            self.point, self.moves = self._restart(), 0
            return
        seen = self.game.seen(self.point, outcome.slacks[0], self.settings.specs)
        self.point = self.game.moved(self.point, self.settings.policy.act(seen, self.generator))
        self.moves += 1
