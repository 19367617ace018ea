from dataclasses import replace

import pytest

import eda
from eda.errors import InputError
from eda.generation import Climb, Generated, Rung, generated
from eda.generation.fit import FITS, bench_of, fit_of, fitted
from eda.generation.source import LearnedSource, beginning_of
from eda.netlist import check, parse_netlist
from eda.problem import Evaluation
from eda.problem.spec import parse_specs
from eda.simulation import Status
from eda.technology import load_technology
from eda.testbench import Guard
from eda.topology.device import Part, Topology
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.novelty import topology_key

GENERIC = load_technology("generic")


def names(topology, kind):
    found = fit_of(topology, kind)
    return found and (found[0].testbench, found[1])


@pytest.mark.ngspice
def test_what_is_asked_for_is_drawn_and_no_two_are_the_same(untrained, pool):
    found = list(generated(untrained, "mirror", 5, simulator=pool, least=Rung.GRAMMAR, seed=1))
    assert len(found) == 5
    assert len({topology_key(one.climb.topology) for one in found}) == 5
    assert [one.name for one in found] == [f"mirror_1_{number}" for number in range(1, 6)]
    assert found[0].circuit.name == "mirror_1_1"
    assert found[0].circuit.title.startswith("mirror_1_1: passed: grammar")


@pytest.mark.ngspice
def test_the_same_seed_generates_the_same(untrained, pool):
    first, second, other = (
        [one.circuit for one in generated(untrained, "general", 3, simulator=pool, least=Rung.GRAMMAR, seed=seed)]
        for seed in (4, 4, 5)
    )
    assert first == second != other


@pytest.mark.ngspice
def test_every_circuit_completes_what_it_begins_with(untrained, pool, ota):
    source = LearnedSource(untrained, beginning=beginning_of(Topology(ota.parts[:2]).circuit(), "opamp"))
    found = list(generated(source, "opamp", 3, simulator=pool, least=Rung.GRAMMAR))
    assert len(found) == 3
    for one in found:
        first, second = one.climb.topology.parts[:2]
        assert {first.nets[1], second.nets[1]} == {"vin1", "vin2"}
        assert first.nets[2] == second.nets[2]


def test_a_port_that_means_nothing_is_refused():
    circuit = parse_netlist("* t\n.subckt amp plus out vdd vss\nm1 out plus vss vss nmos\n.ends\n")
    with pytest.raises(InputError, match="amp has the port 'plus'; ports of a circuit to complete are called inp, inn"):
        beginning_of(circuit, "opamp")


@pytest.mark.ngspice
def test_circuits_of_training_and_repeated_ones_are_told_and_left_out(pool, ota):
    class Same(TopologyGenerator):
        def topologies(self, kind, **_):
            yield from [ota, Topology(ota.parts[:4]), ota]

    searches = []
    generator = Same.__new__(Same)
    generator._known = frozenset({topology_key(ota)})
    found = list(
        generated(
            generator, "opamp", 3, simulator=pool, least=Rung.GRAMMAR, watch=lambda s: searches.append(replace(s))
        )
    )
    assert len(found) <= 1
    assert searches[-1].known == 1
    assert searches[-1].repeated == 1
    assert searches[-1].drawn == 3


def test_a_two_input_amplifier_fits_the_testbench_of_op_amps(ota):
    assert names(ota, "opamp") == (
        "opamp",
        {"vin1": "inp", "vin2": "inn", "vout1": "out", "vdd": "vdd", "vss": "vss"},
    )


def test_what_fits_no_testbench(ota):
    assert names(Topology(ota.parts[:1]), "opamp") is None
    clocked = (*ota.parts, Part("nmos", ("vout1", "vclk1", "net1", "vss")))
    assert names(Topology(clocked), "opamp") is None
    alone = (*ota.parts, Part("nmos", ("vout2", "net1", "vss", "vss")))
    assert names(Topology(alone), "opamp") is None
    assert names(ota, "mixer") is None


def test_constant_levels_are_made_inside(ota):
    parts = (*ota.parts, Part("nmos", ("vout1", "vref1", "net1", "vss")))
    topology = Topology(parts)
    _, ports = fit_of(topology, "opamp")
    design = fitted(topology, GENERIC, ports, "amp")
    assert set(design.ports) == {"inp", "inn", "out", "vdd", "vss"}
    assert {"vref1", "vb1"} <= set(design.top.parameters)
    assert not [f for f in check(design) if f.severity.name in {"ERROR", "FATAL"}]


class Given:
    """Topologies that are given."""

    def __init__(self, *topologies):
        self._topologies = topologies

    def topologies(self, kind, *, seed):
        return iter(self._topologies)

    def knows(self, topology):
        return False


def with_inputs_exchanged(topology):
    names = {"vin1": "vin2", "vin2": "vin1"}
    return Topology(tuple(Part(part.kind, tuple(names.get(net, net) for net in part.nets)) for part in topology.parts))


@pytest.mark.ngspice
def test_an_amplifier_is_turned_until_it_does_not_invert(ota, pool):
    ports = []
    for topology in (ota, with_inputs_exchanged(ota)):
        (one,) = generated(Given(topology), "opamp", 1, simulator=pool)
        assert {guard.name: guard.holds for guard in one.evaluation.guards}["polarity"]
        assert one.evaluation.metrics["dc_gain"] > 20
        ports.append([one.ports["vin1"], one.ports["vin2"]])
        gates = {device.nodes[1] for device in one.circuit.top.devices if device.letter == "m"}
        assert {"inp", "inn"} <= gates
    assert ports[0] == ports[1][::-1]


@pytest.mark.ngspice
def test_what_the_testbench_says_is_told(ota, pool):
    """Under the names that ports have in the netlist."""
    (one,) = generated(Given(ota), "opamp", 1, simulator=pool)
    assert one.verdict.startswith("testbench opamp: ")
    assert one.circuit.title.startswith(f"opamp_0_1: {one}; tried out with ")
    levels = one.circuit.title.rpartition("tried out with ")[2]
    assert {level.split()[0] for level in levels.split(", ")} == {"inp", "inn"}


def test_verdicts():
    climbed = Climb(Topology(()), "opamp", (), "")
    one = Generated("a", climbed, None)
    assert one.verdict == ""
    guards = (Guard("conducting", 1.0, ""), Guard("saturated", -1.0, ""), Guard("stable", -1.0, ""))
    fitted = replace(one, fit=FITS["opamp"], evaluation=Evaluation({}, Status.OK, guards=guards))
    assert fitted.verdict == "testbench opamp: fails: saturated, stable"
    assert replace(fitted, evaluation=Evaluation({}, Status.OK, guards=guards[:1])).verdict.endswith("all guards hold")
    assert replace(fitted, evaluation=Evaluation({}, Status.TIMEOUT)).verdict == "testbench opamp: fails: timeout"


def test_weights_are_kept_and_read(untrained, tmp_path, ota):
    path = tmp_path / "weights.safetensors"
    untrained.save(path)
    back = TopologyGenerator.load(path)
    assert back.knows(ota)
    assert not back.knows(Topology(ota.parts[:4]))
    first = next(back.topologies("ldo", seed=2))
    assert first == next(TopologyGenerator.load(path).topologies("ldo", seed=2))


def test_weights_of_another_vocabulary_are_refused(untrained, tmp_path):
    path = tmp_path / "weights.safetensors"
    untrained.save(path)
    card = path.with_suffix(".json")
    card.write_text(card.read_text().replace('"vocabulary": "', '"vocabulary": "x'))
    with pytest.raises(InputError, match="with the words of this version, but it has others"):
        TopologyGenerator.load(path)


def test_weights_that_are_missing_or_damaged(tmp_path):
    with pytest.raises(InputError, match=r"there are no weights .*train_topology"):
        TopologyGenerator.load(tmp_path / "none.safetensors")
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"nothing")
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(InputError, match="must be weights as eda keeps them"):
        TopologyGenerator.load(path)


def test_an_unknown_class_is_named(untrained):
    with pytest.raises(InputError, match=r"there is no class 'opanp' to generate\. Did you mean 'opamp'"):
        next(untrained.topologies("opanp"))


def test_a_beginning_that_leaves_no_room_is_refused(untrained):
    chain = Topology(tuple(Part("resistor", (f"a{n}", f"a{n + 1}")) for n in range(30)))
    long = Topology((Part("resistor", ("vss", "a0")), *chain.parts))
    with pytest.raises(InputError, match="must end within 120 words"):
        next(untrained.topologies("opamp", beginning=long))


def test_as_many_as_none_are_refused(untrained):
    with pytest.raises(InputError, match="must be 1 or more, but got 0"):
        next(generated(untrained, "opamp", 0, simulator=None))


@pytest.mark.ngspice
def test_from_python(pool):
    (circuit,) = eda.generate("opamp", 1, specs=["dc_gain >= 30 dB", "phase_margin >= 45 deg"], simulator=pool)
    assert circuit.name == "opamp_0_1"
    assert set(circuit.ports) == {"inp", "inn", "out", "vdd", "vss"}


@pytest.mark.parametrize("kind", FITS)
def test_the_task_of_every_fit_can_be_read(kind):
    fit = FITS[kind]
    assert parse_specs(fit.specs, bench_of(kind).metrics)
    assert set(fit.ports) | set(fit.optional) >= set(bench_of(kind).ports)
