"""Resident circuits: both modes give what a fresh ngspice gives, whatever stood in the process before."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest

from eda.errors import InputError
from eda.simulation import Ac, Dc, Deck, Job, Noise, Op, Tran, WorkerPool
from eda.simulation.circuits import Mode, largest_difference, parse_mode
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench

pytestmark = pytest.mark.ngspice

RC = Deck(
    "", "v1 in 0 dc {v} ac 1\nr1 in out {r}\nc1 out 0 1n", {"v": 1.0, "r": 1e3}, (Op(), Ac(1, 1e9, 5)), ("v(out)",)
)


@pytest.fixture(scope="module")
def fast():
    with WorkerPool(1, mode="fast") as pool:
        yield pool


def _decks(miller):
    kit = load_technology("sky130")
    bench = OpAmpTestbench(vdd=kit.supply)
    conditions = [Conditions("tt"), Conditions("ss", 125.0), Conditions("ff", -40.0, 0.9)]
    return [bench.deck(kit.bind(miller), kit, one) for one in conditions]


@pytest.mark.sky130
def test_fast_is_exact_within_a_millionth_over_corners_and_bins(miller, fast, pool):
    rng = random.Random(0)
    jobs = []
    for deck in _decks(miller):
        for _ in range(12):
            # lengths around the edge of two bins, so that circuits with other cards come and go
            values = {"dut_l1": rng.uniform(0.45e-6, 0.55e-6), "dut_w1": rng.uniform(5e-6, 20e-6), "dut_ib": 20e-6}
            jobs.append(Job(deck, values))
    rng.shuffle(jobs)
    for one, other in zip(fast.simulate(jobs), pool.simulate(jobs), strict=True):
        assert one.ok
        assert largest_difference(other, one) < 1e-6


def test_more_circuits_than_stay_resident_are_right_too(fast):
    decks = [replace(RC, body=RC.body.replace("1n", f"{n}n")) for n in range(1, 25)]
    jobs = [Job(deck, {"r": 1e3 * (n + 1)}) for n in range(3) for deck in decks]
    for job, result in zip(jobs, fast.simulate(jobs), strict=True):
        capacitance = float(job.deck.body.rpartition(" ")[2].removesuffix("n")) * 1e-9
        ac = result.analyses["ac"]
        pole = 1 / (1 + 2j * 3.141592653589793 * ac.scale * job.values["r"] * capacitance)
        assert ac["v(out)"] == pytest.approx(pole, rel=1e-9)


def test_a_failure_between_two_good_ones_changes_neither(fast):
    bad = Deck("", "v1 in 0 1\nv2 in 0 2\nr1 in 0 1", {}, (Op(),), ("v(in)",))
    results = fast.simulate([Job(RC, {"v": 2.0}), Job(bad), Job(RC, {"v": 3.0})])
    assert [r.ok for r in results] == [True, False, True]
    assert results[2].analyses["op"].value("v(out)") == pytest.approx(3)


PULSE = Deck(
    "",
    "v1 in 0 pulse(0 {high} {delay} 1n 1n 1u 2u)\nr1 in out 1k\nc1 out 0 {c}\nb1 twice 0 v={2*v(out)*gain}",
    {"high": 1.0, "delay": 1e-7, "c": 1e-10, "gain": 1.0},
    (Tran(1e-8, 1e-6),),
    ("v(out)", "v(twice)"),
)


@pytest.mark.parametrize("values", [{"high": 2.0}, {"delay": 2e-7}, {"gain": 3.0}, {"c": 2e-10}])
def test_what_cannot_be_altered_asks_for_a_new_circuit(fast, pool, values):
    jobs = [Job(PULSE), Job(PULSE, values), Job(PULSE)]
    for one, other in zip(fast.simulate(jobs), pool.simulate(jobs), strict=True):
        assert largest_difference(other, one) < 1e-6


def test_a_device_without_size_is_told_before_anything_is_simulated(simulator):
    deck = Deck(".model n nmos level=1", "v1 d 0 1\nm1 d d 0 0 n w={w} l=1u", {"w": 1e-6}, (Op(),), ("v(d)",))
    good, bad = simulator.simulate([Job(deck), Job(deck, {"w": 0.0})])
    assert good.ok
    assert bad.status.name == "IMPOSSIBLE_SIZE"
    assert "`w > 0` must hold for m1" in bad.log


def test_modes_by_name():
    assert parse_mode("fast") is Mode.FAST
    with pytest.raises(InputError, match=r"no mode 'fasst'\. Did you mean 'fast'"):
        parse_mode("fasst")
    with pytest.raises(InputError):
        WorkerPool(1, mode="quick")


WRONG = """
from eda.simulation import Deck, Op
from eda.simulation.circuits import Circuits, Mode
from eda.simulation.ngspice import NgSpice
deck = Deck("", "v1 in 0 {v}\\nr1 in out 1k\\nr2 out 0 {r}", {"v": 1.0, "r": 1e3}, (Op(),), ("v(out)",))
alters = deck.elaboration.alters
alters[:] = [(index, target.replace("r2", "r1")) for index, target in alters]  # the wrong device
circuits = Circuits(NgSpice(), Mode.FAST)
for v in (1.0, 2.0, 3.0):
    print(circuits.run(deck, 0, {"v": v}).analyses["op"].value("v(out)"))
"""


def test_a_wrong_elaboration_is_noticed_and_the_exact_way_taken():
    done = subprocess.run([sys.executable, "-c", WRONG], capture_output=True, text=True, check=True)
    assert [float(line) for line in done.stdout.split()] == pytest.approx([0.5, 1.0, 1.5], rel=1e-9)


def test_names_of_parameters_have_no_case(simulator):
    deck = Deck("", "v1 out 0 {R}", {"R": 1.0}, (Op(),), ("v(out)",))
    results = simulator.simulate([Job(deck, {"R": 2.0}), Job(deck, {"r": 3.0})])
    assert [result.analyses["op"].value("v(out)") for result in results] == pytest.approx([2.0, 3.0], rel=1e-12)


@pytest.mark.parametrize(
    "body",
    [
        "x1 out 0 two m=2\n.subckt two a b\nx1 a b one m=3\n.ends\n.subckt one a b\nr1 a b {r}\n.ends",
        "r1 out 0 {r>2?r>3?1:2:3}",
        "r1 out 0 {r}\nd1 out 0 dd\n.model dd d\n  + is=1e-8",
        "x1 out 0 own\n.subckt own a b\nr1 a b {r}\nd1 a b dd\n.model dd d is=1e-9\n.ends",
        "r1 out 0 {r}\nm1 out out 0 0 nn w=1u l=1u\n.model nn nmos vto=vt kp='2*vt*1e-4'",
    ],
    ids=["nested m", "nested choice", "indented continuation", "model in a block", "names in a model"],
)
def test_what_ngspice_reads_in_its_own_way_comes_out_so(fast, pool, batch, body):
    deck = Deck("", f"i1 0 out 1m\n{body}", {"r": 2.5, "vt": 0.5}, (Op(),), ("v(out)",))
    jobs = [Job(deck, {"r": r, "vt": vt}) for r, vt in ((2.5, 0.5), (3.5, 0.4), (1.5, 0.6))]
    for truth, *others in zip(*(backend.simulate(jobs) for backend in (batch, pool, fast)), strict=True):
        assert truth.ok
        assert [largest_difference(truth, other) < 1e-6 for other in others] == [True, True]


@pytest.mark.parametrize("option", ["cshunt=1n", "scale=1u"])
def test_options_that_last_do_not_reach_another_deck(simulator, option):
    (before,) = simulator.simulate([Job(RC)])
    simulator.simulate([Job(replace(RC, body=f".option {option}\n{RC.body}"))])
    (after,) = simulator.simulate([Job(RC)])
    assert largest_difference(before, after) == 0


@pytest.mark.sky130
def test_transistors_of_other_sizes_have_cards_of_their_own(pool):
    # ngspice limits A2 of a card for its first transistor only, so two sizes cannot share a card
    kit = load_technology("sky130")
    name = "sky130_fd_pr__pfet_01v8_hvt"
    cards = kit.cards("ff", [name])
    sizes = [f"x{n} d g 0 b {name} l=0.5 w={w}" for n, w in enumerate(("3.0", "3.68978"))]
    key = f"@m.x0.m{name}[id]"

    def current(calls):
        body = "\n".join(["vd d 0 -1", "vg g 0 -0.9", "vb b 0 0.1", *calls])
        deck = Deck(cards.text, body, {}, (Op(),), (key,), bins=cards.bins, options=cards.options)
        return pool.simulate([Job(deck)])[0].analyses["op"].value(key)

    # the last two: nor does it check a card that has the name of the one that it checked last
    assert current(sizes) == current(sizes[:1]) == current(sizes[::-1]) == current(sizes[:1]) == current(sizes[:1])


AMPLIFIER = """
vdd vdd 0 dc 1.8
vin in 0 dc 0.8 ac 1 pulse(0.8 0.9 1n 1n 1n 5n 20n)
x1 in out vdd stage
.subckt stage in out vdd
m1 out in 0 0 nch w={w} l=0.5u m=2
m2 out out vdd vdd pch w=20u l=0.5u
.ends
m3 vdd in tail 0 nch w={w} l=1u
r1 tail 0 20k
c1 out 0 1p
"""
LEVELS = {
    "level 1": "level=1 vto={sign}0.5 kp=100u lambda=0.1 gamma=0.4 phi=0.7 tox=5n",
    "bsim3": "level=8 version=3.3.0 vth0={sign}0.5 tox=5n",
    "bsim4": "level=14 version=4.5.0 vth0={sign}0.5 toxe=3n",
}
QUANTITIES = ("id", "gm", "gds", "gmbs", "vgs", "vds", "vbs", "vth", "von", "vdsat", "cgg", "cgs", "cgd", "w", "l", "m")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "analyses",
    [
        (Op(),),
        (Op(), Ac(1e3, 1e9, 5)),
        (Ac(1e3, 1e9, 5), Op()),
        (Op(), Tran(1e-10, 2e-8)),
        (Op(), Ac(1e3, 1e9, 5), Tran(1e-10, 2e-8)),
        (Op(), Dc("vin", 0, 1.8, 0.1), Noise("v(out)", "vin", 1e3, 1e9, 5)),
        (Op(), Ac(1e3, 1e9, 5), Noise("v(out)", "vin", 1e3, 1e9, 5)),
    ],
    ids=lambda analyses: " ".join(one.kind for one in analyses),
)
def test_transistors_asked_for_their_operating_point_say_what_plain_ngspice_saves(level, analyses, pool, fast, batch):
    models = "\n".join(
        f".model {kind}ch {kind}mos {LEVELS[level].format(sign=sign)}" for kind, sign in (("n", ""), ("p", "-"))
    )
    transistors = ("m.x1.m1", "m.x1.m2", "m3")

    def deck(quantities):
        saved = ("v(out)", *(f"@{name}[{one}]" for name in transistors for one in quantities))
        return Deck(models, AMPLIFIER, {"w": 1e-5}, analyses, saved, options=("reltol=1e-7",))

    # each model has some of them
    known = [one for one in QUANTITIES if batch.simulate([Job(deck((one,)))])[0].ok]
    assert {"id", "gm", "vds", "vdsat", "w", "l", "m"} <= set(known)
    # the second one is read by what the first one has shown
    jobs = [Job(deck(known), {"w": width}) for width in (1e-5, 1.3e-5)]
    plain, exact, quick = (simulator.simulate(jobs)[1] for simulator in (batch, pool, fast))
    for name, vector in plain.analyses["op"].vectors.items():
        assert vector == exact.analyses["op"][name], name
        assert vector == pytest.approx(quick.analyses["op"][name], rel=1e-9), name
    assert largest_difference(plain, exact) == 0
    for name, waves in plain.analyses.items():
        assert waves.totals == exact.analyses[name].totals
        assert waves.totals == pytest.approx(quick.analyses[name].totals, rel=1e-6)
