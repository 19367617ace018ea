from dataclasses import replace

import pytest

from eda.problem import SizingProblem
from eda.simulation import Simulator
from eda.testbench import Guard, Metric, OpAmpTestbench


class NoSimulator(Simulator):
    """Stands in where nothing is simulated."""

    version = "none"

    def run(self, jobs):
        raise AssertionError("nothing was to be simulated")

    def close(self):
        pass


@pytest.fixture
def no_simulator():
    return NoSimulator()


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
