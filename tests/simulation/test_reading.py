"""Every analysis against hand analysis, in both backends; and stale or incomplete results, which are none."""

import math
import re
import subprocess

import numpy as np
import pytest

from eda.simulation import (
    Ac,
    BatchSimulator,
    Dc,
    Deck,
    Fourier,
    Job,
    Mode,
    Noise,
    Op,
    Pz,
    Sens,
    Sp,
    Sweep,
    Tf,
    Tran,
    WorkerPool,
    distortion,
)
from eda.simulation.library import Vector
from eda.simulation.reading import read, run

BOLTZMANN = 1.380649e-23
KELVIN = 300.15  # ngspice's 27 degrees Celsius
RC = "v1 in 0 dc 1 ac 1\nr1 in out 1k\nc1 out 0 1n"
DIVIDER = "v1 in 0 2 ac 1\nr1 in out 1k\nr2 out 0 3k"
MOS = """v1 in 0 dc 0.9 ac 1 sin(0.9 0.2 1meg)
vdd vdd 0 1.8
rd vdd out 10k
m1 out in 0 0 n w=10u l=1u
c1 out 0 1p
.model n nmos vto=0.5 kp=100u lambda=0.05"""


def _one(simulator, body, *analyses, saved=("v(out)",), **settings):
    (result,) = simulator.simulate([Job(Deck("", body, {}, analyses, saved, **settings))])
    assert result.ok, result.log
    return result


@pytest.mark.ngspice
def test_the_noise_of_a_resistor_is_4ktr_and_that_of_an_rc_low_pass_adds_up_to_kt_by_c(simulator):
    noise = _one(simulator, RC, Noise("v(out)", "v1", 1, 1e9, 50)).analyses["noise"]
    assert noise.real("onoise_spectrum")[0] == pytest.approx(math.sqrt(4 * BOLTZMANN * KELVIN * 1e3), rel=1e-4)
    # the band ends at 1 GHz: what lies above is a share of 2/pi times 159 kHz / 1 GHz
    assert noise.totals["onoise_total"] == pytest.approx(math.sqrt(BOLTZMANN * KELVIN / 1e-9), rel=2e-4)
    assert noise.units["onoise_spectrum"] == "V/√Hz"
    assert noise.units["onoise_total"] == "V"
    assert noise.scale_unit == "Hz"


@pytest.mark.ngspice
def test_contributions_of_resistors_add_up_and_a_current_source_has_noise_in_amperes(simulator):
    body = "i1 0 out dc 0 ac 1\nr1 out 0 1k\nr2 out 0 3k"
    noise = _one(simulator, body, Noise("v(out)", "i1", 1, 1e3, 1, contributions=True)).analyses["noise"]
    parts = np.hypot(noise.real("onoise_r1"), noise.real("onoise_r2"))
    assert parts == pytest.approx(noise.real("onoise_spectrum"), rel=1e-9)
    assert noise.real("inoise_spectrum")[0] == pytest.approx(math.sqrt(4 * BOLTZMANN * KELVIN / 750), rel=1e-4)
    assert noise.units["inoise_spectrum"] == "A/√Hz"


@pytest.mark.ngspice
def test_the_transfer_function_of_a_divider(simulator):
    result = _one(simulator, DIVIDER, Tf("v(out)", "v1"), Tf("i(v1)", "v1", name="input"))
    tf = result.analyses["tf"]
    values = [tf.value(n) for n in ("transfer_function", "input_impedance", "output_impedance")]
    assert values == pytest.approx([0.75, 4e3, 750])
    assert tf.units == {"transfer_function": "", "input_impedance": "Ω", "output_impedance": "Ω"}
    assert result.analyses["input"].value("transfer_function") == pytest.approx(-1 / 4e3)
    assert result.analyses["input"].units["transfer_function"] == "A/V"


@pytest.mark.ngspice
def test_poles_and_zeros_of_rc_and_rlc(simulator):
    assert _one(simulator, RC, Pz("in", "0", "out", "0")).analyses["pz"]["poles"] == pytest.approx([-1e6])
    lag = "v1 in 0 0 ac 1\nr1 in out 1k\nr2 out x 100\nc1 x 0 1n"
    pz = _one(simulator, lag, Pz("in", "0", "out", "0")).analyses["pz"]
    assert pz["poles"] == pytest.approx([-1 / (1100 * 1e-9)])
    assert pz["zeros"] == pytest.approx([-1 / (100 * 1e-9)])
    resistance, inductance, capacitance = 10.0, 1e-6, 1e-9
    rlc = f"v1 in 0 0 ac 1\nr1 in a {resistance}\nl1 a out {inductance}\nc1 out 0 {capacitance}"
    poles = _one(simulator, rlc, Pz("in", "0", "out", "0", wanted="pol")).analyses["pz"]["poles"]
    expected = np.roots([inductance * capacitance, resistance * capacitance, 1])
    assert sorted(poles, key=np.imag) == pytest.approx(sorted(expected, key=np.imag), rel=1e-6)


@pytest.mark.ngspice
def test_sensitivities_of_a_divider(simulator):
    result = _one(simulator, DIVIDER, Sens("v(out)"), Sens("v(out)", Ac(1, 100, 1), name="ac_sens"))
    sens = result.analyses["sens"]
    assert sens.value("r1") == pytest.approx(-2 * 3e3 / 4e3**2, rel=1e-4)
    assert sens.value("r2") == pytest.approx(2 * 1e3 / 4e3**2, rel=1e-4)
    assert sens.value("v1") == pytest.approx(0.75)
    over = result.analyses["ac_sens"]
    assert over.scale == pytest.approx([1, 10, 100])
    assert over["r1_ac"] == pytest.approx([-3e3 / 4e3**2] * 3, rel=1e-4)


@pytest.mark.ngspice
def test_s_parameters_of_a_series_resistor(simulator):
    body = "v1 a 0 dc 0 ac 1 portnum 1 z0 50\nv2 b 0 dc 0 ac 0 portnum 2 z0 50\nr1 a b 100"
    sp = _one(simulator, body, Sp(1, 100, 1), saved=("v(a)",)).analyses["sp"]
    assert sp["s_1_1"] == pytest.approx([0.5] * 3)
    assert sp["s_2_1"] == pytest.approx([0.5] * 3)
    assert set(sp.vectors) == {"s_1_1", "s_1_2", "s_2_1", "s_2_2"}


SQUARE = "v1 out 0 pulse(-1 1 0 10p 10p 500n 1u)\nr1 out 0 1k"


@pytest.mark.ngspice
def test_the_harmonics_of_a_square_wave(simulator):
    result = _one(simulator, SQUARE, Tran(1e-9, 3e-6, max_step=1e-9), Fourier(1e6, "v(out)", 9))
    harmonics = result.analyses["fourier"]
    assert harmonics.scale == pytest.approx(1e6 * np.arange(10))
    magnitude = np.abs(harmonics["v(out)"])
    # 200 samples a period: aliases of the harmonics above
    assert magnitude[1::2] == pytest.approx(4 / np.pi / np.arange(1, 10, 2), rel=4e-3)
    assert magnitude[::2] == pytest.approx(0, abs=0.011)
    assert distortion(harmonics, "v(out)") == pytest.approx(math.sqrt(sum(1 / n**2 for n in (3, 5, 7, 9))), rel=5e-3)


@pytest.mark.ngspice
def test_the_fourier_command_of_ngspice_gives_the_same_table(batch, tmp_path):
    deck = Deck("", SQUARE, {}, (Tran(1e-9, 3e-6, max_step=1e-9), Fourier(1e6, "v(out)", 9)), ("v(out)",))
    ours = batch.simulate([Job(deck)])[0].analyses["fourier"]["v(out)"]
    control = ".control\ntran 1e-9 3e-6 0 1e-9\nfourier 1e6 v(out)\nquit\n.endc"
    (tmp_path / "a.sp").write_text(f"* square\n{SQUARE}\n{control}\n.end\n")
    process = subprocess.run(["ngspice", "-b", "a.sp"], cwd=tmp_path, capture_output=True, text=True, check=False)
    rows = [line.split() for line in process.stdout.splitlines() if re.match(r" \d+ +\d", line)]
    assert len(rows) == 10
    for row in rows[1::2]:
        harmonic = ours[int(row[0])]
        assert abs(harmonic) == pytest.approx(float(row[2]), rel=1e-5)
        assert np.degrees(np.angle(harmonic)) == pytest.approx(float(row[3]), abs=1e-3)


@pytest.mark.ngspice
def test_a_capacitor_discharges_from_its_initial_condition(simulator):
    body = "r1 out 0 1k\nc1 out 0 1n"
    tran = _one(
        simulator,
        body,
        Tran(1e-8, 3e-6, max_step=5e-9, use_initial_conditions=True),
        initial_conditions={"out": 2.0},
    ).analyses["tran"]
    assert tran.real("v(out)")[1:] == pytest.approx(2 * np.exp(-tran.scale[1:] / 1e-6), rel=1e-4)


LATCH = """vdd vdd 0 1.8
ra vdd a 10k
rb vdd b 10k
ma a b 0 0 n w=10u l=1u
mb b a 0 0 n w=10u l=1u
.model n nmos vto=0.5 kp=100u"""


@pytest.mark.ngspice
@pytest.mark.parametrize(("high", "low"), [("a", "b"), ("b", "a")])
def test_a_nodeset_picks_the_state_of_a_latch(simulator, high, low):
    nodesets = {high: 1.8, low: 0.0}
    op = _one(simulator, LATCH, Op(), saved=("v(a)", "v(b)"), nodesets=nodesets).analyses["op"]
    assert op.value(f"v({high})") > 1.7
    assert op.value(f"v({low})") < 0.2


@pytest.mark.ngspice
def test_a_nested_sweep_is_a_grid(simulator):
    body = "v1 a 0 0\nv2 b 0 0\nb1 out 0 v=v(a)+10*v(b)"
    dc = _one(simulator, body, Dc("v1", 0, 1, 0.25, Sweep("v2", 0, 2, 1))).analyses["dc"]
    assert dc.shape == (3, 5)
    assert dc.outer == pytest.approx([0, 1, 2])
    assert dc.grid("v(out)") == pytest.approx(np.linspace(0, 1, 5) + 10 * np.arange(3)[:, None])


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("analysis", "scale", "unit", "expected"),
    [
        (Dc("temp", 0, 100, 50), [0, 50, 100], "°C", [1 - 0.027, 1 + 0.023, 1 + 0.073]),
        (Dc("r1", 1e3, 3e3, 1e3), [1e3, 2e3, 3e3], "Ω", [1, 2, 3]),
        (Dc("i1", 1e-3, 2e-3, 1e-3), [1e-3, 2e-3], "A", [1, 2]),
    ],
)
def test_temperature_resistor_and_current_are_swept(simulator, analysis, scale, unit, expected):
    body = "i1 0 out 1m\nr1 out 0 1k tc1=1m"
    result = _one(simulator, body, analysis, Op())
    dc = result.analyses["dc"]
    assert dc.scale == pytest.approx(scale)
    assert dc.scale_unit == unit
    assert dc.real("v(out)") == pytest.approx(expected, rel=1e-9)
    assert result.analyses["op"].value("v(out)") == pytest.approx(1.0)  # the sweep left nothing behind


EVERYTHING = (
    Op(),
    Ac(1e3, 1e9, 5),
    Dc("v1", 0, 1.8, 0.1),
    Dc("v1", 0, 1.8, 0.1, Sweep("vdd", 1.5, 1.8, 0.1), name="nested"),
    Tran(1e-8, 3e-6),
    Fourier(1e6, "v(out)"),
    Tran(1e-8, 2e-6, 1e-6, name="late"),
    Noise("v(out)", "v1", 1, 1e9, 5),
    Noise("v(out)", "v1", 1, 1e9, 5, contributions=True, name="contributions"),
    Tf("v(out)", "v1"),
    Pz("in", "0", "out", "0"),
    Sens("v(out)"),
    Sens("v(out)", Ac(1, 1e6, 1), name="ac_sens"),
    Op(name="again"),
)


@pytest.mark.ngspice
def test_all_analyses_in_one_deck_agree_between_backends_bit_by_bit_and_again(batch):
    measures = ("ac gain max vdb(out)", "late top max v(out)", "tran rms rms v(out)", "ac never when vdb(out)=999")
    deck = Deck("", MOS, {"x": 1.0}, EVERYTHING, ("v(out)", "i(v1)", "@m1[gm]"), measures=measures)
    jobs = [Job(deck), Job(deck, {"x": 2.0}), Job(deck)]
    with WorkerPool(1, mode=Mode.EXACT) as pool:
        first, _, again = pool.simulate(jobs)
    other = batch.simulate([Job(deck)])[0]
    assert first.ok, first.log
    for result in (other, again):
        assert list(result.analyses) == [analysis.name for analysis in EVERYTHING]
        assert result.measures == pytest.approx(first.measures, rel=1e-9)
        assert set(result.failed_measures) == {"never"}
        for name, waves in first.analyses.items():
            theirs = result.analyses[name]
            assert theirs.units == waves.units
            assert (theirs.scale_unit, theirs.totals) == (waves.scale_unit, waves.totals)
            assert set(theirs.vectors) == set(waves.vectors)
            for vector, values in waves.vectors.items():
                np.testing.assert_array_equal(theirs.vectors[vector], values, err_msg=f"{name} {vector}")
    assert set(first.analyses["ac"].vectors) == {"v(out)", "i(v1)"}


@pytest.mark.ngspice
@pytest.mark.parametrize("mode", list(Mode))
def test_decks_that_share_a_process_do_not_take_each_others_saved_vectors(mode):
    noise = Deck("", RC, {}, (Noise("v(out)", "v1", 1, 1e6, 5), Op()), ("v(in)",))
    other = Deck("", DIVIDER.replace("1k", "{r}"), {"r": 1e3}, (Op(), Ac(1, 10, 1)), ("v(out)", "i(v1)"))
    jobs = [Job(noise), Job(other), Job(noise), Job(other, {"r": 3e3}), Job(noise), Job(other)]
    with WorkerPool(1, mode=mode) as pool:
        results = pool.simulate(jobs)
    assert all(result.ok for result in results), [result.log for result in results]
    assert [result.analyses["op"].value("v(out)") for result in results[1::2]] == pytest.approx([1.5, 1.0, 1.5])
    totals = {result.analyses["noise"].totals["onoise_total"] for result in results[::2]}
    assert len(totals) == 1
    assert totals.pop() == pytest.approx(math.sqrt(BOLTZMANN * KELVIN / 1e-9), rel=0.1)
    assert set(results[-1].analyses["ac"].vectors) == {"v(out)", "i(v1)"}


@pytest.mark.ngspice
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "between",
    [
        Sens("v(out)"),
        Sens("v(out)", Ac(1, 1e3, 1), name="sens"),
        Dc("temp", -40, 125, 55),
        Dc("rd", 5e3, 2e4, 5e3),
        Dc("v1", 0, 1, 0.5, Sweep("temp", 0, 100, 100)),
        Tran(1e-8, 1e-6, use_initial_conditions=True),
        Pz("in", "0", "out", "0"),
    ],
    ids=str,
)
def test_an_analysis_leaves_the_circuit_as_it_was(mode, between):
    analyses = (Ac(1e3, 1e9, 5, name="before"), between, Ac(1e3, 1e9, 5, name="after"))
    deck = Deck("", MOS.replace("10k", "{r}"), {"r": 1e4}, analyses, ("v(out)",))
    with WorkerPool(1, mode=mode) as pool:
        results = pool.simulate([Job(deck, {"r": r}) for r in (1e4, 8e3, 1e4)])
    assert all(result.ok for result in results), [result.log for result in results]
    before, after = (np.array([result.analyses[n]["v(out)"] for result in results]) for n in ("before", "after"))
    assert after == pytest.approx(before, rel=1e-6)  # the operating point starts elsewhere
    assert after[2] == pytest.approx(after[0], rel=1e-9)
    assert abs(after[1, 0] / after[0, 0]) < 0.9


@pytest.mark.ngspice
def test_measurements_are_those_of_the_waveforms(simulator):
    measures = ("ac gain find vdb(out) at=1k", "ac pole when vdb(out)=-3.0103", "ac bad find v(nowhere) at=1k")
    result = _one(simulator, RC, Ac(1, 1e9, 100), measures=measures)
    assert result.measures == pytest.approx({"gain": 0, "pole": 1e6 / (2 * np.pi)}, rel=1e-4, abs=2e-4)
    assert "nowhere" in result.failed_measures["bad"]


@pytest.mark.ngspice
@pytest.mark.parametrize("start", [lambda: WorkerPool(1), BatchSimulator])
def test_a_failed_analysis_between_good_ones_is_a_failure_not_the_result_of_the_one_before(start):
    analyses = (Tran(1e-8, 1e-6), Noise("v(nowhere)", "v1", 1, 10), Tran(1e-8, 2e-6, name="second"))
    with start() as simulator:
        (result,) = simulator.simulate([Job(Deck("", RC, {}, analyses, ("v(out)",)))])
    assert not result.ok
    assert not result.analyses


class Stub:
    """A library that holds plots as dictionaries, and makes one of them at a command."""

    exited = False

    def __init__(self, plots, current="const", made=""):
        self._plots, self._current, self._made, self.commands = plots, current, made, []

    def command(self, text):
        self.commands.append(text)
        if self._made and not text.startswith(("save", "delete")):
            self._current = self._made
        return 0

    def said(self, text):
        return []

    def plot(self):
        return self._current

    def plots(self):
        return list(self._plots)

    def vectors(self, plot):
        return list(self._plots.get(plot, {}))

    def vector(self, name):
        plot, _, vector = name.partition(".")
        return self._plots.get(plot, {}).get(vector)


SWEEP = {"v(a)": Vector(np.arange(3.0)), "v-sweep": Vector(np.array([0, 0.5, 1.0]), "voltage")}


def test_an_operating_point_that_another_analysis_left_can_be_read():
    library = Stub({"ac2": {}, "op1": {"v(a)": Vector(np.array([3.0]), "voltage")}}, "ac2")
    point = read(library, "op1", Op(), ["v(a)"])
    assert point.value("v(a)") == 3
    assert point.units == {"v(a)": "V"}
    assert library.commands == []


@pytest.mark.parametrize(
    ("plots", "made", "names"),
    [
        ({"dc1": SWEEP}, "", ["v(a)"]),  # nothing new
        ({"tran1": SWEEP}, "tran1", ["v(a)"]),  # another kind
        ({"dc1": SWEEP}, "dc1", ["v(a)", "v(b)"]),  # a vector is missing
        ({"dc1": {**SWEEP, "v(a)": Vector(np.arange(2.0))}}, "dc1", ["v(a)"]),  # another length
        ({"dc1": {**SWEEP, "v-sweep": Vector(np.array([0, 0.2, 0.5]))}}, "dc1", ["v(a)"]),  # ends early
        ({"dc1": {"v(a)": SWEEP["v(a)"]}}, "dc1", ["v(a)"]),  # no scale
    ],
)
def test_stale_and_incomplete_plots_are_no_result(plots, made, names):
    assert run(Stub(plots, made=made), Dc("v1", 0, 1, 0.5), names, read) is None


def test_a_complete_plot_is_a_result_and_a_nested_one_must_have_every_point():
    assert run(Stub({"dc1": SWEEP}, made="dc1"), Dc("v1", 0, 1, 0.5), ["v(a)"], read) is not None
    assert run(Stub({"dc1": SWEEP}, made="dc1"), Dc("v1", 0, 1, 0.5, Sweep("v2", 0, 1, 1)), ["v(a)"], read) is None


def test_vectors_of_noise_are_saved_for_it_only():
    library = Stub({})
    run(library, Noise("v(a)", "v1", 1, 10), [], read, saved=("v(a)", "i(v1)"))
    assert library.commands == ["save all", "noise v(a) v1 dec 20 1 10", "delete all", "save v(a) i(v1)"]
