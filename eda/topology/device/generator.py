"""The generator of topologies: a trained decoder, its words, and what it was trained on."""

from __future__ import annotations

import hashlib
import random
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors.torch import save

from eda.errors import InputError, did_you_mean
from eda.nn.decoder import Decoder, DecoderShape
from eda.nn.weights import load_weights, save_weights
from eda.topology.device.language import LANGUAGES, NETS, STOP
from eda.topology.device.novelty import topology_key
from eda.topology.device.sampling import texts
from eda.topology.device.topology import Topology
from eda.topology.device.vocabulary import CLASSES, DEVICES, VOCABULARY
from eda.topology.device.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.topology.device.language import Language

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

    Attributes:
        practised: keys of the circuits that it has learned because they are new and work, see `topology_key`.
    """

    def __init__(self, network: Decoder, card: Mapping[str, Any], language: Language = NETS) -> None:
        self.network, self.card, self.language = network.eval(), dict(card), language
        self._known = frozenset(self.card.get("known", ()))
        self.practised = frozenset(self.card.get("practised", ()))

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
        """Whether a circuit of the data is the same, numbers of ports aside."""
        return topology_key(topology) in self._known

    def topologies(
        self,
        kind: str,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        beginning: Topology | None = None,
        devices: int | None = None,
    ) -> Iterator[Topology]:
        """Topologies of a class, one after the other, without end.

        Args:
            kind: one of `CLASSES`.
            seed: of the draws.
            temperature: above 0; below 1 for likelier circuits, above 1 for rarer ones.
            beginning: a part of a circuit that all of them have.
            devices: how many devices they have, or more where these cannot mend all that the beginning lacks; drawn as
                well when it is not given.

        Raises:
            InputError: there is no such class, the temperature is not above 0, the beginning cannot be written in words
                or completed, no circuit of it can have so many devices, or nothing that is drawn is a circuit.
        """
        for drawn in self._rounds(kind, seed, temperature, beginning, devices):
            found = [one for one in drawn if one is not None]
            if not found and beginning is not None:
                (words,) = map(len, self._beginnings(kind, beginning, devices, 1, seed))
                raise InputError(
                    f"the circuit to be completed must end within {self._limit} words, but it has {words}, and no draw "
                    "came to an end; leave out a part of it"
                )
            if not found:
                raise InputError(f"of {len(drawn)} texts none is a circuit: the generator must be trained for longer")
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
        for drawn in self._rounds(kind, seed, temperature, None, None):
            yield from drawn

    @property
    def _limit(self) -> int:
        """Of the words of a text."""
        return min(self.language.limit, self.network.shape.context)

    def _rounds(
        self, kind: str, seed: int, temperature: float, beginning: Topology | None, devices: int | None
    ) -> Iterator[list[Topology | None]]:
        """What is drawn together, round after round."""
        if not temperature > 0:
            raise InputError(f"the temperature must be above 0, but got {temperature:g}")
        for number, round_seed in enumerate(_seeds(seed)):
            begun = self._beginnings(kind, beginning, devices, _ROUNDS[min(number, len(_ROUNDS) - 1)], round_seed)
            drawn = texts(self.network, begun, seed=round_seed, temperature=temperature, language=self.language)
            yield [self._read(text) for text in drawn]

    def _read(self, text: Sequence[int]) -> Topology | None:
        if text[-1] != STOP:
            return None
        try:
            return self.language.read(text)
        except InputError:
            return None

    def _beginnings(
        self, kind: str, beginning: Topology | None, devices: int | None, count: int, seed: int
    ) -> list[list[int]]:
        """What texts begin with: the class; the number of devices where it is said; a walk over what is given."""
        if kind not in CLASSES:
            raise InputError(f"there is no class {kind!r} to generate. {did_you_mean(kind, CLASSES)}")
        given = beginning.parts if beginning else ()
        if not given and devices is None:
            return [[self.language.words.index(kind)]] * count
        if self.language is not NETS:
            raise InputError(
                f"only {NETS.name} can be completed, or have a number of devices, but the generator draws "
                f"{self.language.name}"
            )
        if not len(given) < (DEVICES if devices is None else devices) <= DEVICES:
            asked = "" if devices is None else f", not {devices}"
            raise InputError(
                f"a circuit must have more devices than the {len(given)} that it begins with, and {DEVICES} at "
                f"most{asked}"
            )
        totals = [devices] * count if devices else self._totals(kind, len(given), count, seed)
        if not given:
            return [[VOCABULARY.number[kind], total] for total in totals]
        return [walk_of(Topology(given), kind, random.Random(seed), more=total - len(given)) for total in totals]

    def _totals(self, kind: str, given: int, count: int, seed: int) -> list[int]:
        """How many devices circuits have in all that have more than those given, as the network draws it."""
        with torch.inference_mode():
            logits = self.network(torch.tensor([[VOCABULARY.number[kind]]]))[0, -1, given + 1 : DEVICES + 1]
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.multinomial(torch.softmax(logits, dim=0), count, replacement=True, generator=generator)
        return [given + 1 + int(number) for number in drawn]


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
