"""Results of simulations: waveforms with names, and a status that says in words what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Simulation", "Status", "Waveforms", "failure_reason", "failure_status"]


class Status(Enum):
    """What became of an evaluation; the values are sentences for a table."""

    OK = "ok"
    NO_CONVERGENCE = "no convergence"
    SINGULAR_MATRIX = "singular matrix: a node has no path for direct current, or a loop of voltage sources"
    BAD_DECK = "ngspice refused the deck"
    MISSING_RESULT = "ngspice returned no result"
    TIMEOUT = "timeout"
    CRASHED = "simulator crashed"
    UNDEFINED_METRIC = "undefined metric"


@dataclass(frozen=True, slots=True)
class Waveforms:
    """Vectors of one analysis.

    Attributes:
        scale: the sweep: frequency in Hz, time in s, or the swept value; empty for an operating point.
        vectors: values by name, complex for `Ac`; of one element for an operating point.
    """

    scale: NDArray[np.float64]
    vectors: Mapping[str, NDArray[np.float64] | NDArray[np.complex128]]

    def __getitem__(self, name: str) -> NDArray[np.complex128]:
        return np.asarray(self.vectors[name], dtype=np.complex128)

    def real(self, name: str) -> NDArray[np.float64]:
        """A vector as real numbers."""
        return np.real(np.asarray(self.vectors[name]))

    def value(self, name: str) -> float:
        """The single value of a vector of an operating point."""
        return float(np.real(self.vectors[name][0]))


@dataclass(frozen=True, slots=True)
class Simulation:
    """What one run of a deck gave.

    Attributes:
        status: whether it worked.
        analyses: waveforms by kind of analysis: `op`, `ac`, `dc`, `tran`.
        log: last lines that ngspice printed.
        seconds: time it took.
    """

    status: Status
    analyses: Mapping[str, Waveforms] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every analysis gave its vectors."""
        return self.status is Status.OK


# what ngspice 39 prints, lower case, and what it means; the first that occurs counts
_SYMPTOMS = (
    ("singular matrix", Status.SINGULAR_MATRIX),
    ("timestep too small", Status.NO_CONVERGENCE),
    ("no convergence", Status.NO_CONVERGENCE),
    ("iteration limit", Status.NO_CONVERGENCE),
    ("gmin stepping failed", Status.NO_CONVERGENCE),
    ("source stepping failed", Status.NO_CONVERGENCE),
    ("unknown subckt", Status.BAD_DECK),
    ("could not find a valid modelname", Status.BAD_DECK),
    ("unable to find definition of model", Status.BAD_DECK),
    ("undefined parameter", Status.BAD_DECK),
    ("circular parameter", Status.BAD_DECK),
    ("expression err", Status.BAD_DECK),
    ("cannot compute substitute", Status.BAD_DECK),
    ("no such file", Status.BAD_DECK),
    ("could not find include file", Status.BAD_DECK),
    ("error on line", Status.BAD_DECK),
    ("there aren't any circuits loaded", Status.BAD_DECK),
    ("no circuit", Status.BAD_DECK),
)


def failure_reason(log: str) -> str:
    """The line of an ngspice log that says most about a failure; empty when none does."""
    lines = [line.removeprefix("stderr ").strip() for line in log.splitlines()]
    symptoms = [symptom for symptom, _ in _SYMPTOMS if symptom != "there aren't any circuits loaded"]
    telling = [line for line in lines if any(symptom in line.lower() for symptom in symptoms)]
    errors = [line for line in lines if "error" in line.lower() and "circuits loaded" not in line]
    return next(iter([*telling, *errors]), "")


def failure_status(log: str) -> Status:
    """The status that an ngspice log of a failed run speaks of."""
    folded = log.lower()
    found = ((folded.find(symptom), status) for symptom, status in _SYMPTOMS)
    present = [(at, status) for at, status in found if at >= 0]
    return min(present, key=lambda pair: pair[0])[1] if present else Status.MISSING_RESULT
