import pytest

from eda.errors import InputError
from eda.graph import is_isomorphic
from eda.netlist import format_netlist, parse_netlist
from eda.topology.device import Part, Topology


def test_a_netlist_becomes_a_topology_under_the_names_of_ports():
    circuit = parse_netlist("""* ports of other spellings
.subckt amp IN2 out avdd gnd
M1 out IN2 gnd gnd sky130_fd_pr__nfet_01v8 w=1u l=1u
xM2 out x avdd avdd pfet_03v3 w=1u l=1u
q1 x out gnd npn
r1 x out 1k
c1 out gnd 1p
l1 avdd x 1n
d1 gnd x diode
.ends
""")
    assert Topology.of(circuit).parts == (
        Part("nmos", ("n_out", "vin2", "vss", "vss")),
        Part("pmos", ("n_out", "n_x", "vdd", "vdd")),
        Part("npn", ("n_x", "n_out", "vss")),
        Part("resistor", ("n_x", "n_out")),
        Part("capacitor", ("n_out", "vss")),
        Part("inductor", ("vdd", "n_x")),
        Part("diode", ("vss", "n_x")),
    )


def test_gates_become_transistors():
    circuit = parse_netlist("""* masters of AnalogGenie
.subckt gates vin1 vout1 vclk1 vdd vss
x1 vin1 a vdd vss inverter
x2 a vout1 vclk1 vdd vss transmission_gate
.ends
""")
    kinds = [part.kind for part in Topology.of(circuit).parts]
    assert kinds == ["nmos", "pmos"] * 3
    switch = Topology.of(circuit).parts[4]
    assert switch.nets == ("n_a", "vclk1", "vout1", "vss")


def test_other_devices_are_refused_by_name():
    circuit = parse_netlist("* a source\n.subckt amp in out\ne1 out 0 in 0 5\n.ends\n")
    with pytest.raises(InputError, match=r"a topology is made of nmos, pmos, npn, .* but e1 is another device"):
        Topology.of(circuit)


def test_the_netlist_of_a_topology_is_the_same_circuit(five):
    text = format_netlist(five.circuit("amp", "a title"))
    back = Topology.of(parse_netlist(text))
    assert is_isomorphic(back.circuit(), five.circuit())
    assert five.ports == ("vin1", "vss", "vout1", "vin2", "vdd", "vb1")
