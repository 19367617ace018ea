"""Guards: conditions that a working circuit fulfils, whatever its metrics say.

A guard has a margin, positive when it holds, scaled so that about one is a comfortable distance: optimisers see how
far off a design is, and no design with a negative margin counts as feasible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.testbench.measurements import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Waveforms
    from eda.testbench.measurements import Value

__all__ = [
    "REGIONS",
    "Guard",
    "biased",
    "check_regions",
    "closed_loop",
    "conducting",
    "defined",
    "output_level",
    "polarity",
    "read_regions",
    "saturated",
    "stable",
    "within",
]

REGIONS: Final = ("saturation", "triode", "cutoff", "any")
"""Where a transistor may be meant to work; nothing is asked of `any`."""

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
        parts: by transistor, what the margin is the least of, unlimited: optimizers learn from them where to go.
    """

    name: str
    margin: float
    detail: str
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def holds(self) -> bool:
        """Whether the condition is met; an undefined margin is not."""
        return self.margin >= 0


def read_regions(regions: Mapping[str, str] | None) -> dict[str, str]:
    """Regions by the name of the transistor, as a testbench is given them.

    Raises:
        InputError: there is no such region.
    """
    folded = {name.lower(): region for name, region in (regions or {}).items()}
    for name, region in folded.items():
        if region not in REGIONS:
            raise InputError(f"the region of {name} cannot be {region!r}. {did_you_mean(region, REGIONS)}")
    return folded


def check_regions(regions: Mapping[str, str], transistors: Mapping[str, str]) -> None:
    """Check that regions are those of transistors that a circuit has.

    Raises:
        InputError: one is not.
    """
    for name in regions:
        if name not in transistors:
            known = did_you_mean(name, transistors)
            raise InputError(f"a region is given for {name!r}, which is no transistor of the circuit. {known}")


def saturated(point: Waveforms, transistors: Mapping[str, str], regions: Mapping[str, str]) -> Guard:
    """Every transistor is in the region that it is meant for: saturation, unless said otherwise.

    Args:
        point: an operating point with `id`, `vds` and `vdsat` of each transistor.
        transistors: their ngspice paths by name, at least one.
        regions: by name, one of `REGIONS` in place of saturation.
    """
    found = {
        name: _in_region(name, path, point, regions.get(name, "saturation"))
        for name, path in transistors.items()
        if regions.get(name) != "any"
    }
    name = "regions" if regions else "saturated"
    if not found:
        return Guard(name, 1.0, "no transistor has a region to keep")
    parts = {transistor: margin for transistor, (margin, _) in found.items()}
    worst = list(found)[int(np.argmin(list(parts.values())))]  # an undefined one first
    return Guard(name, min(parts[worst], 1.0), found[worst][1], parts)


def _in_region(name: str, path: str, point: Waveforms, region: str) -> tuple[float, str]:
    """Margin and finding of one transistor."""
    if region == "cutoff":
        current = abs(point.value(f"@{path}[id]"))
        decades = float(np.log10(max(current, 1e-18) / _LEAKAGE))
        return -decades, f"{name} carries {current:.3g} A, but is meant to be off"
    excess = abs(point.value(f"@{path}[vds]")) - abs(point.value(f"@{path}[vdsat]"))
    sign = 1 if region == "saturation" else -1
    return sign * excess / _SATURATION_SCALE, f"{name} has vds - vdsat = {excess * 1e3:.0f} mV"


def conducting(point: Waveforms, transistors: Mapping[str, str], regions: Mapping[str, str]) -> Guard:
    """Every transistor carries more than leakage (10 nA); a dead bias fails here.

    Args:
        point: an operating point with `id` of each transistor.
        transistors: their ngspice paths by name, at least one.
        regions: see `saturated`; those with `cutoff` and `any` may carry nothing.
    """
    live = {n: path for n, path in transistors.items() if regions.get(n) not in {"cutoff", "any"}}
    if not live:
        return Guard("conducting", 1.0, "no transistor has to carry current")
    currents = np.maximum([abs(point.value(f"@{path}[id]")) for path in live.values()], 1e-18)
    worst = int(np.argmin(currents))
    decades = float(np.log10(currents[worst] / _LEAKAGE))
    return Guard(
        "conducting",
        float(np.clip(decades, -1, 1)),
        f"{list(live)[worst]} carries {currents[worst]:.3g} A",
    )


def biased(point: Waveforms, transistors: Mapping[str, str], regions: Mapping[str, str]) -> tuple[Guard, ...]:
    """The guards on the operating point of transistors; none for a circuit that has none."""
    if not transistors:
        return ()
    return (conducting(point, transistors, regions), saturated(point, transistors, regions))


def output_level(output: float, centre: float, supply: float, name: str = "output level") -> Guard:
    """The output rests where the feedback puts it, within a tenth of the supply.

    Args:
        output: output voltage at the operating point, V.
        centre: the voltage that the feedback asks for, V.
        supply: supply voltage, V.
        name: of the guard.
    """
    margin = 1 - abs(output - centre) / (0.1 * supply)
    return Guard(name, max(margin, -1.0), f"the output rests at {output:.3g} V, asked for {centre:.3g} V")


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


def closed_loop(phase_margin: Value, crossings: int = 1) -> Guard:
    """The amplifier is stable with unity feedback: its phase margin is positive at every unity crossing.

    Args:
        phase_margin: degrees, the smallest over all crossings.
        crossings: how many there are.
    """
    if isinstance(phase_margin, Undefined):
        return Guard("closed loop", -1.0, phase_margin.reason)
    several = f", the smallest of {crossings} crossings of unity gain" if crossings > 1 else ""
    detail = f"the phase margin is {phase_margin:.0f} degrees{several}"
    return Guard("closed loop", max(phase_margin / 60, -1.0), detail)


def defined(name: str, value: Value, detail: str) -> Guard:
    """Something happens at all: an oscillation, a decision, a settled response.

    Args:
        name: of the guard.
        value: what is measured of it.
        detail: what is said when it happens.
    """
    if isinstance(value, Undefined):
        return Guard(name, -1.0, value.reason)
    return Guard(name, 1.0, detail)


def within(name: str, value: Value, low: float, high: float, what: str) -> Guard:
    """A quantity lies in a range.

    Args:
        name: of the guard.
        value: the quantity.
        low: lower end of the range.
        high: upper end.
        what: the quantity with its unit, such as `the output rests at {} V`.
    """
    if isinstance(value, Undefined):
        return Guard(name, -1.0, value.reason)
    half = (high - low) / 2
    margin = 1 - abs(value - (low + high) / 2) / half
    return Guard(
        name, float(np.clip(margin, -1, 1)), f"{what.format(f'{value:.3g}')} ({low:.3g} to {high:.3g} asked for)"
    )
