"""Whether a topology does at all what its class does: simulated, over a few choices of biases and sizes.

A topology says nothing of its sizes and biases, so one choice that fails proves little: the design is tried with its
usual values, then with others drawn at random around them and with changes of the best one so far, until one works.

For direct current the output may be fed back to an input through an inductor of 1 TH, as in the testbench of op-amps:
without, an amplifier of high gain rests at a rail. Which input, if any, is drawn as well.

Where transistors may be off at rest, currents do not tell a circuit that is dead. There what works is simulated once
more without its transistors: a divider answers a step as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.netlist import format_netlist
from eda.simulation import Deck, Job, Op, Status
from eda.topology.device.design import design_of
from eda.topology.device.functions import FUNCTIONS
from eda.topology.device.kinds import KINDS
from eda.topology.device.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Simulation, Simulator
    from eda.technology import Technology
    from eda.topology.device.function import Function
    from eda.topology.device.stimuli import Stimuli

__all__ = ["Trial", "try_out"]

_LEAKAGE: Final = 10e-9  # A, as the guard `conducting` of testbenches has it
_ENOUGH: Final = 0.8  # of the transistors conduct: start-up and dummy devices do not
_APART: Final = 0.1  # of the figure, by which that of a circuit without transistors is to differ
_PATIENCE: Final = 2  # simulations that take too long, after which no others are tried
_SPREAD: Final = 0.6  # natural logarithm, of sizes and currents around their usual values
_SHIFT: Final = 0.12  # of the supply, of voltages around theirs
_AFRESH: Final = 3  # one of so many designs is drawn afresh, the others are changes of the best
_CHANGED: Final = 3  # values that a change is of, in the mean
_LOOP: Final = ("rdrive_", "rback_")  # parameters that close the loop: they change together


@dataclass(frozen=True, slots=True)
class Trial:
    """What a tried design did.

    Attributes:
        reason: what was found, in a sentence.
        values: of the parameters of its deck.
        simulations: designs that were tried until then.
        converged: whether ngspice simulated it.
        conducting: share of the transistors that carry more than leakage at rest; 0 where there are none.
        alive: whether enough of them do; where transistors switch, rest says little, and it is enough to have one.
        missing: how much the figure lacks to what its class does; 0 where it works.
        figure: what was measured, in the unit of its function; NaN where nothing was.
    """

    reason: str
    values: Mapping[str, float]
    simulations: int
    converged: bool = False
    conducting: float = 0.0
    alive: bool = False
    missing: float = math.inf
    figure: float = math.nan

    @property
    def works(self) -> bool:
        """Whether it does what its class does."""
        return self.missing == 0

    def port_values(self, supply: float) -> dict[str, float]:
        """Levels and currents of the ports of the topology, by their names, V and A.

        Args:
            supply: of the technology, V.
        """
        scales = {"dut": 1.0, "level": 1.0, "current": 1.0, "share": supply}
        found = ((name.split("_", 1), value) for name, value in self.values.items())
        return {port: scales[what] * value for (what, port), value in found if what in scales}

    @property
    def rank(self) -> tuple[bool, bool, bool, float]:
        """By which trials are compared."""
        return self.works and self.alive, self.alive, self.converged, -self.missing if self.alive else self.conducting


def try_out(
    topology: Topology,
    kind: str,
    technology: Technology,
    simulator: Simulator,
    *,
    tries: int | None = None,
    seed: int = 0,
) -> Trial:
    """Try designs of a topology until one does what its class does.

    Args:
        topology: what is tried.
        kind: its class, one of `FUNCTIONS`.
        technology: its transistors; bipolar ones and diodes have textbook cards.
        simulator: runs ngspice.
        tries: designs, at most; as many as are usual for the function when not given.
        seed: of what is drawn.
    """
    function = FUNCTIONS[kind]
    passive = Topology(tuple(part for part in topology.parts if KINDS[part.kind].letter not in "mq"))
    if passive == topology:
        return Trial("it has no transistor", {}, 0)
    stimuli = function.stimuli(topology, technology.supply)
    if not function.possible(stimuli):
        return Trial(f"it needs {function.needs}", {}, 0)
    design = design_of(topology, technology, kept=stimuli.kept)
    deck = _deck(design, function, stimuli, technology)
    rng = np.random.default_rng(seed)
    best = Trial("no design was tried", {}, 0)
    number = hung = 0
    while number < (tries or function.tries) and hung < _PATIENCE and not (best.works and best.alive):
        values = _drawn(design, stimuli, number, rng, fed_back=function.fed_back)
        if number % _AFRESH and number > len(stimuli.voltages):
            values = _changed(best.values, values, rng)
        number += 1
        (simulation,) = simulator.simulate([Job(deck, values)])
        hung += simulation.status is Status.TIMEOUT
        trial = _judge(simulation, function, stimuli, deck.values(values), number)
        if trial.works and function.moves and passive.parts:
            bare = _deck(design_of(passive, technology, kept=stimuli.kept), function, stimuli, technology)
            kept = {name: value for name, value in trial.values.items() if name in bare.parameters}
            (simulation,) = simulator.simulate([Job(bare, kept)])
            trial = _beyond_passive(trial, simulation, function, stimuli)
        best = trial if number == 1 else max(best, trial, key=lambda one: one.rank)
    return best


def _deck(design: Circuit, function: Function, stimuli: Stimuli, technology: Technology) -> Deck:
    bound = technology.bind(design)
    cards = technology.cards(technology.corners[0], technology.devices(bound))
    sizes = bound.free_parameters()
    call = " ".join((*bound.ports, bound.top.name, *(f"{name}={{dut_{name}}}" for name in sizes)))
    transistors = technology.transistor_paths(bound, "xdut")
    analyses = function.analyses(stimuli)
    saved = [f"v({port})" for port in stimuli.outputs]
    if stimuli.forced:
        saved = [f"i(v{port})" for port in stimuli.outputs]
    return Deck(
        models=cards.text,
        body="\n".join((format_netlist(bound), f"Xdut {call}", *stimuli.lines)),
        parameters={**{f"dut_{name}": value for name, value in sizes.items()}, **stimuli.parameters},
        analyses=(Op(), *analyses),
        saved=(*saved, *_currents(design, transistors)),
        setup=cards.setup,
        bins=cards.bins,
        options=cards.options,
        transistors=transistors,
        title=f"{design.name} tried out",
        switched=stimuli.switched,
        settings={one.name: values for one, values in analyses.items() if values},
    )


def _drawn(
    design: Circuit, stimuli: Stimuli, number: int, rng: np.random.Generator, *, fed_back: bool
) -> dict[str, float]:
    """Parameters of a trial; the first ones are the usual values with each way to close the loop."""
    loops = (*(stimuli.voltages if fed_back else ()), None)
    values = stimuli.feedback(loops[number % len(loops)])
    if number < len(loops):
        return values
    for variable in design.top.variables:
        usual = float(design.top.parameters[variable.name])
        if variable.scale == "log":
            drawn = usual * float(np.exp(_SPREAD * rng.standard_normal()))
        elif variable.name.startswith("vb"):
            drawn = usual + _SHIFT * stimuli.supply * float(rng.standard_normal())
        else:
            continue
        values[f"dut_{variable.name}"] = min(max(drawn, variable.low), variable.high)
    for name, usual in stimuli.parameters.items():
        if name.startswith("level_"):
            drawn = usual + _SHIFT * stimuli.supply * float(rng.standard_normal())
            values[name] = min(max(drawn, 0.0), stimuli.supply)
        elif name.startswith("share_"):
            values[name] = min(max(usual + _SHIFT * float(rng.standard_normal()), 0.0), 1.0)
        elif name.startswith("current_"):
            values[name] = usual * float(np.exp(_SPREAD * rng.standard_normal()))
    return values


def _changed(best: Mapping[str, float], drawn: dict[str, float], rng: np.random.Generator) -> dict[str, float]:
    """The best design so far with a few values of a drawn one."""
    groups = {name: "loop" if name.startswith(_LOOP) else name for name in drawn}
    names = dict.fromkeys(groups.values())
    share = min(_CHANGED / max(len(names), 1), 0.5)
    taken = {name for name in names if rng.random() < share}
    return {name: value if groups[name] in taken else best[name] for name, value in drawn.items()}


def _judge(
    simulation: Simulation,
    function: Function,
    stimuli: Stimuli,
    values: Mapping[str, float],
    number: int,
) -> Trial:
    if not simulation.ok:
        return Trial(f"ngspice: {simulation.status.value}", values, number)
    conducting = _conducting(simulation)
    alive = function.moves or conducting >= _ENOUGH
    figure, missing = function.read(simulation.analyses, stimuli)
    verb = "it " if missing == 0 else "it does not do what it should, which is that it "
    reason = f"{verb}{function.does}: {figure:.3g} {function.unit}"
    return Trial(
        reason, values, number, converged=True, conducting=conducting, alive=alive, missing=missing, figure=figure
    )


def _beyond_passive(trial: Trial, bare: Simulation, function: Function, stimuli: Stimuli) -> Trial:
    """A trial that works, unless the circuit does nearly the same without its transistors."""
    figure = function.read(bare.analyses, stimuli)[0] if bare.ok else math.nan
    if not abs(figure - trial.figure) <= _APART * abs(trial.figure):
        return trial
    return replace(trial, missing=1.0, reason=f"its passive devices do so alone: {trial.reason}")


def _currents(design: Circuit, transistors: Mapping[str, str]) -> list[str]:
    """Names of the currents of all transistors."""
    bipolar = [device.name for device in design.top.devices if device.letter == "q"]
    return [*(f"@{path}[id]" for path in transistors.values()), *(f"@q.xdut.{name}[ic]" for name in bipolar)]


def _conducting(simulation: Simulation) -> float:
    """Share of the transistors that carry current at rest; 0 where there are none."""
    point = simulation.analyses["op"]
    currents = [abs(point.value(name)) for name in point.vectors if name.startswith("@")]
    return float(np.mean(np.array(currents) > _LEAKAGE)) if currents else 0.0
