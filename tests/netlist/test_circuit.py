from dataclasses import replace

import pytest

from eda.errors import InputError
from eda.netlist import Circuit, Device, Subcircuit, Variable, parse_netlist, read_netlist

TWO_LEVELS = """* t
.param scale=2
.subckt OTA inp out w={scale*1u} l={w/2}
x1 inp out stage
.ends
.subckt stage a b
r1 a b 1k
.ends
.subckt spare a
r1 a 0 1k
.ends
"""


def test_top_is_the_block_that_nothing_calls():
    circuit = parse_netlist(TWO_LEVELS).with_top("OTA")
    assert (circuit.top.name, circuit.name, circuit.ports) == ("ota", "OTA", ("inp", "out"))


def test_top_is_refused_when_it_is_not_one():
    with pytest.raises(InputError, match="found: ota, spare"):
        _ = parse_netlist(TWO_LEVELS).top
    with pytest.raises(InputError, match="found: none"):
        _ = Circuit().top


def test_with_top_keeps_what_the_block_uses_and_suggests_names():
    circuit = parse_netlist(TWO_LEVELS)
    assert [block.name for block in circuit.with_top("ota").subcircuits] == ["ota", "stage"]
    with pytest.raises(InputError, match=r"no subcircuit 'stag'\. Did you mean 'stage'"):
        circuit.with_top("stag")


def test_walk_yields_nested_blocks_after_their_parent():
    nested = Subcircuit("a", (), subcircuits=(Subcircuit("a1", ()), Subcircuit("a2", ())))
    assert [block.name for block in Circuit(subcircuits=(nested, Subcircuit("b", ()))).walk()] == [
        "a",
        "a1",
        "a2",
        "b",
    ]


def test_defaults_see_global_and_earlier_parameters():
    circuit = parse_netlist(TWO_LEVELS).with_top("ota")
    assert circuit.defaults() == {"w": pytest.approx(2e-6), "l": pytest.approx(1e-6)}


def test_sized_changes_defaults_of_the_top_block_only_and_leaves_the_original():
    circuit = parse_netlist(TWO_LEVELS).with_top("ota")
    sized = circuit.sized({"W": 3.3e-6})
    assert sized.defaults() == {"w": 3.3e-6, "l": pytest.approx(1.65e-6)}
    assert circuit.defaults()["w"] == pytest.approx(2e-6)
    assert sized.subcircuits[1:] == circuit.subcircuits[1:]
    with pytest.raises(InputError, match=r"'ota' has no parameter 'ww'\. Did you mean 'w'"):
        circuit.sized({"ww": 1.0})


def test_write_is_read_back_and_an_unwritable_place_is_an_input_error(tmp_path):
    circuit = parse_netlist(TWO_LEVELS)
    assert read_netlist(circuit.write(tmp_path / "a.sp")) == circuit
    with pytest.raises(InputError, match="cannot write the netlist"):
        circuit.write(tmp_path / "missing" / "a.sp")


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ((2.0, 1.0), "`low < high` must hold .*'w'.* 2..1"),
        ((1.0, 1.0), "`low < high`"),
        ((1.0, float("nan")), "`low < high`"),
        ((1.0, 2.0, "octave"), "must be 'linear' or 'log', but got 'octave'"),
        ((0.0, 2.0, "log"), "above 0"),
        ((1.0, 2.0, "linear", 0.0), "step"),
        ((1.0, 2.0, "linear", 1.5), "step"),
    ],
)
def test_a_variable_that_cannot_be_is_refused(arguments, fragment):
    with pytest.raises(InputError, match=fragment):
        Variable("w", *arguments)


def test_a_device_on_other_nodes():
    device = Device("m1", ("a", "b", "a", "0"), model="nmos", parameters={"w": "1u"})
    assert device.joined_to({"a": "out", "c": "in"}) == replace(device, nodes=("out", "b", "out", "0"))
