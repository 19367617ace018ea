"""How a network learns the parasitics of a circuit."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn
from torch.nn import functional

from eda.nn.training import Schedule, train
from eda.parasitics.balance import BINS, balanced_softmax, balanced_squares
from eda.parasitics.interconnect import CLASSES, classes
from eda.parasitics.network import ParasiticNetwork
from eda.parasitics.scattering import scattered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from eda.nn.pin_network import PinShape
    from eda.parasitics.interconnect import Interconnect, Pairs

__all__ = ["Known", "Recipe", "trained"]

_RATE: Final = 1e-2
_DECAY: Final = 1e-2
_CLASSES: Final = 0.1  # of the loss, beside that of values
_LEAST_NOISE: Final = -4.6  # logarithm of a hundredth of the scale
_PRESENCE: Final = 0.02
_SHARE: Final = 0.2  # of what is known that a step looks at


@dataclass(frozen=True, slots=True)
class Known:
    """Capacitances to learn from, on the scale of predictions.

    Attributes:
        pairs: `m` couplings.
        couplings: their values.
        places: `q` nets and pins.
        grounds: their values.
        absent: pairs of pins of one device that do not couple.
    """

    pairs: Pairs
    couplings: torch.Tensor
    places: torch.Tensor
    grounds: torch.Tensor
    absent: Pairs


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained.

    Attributes:
        steps: with capacitances.
        scattering: steps before them without.
        balanced: whether rare capacitances weigh as much as frequent ones.
    """

    steps: int = 600
    scattering: int = 60
    balanced: bool = True


def trained(
    circuit: Interconnect,
    known: Known,
    shape: PinShape,
    recipe: Recipe,
    *,
    seed: int,
    state: Path | None = None,
    about: Mapping[str, Any] | None = None,
    after: Callable[[int, float], None] | None = None,
) -> tuple[ParasiticNetwork, float]:
    """A network that has learned from a part of the capacitances of a circuit, and the seconds of a processor of it.

    Args:
        circuit: the whole of it.
        known: what is learned from.
        shape: of the network.
        recipe: how.
        seed: of weights and of what is drawn.
        state: file where training is kept, so that it can be stopped.
        about: what else it depends on, as JSON has it.
        after: called after each step with its number and its loss.

    Raises:
        InputError: the state is that of another training.
    """
    torch.manual_seed(seed)
    network = ParasiticNetwork(shape)
    if recipe.scattering and not (state is not None and state.exists()):
        scattered(network, circuit, rounds=recipe.scattering, seed=seed)
    task = _Task(network, circuit, known, balanced=recipe.balanced)

    def draw(number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        generator = torch.Generator().manual_seed(1_000_003 * seed + number)
        pairs, places = (
            torch.randperm(size, generator=generator)[: math.ceil(_SHARE * size)]
            for size in (len(known.pairs), len(known.places))
        )
        return [(pairs, places)]

    seconds = train(
        task,
        draw,
        task.loss,
        Schedule(recipe.steps, rate=_RATE, decay=_DECAY),
        seed=seed,
        state=state,
        about={"shape": asdict(shape), "recipe": asdict(recipe), **(about or {})},
        after=after,
    )
    return network, seconds


class _Task(nn.Module):
    """The network with what it learns from."""

    def __init__(self, network: ParasiticNetwork, circuit: Interconnect, known: Known, *, balanced: bool) -> None:
        super().__init__()
        self.network, self.circuit, self.known, self.balanced = network, circuit, known, balanced
        self.noise = nn.Parameter(torch.tensor([-3.0, -3.0]))
        self.counts = [torch.bincount(classes(one), minlength=CLASSES).float() for one in
                       (known.couplings, known.grounds)]  # fmt: skip
        self.bins = [torch.histc(one, BINS, 0, 1) for one in (known.couplings, known.grounds)]

    def loss(self, drawn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """Of values and of classes, couplings and grounds alike."""
        known, (pairs, places) = self.known, drawn
        states = self.network.encode(self.circuit)
        couplings = self.network.couplings(states, known.pairs[pairs])
        grounds = self.network.grounds(states, self.circuit.nets)[known.places[places]]
        absent = self.network.couplings(states, known.absent)[:, -1]
        present = couplings[known.pairs.distance[pairs] == 0, -1]
        there = functional.softplus(-present).mean() + functional.softplus(absent).mean()
        return (
            self._of(couplings, known.couplings[pairs], 0)
            + self._of(grounds, known.grounds[places], 1)
            + _PRESENCE * there
        )

    def _of(self, found: torch.Tensor, wanted: torch.Tensor, place: int) -> torch.Tensor:
        value, logits = found[:, 0], found[:, 1:-1]
        if self.balanced:
            noise = torch.exp(self.noise[place].clamp(min=_LEAST_NOISE)) ** 2
            squares = balanced_squares(value, wanted, self.bins[place], noise)
            return squares + _CLASSES * balanced_softmax(logits, classes(wanted), self.counts[place])
        return functional.mse_loss(value, wanted) + _CLASSES * functional.cross_entropy(logits, classes(wanted))
