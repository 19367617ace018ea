"""Circuits built with PySpice are read as they would simulate, and ours simulate there as they do in ngspice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from eda.errors import InputError, NetlistError
from eda.netlist import Circuit, number, parse_netlist, read_netlist
from eda.netlist.pyspice import from_pyspice, to_pyspice

SHIPPED = sorted((Path(__file__).parents[2] / "netlists" / "opamp").glob("*/*.sp"))
# raised when Python compiles PySpice's sources for the first time
pytestmark = pytest.mark.filterwarnings("ignore:.*invalid escape sequence")


@pytest.fixture(scope="module")
def amplifier():
    """A circuit by the API of PySpice."""
    pytest.importorskip("PySpice")
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit
    from PySpice.Spice.Netlist import SubCircuit
    from PySpice.Unit import u_kHz, u_kOhm, u_MOhm, u_nm, u_pF, u_um, u_V

    divider = SubCircuit("divider", "top", "tap")
    divider.R(1, "top", "tap", 1 @ u_kOhm)
    divider.R(2, "tap", divider.gnd, 3 @ u_kOhm)
    circuit = PySpiceCircuit("An amplifier")
    circuit.parameter("k", "2")
    circuit.model("nch", "nmos", level=1, vto=0.5)
    circuit.subcircuit(divider)
    circuit.SinusoidalVoltageSource("s", "inp", circuit.gnd, amplitude=1 @ u_V, frequency=1 @ u_kHz, offset=0.5 @ u_V)
    circuit.V("dd", "vdd", circuit.gnd, "dc 1.8 ac 1")
    circuit.R("Load", "vdd", "out", 1 @ u_MOhm)
    circuit.C(1, "out", circuit.gnd, 10 @ u_pF)
    circuit.MOSFET(1, "out", "gate", circuit.gnd, circuit.gnd, model="nch", width=2 @ u_um, length=180 @ u_nm)
    circuit.X("d", "divider", "inp", "gate")
    return circuit


def test_the_frame_of_a_pyspice_circuit_is_read(amplifier):
    circuit = from_pyspice(amplifier)
    assert (circuit.title, circuit.dialect, circuit.parameters) == ("An amplifier", "ngspice", {"k": "2"})
    assert [(model.name, model.type, model.parameters) for model in circuit.models] == [
        ("nch", "nmos", {"level": "1", "vto": "0.5"})
    ]
    assert [(block.name, block.ports) for block in circuit.subcircuits] == [("divider", ("top", "tap"))]
    assert [device.nodes for device in circuit.subcircuits[0].devices] == [("top", "tap"), ("tap", "0")]
    assert circuit.spelling["rload"] == "RLoad"


@pytest.mark.parametrize(
    ("name", "nodes", "model", "values"),
    [
        ("rload", "vdd out", None, {"value": 1e6}),
        ("c1", "out 0", None, {"value": 10e-12}),
        ("m1", "out gate 0 0", "nch", {"w": 2e-6, "l": 180e-9}),
        ("xd", "inp gate", "divider", {}),
    ],
)
def test_a_device_of_a_pyspice_circuit_is_read(amplifier, name, nodes, model, values):
    device = {device.name: device for device in from_pyspice(amplifier).devices}[name]
    assert (device.nodes, device.model) == (tuple(nodes.split()), model)
    found = dict(device.parameters) | ({"value": device.value} if device.value else {})
    assert {key: number(text) for key, text in found.items()} == pytest.approx(values)


def test_sources_of_a_pyspice_circuit_are_read(amplifier):
    values = {device.name: device.value for device in from_pyspice(amplifier).devices if device.letter == "v"}
    assert values["vdd"] == "dc 1.8 ac 1"
    assert values["vs"].startswith("dc 0v ac 1v sin(0.5v 1v 1khz")


def test_a_subcircuit_alone_is_read():
    from PySpice.Spice.Netlist import SubCircuit

    block = SubCircuit("low_pass", "a", "b", r="1k")
    block.R(1, "a", "b", "{r}")
    circuit = from_pyspice(block)
    assert (circuit.top.name, circuit.ports, circuit.top.parameters) == ("low_pass", ("a", "b"), {"r": "1k"})
    assert circuit.top.devices[0].value == "r"


def test_includes_are_kept_unless_their_folder_is_allowed(tmp_path):
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit

    models = tmp_path / "models.lib"
    models.write_text(".model dio d is=1e-14\n")
    circuit = PySpiceCircuit("t")
    circuit.include(str(models))
    kept, read = from_pyspice(circuit), from_pyspice(circuit, roots=[tmp_path])
    assert ([one.path for one in kept.includes], kept.models) == ([str(models)], ())
    assert ([model.name for model in read.models], read.includes) == (["dio"], ())


def test_what_is_not_understood_is_refused_with_its_place():
    from PySpice.Spice.Netlist import Circuit as PySpiceCircuit

    circuit = PySpiceCircuit("t")
    circuit.R(1, "a", "b", 1000)
    circuit.raw_spice = ".control\nshell date\n.endc"
    with pytest.raises(NetlistError, match=r"PySpice circuit:\d+:1: .control can run commands"):
        from_pyspice(circuit)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_text_of_a_shipped_netlist_in_pyspice_reads_back_equal(path):
    circuit = read_netlist(path)
    there = to_pyspice(circuit)
    assert parse_netlist(str(there)) == circuit
    back = from_pyspice(there)
    assert (back, back.spelling) == (circuit, circuit.spelling)


def test_analyses_stay_behind_and_globals_includes_and_models_come_along():
    text = (
        '* t\n.include "m.lib"\n.global vdd\n.param k=2\n.model dio d\nd1 a vdd dio\n.options reltol=1\n.tran 1n 1u\n'
    )
    circuit = parse_netlist(text, includes="keep")
    back = from_pyspice(to_pyspice(circuit))
    assert circuit.statements
    assert back.statements == ()
    assert [getattr(back, part) for part in ("title", "globals", "parameters", "models", "devices")] == [
        *(circuit.title, circuit.globals, circuit.parameters, circuit.models, circuit.devices)
    ]
    assert [include.path for include in back.includes] == ["m.lib"]


DIVIDER = "* divider\n.param low=3k\n.subckt half a b\nr1 a b 1k\n.ends\nv1 in 0 10\nx1 in out half\nr2 out 0 {low}\n"
# in a process of its own, as PySpice loads ngspice into it and talks on standard error;
# its subprocess backend cannot read what ngspice 39 prints
SIMULATE = """
import ctypes.util, sys
from PySpice.Spice.NgSpice.Shared import NgSpiceShared
from eda.netlist import parse_netlist
from eda.netlist.pyspice import to_pyspice
NgSpiceShared.LIBRARY_PATH = ctypes.util.find_library("ngspice")
circuit = to_pyspice(parse_netlist(sys.argv[1]))
print(float(circuit.simulator().operating_point()["out"][0]))
"""


@pytest.mark.ngspice
def test_pyspice_simulates_our_divider():
    command = [sys.executable, "-c", SIMULATE, DIVIDER]
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert float(process.stdout.split()[-1]) == pytest.approx(7.5, rel=1e-9)


@pytest.mark.ngspice
def test_ngspice_itself_simulates_the_text_that_pyspice_makes_of_it(tmp_path):
    deck = tmp_path / "divider.sp"
    deck.write_text(f"{to_pyspice(parse_netlist(DIVIDER))}\n.op\n.print op v(out)\n.end\n")
    process = subprocess.run(["ngspice", "-b", deck], capture_output=True, text=True, check=True, timeout=60)
    row = next(line for line in process.stdout.splitlines() if line.split()[:1] == ["out"])
    assert float(row.split()[1]) == pytest.approx(7.5, rel=1e-6)


@pytest.mark.parametrize("wrong", [None, 1, "* t\nr1 a b 1k\n", Circuit(), Circuit], ids=str)
def test_what_is_no_pyspice_circuit_is_refused(wrong):
    with pytest.raises(InputError, match="takes a Circuit or SubCircuit of PySpice, but got"):
        from_pyspice(wrong)


@pytest.mark.parametrize("wrong", [None, 1, "* t\nr1 a b 1k\n", Circuit], ids=str)
def test_what_is_no_circuit_of_ours_is_refused(wrong):
    with pytest.raises(InputError, match="Circuit"):
        to_pyspice(wrong)


def test_without_pyspice_the_way_to_install_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "PySpice.Spice.Netlist", None)
    monkeypatch.setitem(sys.modules, "PySpice", None)
    with pytest.raises(InputError, match=r'pip install "analog-eda\[pyspice\]"'):
        to_pyspice(parse_netlist(DIVIDER))
