"""Results of simulations: waveforms with names, and a status that says in words what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["LONGEST", "Simulation", "Status", "Waveforms", "failure_reason", "failure_status", "timed_out"]


LONGEST: Final = 1e6
"""Seconds that are waited at most, eleven days: operating systems take no more."""


class Status(Enum):
    """What became of an evaluation; the values are sentences for a table."""

    OK = "ok"
    NO_CONVERGENCE = "no convergence"
    SINGULAR_MATRIX = "singular matrix: a node has no path for direct current, or a loop of voltage sources"
    BAD_DECK = "ngspice refused the deck"
    IMPOSSIBLE_SIZE = "a device has a size that its model does not allow"
    MISSING_RESULT = "ngspice returned no result"
    TIMEOUT = "timeout"
    CRASHED = "simulator crashed"
    UNDEFINED_METRIC = "undefined metric"


@dataclass(frozen=True, slots=True)
class Waveforms:
    """Vectors of one analysis.

    Attributes:
        scale: the sweep: frequency in Hz, time in s, or the swept value; empty where nothing is swept.
        vectors: values by name, complex for small signals over frequency; of one element for an operating point.
        units: units of the vectors by name, such as `V` or `V/√Hz`; empty text for ratios.
        scale_unit: unit of the scale.
        totals: single numbers that belong to the sweep, by name: noise integrated over it, V.
        outer: values of the outer sweep of a nested one; empty for others.
    """

    scale: NDArray[np.float64]
    vectors: Mapping[str, NDArray[np.float64] | NDArray[np.complex128]]
    units: Mapping[str, str] = field(default_factory=dict)
    scale_unit: str = ""
    totals: Mapping[str, float] = field(default_factory=dict)
    outer: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __getitem__(self, name: str) -> NDArray[np.complex128]:
        return np.asarray(self.vectors[name], dtype=np.complex128)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a vector on the grid of the sweep: `(outer, inner)` for a nested one."""
        return (len(self.outer), len(self.scale) // len(self.outer)) if len(self.outer) else self.scale.shape

    def real(self, name: str) -> NDArray[np.float64]:
        """A vector as real numbers."""
        return np.real(np.asarray(self.vectors[name]))

    def grid(self, name: str) -> NDArray[np.float64]:
        """A vector as real numbers in the shape of the sweep, a row for each value of the outer one."""
        return self.real(name).reshape(self.shape)

    def value(self, name: str) -> float:
        """The single value of a vector of an operating point."""
        return float(np.real(self.vectors[name][0]))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, as JSON has them; complex vectors as `{"real": [...], "imag": [...]}`."""
        return {
            "scale": self.scale.tolist(),
            "scale_unit": self.scale_unit,
            "vectors": {name: _plain(np.asarray(vector)) for name, vector in self.vectors.items()},
            "units": dict(self.units),
            "totals": dict(self.totals),
            "outer": self.outer.tolist(),
        }

    def plot(self, *names: str) -> Figure:
        """Plot vectors over the sweep; see `eda.simulation.plots.plot_curves`."""
        from eda.simulation.plots import plot_curves  # noqa: PLC0415 - matplotlib loads slowly, workers never plot

        return plot_curves(self, *names)

    def plot_bode(self, *names: str) -> Figure:
        """Plot magnitude and phase over frequency; see `eda.simulation.plots.plot_bode`."""
        from eda.simulation.plots import plot_bode  # noqa: PLC0415 - matplotlib loads slowly, workers never plot

        return plot_bode(self, *names)

    def plot_noise(self) -> Figure:
        """Plot spectral densities of noise; see `eda.simulation.plots.plot_noise`."""
        from eda.simulation.plots import plot_noise  # noqa: PLC0415 - matplotlib loads slowly, workers never plot

        return plot_noise(self)

    def plot_poles_zeros(self) -> Figure:
        """Plot poles and zeros in the complex plane; see `eda.simulation.plots.plot_poles_zeros`."""
        from eda.simulation.plots import plot_poles_zeros  # noqa: PLC0415 - matplotlib loads slowly, workers never plot

        return plot_poles_zeros(self)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What one run of a deck gave.

    Attributes:
        status: whether it worked.
        analyses: waveforms by name of the analysis: `op`, `ac`, `dc`, `tran` ...
        log: last lines that ngspice printed.
        seconds: time it took.
        measures: results of the deck's `.meas` cards by name, in the unit of what they measure.
        failed_measures: why a `.meas` card has no result, by name.
    """

    status: Status
    analyses: Mapping[str, Waveforms] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    measures: Mapping[str, float] = field(default_factory=dict)
    failed_measures: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every analysis gave its vectors."""
        return self.status is Status.OK

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and texts, as JSON has them."""
        return {
            "status": self.status.value,
            "seconds": self.seconds,
            "analyses": {name: waveforms.to_dict() for name, waveforms in self.analyses.items()},
            "measures": dict(self.measures),
            "failed_measures": dict(self.failed_measures),
            "log": self.log,
        }


def _plain(vector: NDArray[Any]) -> list[float] | dict[str, list[float]]:
    if np.iscomplexobj(vector):
        return {"real": vector.real.tolist(), "imag": vector.imag.tolist()}
    numbers: list[float] = vector.tolist()
    return numbers


# what ngspice 39 prints, lower case, and what it means; the first that occurs counts
_SYMPTOMS = (
    ("parameter checking for", Status.IMPOSSIBLE_SIZE),
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


def timed_out(seconds: float) -> Simulation:
    """What comes of a job that was given up after so many seconds."""
    return Simulation(Status.TIMEOUT, log=f"no result after {seconds:g} s", seconds=seconds)


def failure_reason(log: str) -> str:
    """The line of an ngspice log that says most about a failure; empty when none does."""
    lines = [line.removeprefix("stderr ").strip() for line in log.splitlines()]
    symptoms = [symptom for symptom, _ in _SYMPTOMS if symptom != "there aren't any circuits loaded"]
    telling = [line for line in lines if any(symptom in line.lower() for symptom in symptoms)]
    errors = [line for line in lines if "error" in line.lower() and "circuits loaded" not in line]
    return next(iter([*telling, *errors, *(lines if len(lines) == 1 else [])]), "")


def failure_status(log: str) -> Status:
    """The status that an ngspice log of a failed run speaks of."""
    folded = log.lower()
    found = ((folded.find(symptom), status) for symptom, status in _SYMPTOMS)
    present = [(at, status) for at, status in found if at >= 0]
    return min(present, key=lambda pair: pair[0])[1] if present else Status.MISSING_RESULT
