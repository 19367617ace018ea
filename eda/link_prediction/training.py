"""How a link predictor is trained: terminals are opened at random, several of a circuit at a time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import torch

from eda.link_prediction.blurring import Blurring, blurred
from eda.link_prediction.network import LinkNetwork
from eda.link_prediction.openings import Openings, questions
from eda.nn.pins import Pins
from eda.nn.training import Schedule, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from eda.nn.pin_network import PinShape

__all__ = ["batches", "trained"]

_VISITS: Final = 4  # of each circuit in a round
_RATE: Final = 2e-3
_DECAY: Final = 0.05

_MOST: Final = 8  # terminals that are opened at once; a sixth of those of a small circuit
_SHARE: Final = 6
_PINS: Final = 3000  # of a batch


def batches(circuits: Sequence[Pins], visits: int, blurring: Blurring, *, seed: int) -> Iterator[Openings]:
    """What a round is trained on: each circuit so often, other terminals opened each time.

    Args:
        circuits: to learn from, one each.
        visits: of each circuit.
        blurring: what changes in them.
        seed: of all that is drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.cat([torch.randperm(len(circuits), generator=generator) for _ in range(visits)]).tolist()
    some: list[Pins] = []
    for number, place in enumerate(order, 1):
        some.append(circuits[place])
        if sum(len(one.net) for one in some) >= _PINS or number == len(order):
            whole = blurred(Pins.joined(some), blurring, generator)
            yield Openings.of(whole, _drawn(whole, generator))
            some = []


def _drawn(whole: Pins, generator: torch.Generator) -> torch.Tensor:
    """The pins that are opened: of each circuit one to eight."""
    asked = questions(whole)
    circuit = whole.circuit_of_device[whole.device[asked]]
    shuffled = torch.randperm(len(asked), generator=generator)
    order = shuffled[torch.argsort(circuit[shuffled], stable=True)]
    sizes = torch.bincount(circuit, minlength=whole.circuits)
    most = (sizes // _SHARE).clamp(1, _MOST)
    count = 1 + (torch.rand(whole.circuits, generator=generator) * most).long()
    place = torch.arange(len(order)) - (sizes.cumsum(0) - sizes)[circuit[order]]
    return asked[order[place < count[circuit[order]]]]


def trained(
    circuits: Sequence[Pins],
    shape: PinShape,
    *,
    rounds: int,
    seed: int,
    blurring: Blurring | None = None,
    state: Path | None = None,
    about: Mapping[str, Any] | None = None,
    after: Callable[[int, float], None] | None = None,
) -> tuple[LinkNetwork, float]:
    """A network that has learned from circuits, and the seconds of a processor that this took.

    Stopped, the same call with a `state` goes on.

    Args:
        circuits: to learn from, one each, see `without_bulks`.
        shape: of the network.
        rounds: over all circuits, four times each.
        seed: of weights and of what is drawn.
        blurring: what changes in circuits.
        state: file where all that is needed to go on is kept after each round.
        about: what else the training depends on, as JSON has it.
        after: called after each round with its number and its mean loss.

    Raises:
        InputError: the state is that of another training.
    """
    torch.manual_seed(seed)
    network = LinkNetwork(shape)
    blurring = blurring or Blurring()

    def content(number: int) -> Iterator[Openings]:
        return batches(circuits, _VISITS, blurring, seed=1_000_003 * seed + number)

    seconds = train(
        network,
        content,
        network.loss,
        Schedule(rounds, rate=_RATE, decay=_DECAY),
        seed=seed,
        state=state,
        about={"shape": asdict(shape), "blurring": asdict(blurring), "circuits": len(circuits), **(about or {})},
        after=after,
    )
    return network, seconds
