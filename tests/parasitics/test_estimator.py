import json

import pytest
import torch

from eda.errors import InputError
from eda.netlist import format_netlist, parse_netlist
from eda.nn.pin_network import PinShape
from eda.parasitics.estimator import ParasiticEstimator, annotated, same_device
from eda.parasitics.network import ParasiticNetwork
from eda.problem import SizingProblem
from eda.testbench import OpAmpTestbench

INVERTERS = """* two inverters
.subckt chain in out vdd vss wn=120n
m1 mid in vss vss nmos w={wn} l=30n
m2 mid in vdd vdd pmos w=240n l=30n
m3 out mid vss vss nmos w={wn} l=30n
m4 out mid vdd vdd pmos w=240n l=30n
.ends
"""


@pytest.fixture
def circuit():
    return parse_netlist(INVERTERS)


@pytest.fixture
def estimator():
    torch.manual_seed(0)
    network = ParasiticNetwork(PinShape(16, 2))
    with torch.no_grad():
        for head in (network.of_pairs, *network.of_places):
            head[-1].bias[0] = 0.4
    return ParasiticEstimator(network, {"sizes": {"w": [55e-9, 2.4e-6], "l": [30e-9, 50e-9]}})


def test_nets_have_capacitances_to_ground_and_to_those_beside_them(estimator, circuit):
    found = estimator.estimate(circuit)
    assert set(found.grounds) == {"in", "mid", "out", "vdd"}
    assert all(value > 0 for value in found.grounds.values())
    assert {frozenset(pair) for pair in found.couplings} == {
        frozenset(pair)
        for pair in [("in", "mid"), ("in", "vss"), ("in", "vdd"), ("mid", "vss"), ("mid", "vdd"), ("mid", "out"),
                     ("out", "vss"), ("out", "vdd")]
    }  # fmt: skip
    assert found.remarks == ()


def test_the_annotated_netlist_has_them_as_capacitors_and_keeps_its_parameters(estimator, circuit):
    found = estimator.estimate(circuit)
    text = format_netlist(annotated(circuit, found))
    again = parse_netlist(text)
    assert again.top.parameters == circuit.top.parameters
    added = {device.nodes: float(device.value) for device in again.top.devices if device.name.startswith("cpar")}
    couplings = {frozenset(pair): value for pair, value in found.couplings.items()}
    to_ground = found.grounds["mid"] + couplings[frozenset(("mid", "vss"))]
    assert added["mid", "vss"] == pytest.approx(to_ground, rel=1e-3)
    between = next(value for ends, value in added.items() if set(ends) == {"in", "mid"})
    assert between == pytest.approx(couplings[frozenset(("in", "mid"))], rel=1e-3)
    assert len({frozenset(ends) for ends in added}) == len(added), "one for each two nets"


def test_parallel_copies_are_as_wide_as_one_that_wide(estimator):
    copies = estimator.estimate(parse_netlist(INVERTERS.replace("w=240n", "w=60n m=4")))
    wide = estimator.estimate(parse_netlist(INVERTERS))
    assert copies.grounds == pytest.approx(wide.grounds, rel=1e-3)


def test_names_that_are_taken_are_not_given_again(estimator):
    circuit = parse_netlist(INVERTERS.replace("m4 out", "cpar1 mid out 1f\nm4 out"))
    found = annotated(circuit, estimator.estimate(circuit))
    names = [device.name for device in found.top.devices]
    assert len(names) == len(set(names))


def test_how_far_sizes_lie_outside_is_told(estimator):
    (remark,) = estimator.estimate(parse_netlist(INVERTERS.replace("w=240n", "w=24u"))).remarks
    assert "w of 2 transistors" in remark
    assert "by a factor of up to 10" in remark
    (remark,) = estimator.estimate(parse_netlist(INVERTERS.replace(".ends", "r1 mid out 1k\n.ends"))).remarks
    assert "1 of 5 devices are no MOS transistors" in remark


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* r\n.subckt a x y\nr1 x y 1k\n.ends\n", "the circuit has none"),
        (INVERTERS.replace("w={wn} ", ""), "every MOS transistor must have a w"),
    ],
)
def test_what_cannot_be_estimated_is_explained(estimator, text, message):
    with pytest.raises(InputError, match=message):
        estimator.estimate(parse_netlist(text))


def test_pins_of_one_device_on_different_nets_are_candidates(whole, layout):
    circuit = whole[0]
    ends = same_device(circuit) - circuit.nets
    assert (layout.pin_device[ends[:, 0]] == layout.pin_device[ends[:, 1]]).all()
    assert (layout.pin_net[ends[:, 0]] != layout.pin_net[ends[:, 1]]).all()
    assert len(ends) == 3 * len(layout.width)


def test_weights_come_back_from_their_file(estimator, circuit, tmp_path):
    path = tmp_path / "a.safetensors"
    estimator.save(path)
    again = ParasiticEstimator.load(path).estimate(circuit)
    assert again.grounds == pytest.approx(estimator.estimate(circuit).grounds, rel=0.02)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "shape": {"width": 32, "layers": 2}}))
    with pytest.raises(InputError, match="estimator of parasitics of this version"):
        ParasiticEstimator.load(path)
    with pytest.raises(InputError, match="there are no weights"):
        ParasiticEstimator.load(tmp_path / "b.safetensors")


@pytest.mark.ngspice
def test_simulation_includes_them(estimator, ota, pool):
    whole = annotated(ota, estimator.estimate(ota))
    found = []
    for circuit in (ota, whole):
        problem = SizingProblem(
            circuit, technology="generic", testbench=OpAmpTestbench(vdd="3 V"), specs=["gbw >= 1 MHz"], simulator=pool
        )
        (evaluation,) = problem.evaluate([circuit.defaults()])
        found.append(evaluation.metrics)
    without, with_them = found
    assert 0.9 * without["gbw"] < with_them["gbw"] < without["gbw"]
    assert with_them["dc_gain"] == pytest.approx(without["dc_gain"], abs=1e-3)
