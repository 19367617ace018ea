"""Simulation: typed analyses, decks, and ngspice as a batch program or as a library, in workers here or elsewhere."""

from eda.simulation.analyses import Ac, Analysis, Dc, Fourier, Noise, Op, Pz, Sens, Sp, Sweep, Tf, Tran
from eda.simulation.batch import BatchSimulator
from eda.simulation.circuits import Mode
from eda.simulation.cluster import connect
from eda.simulation.deck import Deck, Setting
from eda.simulation.fanout import ExecutorSimulator
from eda.simulation.fourier import distortion
from eda.simulation.monte_carlo import draw
from eda.simulation.operating_point import OperatingPoint, Transistor, operating_point, saved_quantities
from eda.simulation.pool import WorkerPool
from eda.simulation.pyspice import PySpiceSimulator
from eda.simulation.rawfile import RawPlot, read_plots, read_raw, write_raw
from eda.simulation.results import Simulation, Status, Waveforms, failure_reason
from eda.simulation.simulator import Job, Simulator
from eda.simulation.starting import started

__all__ = [
    "Ac",
    "Analysis",
    "BatchSimulator",
    "Dc",
    "Deck",
    "ExecutorSimulator",
    "Fourier",
    "Job",
    "Mode",
    "Noise",
    "Op",
    "OperatingPoint",
    "PySpiceSimulator",
    "Pz",
    "RawPlot",
    "Sens",
    "Setting",
    "Simulation",
    "Simulator",
    "Sp",
    "Status",
    "Sweep",
    "Tf",
    "Tran",
    "Transistor",
    "Waveforms",
    "WorkerPool",
    "connect",
    "distortion",
    "draw",
    "failure_reason",
    "operating_point",
    "read_plots",
    "read_raw",
    "saved_quantities",
    "started",
    "write_raw",
]
