import numpy as np
import pytest
import torch

from eda.problem import SizingProblem
from eda.surrogate.knots import Knots, knots_of
from eda.testbench import OpAmpTestbench


def test_what_lies_beyond_a_knot_is_seen_beside_the_inputs():
    knots = Knots([(1, 0.5), (0, -1.0)])
    found = knots(torch.tensor([[[0.0, 0.0], [1.0, 1.0]]]))
    torch.testing.assert_close(found, torch.tensor([[[0.0, 0.0, 0.0, 0.5], [1.0, 1.0, 0.25, 1.0]]]))
    assert Knots([])(torch.ones(3, 2)).shape == (3, 2)
    assert not knots.state_dict()


@pytest.mark.sky130
def test_knots_are_where_the_bins_of_a_kit_end(ota):
    problem = SizingProblem(ota, technology="sky130", testbench=OpAmpTestbench(), specs=["minimize power"])
    space = problem.space
    lengths = [at for at, one in enumerate(space.variables) if one.name.startswith("l")]
    assert lengths
    found = knots_of(problem)
    for at in lengths:
        ends = [space.decode((np.full(space.dimension, place) + 1) / 2)[space.variables[at].name]
                for which, place in found if which == at]  # fmt: skip
        assert ends[:4] == pytest.approx([0.18e-6, 0.25e-6, 0.5e-6, 1e-6])
    currents = [at for at, one in enumerate(space.variables) if one.name.startswith("i")]
    assert not {which for which, _ in found} & set(currents)


def test_models_without_bins_have_no_knots(bowl):
    assert knots_of(bowl()) == []
