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
from eda.topology.device.language import LANGUAGES, NETS, STOP
from eda.topology.device.novelty import topology_key
from eda.topology.device.sampling import texts
from eda.topology.device.vocabulary import CLASSES
from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.topology.device.language import Language
    from eda.topology.device.topology import Topology

__all__ = ["SHIPPED", "TopologyGenerator", "known_keys"]

SHIPPED: Final = Path(__file__).with_name("generator.safetensors")
"""The weights that come with the package."""

_COMMAND: Final = "python scripts/train_topology.py"
_FORMAT: Final = 1
_ROUNDS: Final = (16, 32, 64)  # texts that are drawn together: few at first, so that the first one comes soon


class TopologyGenerator:
    """Draws topologies of a class.

    Args:
        network: a trained decoder over the words of the language.
        card: what it was trained on.
        language: that it has learned.
    """

    def __init__(self, network: Decoder, card: Mapping[str, Any], language: Language = NETS) -> None:
        self.network, self.card, self.language = network.eval(), dict(card), language
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
        tensors, card = load_weights(path, _COMMAND)
        language = LANGUAGES.get(card.get("language", NETS.name))
        if language is None or card.get("format") != _FORMAT or card.get("vocabulary") != _vocabulary(language):
            raise InputError(
                f"{path} must be the weights of a generator with the words of this version, but it has others; "
                f"train it again: {_COMMAND}"
            )
        network = Decoder(DecoderShape(**card["shape"]))
        try:
            network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except RuntimeError:
            raise InputError(f"{path} does not hold the network of its card; train it again") from None
        return cls(network, card, language)

    def save(self, path: Path) -> None:
        """Write weights, as half-precision numbers, and the card beside them.

        Raises:
            InputError: a file cannot be written.
        """
        tensors = {name: tensor.half().contiguous() for name, tensor in self.network.state_dict().items()}
        card = {
            "format": _FORMAT,
            "language": self.language.name,
            "vocabulary": _vocabulary(self.language),
            "shape": asdict(self.network.shape),
            **self.card,
        }
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
        for drawn in self._rounds(kind, seed, temperature, beginning):
            found = [one for one in drawn if one is not None]
            if not found:
                words = len(self._beginning(kind, beginning, seed))
                raise InputError(
                    f"the circuit to be completed must end within {self._limit} words, but it has {words}, and no draw "
                    "came to an end; leave out a part of it"
                )
            yield from found

    def attempts(self, kind: str, *, seed: int = 0, temperature: float = 1.0) -> Iterator[Topology | None]:
        """The same, and nothing in the place of each text that has no end or is no topology.

        Args:
            kind: one of `CLASSES`.
            seed: of the draws.
            temperature: below 1 for likelier circuits, above 1 for rarer ones.

        Raises:
            InputError: there is no such class.
        """
        for drawn in self._rounds(kind, seed, temperature, None):
            yield from drawn

    @property
    def _limit(self) -> int:
        """Of the words of a text."""
        return min(self.language.limit, self.network.shape.context)

    def _rounds(
        self, kind: str, seed: int, temperature: float, beginning: Topology | None
    ) -> Iterator[list[Topology | None]]:
        """What is drawn together, round after round."""
        words = self._beginning(kind, beginning, seed)
        for number, round_seed in enumerate(_seeds(seed)):
            together = _ROUNDS[min(number, len(_ROUNDS) - 1)]
            drawn = texts(
                self.network, words, together, seed=round_seed, temperature=temperature, language=self.language
            )
            yield [self._read(text) for text in drawn]

    def _read(self, text: Sequence[int]) -> Topology | None:
        if text[-1] != STOP:
            return None
        try:
            return self.language.read(text)
        except InputError:
            return None

    def _beginning(self, kind: str, beginning: Topology | None, seed: int) -> list[int]:
        if kind not in CLASSES:
            raise InputError(f"there is no class {kind!r} to generate. {did_you_mean(kind, CLASSES)}")
        if beginning is None or not beginning.parts:
            return [self.language.words.index(kind)]
        if self.language is not NETS:
            raise InputError(f"only {NETS.name} can be completed, but the generator draws {self.language.name}")
        return walk_of(beginning, kind, random.Random(seed), whole=False)


def known_keys() -> frozenset[str]:
    """Keys of the circuits that the generator of the package was trained on; none where it has no weights.

    Raises:
        InputError: its card is damaged.
    """
    return frozenset(load_weights(SHIPPED, _COMMAND)[1].get("known", ())) if SHIPPED.exists() else frozenset()


def _seeds(seed: int) -> Iterator[int]:
    rng = random.Random(seed)
    while True:
        yield rng.getrandbits(48)


def _vocabulary(language: Language) -> str:
    """What tells vocabularies apart."""
    return hashlib.sha256(" ".join(language.words).encode()).hexdigest()[:16]
