"""What reading results needs of ngspice's library, and the vectors that it hands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Library", "Vector"]


class Vector(NamedTuple):
    """Values of one of ngspice's vectors, and the name of its type."""

    values: NDArray[Any]
    kind: str = "notype"


class Library(Protocol):
    """What is needed of ngspice's library."""

    exited: bool

    def command(self, text: str) -> int:
        """Run one command."""

    def said(self, text: str) -> list[str]:
        """Run one command; the lines that it printed."""

    def plot(self) -> str:
        """Name of the current plot."""

    def plots(self) -> list[str]:
        """Names of all plots, the newest first."""

    def vectors(self, plot: str) -> list[str]:
        """Names of the vectors of a plot."""

    def vector(self, name: str) -> Vector | None:
        """A copy of a vector, such as `op1.v(out)`; `None` when it is not there.

        A quantity of a device (`op1.@m1[gm]`) that the plot lacks is what the device has at the moment.
        """

    def values(self, name: bytes) -> NDArray[Any] | None:
        """The numbers of a vector by its encoded name; `None` when it is not there."""
