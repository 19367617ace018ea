"""The interface of every backend: jobs in, simulations out as they finish."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from eda.errors import InputError, did_you_mean
from eda.simulation.deck import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.simulation.deck import Deck
    from eda.simulation.results import Simulation

__all__ = ["Job", "Simulator"]


@dataclass(frozen=True, slots=True)
class Job:
    """A deck and the parameter values to run it with.

    Raises:
        InputError: the deck has no such parameter, or a value is no finite number.
    """

    deck: Deck
    values: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", folded(self.values))
        for name in self.values:
            if name not in self.deck.parameters:
                raise InputError(f"the deck has no parameter {name!r}. {did_you_mean(name, self.deck.parameters)}")


class Simulator(ABC):
    """Runs decks; a context manager that leaves no process and no file behind."""

    @abstractmethod
    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Simulation]]:
        """Run jobs, yielding (index of the job, its simulation) in the order in which they finish.

        A list may be appended to between two results: a simulator that can takes what is new without waiting for the
        rest, so that no process is idle; others end without it.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop every process; the simulator may be used again."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Name and version of the simulator behind it.

        Raises:
            SimulatorError: it is not installed.
        """

    def simulate(self, jobs: Sequence[Job]) -> list[Simulation]:
        """Run jobs; their simulations in the order of the jobs."""
        results = dict(self.run(jobs))
        return [results[index] for index in range(len(jobs))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
