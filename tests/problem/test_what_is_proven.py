"""What is evaluated is what is delivered, and nothing else takes part."""

from __future__ import annotations

import copy
import pickle

import pytest

import eda
from eda.errors import InputError
from eda.netlist import format_netlist, parse_netlist

OTA = """* ota
.subckt ota inp inn out vdd vss w1=20u l1=1u w3={2*w1} w5=10u ib=20u
*@ w1 = 1u..100u log
m1 x inp tail vss nmos w={w1} l={l1}
m2 out inn tail vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w3} l={l1}
m4 out x vdd vdd pmos w={w3} l={l1}
m5 tail bias vss vss nmos w={w5} l={l1}
m6 bias bias vss vss nmos w={w5} l={l1}
ib vdd bias dc {ib}
.ends
"""
KITS = ["generic", pytest.param("sky130", marks=pytest.mark.sky130)]


def problem(text, technology="generic", **more):
    specs = more.pop("specs", ["gbw >= 1 MHz"])
    return eda.SizingProblem(
        parse_netlist(text), technology=technology, testbench=eda.OpAmpTestbench(), specs=specs, **more
    )


@pytest.mark.ngspice
@pytest.mark.parametrize("technology", KITS)
def test_a_size_that_follows_another_does_so_in_the_evaluation_and_in_the_written_netlist(pool, technology):
    sizes = {"w1": 80e-6}
    evaluated = problem(OTA, technology, simulator=pool).evaluate([sizes])[0].metrics
    written = format_netlist(problem(OTA, technology).circuit.sized(sizes))
    assert problem(written, technology, specs=["gbw >= 1 MHz"], simulator=pool).evaluate([{}])[0].metrics == (
        pytest.approx(evaluated, rel=1e-9)
    )
    independent = OTA.replace("w3={2*w1}", "w3=160u")
    assert problem(independent, technology, simulator=pool).evaluate([sizes])[0].metrics == pytest.approx(
        evaluated, rel=1e-9
    )


def test_a_size_that_follows_another_cannot_be_set():
    with pytest.raises(InputError, match="w3 follows from other parameters"):
        problem(OTA).evaluate([{"w3": 1e-6}])


@pytest.mark.ngspice
@pytest.mark.parametrize("technology", KITS)
def test_parameters_named_like_those_of_the_kits_transistors_mean_the_same(pool, technology):
    renamed = OTA
    for old, new in (("w1", "w"), ("l1", "l"), ("w3", "ad"), ("w5", "mult")):
        for before, after in ((f"{{{old}}}", f"{{{new}}}"), (f" {old}=", f" {new}="), (f"@ {old}", f"@ {new}")):
            renamed = renamed.replace(before, after)
    renamed = renamed.replace("{2*w1}", "{2*w}")
    one = problem(OTA, technology, simulator=pool).evaluate([{}])[0].metrics
    other = problem(renamed, technology, simulator=pool).evaluate([{}])[0].metrics
    assert other == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize("line", ["rl out 0 100k", ".temp 27", ".option reltol=1e-1", ".ac dec 1 1 10"])
def test_what_stands_outside_the_block_does_not_reach_the_testbench(line):
    with pytest.raises(InputError, match=r"outside its \.subckt.*with_top"):
        problem(f"{OTA}{line}\n")
    assert eda.SizingProblem(
        parse_netlist(f"{OTA}{line}\n").with_top("ota"),
        technology="generic",
        testbench=eda.OpAmpTestbench(),
        specs=["gbw >= 1 MHz"],
    )


@pytest.mark.ngspice
def test_an_amplifier_with_poles_in_the_right_half_plane_is_never_feasible(pool):
    # 1000/(1+s/w1) and an inner loop with poles at +-j and positive real part; its phase margin reads 177 degrees
    text = """* unstable
.subckt bad inp inn out vdd vss r=1
*@ r = 0.5..2
rs vdd vss 1k
g1 0 a inp inn 1m
ra a 0 1meg
ca a 0 160p
ein b 0 a 0 1
r1 b c 10
l1 c out 160u
c1 out 0 160p
gneg 0 out out 0 1.2m
rload out 0 10k
.ends
"""
    (evaluation,) = problem(text, specs=["dc_gain >= 20 dB"], simulator=pool).evaluate([{}])
    guards = {guard.name: guard.holds for guard in evaluation.guards}
    assert evaluation.metrics["phase_margin"] > 60
    assert guards == {"output level": True, "polarity": True, "stable": False, "closed loop": True}
    assert not evaluation.meets(problem(text, specs=["dc_gain >= 20 dB"]).specs)


@pytest.mark.ngspice
def test_a_circuit_that_feeds_its_supply_has_no_power(pool):
    text = "* feeds\n.subckt a inp inn out vdd vss r=1\n*@ r = 1..2\ni1 vss vdd dc 1m\ne1 out vss inp inn 100\n.ends\n"
    asked = problem(text, specs=["minimize power"], simulator=pool)
    (evaluation,) = asked.evaluate([{}])
    assert "the supply delivers -0.001 A" in evaluation.undefined["power"]
    assert not evaluation.meets(asked.specs)


def test_sizes_beyond_the_models_are_refused():
    with pytest.raises(InputError, match=r"must hold for m1 \(generic_nmos\), but w=w1 can be 0.05"):
        problem(OTA.replace("1u..100u", "1u..50m"))
    with pytest.raises(InputError, match="can be -1e-06"):
        problem(OTA).evaluate([{"w1": -1e-6}])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("w={w1} l={l1}", "w={w11} l={l1}", "the parameter 'w11' of m1 is not defined. Did you mean"),
        ("ib vdd bias dc {ib}", "ib vdd bias dc {ib}\nx1 bias vss cell r=1\n", "x1 gives 2 nodes, but 'cell' has 1"),
        ("ib vdd bias dc {ib}", "ib vdd bias dc {ib}\nx1 bias cell q=1\n", "'cell' has no parameter 'q'"),
    ],
)
def test_a_circuit_that_cannot_mean_what_it_says_is_refused(old, new, message):
    cell = ".subckt cell a r=1\nr1 a 0 {r}\n.ends\n" if "cell" in new else ""
    with pytest.raises(InputError, match=message):
        problem(OTA.replace(old, new, 1) + cell)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"circuit": "ota.sp"}, "circuit must be a Circuit, such as eda.read_netlist"),
        ({"testbench": "opamp"}, "testbench must be a Testbench"),
        ({"specs": "gbw >= 1 MHz"}, "specs must be a list of texts"),
    ],
)
def test_arguments_of_another_kind_are_explained(change, message):
    arguments = {"circuit": parse_netlist(OTA), "testbench": eda.OpAmpTestbench(), "specs": ["gbw >= 1 MHz"], **change}
    with pytest.raises(InputError, match=message):
        eda.SizingProblem(arguments.pop("circuit"), technology="generic", **arguments)


@pytest.mark.parametrize("designs", [{"w1": 3e-6}, [{"w1": "3u"}], ["w1"]])
def test_designs_of_another_kind_are_explained(designs):
    with pytest.raises(InputError, match="must be a"):
        problem(OTA).evaluate(designs)


@pytest.mark.ngspice
def test_a_problem_can_be_copied_and_sent(pool):
    original = problem(OTA, simulator=pool)
    (expected,) = original.evaluate([{}])
    for copied in (pickle.loads(pickle.dumps(original)), copy.deepcopy(original)):
        with copied.simulator:
            assert copied.evaluate([{}])[0].metrics == expected.metrics
