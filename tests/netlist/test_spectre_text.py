import pytest

from eda.errors import InputError
from eda.netlist import format_netlist, parse_netlist


def _written(text):
    """The last statement of the text in Spectre."""
    return format_netlist(parse_netlist(f"* t\n{text}\n", dialect="ngspice"), dialect="spectre").splitlines()[-1]


TEXTS = {
    "r1 a b 1meg": "r1 (a b) resistor r=1M",
    "r1 a b 1m": "r1 (a b) resistor r=1m",
    "r1 a b {2meg*w^2}": "r1 (a b) resistor r=(2M*w**2)",
    "r1 a b {w}": "r1 (a b) resistor r=w",
    "r1 a b {a>1?2:3}": "r1 (a b) resistor r=(a>1?2:3)",
    "r1 a b rm 1k w=1u": "r1 (a b) rm r=1k w=1u",
    "c1 a b 1p ic=0": "c1 (a b) capacitor c=1p ic=0",
    "l1 a b 1n": "l1 (a b) inductor l=1n",
    "v1 a 0": "v1 (a 0) vsource type=dc",
    "v1 a 0 dc 1 ac 1 90": "v1 (a 0) vsource type=dc dc=1 mag=1 phase=90",
    "v1 a 0 sin(0 {f} 1meg)": "v1 (a 0) vsource type=sine sinedc=0 ampl=f freq=1M",
    "v1 a 0 pulse(0 1 1n 2n 3n 4n 9n)": (
        "v1 (a 0) vsource type=pulse val0=0 val1=1 delay=1n rise=2n fall=3n width=4n period=9n"
    ),
    "v1 a 0 pwl(0 0 1n {2*a})": "v1 (a 0) vsource type=pwl wave=[0 0 1n (2*a)]",
    "i1 a 0 exp(0 1 1n 2n)": "i1 (a 0) isource type=exp val0=0 val1=1 td1=1n tau1=2n",
    "e1 a b c d 2": "e1 (a b c d) vcvs gain=2",
    "g1 a b c d 1m": "g1 (a b c d) vccs gm=1m",
    "f1 a b v1 2": "f1 (a b) cccs gain=2 probe=v1",
    "h1 a b v1 2": "h1 (a b) ccvs rm=2 probe=v1",
    "k1 l1 l2 0.9": "k1 mutual_inductor coupling=0.9 ind1=l1 ind2=l2",
    "t1 a 0 b 0 z0=50 td=1n": "t1 (a 0 b 0) tline z0=50 td=1n",
    "b1 a 0 i=2meg*v(x,y)^2": "b1 (a 0) bsource i=2M*v(x,y)**2",
    "m1 d g s b n w=1u m=2": "m1 (d g s b) n w=1u m=2",
    "x1 a b s w={2*w}": "x1 (a b) s w=(2*w)",
    "r1 in+ b<0> 1": r"r1 (in\+ b\<0\>) resistor r=1",
    ".model n nmos level=14 vto=1": "model n bsim4 type=n vto=1",
    ".model p pmos level=49": "model p bsim3v3 type=p",
    ".model p pmos": "model p mos1 type=p",
    ".model q pnp bf=1": "model q bjt type=pnp bf=1",
    ".model d d is=1": "model d diode is=1",
    ".param a=1 b={a*2}": "parameters a=1 b=(a*2)",
    ".global vdd": "global 0 vdd",
}


@pytest.mark.parametrize("line", TEXTS)
def test_an_ngspice_line_in_spectre(line):
    assert _written(line) == TEXTS[line]
    parse_netlist(TEXTS[line] + "\n", dialect="spectre")


REFUSED = {
    "e1 a 0 poly(1) c 0 0 1": "has no counterpart",
    "f1 a 0 poly(1) v1 0 1": "has no counterpart",
    "e1 a 0 table {v(x)} = (0,0) (1,1)": "has no counterpart",
    "v1 a 0 trnoise(1 1n 0 0)": "has no counterpart",
    "v1 a 0 pulse(0 1 0 1n 1n 5n 10n 3)": "has no counterpart",
    "v1 a 0 portnum 1": "has no counterpart",
    "b1 a 0 v=pwl(v(x),0,0,1,1)": "the function 'pwl'",
    "r1 a b {ternary_fcn(x,1,2)}": "the function 'ternary_fcn'",
    "k1 l1 l2 l3 0.9": "between two inductors",
    "m1 d g s b n ic=0,1,2": "several initial conditions",
    "s1 a b c d sm": "the element letter S",
    "a1 [a] b am": "the element letter A",
    ".model s sw ron=1": "the type 'sw'",
    ".model n nmos level=77": "level 77",
    ".op": "it is ngspice; statements can be left out",
    ".subckt s a 0\n.ends": "one of its ports is the ground",
    ".subckt s a w=1\n.param k={w}\n.ends": "a call cannot set",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_spectre_cannot_express_is_refused(line):
    with pytest.raises(InputError, match=REFUSED[line]) as caught:
        _written(line)
    assert str(caught.value).startswith("spectre cannot express this circuit:\n  ")


def test_a_waveform_with_gaps_does_not_gain_arguments():
    text = "v1 (a 0) vsource type=pulse val1=1 period=1n\n"
    written = format_netlist(parse_netlist(text, dialect="spectre"), dialect="spectre").splitlines()[-1]
    assert "width=0" not in written  # a width of 0 is another waveform than the default


def test_a_device_called_like_a_statement_is_renamed_wherever_it_is_named():
    circuit = parse_netlist("* t\nv1 a 0 1\nic a 0 1\nb1 a 0 v=i(ic)\n", dialect="ngspice")
    again = parse_netlist(format_netlist(circuit, dialect="spectre"), dialect="spectre")
    assert [(device.name, device.letter) for device in again.devices] == [("v1", "v"), ("i_ic", "i"), ("b1", "b")]
    assert again.devices[2].value == "v=i(i_ic)"


def test_a_net_called_gnd_stays_a_net():
    circuit = parse_netlist("r1 (gnd 0) resistor r=1\n", dialect="spectre")
    assert parse_netlist(format_netlist(circuit, dialect="spectre"), dialect="spectre").devices == circuit.devices
