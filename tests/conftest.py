"""What every test may use: simulator backends, two op-amps, a problem without ngspice, the rule for missing tools."""

import ctypes.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from eda.datasets import DATASETS
from eda.netlist import parse_netlist, read_netlist
from eda.problem import SizingProblem
from eda.simulation import BatchSimulator, Deck, Op, Simulation, Simulator, Status, Waveforms, WorkerPool
from eda.technology import available
from eda.testbench import Guard, Measurement, Metric, OpAmpTestbench, Testbench

NETLISTS = Path(__file__).parents[1] / "netlists" / "opamp"


BOWL = """* a divider, with a testbench that computes
.subckt bowl a b x1=0.5 x2=0.5 x3=0.5
*@ x1 = 0..1
*@ x2 = 0..1
*@ x3 = 0..1
r1 a x {x1 + 1}
r2 x b {x2 + x3 + 1}
.ends
"""


class BowlBench(Testbench):
    """Metrics that are functions of the sizes: `bowl` is least at 0.3, `sum` is their sum, less a tenth for 10 K."""

    metrics = {name: Metric(name, "V", "a test's own") for name in ("bowl", "sum")}  # noqa: RUF012 - never changed

    def describe(self):
        return {"kind": "bowl"}

    def deck(self, circuit, technology, conditions, asked=None):
        values = {f"dut_{n}": v for n, v in circuit.defaults().items()} | {"warmth": conditions.temperature - 27}
        return Deck("", "", values, (Op(),), ("v(bowl)", "v(sum)"))

    def measure(self, simulation, deck):
        point = simulation.analyses["op"]
        values = {name: point.value(f"v({name})") for name in self.metrics}
        return Measurement(values, (Guard("alive", 1.0, "it is"),))


class Calculator(Simulator):
    """Computes at once, finishes in another order than asked, counts, and is interrupted when told to.

    Designs with x1 above 0.9 fail, as some do in ngspice.
    """

    version = "calculator-1"

    def __init__(self, interrupt_after=None):
        self.interrupt_after, self.seen = interrupt_after, []

    def run(self, jobs):
        # pairs swapped: 1 0 3 2 ...
        for index in sorted(range(len(jobs)), key=lambda n: n ^ 1):
            if self.interrupt_after is not None and len(self.seen) >= self.interrupt_after:
                raise KeyboardInterrupt
            x = np.array([jobs[index].values[f"dut_x{n}"] for n in (1, 2, 3)])
            self.seen.append(tuple(x))
            if x[0] > 0.9:
                yield index, Simulation(Status.NO_CONVERGENCE, log="it did not", seconds=0.25)
                continue
            total = np.sum(x) - jobs[index].deck.parameters["warmth"] / 100
            vectors = {"v(bowl)": np.array([np.sum((x - 0.3) ** 2)]), "v(sum)": np.array([total])}
            yield index, Simulation(Status.OK, {"op": Waveforms(np.empty(0), vectors)}, seconds=0.125)

    def close(self):
        pass


class Counting(Simulator):
    """Another simulator, counted and interrupted when told to."""

    def __init__(self, inner, interrupt_after=None):
        self.inner, self.interrupt_after, self.count = inner, interrupt_after, 0

    @property
    def version(self):
        return self.inner.version

    def run(self, jobs):
        for item in self.inner.run(jobs):
            if self.interrupt_after is not None and self.count >= self.interrupt_after:
                raise KeyboardInterrupt
            self.count += 1
            yield item

    def close(self):
        self.inner.close()


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def _missing(marker):
    if marker == "ngspice":
        return not (shutil.which("ngspice") and ctypes.util.find_library("ngspice"))
    if marker == "browser":
        return BROWSER is None
    return marker in {"sky130", "gf180"} and not available()[marker]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    for marker in ("ngspice", "sky130", "gf180", "browser"):
        if item.get_closest_marker(marker) and _missing(marker):
            # a developer may lack the tool; a green CI run must not, but for what lies with the data sets
            needed = os.environ.get("CI") and (marker != "gf180" or os.environ.get("EDA_DATA_DIR"))
            (pytest.fail if needed else pytest.skip)(f"{marker} is not installed")
    for marker in item.iter_markers("dataset"):
        for name in marker.args:
            _dataset_folder(name)


def _dataset_folder(name):
    """Where a data set lies, which no test downloads."""
    found = DATASETS[name].find()
    if found is None:
        missing = f"the data set {name} is neither in EDA_DATA_DIR nor in the user's data folder"
        (pytest.fail if os.environ.get("CI") and os.environ.get("EDA_DATA_DIR") else pytest.skip)(missing)
    return found


@pytest.fixture
def dataset_folder():
    """From a name to the folder of a data set; skips where it is not on this machine."""
    return _dataset_folder


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


@pytest.fixture
def calculator():
    return Calculator


@pytest.fixture
def counting():
    return Counting


@pytest.fixture(scope="session")
def bowl():
    """A problem that needs no ngspice; its simulator may be given."""
    circuit = parse_netlist(BOWL, name="bowl.sp")

    def make(simulator=None, specs=("sum >= 1.2 V", "minimize bowl")):
        return SizingProblem(
            circuit, technology="generic", testbench=BowlBench(), specs=list(specs), simulator=simulator or Calculator()
        )

    return make


@pytest.fixture(scope="session")
def ota_problem(pool, ota):
    """The OTA in `generic`, simulated by ngspice."""

    def make(simulator=None, specs=("dc_gain >= 30 dB", "gbw >= 20 MHz", "output_swing >= 2 V", "minimize power")):
        bench = OpAmpTestbench(vdd="3 V")
        return SizingProblem(ota, technology="generic", testbench=bench, specs=list(specs), simulator=simulator or pool)

    return make


@pytest.fixture
def browser():
    """Chromium without a network, as a function from settings of a window to a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield lambda **window: chromium.new_context(offline=True, **window).new_page()
        chromium.close()
