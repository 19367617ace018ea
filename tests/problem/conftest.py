from dataclasses import replace
from pathlib import Path

import pytest

from eda.netlist import read_netlist
from eda.problem import SizingProblem
from eda.simulation import Simulator, WorkerPool
from eda.testbench import Guard, Metric, OpAmpTestbench

NETLISTS = Path(__file__).parents[2] / "netlists" / "opamp"


class NoSimulator(Simulator):
    """Stands in where nothing is simulated."""

    version = "none"

    def run(self, jobs):
        raise AssertionError("nothing was to be simulated")

    def close(self):
        pass


@pytest.fixture(scope="session")
def pool():
    with WorkerPool(2) as pool:
        yield pool


@pytest.fixture
def no_simulator():
    return NoSimulator()


@pytest.fixture(scope="session")
def ota():
    return read_netlist(NETLISTS / "five_transistor_ota.sp")


@pytest.fixture
def make_problem(ota):
    """A problem of the OTA in `generic`; nothing is simulated unless a simulator is given."""

    def make(specs=("dc_gain >= 30 dB", "gbw >= 5 MHz", "minimize power"), **changes):
        settings = {"technology": "generic", "testbench": OpAmpTestbench(vdd="3 V"), "simulator": NoSimulator()}
        circuit = changes.pop("circuit", ota)
        return SizingProblem(circuit, specs=list(specs), **(settings | changes))

    return make


@pytest.fixture(scope="session")
def metrics():
    kinds = [("gain", "dB", False), ("speed", "Hz", True), ("power", "W", True), ("swing", "V", False)]
    return {name: Metric(name, unit, "a test's own", logarithmic=log) for name, unit, log in kinds}


@pytest.fixture(scope="session")
def guard():
    held = Guard("level", 0.5, "the output rests at 1 V")
    return lambda margin=0.5: replace(held, margin=margin)
