"""Circuits with terminals opened: what a link predictor is asked, and what it must answer.

The terminal is taken off its net before anything is counted, and every net is a candidate, so that nothing tells the
answer. Bulks and substrates are left out: their nets follow from the rails, and many netlists do not have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from eda.graph.incidence import ROLES
from eda.graph.schema import KINDS

if TYPE_CHECKING:
    from eda.nn.pins import Pins

__all__ = ["NEW", "UNKNOWN", "Openings", "alike", "questions", "without_bulks"]

NEW: Final = -1
"""The answer where a terminal lies on a net of its own."""

UNKNOWN: Final = -2
"""In place of an answer where there is none to learn from."""

_TWO_ENDED: Final = [KINDS.index(letter) for letter in "rcl"]
_PLUS, _MINUS = ROLES.index("plus"), ROLES.index("minus")
_BULK, _SUBSTRATE = ROLES.index("bulk"), ROLES.index("substrate")


def without_bulks(pins: Pins) -> Pins:
    """The same circuits without the pins of bulks and substrates."""
    return pins.keeping((pins.role != _BULK) & (pins.role != _SUBSTRATE))


def alike(devices: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
    """Roles of pins, one for both ends of a resistor, capacitor or inductor: which is written first says nothing.

    Args:
        devices: features of the device of each pin, `p x DEVICE_WIDTH`.
        role: of each pin, `p`.
    """
    return torch.where((devices[:, _TWO_ENDED].sum(1) > 0) & (role == _MINUS), _PLUS, role)


def questions(pins: Pins, least: int = 1) -> torch.Tensor:
    """The pins that can be asked for: `m` places.

    Args:
        pins: circuits.
        least: pins that a net must have, this one included.
    """
    return torch.nonzero(torch.bincount(pins.net, minlength=len(pins.nets))[pins.net] >= least)[:, 0]


@dataclass(frozen=True, slots=True)
class Openings:
    """Circuits with some terminals opened.

    Attributes:
        pins: the circuits side by side, without the opened pins.
        there: `k` booleans: whether a net has pins left, is a port, ground or a supply; others are no candidates.
        device: of each opened terminal, `q` integers.
        role: of each, `q`.
        circuit: of each, `q`.
        answer: `q` nets, `NEW` or `UNKNOWN`.
    """

    pins: Pins
    there: torch.Tensor
    device: torch.Tensor
    role: torch.Tensor
    circuit: torch.Tensor
    answer: torch.Tensor

    @classmethod
    def of(cls, whole: Pins, asked: torch.Tensor) -> Openings:
        """Open pins of circuits.

        A terminal that was alone on its net is on a new one; one whose net goes with other pins has no answer.

        Args:
            whole: circuits side by side.
            asked: the pins, `q` places.
        """
        kept = torch.ones(len(whole.net), dtype=torch.bool)
        kept[asked] = False
        pins = whole.keeping(kept)
        there = (torch.bincount(pins.net, minlength=len(pins.nets)) > 0) | (pins.nets.sum(1) > 0)
        answer = whole.net[asked]
        alone = torch.bincount(whole.net, minlength=len(whole.nets))[answer] == 1
        answer = torch.where(there[answer], answer, torch.where(alone, NEW, UNKNOWN))
        device = whole.device[asked]
        return cls(pins, there, device, whole.role[asked], whole.circuit_of_device[device], answer)

    def pairs(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Each opened terminal with each net of its circuit: two lists of places, by terminal."""
        sizes = torch.bincount(self.pins.circuit_of_net, minlength=self.pins.circuits)
        starts = sizes.cumsum(0) - sizes
        counts = sizes[self.circuit]
        terminal = torch.repeat_interleave(torch.arange(len(self.circuit)), counts)
        first = counts.cumsum(0) - counts
        net = torch.arange(len(terminal)) - first[terminal] + starts[self.circuit][terminal]
        return terminal, net
