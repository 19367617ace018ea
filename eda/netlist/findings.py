"""Findings of the rule check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.netlist.circuit import Location

__all__ = ["Finding", "Severity"]


class Severity(Enum):
    """How bad a finding is."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the rule check.

    Attributes:
        rule: name of the rule.
        severity: how bad it is.
        message: what was found, in a sentence.
        block: the subcircuit; empty for the elements outside any.
        location: place in the file, when there is one.
    """

    rule: str
    severity: Severity
    message: str
    block: str
    location: Location | None = None

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.severity.value}: {self.message} [{self.rule}]"
