import pytest

from eda.errors import InputError
from eda.graph import TerminalIndex, is_isomorphic, to_graph

from .conftest import block, deck, mos, two


def chain(length):
    """Resistors in a row, each node with a capacitor to ground."""
    return deck(
        *(two(f"r{i}", f"n{i}", f"n{i + 1}") for i in range(length)),
        *(two(f"c{i}", f"n{i + 1}", "0") for i in range(length)),
    )


def test_hops_are_counted_from_device_to_device():
    index = TerminalIndex(chain(10))
    around = index.around([("r5", "plus")], 1)
    assert around.devices == {"r5": 0, "r4": 1, "c4": 1, "r6": 1, "c5": 1}
    assert around.nets == {"n5": 0, "n6": 0, "n4": 1, "0": 1, "n7": 1}
    assert set(index.around([("r5", "plus")], 0).devices) == {"r5"}
    assert set(index.around(["n5"], 1).devices) == {"r4", "r5", "c4"}
    assert set(index.around(["n5"], 0).devices) == set()


def test_rails_are_borders_unless_asked():
    index = TerminalIndex(chain(10))
    assert "c0" not in index.around([("r5", "plus")], 3).devices
    assert len(index.around([("r5", "plus")], 2, through_supplies=True).devices) > 10
    named = deck(two("r1", "a", "vdd"), two("r2", "b", "vdd"), two("r3", "a", "bus"), two("r4", "c", "bus"))
    assert set(TerminalIndex(named).around([("r1", "plus")], 5).devices) == {"r1", "r3", "r4"}
    named = deck(*named.devices, globals=("bus",))
    assert set(TerminalIndex(named).around([("r1", "plus")], 5).devices) == {"r1", "r3"}


def test_a_query_touches_what_it_returns_and_not_the_circuit():
    touched = {
        length: TerminalIndex(chain(length)).around([(f"r{length // 2}", "plus")], 3).touched for length in (50, 5000)
    }
    assert touched[50] == touched[5000] < 60
    rail = TerminalIndex(chain(5000)).around(["0"], 1, max_devices=10, through_supplies=True)
    assert len(rail.devices) == 10
    assert rail.touched < 40


def test_the_nearest_devices_come_first():
    around = TerminalIndex(chain(100)).around([("r50", "plus")], 9, max_devices=7)
    assert list(around.devices.values()) == [0, 1, 1, 1, 1, 2, 2]


def test_pins_name_role_and_net():
    index = TerminalIndex(deck(mos("m1", "d g d b")), masters={})
    assert index.around([("m1", "gate")], 0).pins == (
        ("m1", "drain", "d"), ("m1", "gate", "g"), ("m1", "source", "d"), ("m1", "bulk", "b"),
    )  # fmt: skip


def test_a_hidden_terminal_is_open():
    circuit = block("g", mos("m1", "d g s s"), mos("m2", "x g s s"), two("r1", "x", "d"))
    index = TerminalIndex(circuit)
    around = index.around([("m1", "drain")], 1, hidden=[("m1", "gate")])
    assert ("m1", "gate", "g") not in around.pins
    assert ("m2", "gate", "g") in around.pins
    wanted = block("g", mos("m1", "d new s s"), two("r1", "x", "d"), mos("m2", "x g s s"))
    assert is_isomorphic(around.circuit, wanted)
    assert set(index.around(["g"], 1, hidden=[("m1", "gate")]).devices) == {"m2"}
    assert set(index.around([("r1", "plus")], 1, hidden=[("r1", "minus")]).devices) == {"r1", "m2"}


def test_the_circuit_of_a_neighbourhood_encodes(ota):
    index = TerminalIndex(ota)
    whole = index.around([("m1", "gate")], 9, through_supplies=True)
    assert is_isomorphic(whole.circuit, ota, values=True)
    part = index.around([("m5", "gate")], 1).circuit
    assert [device.name for device in part.top.devices] == ["m5", "m1", "m2"]
    assert part.ports == ("inp", "inn", "out", "vb1", "vss")
    assert to_graph(part)["device"].x.shape[0] == 3


def test_what_is_not_there_is_named():
    index = TerminalIndex(chain(3))
    for terminal, message in (
        (("r9", "plus"), "no device 'r9'"),
        (("r1", "gate"), "no terminal 'gate' of 'r1'"),
        ("m1", "no net 'm1'. Known: 0, n0, n1"),
    ):
        with pytest.raises(InputError, match=message):
            index.around([terminal], 1)
    with pytest.raises(InputError, match="hops >= 0"):
        index.around(["n1"], -1)
