from eda.netlist import parse_netlist
from eda.technology.mismatch import with_deviates

NETLIST = """* t
.subckt pair a b w=1u
xm1 a b kit w={w}
xm2 b a kit w={w}
.ends
.subckt top a b w1=2u
x1 a b pair w={w1}
x2 b a pair w={w1}
xm3 a b kit w=3u
r1 a b 1k
.ends
"""


def test_every_device_of_every_call_has_a_deviate_of_its_own():
    circuit, names = with_deviates(parse_netlist(NETLIST).with_top("top"), {"kit": ("z_vth",)})
    assert set(names) == {"z_vth_xm1_x1", "z_vth_xm2_x1", "z_vth_xm1_x2", "z_vth_xm2_x2", "z_vth_xm3"}
    assert all(circuit.top.parameters[name] == "0" for name in names)
    pair = next(block for block in circuit.subcircuits if block.name == "pair")
    assert pair.devices[0].parameters["z_vth"] == "z_vth_xm1"
    calls = {device.name: device.parameters for device in circuit.top.devices}
    assert calls["x1"]["z_vth_xm1"] == "z_vth_xm1_x1"
    assert calls["xm3"]["z_vth"] == "z_vth_xm3"


def test_without_mismatch_nothing_changes():
    circuit = parse_netlist(NETLIST).with_top("top")
    assert with_deviates(circuit, {}) == (circuit, ())


def test_names_that_would_be_one_stay_two():
    netlist = NETLIST.replace("xm3 a b kit w=3u", "xm1_x2 a b kit w=3u")
    _, names = with_deviates(parse_netlist(netlist).with_top("top"), {"kit": ("z_vth",)})
    assert len(set(names)) == 5
