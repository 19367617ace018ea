"""Guards: conditions that a working circuit fulfils, whatever its metrics say.

A guard has a margin, positive when it holds, scaled so that about one is a comfortable distance: optimisers see how
far off a design is, and no design with a negative margin counts as feasible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Waveforms

__all__ = ["Guard", "conducting", "output_level", "polarity", "saturated", "stable"]

_LEAKAGE = 10e-9  # A; off currents of minimum devices are below 1 nA in every corner at 125 C
_SATURATION_SCALE = 0.1  # V, a usual saturation margin
# degrees; a pole in the right half-plane leads by 180 and more; the largest lead in 800 random designs was 30
_LARGEST_LEAD = 90.0


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition on the operating point.

    Attributes:
        name: its name.
        margin: at least 0 when it holds.
        detail: what was found, in a sentence.
    """

    name: str
    margin: float
    detail: str

    @property
    def holds(self) -> bool:
        """Whether the condition is met; an undefined margin is not."""
        return self.margin >= 0


def saturated(point: Waveforms, transistors: Mapping[str, str]) -> Guard:
    """Every transistor has a drain-source voltage above its saturation voltage.

    Args:
        point: an operating point with `vds` and `vdsat` of each transistor.
        transistors: their ngspice paths by name, at least one.
    """
    paths = transistors.values()
    excess = [abs(point.value(f"@{path}[vds]")) - abs(point.value(f"@{path}[vdsat]")) for path in paths]
    worst = int(np.argmin(excess))
    detail = f"{list(transistors)[worst]} has vds - vdsat = {excess[worst] * 1e3:.0f} mV"
    return Guard("saturated", min(excess[worst] / _SATURATION_SCALE, 1.0), detail)


def conducting(point: Waveforms, transistors: Mapping[str, str]) -> Guard:
    """Every transistor carries more than leakage (10 nA); a dead bias fails here.

    Args:
        point: an operating point with `id` of each transistor.
        transistors: their ngspice paths by name, at least one.
    """
    currents = np.maximum([abs(point.value(f"@{path}[id]")) for path in transistors.values()], 1e-18)
    worst = int(np.argmin(currents))
    decades = float(np.log10(currents[worst] / _LEAKAGE))
    return Guard(
        "conducting",
        float(np.clip(decades, -1, 1)),
        f"{list(transistors)[worst]} carries {currents[worst]:.3g} A",
    )


def output_level(output: float, centre: float, supply: float) -> Guard:
    """The output rests where the feedback puts it, within a tenth of the supply.

    Args:
        output: output voltage at the operating point, V.
        centre: the voltage that the feedback asks for, V.
        supply: supply voltage, V.
    """
    margin = 1 - abs(output - centre) / (0.1 * supply)
    return Guard("output level", max(margin, -1.0), f"the output rests at {output:.3g} V, asked for {centre:.3g} V")


def polarity(gain: complex) -> Guard:
    """The gain from the non-inverting input is positive.

    Args:
        gain: complex gain at the lowest frequency.
    """
    if gain == 0:
        return Guard("polarity", -1.0, "there is no gain at all")
    degrees = abs(float(np.degrees(np.angle(gain))))
    return Guard("polarity", 1 - degrees / 90, f"the low-frequency phase is {degrees:.0f} degrees")


def stable(lead: float) -> Guard:
    """The open-loop response has no poles in the right half-plane, where a phase margin would mean nothing.

    Args:
        lead: how far the phase leads that of the minimum-phase response with the same magnitude, degrees.
    """
    margin = 1 - lead / _LARGEST_LEAD
    return Guard("stable", float(np.clip(margin, -1, 1)), f"the phase leads by {max(lead, 0.0):.0f} degrees")
