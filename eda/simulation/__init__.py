"""Simulation: typed analyses, decks, and ngspice as a batch program or as a library in worker processes."""

from eda.simulation.analyses import Ac, Analysis, Dc, Op, Tran
from eda.simulation.batch import BatchSimulator
from eda.simulation.circuits import Mode
from eda.simulation.deck import Deck
from eda.simulation.monte_carlo import draw
from eda.simulation.pool import WorkerPool
from eda.simulation.results import Simulation, Status, Waveforms, failure_reason
from eda.simulation.simulator import Job, Simulator

__all__ = [
    "Ac",
    "Analysis",
    "BatchSimulator",
    "Dc",
    "Deck",
    "Job",
    "Mode",
    "Op",
    "Simulation",
    "Simulator",
    "Status",
    "Tran",
    "Waveforms",
    "WorkerPool",
    "draw",
    "failure_reason",
]
