import random
from collections import Counter

import numpy as np
import pytest
import torch

from eda.datasets.ocb import StyleCircuit, style
from eda.errors import InputError
from eda.netlist import check, format_netlist, parse_netlist
from eda.simulation.linear import Element, LinearNetworks
from eda.topology.behavioural import SUBGRAPHS, BehaviouralOpAmp, Block, opamp_of, random_opamp


def two_stages(*branches):
    return BehaviouralOpAmp((Block(7, 0, 1, gm=10), Block(11, 1, 2, gm=20, c=5)), branches)


def test_the_table_has_the_names_of_the_benchmark(dataset_folder):
    named = {node["type"]: node["type_name"] for circuit in style(dataset_folder("ocb")) for node in circuit.nodes}
    assert named == {row.number: row.name for row in SUBGRAPHS}


def test_elements_of_a_two_stage_op_amp():
    assert two_stages(Block(4, 0, 2, r=3, c=4)).elements() == [
        Element("G", "n1", "0", -1e-3, "in"),
        Element("R", "n1", "0", 1e6),
        Element("C", "n1", "0", 50e-15),
        Element("C", "n1", "out", pytest.approx(50e-15)),
        Element("G", "out", "0", 2e-3 * -1, "n1"),
        Element("R", "out", "0", 1e6),
        Element("C", "out", "0", 50e-15),
        Element("R", "in", "x2", pytest.approx(3e5)),
        Element("C", "x2", "out", pytest.approx(4e-14)),
    ]


def test_a_backward_transconductor_is_controlled_by_the_later_node():
    elements = two_stages(Block(8, 1, 2, gm=7)).elements()
    assert Element("G", "n1", "0", pytest.approx(7e-4), "out") in elements


def test_circuits_of_the_data_have_the_labels_that_they_came_with(dataset_folder):
    circuits = style(dataset_folder("ocb"))
    networks = LinearNetworks.of([opamp_of(circuit).elements() for circuit in circuits])
    response = networks.response()
    gain = 20 * torch.log10(networks.at(torch.ones(1, dtype=torch.float64)).abs()[:, 0]).numpy()
    assert response.stable.tolist() == [circuit.specs["open_loop_stable"] for circuit in circuits]
    assert np.nanmax(np.abs(gain - _specs(circuits, "dc_gain_db"))[np.isfinite(gain)]) < 1e-3
    frequency = _specs(circuits, "ugf_hz")
    np.testing.assert_allclose(response.unity_gain_frequency, frequency, rtol=5e-3)  # theirs are interpolated
    turns = (response.phase.numpy() - _specs(circuits, "phase_at_ugf_deg")) / 360
    assert np.nanquantile(np.abs(turns - np.round(turns)), 0.99) * 360 < 0.1
    assert np.mean(response.crossings.numpy() == _specs(circuits, "unity_crossings")) > 0.999


def _specs(circuits, name):
    return np.array([np.nan if c.specs[name] is None else c.specs[name] for c in circuits], dtype=float)


def test_the_netlist_is_read_back_and_has_nothing_to_complain_of():
    circuit = two_stages(Block(25, 0, 1, gm=1, r=2, c=3)).circuit(title="test")
    text = format_netlist(circuit)
    assert parse_netlist(text).top.devices == circuit.top.devices
    assert not [f for f in check(circuit) if f.severity.name in {"FATAL", "ERROR"}]


def test_random_op_amps_are_of_the_benchmark_s_kind(dataset_folder):
    rng = random.Random(0)
    drawn = [random_opamp(rng) for _ in range(10_000)]
    given = [opamp_of(circuit) for circuit in style(dataset_folder("ocb"))]
    for count in (_stages, _branches, _kinds, _ends):
        ours, theirs = count(drawn), count(given)
        assert ours.keys() == theirs.keys()
        for key in theirs:
            assert ours[key] == pytest.approx(theirs[key], rel=0.2, abs=60)
    values = [block.gm for opamp in drawn for block in opamp.blocks if block.gm]
    assert (min(values), max(values)) == (1, 101)


def _stages(opamps):
    return Counter(len(opamp.stages) for opamp in opamps)


def _branches(opamps):
    return Counter(len(opamp.branches) for opamp in opamps)


def _kinds(opamps):
    return Counter(block.kind for opamp in opamps for block in opamp.branches)


def _ends(opamps):
    return Counter((len(o.stages), b.source, b.target) for o in opamps for b in o.branches)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0, 1), "the type of a block must be 2 to 25, but got 1"),
        ((6, 0, 1), r"gm of a block '\+gm\+' must be 1 to 101 steps, but got 0"),
        ((2, 0, 1, 5, 5), "gm of a block 'R' must be 0, as its type has none, but got 5"),
        ((3, 0, 1, 0, 0, 102), "c of a block 'C' must be 1 to 101 steps, but got 102"),
        ((3, 2, 1, 0, 0, 5), "a block goes from a node to a later one, but got 2 and 1"),
    ],
)
def test_blocks_that_cannot_be(arguments, message):
    with pytest.raises(InputError, match=message):
        Block(*arguments)


def test_op_amps_that_cannot_be():
    stage = Block(6, 0, 1, gm=1)
    with pytest.raises(InputError, match="has 2 or 3 stages and at most 3 branches, but got 1 and 0"):
        BehaviouralOpAmp((stage,))
    with pytest.raises(InputError, match="stage 2 must be a forward transconductor from node 1 to 2"):
        BehaviouralOpAmp((stage, stage))
    with pytest.raises(InputError, match="stage 2 must be a forward transconductor"):
        BehaviouralOpAmp((stage, Block(8, 1, 2, gm=1)))
    with pytest.raises(InputError, match="a branch goes to the output, node 2, at most, not 3"):
        two_stages(Block(2, 1, 3, r=1))


def test_a_row_whose_branch_hangs_in_the_air_is_refused():
    blocks = ((2, 6, 1e-4, 0.0), (3, 6, 1e-4, 0.0), (4, 2, 0.0, 1e5))
    nodes = (
        {"idx": 0, "type": 0, "pos": 0},
        {"idx": 1, "type": 1, "pos": 1},
        *({"idx": i, "type": t, "pos": i, "gm_s": g, "R_ohm": r, "C_f": 0.0} for i, t, g, r in blocks),
    )
    circuit = StyleCircuit(9, 2, nodes, ((0, 2), (2, 3), (3, 1), (0, 4)), (), {})
    with pytest.raises(InputError, match="node 4 of circuit 9 must lie between two nets"):
        opamp_of(circuit)
