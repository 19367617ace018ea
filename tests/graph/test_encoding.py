from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch

from eda.errors import InputError
from eda.graph import (
    DEVICE_COLUMNS,
    KINDS,
    NET_COLUMNS,
    QUANTITIES,
    describe_schema,
    from_graph,
    is_isomorphic,
    to_graph,
)
from eda.graph.incidence import ROLES
from eda.netlist import Device, Model

from .conftest import block, circuits, deck, mos, renamed, two

NFET = "sky130_fd_pr__nfet_01v8"


def column(data, store, name):
    """One column of a graph's features, by device or net."""
    columns = [c.name for c in (DEVICE_COLUMNS if store == "device" else NET_COLUMNS)]
    return dict(zip(data[store].name, data[store].x[:, columns.index(name)].tolist(), strict=True))


@settings(deadline=None)
@given(circuits())
def test_decoding_an_encoded_circuit_gives_it_back(circuit):
    back = from_graph(to_graph(circuit))
    assert is_isomorphic(back, circuit, values=True)
    assert [d.name for d in back.walk()] == [d.name for d in circuit.walk()]


def test_what_tensors_do_not_hold_is_kept_as_text(ota):
    devices = (
        Device("v1", ("a", "0"), value="dc 0.9 ac 1 sin(0 1 1k)"),
        Device("i1", ("a", "0"), value="dc {undefined}"),
        Device("b1", ("b", "0"), value="v=v(a)*i(v1)"),
        Device("e1", ("c", "0"), value="value={v(a)}"),
        Device("load", ("c", "0"), value="{undefined}", parameters={"$sub": "a"}, kind="r"),
        Device("f1", ("c", "0"), value="2", controls=("absent",)),
        Device("h1", ("c", "0"), value="poly(2) 0 2 1", controls=("v1", "l1")),
        Device("e2", ("c", "0", "a", "0", "b", "0"), value="poly(2) 0 2 1"),
        Device("x1", ("a", "b", "a"), "master", parameters={"tc": "1,2", "w": "undefined"}),
        Device("k1", (), value="kc", controls=("l2", "l1")),
        two("l1", "a", "0", "1e-06"),
        two("l2", "b", "0", "0.1"),
        Device("a1", ("a", "b"), "gain", "[ * ] *"),
    )
    circuit = deck(*devices, globals=("a",), statements=(".options temp=30",), parameters={"p": "1"}, title="t")
    assert from_graph(to_graph(circuit)) == circuit
    back = from_graph(to_graph(ota))
    assert replace(back, subcircuits=()) == replace(ota, subcircuits=())
    assert replace(back.top, devices=()) == replace(ota.top, devices=())


def test_quantities_are_in_si_and_nan_when_absent(ota):
    data = to_graph(ota)
    raw = dict(zip(data["device"].name, data["device"].raw.tolist(), strict=True))
    nan = float("nan")
    np.testing.assert_equal(raw["m3"], [nan, 2e-5, 5e-7, 2, nan, nan])
    np.testing.assert_equal(raw["cl"], [1e-12, nan, nan, nan, nan, nan])
    assert data["device"].raw.dtype == torch.float64
    assert column(data, "device", "log10_w")["m5"] == pytest.approx(np.log10(4e-6))
    assert column(data, "device", "w_given") == {"m1": 1, "m2": 1, "m3": 1, "m4": 1, "m5": 1, "cl": 0}
    assert torch.isfinite(data["device"].x).all()


def test_a_zero_and_a_negative_value_stay_finite():
    data = to_graph(deck(two("v1", "a", "0", "0"), two("v2", "a", "0", "-100"), two("v3", "a", "0", "sin(0 1 1k)")))
    assert column(data, "device", "log10_value") == {"v1": 0, "v2": 2, "v3": 0}
    assert column(data, "device", "value_sign") == {"v1": 0, "v2": -1, "v3": 0}
    assert column(data, "device", "value_given") == {"v1": 1, "v2": 1, "v3": 0}


def test_polarity_comes_from_the_model_card_then_from_its_name(ota):
    data = to_graph(ota)
    assert column(data, "device", "polarity_n") == {"m1": 1, "m2": 1, "m3": 0, "m4": 0, "m5": 1, "cl": 0}
    names = ["sky130_fd_pr__pfet_01v8", "nch_lvt", "p18", "mystery", "npn_pnp"]
    special = deck(mos("m1", "d g s b", "p_special"), models=(Model("p_special", "nmos"),))
    assert column(to_graph(special), "device", "polarity_n") == {"m1": 1}
    data = to_graph(deck(*(mos(f"m{i}", "d g s b", name) for i, name in enumerate(names))))
    assert list(column(data, "device", "polarity_p").values()) == [1, 0, 1, 0, 0]
    assert list(column(data, "device", "polarity_n").values()) == [0, 1, 0, 0, 1]


def test_ports_and_supplies_are_marked(ota):
    data = to_graph(ota)
    assert {net for net, flag in column(data, "net", "is_port").items() if flag} == set(ota.ports)
    assert {net for net, flag in column(data, "net", "is_supply").items() if flag} == {"vdd", "vss"}
    nets = ("vdda", "avdd", "vcc", "gnd", "vin", "vddx1.a", "bus")
    named = deck(*(two(f"r{net}", net, "0") for net in nets), globals=("bus",))
    data = to_graph(named)
    assert [net for net, flag in column(data, "net", "is_supply").items() if flag] == [
        "vdda",
        "avdd",
        "vcc",
        "gnd",
        "bus",
    ]
    assert column(data, "net", "is_ground")["0"] == 1
    assert column(data, "net", "log1p_minus")["0"] == pytest.approx(np.log(8))


def test_edges_follow_the_terminals():
    data = to_graph(deck(mos("m1", "d g d b"), two("r1", "g", "d")))
    net = data["net"].name
    for role, node in (("drain", "d"), ("gate", "g"), ("source", "d"), ("bulk", "b")):
        assert data["device", role, "net"].edge_index.tolist() == [[0], [net.index(node)]]
        assert data["net", f"rev_{role}", "device"].edge_index.tolist() == [[net.index(node)], [0]]
    assert data["device", "plus", "net"].edge_index.tolist() == [[1], [net.index("g")]]
    data.validate(raise_on_error=True)


def test_controls_are_edges_between_devices():
    sensing = Device("f1", ("a", "0"), value="1", controls=("v1",))
    coupling = Device("k1", (), value="1", controls=("l1", "l2"))
    circuit = deck(two("v1", "a", "0"), sensing, two("l1", "a", "0"), two("l2", "a", "0"), coupling)
    assert to_graph(circuit)["device", "controls", "device"].edge_index.tolist() == [[1, 4, 4], [0, 2, 3]]


def test_calls_of_a_known_master_become_transistors():
    call = Device("x1", ("d", "g", "s", "b"), NFET, parameters={"w": "1e-06", "l": "1.5e-07", "mult": "2"})
    other = Device("x2", ("a", "b"), "unknown")
    data = to_graph(deck(call, other), masters={NFET.upper(): "m"})
    assert [KINDS[kind] for kind in data["device"].kind] == ["m", "x"]
    assert column(data, "device", "polarity_n") == {"x1": 1, "x2": 0}
    assert data["device", "gate", "net"].edge_index.tolist() == [[0], [1]]
    assert data["device", "pin", "net"].position.tolist() == [0, 1]
    assert from_graph(data) == deck(call, other)
    resistor = Device("x3", ("a", "b", "sub"), "res")
    assert from_graph(to_graph(deck(resistor), masters={"res": "r"})) == deck(resistor)
    with pytest.raises(InputError, match="element letter of the master 'res'"):
        to_graph(deck(resistor), masters={"res": "resistor"})


@settings(deadline=None)
@given(circuits(), st.integers(0, 99))
def test_features_do_not_depend_on_names(circuit, seed):
    one, two_ = to_graph(circuit), to_graph(renamed(circuit, seed))
    for store in ("device", "net"):
        assert sorted(one[store].x.tolist()) == sorted(two_[store].x.tolist())


@pytest.mark.filterwarnings("default")
def test_graphs_batch():
    data = [to_graph(deck(two("r1", "a", "0"))), to_graph(deck(mos("m1", "d g s 0"), two("c1", "a", "0")))]
    batch = Batch.from_data_list(data)
    assert batch["device", "gate", "net"].edge_index.tolist() == [[1], [3]]
    assert from_graph(batch[1]) == from_graph(data[1])


def test_the_schema_describes_every_column(ota):
    data = to_graph(ota)
    assert data["device"].x.shape[1] == len(DEVICE_COLUMNS)
    assert data["device"].raw.shape[1] == len(QUANTITIES)
    assert data["net"].x.shape[1] == len(NET_COLUMNS)
    text = describe_schema()
    for columns in (DEVICE_COLUMNS, QUANTITIES, NET_COLUMNS):
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.name in text for column in columns)
    assert {role for _, role, _ in data.edge_types} == {*ROLES, *(f"rev_{role}" for role in ROLES), "controls"}


def test_an_empty_circuit_has_an_empty_graph():
    assert from_graph(to_graph(deck())) == deck()
    assert from_graph(to_graph(block("a"))) == block("a")
