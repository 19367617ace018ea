"""The user's own deck as a testbench."""

import pytest

import eda
from eda.errors import InputError
from eda.problem import SizingProblem
from eda.simulation import BatchSimulator, WorkerPool
from eda.simulation.elaboration import Elaboration
from eda.testbench import Conditions, DeckTestbench
from eda.testbench.user_deck import from_table

FILTER = """* a divider with a capacitor
.subckt rc in out gnd r=1k c=1n
*@ r = 100..100k log
*@ c = 100p..10n log
r1 in out {r}
r2 out gnd {r}
c1 out gnd {c}
.ends
"""
BENCH = """* bench
.param vdd=2
v1 in 0 dc {vdd} ac 1 pulse(0 {vdd} 1u 1n 1n 50u 100u)
xdut in out 0 rc
.ac dec 20 1 100meg
.meas ac gain find vdb(out) at=1
.meas ac corner when vdb(out)=-9.0309 fall=1
.meas ac never when vdb(out)=20
.tran 10n 20u
.meas tran rise trig v(out) val=0.1 rise=1 targ v(out) val=0.9 rise=1
.save all
"""
METRICS = {"gain": "dB", "corner": "Hz log", "rise": "s log", "level": "V op v(out)", "end": "V tran v(out)"}


def _problem(simulator=None, bench=BENCH, metrics=METRICS, **changes):
    testbench = DeckTestbench(bench, metrics)
    specs = changes.pop("specs", ["corner >= 1 kHz", "rise <= 1 ms", "minimize level"])
    circuit = eda.parse_netlist(changes.pop("netlist", FILTER))
    return SizingProblem(
        circuit, technology="generic", testbench=testbench, specs=specs, simulator=simulator, **changes
    )


@pytest.mark.ngspice
def test_a_region_of_one_transistor_leaves_the_others_to_conduct(pool):
    off = "m2 out off gnd gnd nmos w={w} l=1u\nv1 off gnd 0"
    netlist = f".subckt two in out gnd w=2u\n*@ w = 1u..10u\nm1 out in gnd gnd nmos w={{w}} l=1u\n{off}\n.ends\n"
    bench = "* b\nv1 d 0 1\nr1 d out 10k\nv2 in 0 0.9\nxdut in out 0 two\n.op\n"
    failing = {}
    for name, regions in {"none": {}, "m1": {"m1": "any"}, "m2": {"m2": "any"}}.items():
        testbench = DeckTestbench(bench, {"level": "V op v(out)"}, regions=regions)
        problem = SizingProblem(
            eda.parse_netlist(netlist),
            technology="generic",
            testbench=testbench,
            specs=["minimize level"],
            simulator=pool,
        )
        failing[name] = {guard.name for guard in problem.evaluate([{}])[0].guards if not guard.holds}
    assert failing == {"none": {"conducting"}, "m1": {"conducting"}, "m2": set()}


@pytest.mark.ngspice
@pytest.mark.parametrize("make", [BatchSimulator, lambda: WorkerPool(1), lambda: WorkerPool(1, mode="fast")])
def test_meas_cards_and_vectors_are_metrics_of_the_sizes(make):
    with make() as simulator:
        problem = _problem(simulator)
        points = [({"r": r, "c": 1e-9}, problem.conditions) for r in (1e3, 2e3)]
        results = dict(problem.stream(points, asked=problem.measurable()))
    for number, resistance in enumerate((1e3, 2e3)):
        tau = resistance / 2 * 1e-9
        metrics = results[number].metrics
        assert metrics["gain"] == pytest.approx(-6.0206, rel=1e-4)
        assert metrics["corner"] == pytest.approx(1 / (2 * 3.14159265 * tau), rel=3e-3)
        assert metrics["rise"] == pytest.approx(tau * 2.1972, rel=2e-2)
        assert metrics["level"] == pytest.approx(1.0)
        assert metrics["end"] == pytest.approx(1.0, rel=1e-3)
        assert results[number].meets(problem.specs)


@pytest.mark.ngspice
def test_only_the_analyses_of_the_specs_run_and_a_supply_factor_reaches_the_deck(pool):
    problem = _problem(pool, specs=["gain >= -7 dB", "minimize level"], conditions=Conditions(supply=1.5))
    assert [analysis.name for analysis in problem.deck(problem.conditions).analyses] == ["op", "ac"]
    (evaluation,) = problem.evaluate([{}])
    assert evaluation.metrics["level"] == pytest.approx(1.5)


@pytest.mark.ngspice
def test_a_measurement_that_fails_is_undefined_with_a_sentence(pool):
    problem = _problem(pool, metrics={"never": "Hz"}, specs=["never >= 1 Hz"])
    (evaluation,) = problem.evaluate([{}])
    assert "never" in evaluation.undefined
    assert not evaluation.meets(problem.specs)


@pytest.mark.ngspice
def test_a_dead_transistor_is_rejected_in_a_deck_as_well(pool):
    amplifier = """* cs
.subckt cs in out vdd vss w=10u
*@ w = 1u..100u
m1 out in vss vss nmos w={w} l=1u
r1 vdd out 10k
.ends
"""
    bench = """* b
vdd vdd 0 3
vin in 0 dc {bias} ac 1
.param bias=1
x1 in out vdd 0 cs
.ac dec 5 1 1k
.meas ac g find vdb(out) at=1
"""
    for bias, alive in ((1.0, True), (0.1, False)):
        text = bench.replace(".param bias=1", f".param bias={bias}")
        problem = _problem(pool, text, {"g": "dB"}, netlist=amplifier, specs=["g >= -200 dB"])
        (evaluation,) = problem.evaluate([{}])
        assert evaluation.meets(problem.specs) is alive, evaluation


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("xdut in out 0 rc", "xdut in out 0 rcc"), "must call 'rc' once.*Did you mean 'rcc'"),
        (("xdut in out 0 rc", "xdut in out rc"), "connects 2 nodes, but rc has the ports in out 0"),
        (("vdb(out) at=1", "vdb(outt) at=1"), "reads the node 'outt', which is not there. Did you mean 'out'"),
        ((".ac dec 20 1 100meg", ".ac decade 20 1 100meg"), "variation is dec, oct or lin"),
        ((".tran 10n 20u", ".tran 10n"), "write it like '.tran 1n 1u'"),
        ((".save all", ".temp 85"), "no use for '.temp 85': the temperature is one of the conditions"),
        ((".meas ac gain", ".meas ac gian"), "has no `.meas` card 'gain'. Did you mean 'gian'"),
    ],
)
def test_a_deck_that_cannot_work_is_refused_before_the_run(change, message):
    with pytest.raises(InputError, match=message):
        _problem(bench=BENCH.replace(*change))


def test_a_task_names_its_deck(tmp_path):
    tmp_path.joinpath("rc.sp").write_text(FILTER)
    tmp_path.joinpath("bench.sp").write_text(BENCH)
    task = tmp_path / "rc.toml"
    text = 'netlist = "rc.sp"\ntechnology = "generic"\nspecs = ["corner >= 1 kHz"]\n[testbench]\nkind = "deck"\n'
    task.write_text(f'{text}deck = "bench.sp"\nmetrics = {{ corner = "Hz log" }}\n')
    assert eda.load_task(task).problem.testbench.metrics["corner"].logarithmic
    task.write_text(f'{text}file = "bench.sp"\n')
    with pytest.raises(InputError, match="unknown key 'file'"):
        eda.load_task(task)
    task.write_text(text)
    with pytest.raises(InputError, match=r'deck = "bench\.sp"'):
        eda.load_task(task)


def test_a_measurement_that_is_computed_from_others_is_refused():
    deck = BENCH.replace(".meas ac never", ".meas ac half param='gain/2'\n.meas ac never")
    with pytest.raises(InputError, match="which is computed from others: leave it out"):
        DeckTestbench(deck, METRICS)


LEVELS = """* bench
.param vdd=2
v1 in 0 dc {vdd} ac 1 pulse(0 {vdd} 1u 1n 1n 50u 100u)
xdut in out 0 rc
.tran 10n 20u
.meas tran literal when v(out)=0.5 rise=1
.meas tran quoted when v(out)='vdd/4' rise=1
.meas tran braced when v(out) = {vdd / 4} rise=1
"""


@pytest.mark.ngspice
@pytest.mark.parametrize("make", [WorkerPool, BatchSimulator])
def test_levels_may_be_expressions_of_parameters(make):
    names = ("literal", "quoted", "braced")
    with make() as simulator:
        problem = _problem(simulator, LEVELS, dict.fromkeys(names, "s"), specs=[f"{name} <= 1 s" for name in names])
        usual = problem.evaluate([{}])[0].metrics
        half = dict(problem.stream([({}, Conditions(supply=0.5))]))[0].metrics
    assert usual["quoted"] == usual["braced"] == pytest.approx(usual["literal"])
    assert half["quoted"] == pytest.approx(usual["quoted"], rel=1e-3)  # the level went down with the supply
    assert "literal" not in half or half["literal"] > 2 * usual["literal"]
    with pytest.raises(InputError, match="'vss' is not defined"):
        _problem(None, LEVELS.replace("vdd/4", "vss/4"), dict.fromkeys(names, "s"), specs=["quoted <= 1 s"]).deck(
            Conditions()
        )


def test_a_factor_on_a_supply_that_nothing_uses_is_refused():
    bench = BENCH.replace("{vdd}", "2")
    with pytest.raises(InputError, match="and a source that uses it"):
        _problem(bench=bench).deck(Conditions(supply=0.9))


@pytest.mark.ngspice
@pytest.mark.parametrize("make", [WorkerPool, BatchSimulator])
def test_noise_and_transfer_functions_have_vectors_of_their_own(make):
    bench = "* b\nv1 in 0 1 ac 1\nxdut in out 0 rc\n.noise v(out) v1 dec 10 1 1meg\n.tf v(out) v1\n"
    metrics = {
        "density": "V/√Hz noise onoise_spectrum",
        "total": "V noise onoise_total",
        "gain": "V tf transfer_function",
        "level": "V op v(out)",
    }
    with make() as simulator:
        problem = _problem(
            simulator, bench, metrics, specs=[f"{name} >= 0 {m.split()[0]}" for name, m in metrics.items()]
        )
        found = problem.evaluate([{"r": 1e3, "c": 1e-9}])[0]
    assert found.metrics["gain"] == found.metrics["level"] == pytest.approx(0.5)
    assert found.metrics["total"] == pytest.approx((1.38065e-23 * 300.15 / 1e-9) ** 0.5, rel=0.3)  # kT/C, up to 1 MHz
    assert found.metrics["density"] > 0


@pytest.mark.parametrize(
    ("bench", "metrics", "message"),
    [
        (BENCH, {"level": "V op v(outt)"}, "reads the node 'outt', which is not there"),
        (f"{BENCH}.meas ac\n", METRICS, "a measurement reads"),
    ],
)
def test_slips_in_a_deck_are_told_before_anything_is_simulated(bench, metrics, message):
    with pytest.raises(InputError, match=message):
        _problem(bench=bench, metrics=metrics, specs=["level >= 1 V"]).deck(Conditions())


@pytest.mark.parametrize("table", [{"metrics": ["gain"]}, {"metrics": {"gain": 1}}, {"regions": "m1"}])
def test_tables_of_another_kind_are_refused(tmp_path, table):
    (tmp_path / "bench.sp").write_text(BENCH)
    with pytest.raises(InputError, match="are a table of texts by name"):
        from_table({"deck": "bench.sp", **table}, tmp_path)


def test_a_deck_of_a_user_is_evaluated_outside_ngspice_as_well():
    assert isinstance(_problem().deck(Conditions()).elaboration, Elaboration)
