"""Variation of a process: what a kit's library says of process spread and of mismatch, and how to switch it on."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the fields of a dataclass
from dataclasses import dataclass, field
from enum import Enum

from eda.errors import parse_choice

__all__ = ["Statistics", "Variation", "parse_variation"]


class Variation(Enum):
    """What varies from sample to sample; the values are words for a table."""

    NONE = "no variation"
    MISMATCH = "mismatch"
    PROCESS = "process"
    BOTH = "process and mismatch"

    @property
    def process(self) -> bool:
        """Whether all devices vary together."""
        return self in {Variation.PROCESS, Variation.BOTH}

    @property
    def mismatch(self) -> bool:
        """Whether every device varies by itself."""
        return self in {Variation.MISMATCH, Variation.BOTH}


def parse_variation(text: str | Variation) -> Variation:
    """A variation by its name: `none`, `mismatch`, `process`, `both`.

    Raises:
        InputError: there is no such variation.
    """
    return parse_choice(Variation, text, "variation")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Where a kit's library has its statistics.

    Attributes:
        process: parameters of the library that switch process spread on.
        mismatch: parameters of the library that switch mismatch on.
        corner: the corner that holds process spread, where it is one of its own.
    """

    process: Mapping[str, float] = field(default_factory=dict)
    mismatch: Mapping[str, float] = field(default_factory=dict)
    corner: str = ""
