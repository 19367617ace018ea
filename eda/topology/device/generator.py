"""The generator of topologies: a trained decoder, its words, and what it was trained on."""

from __future__ import annotations

import hashlib
import random
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from safetensors.torch import save

from eda.errors import InputError, did_you_mean
from eda.nn.decoder import Decoder, DecoderShape
from eda.nn.weights import load_weights, save_weights
from eda.topology.device.novelty import topology_key
from eda.topology.device.sampling import LIMIT, walks
from eda.topology.device.vocabulary import CLASSES, VOCABULARY
from eda.topology.device.walk import read_walk, walk_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.topology.device.topology import Topology

__all__ = ["SHIPPED", "TopologyGenerator", "known_keys"]

SHIPPED: Final = Path(__file__).with_name("generator.safetensors")
"""The weights that come with the package."""

_FORMAT: Final = 1
_ROUNDS: Final = (16, 32, 64)  # walks that are drawn together: few at first, so that the first one comes soon


class TopologyGenerator:
    """Draws topologies of a class.

    Args:
        network: a trained decoder over the words of `VOCABULARY`.
        card: what it was trained on.
    """

    def __init__(self, network: Decoder, card: Mapping[str, Any]) -> None:
        self.network, self.card = network.eval(), dict(card)
        self._known = frozenset(self.card.get("known", ()))

    @classmethod
    def load(cls, path: Path | None = None) -> TopologyGenerator:
        """Read weights; nothing in them is executed.

        Args:
            path: what `save` wrote; the weights of the package when it is not given.

        Raises:
            InputError: they are missing or damaged, or of another vocabulary or version.
        """
        path = path or SHIPPED
        tensors, card = load_weights(path)
        if card.get("format") != _FORMAT or card.get("vocabulary") != _vocabulary():
            raise InputError(
                f"{path} must be the weights of a generator with the words of this version, but it has others; "
                "train it again: python scripts/train_topology.py"
            )
        network = Decoder(DecoderShape(**card["shape"]))
        try:
            network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except RuntimeError:
            raise InputError(f"{path} does not hold the network of its card; train it again") from None
        return cls(network, card)

    def save(self, path: Path) -> None:
        """Write weights, as half-precision numbers, and the card beside them.

        Raises:
            InputError: a file cannot be written.
        """
        tensors = {name: tensor.half().contiguous() for name, tensor in self.network.state_dict().items()}
        card = {"format": _FORMAT, "vocabulary": _vocabulary(), "shape": asdict(self.network.shape), **self.card}
        try:
            save_weights(path, save(tensors), card)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None

    def knows(self, topology: Topology) -> bool:
        """Whether a circuit of training is the same, numbers of ports aside."""
        return topology_key(topology) in self._known

    def topologies(
        self, kind: str, *, seed: int = 0, temperature: float = 1.0, beginning: Topology | None = None
    ) -> Iterator[Topology]:
        """Topologies of a class, one after the other, without end.

        Args:
            kind: one of `CLASSES`.
            seed: of the draws.
            temperature: below 1 for likelier circuits, above 1 for rarer ones.
            beginning: a part of a circuit that all of them have.

        Raises:
            InputError: there is no such class, or the beginning cannot be written in words or completed.
        """
        words = _beginning(kind, beginning, seed)
        limit = min(LIMIT, self.network.shape.context)
        for number, round_seed in enumerate(_seeds(seed)):
            together = _ROUNDS[min(number, len(_ROUNDS) - 1)]
            drawn = walks(self.network, words, together, seed=round_seed, temperature=temperature, limit=limit)
            finished = [walk for walk in drawn if VOCABULARY.words[walk[-1]] == "stop"]
            if not finished:
                raise InputError(
                    f"the circuit to be completed must end within {limit} words, but it has "
                    f"{len(words)}, and none of {together} draws came to an end; leave out a part of it"
                )
            yield from map(read_walk, finished)


def known_keys() -> frozenset[str]:
    """Keys of the circuits that the generator of the package was trained on; none where it has no weights.

    Raises:
        InputError: its card is damaged.
    """
    return frozenset(load_weights(SHIPPED)[1].get("known", ())) if SHIPPED.exists() else frozenset()


def _beginning(kind: str, beginning: Topology | None, seed: int) -> list[int]:
    if kind not in CLASSES:
        raise InputError(f"there is no class {kind!r} to generate. {did_you_mean(kind, CLASSES)}")
    if beginning is None or not beginning.parts:
        return [VOCABULARY.number[kind]]
    return walk_of(beginning, kind, random.Random(seed), whole=False)


def _seeds(seed: int) -> Iterator[int]:
    rng = random.Random(seed)
    while True:
        yield rng.getrandbits(48)


def _vocabulary() -> str:
    """What tells vocabularies apart."""
    return hashlib.sha256(" ".join(VOCABULARY.words).encode()).hexdigest()[:16]
