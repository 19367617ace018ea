"""What every test may use: the simulator backends, two op-amps, and the rule for missing tools."""

import ctypes.util
import os
import shutil
from pathlib import Path

import pytest

from eda.netlist import read_netlist
from eda.simulation import BatchSimulator, WorkerPool
from eda.technology import available

NETLISTS = Path(__file__).parents[1] / "netlists" / "opamp"


def _missing(marker):
    if marker == "ngspice":
        return not (shutil.which("ngspice") and ctypes.util.find_library("ngspice"))
    return marker in {"sky130", "gf180"} and not available()[marker]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    for marker in ("ngspice", "sky130", "gf180"):
        if item.get_closest_marker(marker) and _missing(marker):
            # a developer may lack the tool; a green CI run must not, but for what lies with the data sets
            needed = os.environ.get("CI") and (marker != "gf180" or os.environ.get("EDA_DATA_DIR"))
            (pytest.fail if needed else pytest.skip)(f"{marker} is not installed")


@pytest.fixture(autouse=True)
def kept_failures(tmp_path_factory, monkeypatch):
    """Decks of failed simulations go to a folder of the test."""
    folder = tmp_path_factory.mktemp("kept") / "failures"
    monkeypatch.setattr("eda.simulation.failures.failures_folder", lambda: folder)
    return folder


@pytest.fixture(scope="session")
def pool():
    with WorkerPool(2) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def batch():
    with BatchSimulator() as simulator:
        yield simulator


@pytest.fixture(params=["pool", "batch"])
def simulator(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def miller():
    return read_netlist(NETLISTS / "two_stage_miller" / "two_stage_miller.sp")


@pytest.fixture(scope="session")
def ota():
    return read_netlist(NETLISTS / "five_transistor_ota" / "five_transistor_ota.sp")
