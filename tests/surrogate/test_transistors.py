import math

import pytest
import torch

from eda.netlist import Variable, parse_netlist
from eda.problem import DesignSpace, SizingProblem
from eda.surrogate.transistors import Kind, Size, Transistors, kinds_of
from eda.testbench import OpAmpTestbench

AMPLIFIER = """* amplifier
.subckt amp inp inn out vdd vss w1=2u w2=4u l1=1u l2=2u k={2*w1} ib=10u
m1 x inp t vss nmos w={w1} l={l1}
m2 out inn t vss nmos w={w1} l={l1}
m3 x x vdd vdd pmos w={w2/2} l=0.5u
m4 out x vdd vdd pmos w={w2/2} l=0.5u
m5 t b vss vss nmos w={w2} l={2*l2}
m6 b b vss vss nmos w={w1+w2} l={l1}
m7 b b vss vss nmos w={k} l={l1}
m8 t b vss vss nmos w={2*w1} l={l1} nf=2
m9 out x vdd vdd pmos w=1u l=1u
m10 b b vss vss nmos w={w1+1u} l={l1}
i1 vdd b {ib}
.ends
"""
SPACE = DesignSpace((
    Variable("w1", 1e-6, 100e-6, "log"), Variable("w2", 1e-6, 11e-6), Variable("l1", 0.1e-6, 10e-6, "log"),
    Variable("ib", 1e-6, 100e-6, "log"),
))  # fmt: skip


def test_transistors_are_found_whose_sizes_follow_from_one_variable_each():
    problem = SizingProblem(
        parse_netlist(AMPLIFIER), technology="generic", testbench=OpAmpTestbench(), specs=["minimize power"],
        space=SPACE,
    )  # fmt: skip
    kinds = {len(kind.sizes): kind for kind in kinds_of(problem)}
    same = math.log10(0.5)
    assert kinds[1].sizes == [(Size(1, 0.5, 5.5, logarithmic=False), Size(0, same, same, logarithmic=True))]
    (_, length), (width, fixed) = kinds[2].sizes  # of m1 and m5
    assert (length.variable, length.low, length.high) == pytest.approx((2, -1.0, 1.0))
    assert (width.variable, width.low, width.high) == pytest.approx((1, 1.0, 11.0))
    assert fixed.low == fixed.high == pytest.approx(math.log10(4))


def features(kinds, *inputs):
    torch.manual_seed(0)
    module = Transistors(kinds)
    found = module(torch.tensor(inputs))
    assert found.shape == (len(inputs), len(inputs[0]) + module.features)
    torch.testing.assert_close(found[:, : len(inputs[0])], torch.tensor(inputs))
    return found[:, len(inputs[0]) :].unflatten(1, (sum(len(kind.sizes) for kind in kinds), -1))


def test_alike_transistors_are_told_alike_wherever_they_stand():
    length = Size(0, 0.0, 0.0, logarithmic=True)
    one, other = Size(0, 0.0, 2.0, logarithmic=True), Size(1, 1.0, 19.0, logarithmic=False)
    (told,) = features([Kind([(one, length), (other, length)], [(0, 0.7)])], [0.0, 0.0])  # both are 10 um wide
    torch.testing.assert_close(told[0], told[1])
    (told,) = features([Kind([(one, length), (other, length)], [(0, 0.7)])], [0.1, 0.0])
    assert not torch.allclose(told[0], told[1])
    (told,) = features([Kind([(one, length)], []), Kind([(other, length)], [])], [0.0, 0.0])
    assert not torch.allclose(told[0], told[1]), "models differ"


def test_slopes_may_change_where_another_bin_takes_over():
    kind = Kind([(Size(0, -1.0, 1.0, logarithmic=True), Size(0, 0.0, 0.0, logarithmic=True))], [(0, 0.25)])
    module = Transistors([kind])
    (layers,) = (of_model.layers for of_model in module.of_models)
    with torch.no_grad():
        layers[0].weight.zero_()[:, 2] = 1.0  # only what lies beyond the end of the bin is looked at
        layers[2].weight.fill_(1.0)
    below, end, above = module(torch.tensor([[-1.0], [0.25], [1.0]]))[:, 1:]
    torch.testing.assert_close(below, end)
    assert (above > end + 1).all()
    assert not [name for name in module.state_dict() if "layers" not in name], "places come from the card"


def test_without_transistors_nothing_is_added(bowl):
    assert kinds_of(bowl()) == []
    assert Transistors([])(torch.ones(3, 2)).shape == (3, 2)


@pytest.mark.sky130
def test_knots_are_where_the_bins_of_a_kit_end(ota):
    problem = SizingProblem(ota, technology="sky130", testbench=OpAmpTestbench(), specs=["minimize power"])
    kinds = kinds_of(problem)
    assert len(kinds) == 2
    for kind in kinds:
        lengths = [10**place for which, place in kind.knots if which == 1]
        assert lengths[:4] == pytest.approx([0.18, 0.25, 0.5, 1.0])
