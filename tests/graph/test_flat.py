import math

import pytest

from eda.errors import EDAError
from eda.graph import TerminalIndex, canonical_hash, is_isomorphic, to_graph
from eda.graph.flat import flat, quantity
from eda.netlist import Circuit, Device, Subcircuit

from .conftest import block, deck, mos


def inverters(*calls):
    """A block of calls of an inverter that is a block of its own."""
    inverter = Subcircuit(
        "inv", ("in", "out", "vdd", "vss"), {"w": "1e-06"},
        devices=(mos("m1", "out in vss vss", w="w"), mos("m2", "out in vdd vdd", "pch", w="2*w")),
    )  # fmt: skip
    top = Subcircuit("buffer", ("a", "y", "vdd", "vss"), devices=calls)
    return Circuit(subcircuits=(inverter, top))


def test_hierarchy_is_flattened():
    calls = (
        Device("x1", ("a", "b", "vdd", "vss"), "inv"),
        Device("x2", ("b", "y", "vdd", "vss"), "inv", parameters={"w": "3u"}),
    )
    flat_ = block(
        "a y vdd vss",
        mos("m1", "mid a vss vss", w="1u"), mos("m2", "mid a vdd vdd", "pch", w="2u"),
        mos("m3", "y mid vss vss", w="3u"), mos("m4", "y mid vdd vdd", "pch", w="6u"),
    )  # fmt: skip
    circuit = inverters(*calls)
    assert canonical_hash(circuit, values=True) == canonical_hash(flat_, values=True)
    assert is_isomorphic(circuit, flat_, values=True)
    assert len(to_graph(circuit)["device"].x) == 4
    assert len(TerminalIndex(circuit).around(["b"], 1).devices) == 4
    assert not is_isomorphic(circuit, inverters(calls[0], Device("x2", ("b", "y", "vss", "vdd"), "inv")))


def test_a_call_of_an_undefined_master_stays():
    view = flat(deck(Device("x1", ("a", "b"), "nfet")))
    assert [device.model for device in view.devices] == ["nfet"]


def test_blocks_without_a_top_are_refused():
    with pytest.raises(EDAError, match="one"):
        flat(Circuit(subcircuits=(Subcircuit("a", ()), Subcircuit("b", ()))))


def test_a_quantity_without_a_value_is_nan():
    assert quantity("2*w", {"w": 3.0}) == 6
    assert math.isnan(quantity("2*w", {}))
    assert math.isnan(quantity("sin(0 1 1k)", {}))
