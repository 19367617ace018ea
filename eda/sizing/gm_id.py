"""Designs to start with by the gm/ID method: widths from currents and from the technology's own characterisation.

Source: F. Silveira, D. Flandre, P. Jespers, "A gm/ID based methodology for the design of CMOS analog circuits", IEEE
JSSC 31(9), 1996: the efficiency gm/ID of a transistor is a function of its current for its width, whatever the width.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, SimulatorError, require_type
from eda.netlist import evaluate, format_netlist, parse_netlist
from eda.netlist.expressions import bare
from eda.problem import SizingProblem
from eda.simulation import Dc, Deck, Job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.netlist import Device

__all__ = ["Characteristic", "characterise", "gm_id_starts"]

_POINTS: Final = 200  # of the sweep of the gate
_WIDTH: Final = 10e-6
_STEEPEST: Final = 60.0  # gm/ID of no transistor is above q/kT, 58/V at -75 degrees Celsius
_LEAST: Final = 1e-12  # A/m: below it nothing flows but leakage
INPUTS: Final = ("inp", "inn", "in")
"""Ports whose gates make an input transistor."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What a transistor of one length gives for its current.

    Attributes:
        densities: currents for the width, A/m, ascending.
        efficiencies: gm/ID there, 1/V.
    """

    densities: NDArray[np.float64]
    efficiencies: NDArray[np.float64]

    def density(self, efficiency: float) -> float:
        """The current for the width, A/m, at which a transistor has an efficiency; the nearest where none has."""
        # from strong inversion up to the greatest efficiency, which falls with the current
        top = int(np.argmax(self.efficiencies))
        rising = self.efficiencies[top:][::-1]
        return float(np.exp(np.interp(efficiency, rising, np.log(self.densities[top:])[::-1])))


def characterise(problem: SizingProblem, model: str, length: float) -> Characteristic:
    """Simulate one transistor of the problem's technology, with half of the supply from drain to source.

    Args:
        problem: which has technology, conditions and simulator.
        model: as a netlist names it, such as `nmos`.
        length: m.

    Raises:
        SimulatorError: it does not conduct.
    """
    technology, corner = problem.technology, problem.conditions.corner
    text = f"* one\n.subckt one d g s b\nm1 d g s b {model} w={_WIDTH:g} l={length:.12g}\n.ends\n"
    one = technology.bind(parse_netlist(text, name="one.sp"))
    cards = technology.cards(corner, technology.devices(one))
    jobs = []
    for sign in (1, -1):  # one of both conducts, by the kind of the transistor
        supply = sign * technology.supply
        deck = Deck(
            models=cards.text,
            body=f"{format_netlist(one)}\nXdut d g 0 0 one\nVd d 0 {supply / 2:g}\nVg g 0 0",
            parameters={},
            analyses=(Dc("vg", 0.0, supply, supply / _POINTS),),
            saved=("i(vd)",),
            temperature=problem.conditions.temperature,
            setup=cards.setup,
            bins=cards.bins,
            options=cards.options,
        )
        jobs.append(Job(deck))
    found = [one.analyses["dc"] for one in problem.simulator.simulate(jobs) if one.ok]
    if not found:
        raise SimulatorError(f"a transistor {model} of {technology.name} cannot be simulated")
    # with the wrong sign a junction conducts, whatever the gate says
    waves = max(found, key=lambda waves: float(np.abs(waves["i(vd)"][-1]) - np.abs(waves["i(vd)"][0])))
    current, gate = np.abs(np.real(waves["i(vd)"])), np.abs(waves.scale)
    density, efficiency = current / _WIDTH, np.gradient(np.log(np.maximum(current, 1e-30)), gate)
    # far below the threshold leakage of drain and gate is all there is: it falls, or rises faster than a channel could
    strange = np.flatnonzero(efficiency > _STEEPEST)
    first = max(int(np.argmin(density)), int(strange[-1]) + 1 if len(strange) else 0)
    there = (np.arange(len(density)) >= first) & (density > _LEAST)
    there[there] = np.maximum.accumulate(density[there]) <= density[there]
    if there.sum() < 3:
        raise SimulatorError(f"a transistor {model} of {technology.name} does not conduct")
    return Characteristic(density[there], efficiency[there])


def gm_id_starts(
    problem: SizingProblem,
    *,
    inputs: Sequence[float] = (18.0, 14.0),
    others: Sequence[float | None] = (None, 14.0, 8.0),
    currents: Sequence[float] = (0.5, 1.0, 2.0),
) -> list[dict[str, float]]:
    """Designs whose transistors have given efficiencies, with the currents of the netlist's own sizes.

    Args:
        problem: its circuit's defaults must have an operating point.
        inputs: gm/ID of transistors with an input at the gate, 1/V.
        others: gm/ID of all others, 1/V; `None` leaves them the one that they have in the netlist, as biases may need.
        currents: factors on every variable that is a current (one that a current source takes), for a design each.

    What it simulates for this, operating points and single transistors, counts in no budget.

    Returns:
        `len(inputs) * len(others) * len(currents)` designs at most, values by variable name, SI, within the bounds and
        without repetition: to be given to `eda.size(start=...)`.

    Raises:
        InputError: no variable is the width of a transistor.
        SimulatorError: there is no operating point.
    """
    require_type("problem", problem, SizingProblem, "eda.SizingProblem(...)")
    widths = _widths(problem)
    if not widths:
        raise InputError(f"{problem.name} has no variable that is the width of a transistor, as in w={{w1}}")
    defaults = {name: problem.circuit.defaults()[name] for name in problem.space.names}
    sources = _sources(problem)
    widths_for = _Widths(problem)
    designs: dict[tuple[float, ...], dict[str, float]] = {}
    for factor in currents:
        scaled = _within(problem, {n: v * factor if n in sources else v for n, v in defaults.items()})
        flowing = {one.name: abs(one.id) for one in problem.operating_point(scaled).transistors}
        for near, far in itertools.product(inputs, others):
            design = dict(scaled)
            for variable, devices in widths.items():
                asked = [(device, near if _is_input(device) else far) for device in devices]
                found = [widths_for(one, flowing[one.name], scaled, goal) for one, goal in asked if goal is not None]
                design[variable] = max(found, default=defaults[variable] * factor)
            design = _within(problem, design)
            designs.setdefault(tuple(design.values()), design)
    return list(designs.values())


def _widths(problem: SizingProblem) -> dict[str, list[Device]]:
    """The transistors of the top block by the variable that is their width."""
    found: dict[str, list[Device]] = {}
    for device in problem.source.top.devices:
        if device.letter == "m" and "w" in device.parameters:
            expression = bare(device.parameters["w"])
            if expression in problem.space.names:  # no part or multiple of one
                found.setdefault(expression, []).append(device)
    return found


def _sources(problem: SizingProblem) -> set[str]:
    """The variables that current sources take."""
    values = [device.value or "" for device in problem.source.top.devices if device.letter == "i"]
    return {name for name in problem.space.names if any("{" + name + "}" in value for value in values)}


def _is_input(device: Device) -> bool:
    return device.nodes[1] in INPUTS


class _Widths:
    """Widths for efficiencies; each kind of transistor is characterised once."""

    def __init__(self, problem: SizingProblem) -> None:
        self.problem = problem
        self.known: dict[tuple[str, float], Characteristic] = {}

    def __call__(self, device: Device, current: float, design: Mapping[str, float], efficiency: float) -> float:
        """The width at which a device has an efficiency with a current, m."""
        scope = {**self.problem.circuit.defaults(), **design}
        length, copies = (
            evaluate(device.parameters.get(name, other), scope) for name, other in (("l", "1u"), ("m", "1"))
        )
        key = (str(device.model), length)
        if key not in self.known:
            self.known[key] = characterise(self.problem, *key)
        return current / copies / self.known[key].density(efficiency)


def _within(problem: SizingProblem, design: Mapping[str, float]) -> dict[str, float]:
    """The nearest design of the space."""
    clipped = {v.name: min(max(design[v.name], v.low), v.high) for v in problem.space.variables}
    return problem.space.decode(problem.space.encode(clipped))
