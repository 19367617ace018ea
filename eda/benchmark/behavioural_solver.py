"""The exact solver of behavioural op-amps beside ngspice."""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.errors import SimulatorError
from eda.netlist import format_netlist
from eda.nn.threads import one_thread
from eda.simulation import Ac, BatchSimulator, Deck, Job, Tran
from eda.simulation.linear import LinearNetworks
from eda.topology.behavioural import random_opamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.simulation import Simulation, Simulator
    from eda.topology.behavioural import BehaviouralOpAmp

__all__ = ["compare_solvers"]

_SWEEP: Final = Ac(1.0, 100e9, 20)
_CHECKED: Final = 200  # circuits that ngspice simulates as well
_MOVED: Final = 10  # unstable and stable circuits whose transients are looked at
_TIMED: Final = 5000  # circuits that the solver's time is taken of
_EFOLDS: Final = 12.0  # of the fastest growing mode, that a transient lasts
_GREW: Final = 100.0  # how much larger the end of a transient must be than its beginning to count as diverging
_STEPS: Final = 4000


def compare_solvers(simulator: Simulator, seeds: int) -> list[dict[str, Any]]:
    """The solver against ngspice: responses, transients of unstable circuits, and time.

    Args:
        simulator: runs ngspice.
        seeds: seeds 0 to `seeds - 1`.
    """
    rows = []
    for seed in range(seeds):
        sys.stderr.write(f"solver: seed {seed}\n")
        rng = random.Random(seed)
        opamps = [random_opamp(rng) for _ in range(_TIMED)]
        stable = LinearNetworks.of([one.elements() for one in opamps[:1000]]).stable().tolist()
        unstable = [one for one, sound in zip(opamps, stable, strict=False) if not sound][:_MOVED]
        sound = [one for one, well in zip(opamps, stable, strict=False) if well][:_MOVED]
        rows.append(
            {
                "seed": seed,
                "circuits": _CHECKED,
                **_agreement(opamps[:_CHECKED], simulator),
                f"of {_MOVED} unstable, diverge": sum(map(bool, _diverging(unstable, simulator))),
                f"of {_MOVED} stable, diverge": sum(map(bool, _diverging(sound, simulator))),
                **_speed(opamps),
            }
        )
    return rows


def _deck(opamp: BehaviouralOpAmp, analysis: Ac | Tran) -> Deck:
    body = f"{format_netlist(opamp.circuit())}\nXdut in out behavioural_opamp\nVin in 0 dc 0 ac 1 pulse(0 1m 0 1f 1f 1)"
    return Deck(models="", body=body, parameters={}, analyses=(analysis,), saved=("v(out)",))


def _agreement(opamps: Sequence[BehaviouralOpAmp], simulator: Simulator) -> dict[str, float]:
    """The largest differences of all points of all sweeps."""
    simulations = simulator.simulate([Job(_deck(one, _SWEEP)) for one in opamps])
    networks = LinearNetworks.of([one.elements() for one in opamps])
    decibels, degrees = 0.0, 0.0
    for index, simulation in enumerate(simulations):
        waves = _require(simulation).analyses["ac"]
        ours = networks[torch.tensor([index])].at(torch.tensor(waves.scale)).numpy()[0]
        ratio = waves["v(out)"] / ours
        decibels = max(decibels, float(np.abs(20 * np.log10(np.abs(ratio))).max()))
        degrees = max(degrees, float(np.abs(np.degrees(np.angle(ratio))).max()))
    return {"largest difference, dB": decibels, "largest difference, degrees": degrees}


def _diverging(opamps: Sequence[BehaviouralOpAmp], simulator: Simulator) -> list[bool]:
    """Whether a step at the input makes outputs grow without end, as ngspice has it."""
    poles = LinearNetworks.of([one.elements() for one in opamps]).poles()
    finite = torch.where(poles.real.isinf(), -torch.inf, poles.real)
    growth = finite.amax(dim=1).abs().tolist()
    lengths = [_EFOLDS / rate for rate in growth]
    decks = [_deck(one, Tran(length / _STEPS, length)) for one, length in zip(opamps, lengths, strict=True)]
    found = []
    for simulation in simulator.simulate([Job(deck) for deck in decks]):
        waves = _require(simulation).analyses["tran"]
        output = np.abs(waves.real("v(out)"))
        tenth = waves.scale[-1] / 10
        first, last = output[waves.scale < tenth].max(), output[waves.scale > 9 * tenth].max()
        found.append(bool(last > _GREW * max(first, 1e-12)))
    return found


def _speed(opamps: Sequence[BehaviouralOpAmp]) -> dict[str, float]:
    """Circuits a second, one after the other: the solver on one core, and a process of ngspice each."""
    with one_thread():
        begin = time.perf_counter()
        LinearNetworks.of([one.elements() for one in opamps]).response()
        ours = len(opamps) / (time.perf_counter() - begin)
    decks = [_deck(one, _SWEEP) for one in opamps[:_CHECKED]]
    with BatchSimulator() as batch:
        begin = time.perf_counter()
        batch.simulate([Job(deck) for deck in decks])
        theirs = len(decks) / (time.perf_counter() - begin)
    return {"solver, circuits/s": ours, "ngspice process each, circuits/s": theirs, "ratio": ours / theirs}


def _require(simulation: Simulation) -> Simulation:
    if not simulation.ok:
        raise SimulatorError(f"a linear circuit must be simulated, but: {simulation.log or simulation.status.value}")
    return simulation
