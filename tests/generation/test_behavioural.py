import itertools
import random

import pytest

import eda
from eda.errors import InputError
from eda.generation import Rung, climb, generated, realised
from eda.generation.behavioural import BehaviouralSource
from eda.netlist import check
from eda.problem.spec import parse_specs
from eda.technology import load_technology
from eda.testbench import OpAmpTestbench
from eda.topology.behavioural import BehaviouralOpAmp, Block, random_opamp
from eda.topology.behavioural.specification import performances
from eda.topology.device import Part, broken_rules
from eda.topology.device.grammar import refusal
from eda.topology.device.novelty import topology_key

GENERIC = load_technology("generic")
METRICS = OpAmpTestbench().metrics


def test_a_two_stage_op_amp_becomes_the_textbook_one():
    opamp = BehaviouralOpAmp((Block(7, 0, 1, gm=5), Block(6, 1, 2, gm=20)), (Block(4, 1, 2, r=1, c=5),))
    assert realised(opamp).parts == (
        Part("nmos", ("x1", "vin1", "x2", "vss")),
        Part("nmos", ("n1", "vin2", "x2", "vss")),
        Part("pmos", ("x1", "x1", "vdd", "vdd")),
        Part("pmos", ("n1", "x1", "vdd", "vdd")),
        Part("nmos", ("x2", "vb1", "vss", "vss")),
        Part("pmos", ("vout1", "n1", "vdd", "vdd")),
        Part("nmos", ("vout1", "vb2", "vss", "vss")),
        Part("resistor", ("n1", "x3")),
        Part("capacitor", ("x3", "vout1")),
    )


def test_a_stage_that_does_not_invert_has_a_mirror():
    opamp = BehaviouralOpAmp((Block(7, 0, 1, gm=5), Block(7, 1, 2, gm=20)))
    assert realised(opamp).parts[5:] == (
        Part("pmos", ("x3", "n1", "vdd", "vdd")),
        Part("nmos", ("x3", "x3", "vss", "vss")),
        Part("nmos", ("vout1", "x3", "vss", "vss")),
        Part("pmos", ("vout1", "vb3", "vdd", "vdd")),
    )


def test_every_random_op_amp_can_be_made_of_transistors():
    rng = random.Random(0)
    for _ in range(500):
        topology = realised(random_opamp(rng))
        assert not broken_rules(topology)
        assert refusal(topology, "opamp") == ""
        assert {"vin1", "vin2", "vout1", "vdd", "vss"} <= set(topology.ports)


def test_what_is_drawn_meets_the_specs_as_far_as_they_are_of_the_behaviour(monkeypatch):
    drawn = []
    monkeypatch.setattr("eda.generation.behavioural.realised", lambda one: drawn.append(one) or realised(one))
    source = BehaviouralSource(parse_specs(["dc_gain >= 100 dB", "gbw >= 100 MHz", "minimize power"], METRICS))
    first = list(itertools.islice(source.topologies("opamp", seed=1), 5))
    for does in performances(drawn):
        assert does.stable
        assert does.gain >= 100
        assert does.unity_gain_frequency >= 100e6
        assert does.phase_margin >= 45
    assert first == list(itertools.islice(source.topologies("opamp", seed=1), 5))
    assert first != list(itertools.islice(source.topologies("opamp", seed=2), 5))


def test_op_amps_of_training_are_not_new(ota):
    assert BehaviouralSource(known={topology_key(ota)}).knows(ota)
    assert not BehaviouralSource().knows(ota)


def test_specs_that_no_op_amp_meets_are_told(monkeypatch):
    monkeypatch.setattr("eda.generation.behavioural._ROUNDS", 2)
    source = BehaviouralSource(parse_specs(["dc_gain >= 400 dB"], METRICS))
    with pytest.raises(
        InputError, match=r"none of 512 behavioural op-amps is stable with .*dc_gain >= 400; ask for less"
    ):
        next(source.topologies("opamp"))


def test_other_classes_are_refused():
    with pytest.raises(InputError, match="ask for opamp, not for 'ldo'"):
        next(BehaviouralSource().topologies("ldo"))


@pytest.mark.ngspice
def test_stable_op_amps_amplify_as_transistors(pool):
    source = BehaviouralSource()
    climbs = [climb(one, "opamp", GENERIC, pool) for one in itertools.islice(source.topologies("opamp"), 10)]
    assert sum(one.works for one in climbs) >= 8


@pytest.mark.ngspice
def test_op_amps_from_a_specification_meet_it(pool):
    specs = ["dc_gain >= 60 dB", "phase_margin >= 45 deg"]
    source = BehaviouralSource(parse_specs(specs, METRICS))
    (one,) = generated(source, "opamp", 1, specs=specs, simulator=pool, budget=150)
    assert one.climb.passed == tuple(Rung)
    assert not [f for f in check(one.circuit) if f.severity.name in {"ERROR", "FATAL"}]
    problem = eda.SizingProblem(
        one.circuit, technology="generic", testbench=OpAmpTestbench(), specs=specs, simulator=pool
    )
    (evaluation,) = problem.evaluate([{}])
    assert evaluation.meets(problem.specs)
    assert {device.model for device in one.circuit.top.devices if device.letter == "m"} == {"nmos", "pmos"}


def test_specs_of_a_class_without_a_testbench_are_refused():
    with pytest.raises(InputError, match=r"there is one for opamp, comparator, .* but not for 'mixer'"):
        next(generated(BehaviouralSource(), "mixer", 1, specs=["gain >= 3 dB"], simulator=None))


def test_the_rung_of_specs_needs_specs():
    with pytest.raises(InputError, match="the rung of specs needs some"):
        next(generated(BehaviouralSource(), "opamp", 1, least=Rung.SPECS, simulator=None))


def test_an_unknown_metric_is_named():
    with pytest.raises(InputError, match="gbv"):
        eda.generate("opamp", 1, specs=["gbv >= 1 MHz"])
