import numpy as np
import pytest

from eda.netlist import parse_netlist
from eda.problem import SizingProblem
from eda.simulation import Deck, Op, Simulation, Simulator, Status, Waveforms
from eda.testbench import Guard, Measurement, Metric, OpAmpTestbench, Testbench

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
    """Metrics that are functions of the sizes: `bowl` is least at 0.3, `sum` is their sum."""

    metrics = {name: Metric(name, "V", "a test's own") for name in ("bowl", "sum")}  # noqa: RUF012 - never changed

    def describe(self):
        return {"kind": "bowl"}

    def deck(self, circuit, technology, conditions, asked=None):
        return Deck("", "", {f"dut_{n}": v for n, v in circuit.defaults().items()}, (Op(),), ("v(bowl)", "v(sum)"))

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
            vectors = {"v(bowl)": np.array([np.sum((x - 0.3) ** 2)]), "v(sum)": np.array([np.sum(x)])}
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
