import math
import random

import numpy as np
import pytest
import scipy.linalg
import torch

from eda.errors import InputError
from eda.simulation.linear import Element, LinearNetworks
from eda.topology.behavioural import random_opamp


def stage(gm, r, c, source, target):
    """An inverting transconductor into a resistor and a capacitor."""
    return [Element("G", target, "0", gm, source), Element("R", target, "0", r), Element("C", target, "0", c)]


def one_pole():
    return LinearNetworks.of([stage(-1e-3, 1e5, 1e-12, "in", "out")])


def random_networks(count, seed=0):
    rng = random.Random(seed)
    return LinearNetworks.of([random_opamp(rng).elements() for _ in range(count)])


def test_one_pole_has_the_textbook_gain_bandwidth_and_phase():
    response = one_pole().response()
    corner = 1 / (2 * math.pi * 1e5 * 1e-12)
    unity = corner * math.sqrt(100**2 - 1)
    assert float(response.dc_gain) == pytest.approx(100, rel=1e-12)
    assert float(response.dc_gain_db) == pytest.approx(40, rel=1e-12)
    assert float(response.unity_gain_frequency) == pytest.approx(unity, rel=1e-12)
    assert float(response.phase) == pytest.approx(-math.degrees(math.atan(unity / corner)), rel=1e-12)
    assert float(response.phase_margin) == pytest.approx(180 + float(response.phase))
    assert response.crossings.tolist() == [1]
    assert response.stable.tolist() == [True]


def test_the_pole_of_a_resistor_and_a_capacitor():
    assert one_pole().poles().tolist() == [[pytest.approx(-1e7, rel=1e-14)]]


def test_the_zero_of_a_capacitor_across_a_stage_is_in_the_right_half_plane():
    network = LinearNetworks.of([[*stage(1e-3, 1e5, 1e-12, "in", "out"), Element("C", "in", "out", 2e-13)]])
    zeros = network.zeros()[0]
    assert zeros[zeros.real.isfinite()].tolist() == [pytest.approx(1e-3 / 2e-13, rel=1e-9)]


def test_two_stages_fall_through_half_a_turn():
    network = LinearNetworks.of([[*stage(1e-3, 1e5, 1e-12, "in", "n1"), *stage(1e-3, 1e5, 1e-12, "n1", "out")]])
    response = network.response()
    unity = 1e7 / (2 * math.pi) * math.sqrt(1e4 - 1)
    assert float(response.unity_gain_frequency) == pytest.approx(unity, rel=1e-10)
    assert float(response.phase) == pytest.approx(-2 * math.degrees(math.atan(math.sqrt(1e4 - 1))), rel=1e-10)


def test_an_inverting_amplifier_begins_at_half_a_turn():
    response = LinearNetworks.of([stage(1e-3, 1e5, 1e-12, "in", "out")]).response()
    assert float(response.dc_gain) == pytest.approx(-100)
    assert 90 < float(response.phase) < 91


def test_an_attenuator_crosses_nowhere():
    response = LinearNetworks.of([[Element("R", "in", "out", 1e3), Element("R", "out", "0", 1e3)]]).response()
    assert float(response.dc_gain) == pytest.approx(0.5)
    assert response.crossings.tolist() == [0]
    assert math.isnan(float(response.unity_gain_frequency))
    assert math.isnan(float(response.least_phase_margin))


def test_several_crossings_are_all_counted_and_the_first_fall_is_taken():
    # two resonances of 1 kohm gyrators: the gain falls, rises above unity again, and falls
    def resonant(gm, target):
        gyrator = [Element("G", "x", "0", -1e-3, target), Element("G", target, "0", 1e-3, "x")]
        return [*stage(gm, 1e6, 1e-12, "in", target), *gyrator, Element("C", "x", "0", 1e-12)]

    low = stage(-1e-4, 1e5, 1e-11, "in", "out")
    network = LinearNetworks.of([[*low, *resonant(-5e-4, "n1"), *stage(-1e-4, 1e5, 1e-14, "n1", "out")]])
    response = network.response()
    frequencies = torch.logspace(0, 12, 200_000, dtype=torch.float64)
    above = network.at(frequencies)[0].abs() > 1
    changes = torch.nonzero(above[1:] != above[:-1])[:, 0]
    assert len(changes) >= 2
    assert response.crossings.tolist() == [len(changes)]
    first = next(frequencies[i] for i in changes if above[i])
    assert float(response.unity_gain_frequency) == pytest.approx(float(first), rel=1e-3)


def test_gain_is_unity_at_the_crossing_to_the_last_digits():
    networks = random_networks(300)
    response = networks.response()
    some = torch.nonzero(~response.unity_gain_frequency.isnan())[:, 0]
    gain = networks[some].at(response.unity_gain_frequency[some, None]).abs()
    assert len(some) > 250
    assert float((gain - 1).abs().max()) < 1e-9


def test_poles_are_those_of_the_qz_algorithm():
    networks = random_networks(100)
    poles = networks.poles()
    for g, c, found in zip(networks.conductance, networks.capacitance, poles, strict=True):
        with np.errstate(invalid="ignore"):
            expected = scipy.linalg.eig(-g.numpy(), c.numpy(), right=False)
        expected = np.sort(np.abs(expected[np.isfinite(expected)]))
        finite = np.sort(np.abs(found[found.real.isfinite()].numpy())) / 1e9
        np.testing.assert_allclose(finite, expected, rtol=1e-3)  # that algorithm loses digits of slow poles


def test_poles_make_the_equations_singular():
    networks = random_networks(100, seed=1)
    for g, c, poles in zip(networks.conductance, networks.capacitance, networks.poles(), strict=True):
        for pole in poles[poles.real.isfinite()] / 1e9:
            singular = torch.linalg.svdvals(g + pole * c)
            assert float(singular[-1] / singular[0]) < 1e-13


def test_a_batch_gives_what_each_network_gives_alone():
    rng = random.Random(2)
    circuits = [random_opamp(rng).elements() for _ in range(20)]
    together = LinearNetworks.of(circuits).response()
    for index, circuit in enumerate(circuits):
        alone = LinearNetworks.of([circuit]).response()
        assert float(alone.dc_gain) == pytest.approx(float(together.dc_gain[index]), rel=1e-9)
        assert bool(alone.stable) == bool(together.stable[index])
        np.testing.assert_allclose(
            alone.unity_gain_frequency, together.unity_gain_frequency[index : index + 1], rtol=1e-9
        )


def test_equal_stages_have_no_full_set_of_eigenvectors_and_are_right_all_the_same():
    chain = [("in", "n1"), ("n1", "n2"), ("n2", "out")]
    network = LinearNetworks.of([[e for ends in chain for e in stage(1e-3, 1e5, 1e-12, *ends)]])
    response = network.response()
    unity = 1e7 / (2 * math.pi) * math.sqrt(1e4 - 1)
    assert float(response.unity_gain_frequency) == pytest.approx(unity, rel=1e-9)
    assert response.stable.tolist() == [True]


def test_no_network_is_no_error():
    assert LinearNetworks.of([]).response().dc_gain.shape == (0,)


def test_an_output_that_is_not_there_is_named():
    with pytest.raises(InputError, match="the output 'out' must be a node of the circuit, which has n1"):
        LinearNetworks.of([stage(1e-3, 1e5, 1e-12, "in", "n1")])


def test_other_elements_are_refused():
    with pytest.raises(InputError, match="an element must be R, C, G, but got 'L'"):
        LinearNetworks.of([[Element("L", "in", "out", 1e-9)]])


@pytest.mark.parametrize(
    ("element", "message"),
    [
        (Element("R", "out", "0", 0.0), "a value of R must be above 0, but got 0"),
        (Element("G", "out", "0", 1e-3, "im"), "the control 'im' of a source must be a node"),
    ],
)
def test_elements_that_cannot_be(element, message):
    with pytest.raises(InputError, match=message):
        LinearNetworks.of([[*stage(1e-3, 1e5, 1e-12, "in", "out"), element]])


def test_a_node_that_only_capacitors_join_spoils_no_other_network():
    floating = [Element("C", "in", "out", 1e-12), Element("C", "out", "0", 1e-12)]
    response = LinearNetworks.of([floating, stage(-1e-3, 1e5, 1e-12, "in", "out")]).response()
    assert math.isnan(float(response.dc_gain[0]))
    assert float(response.dc_gain[1]) == pytest.approx(100)
