"""Simulation: typed analyses, decks, and ngspice as a batch program or as a library, in workers here or elsewhere."""

from eda.simulation.analyses import Ac, Analysis, Dc, Op, Tran
from eda.simulation.batch import BatchSimulator
from eda.simulation.circuits import Mode
from eda.simulation.cluster import connect
from eda.simulation.deck import Deck
from eda.simulation.fanout import ExecutorSimulator
from eda.simulation.pool import WorkerPool
from eda.simulation.pyspice import PySpiceSimulator
from eda.simulation.results import Simulation, Status, Waveforms, failure_reason
from eda.simulation.simulator import Job, Simulator

__all__ = [
    "Ac",
    "Analysis",
    "BatchSimulator",
    "Dc",
    "Deck",
    "ExecutorSimulator",
    "Job",
    "Mode",
    "Op",
    "PySpiceSimulator",
    "Simulation",
    "Simulator",
    "Status",
    "Tran",
    "Waveforms",
    "WorkerPool",
    "connect",
    "failure_reason",
]
