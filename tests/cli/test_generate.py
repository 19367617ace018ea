import json
from pathlib import Path

import pytest
import torch

from eda.netlist import read_netlist
from eda.nn.decoder import Decoder, DecoderShape
from eda.topology.device import VOCABULARY
from eda.topology.device.generator import TopologyGenerator


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Weights of a generator that has learned nothing."""
    torch.manual_seed(0)
    network = Decoder(DecoderShape(len(VOCABULARY), width=32, layers=1, heads=2, context=100))
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    TopologyGenerator(network, {}).save(path)
    return path


@pytest.mark.ngspice
def test_netlists_are_written_and_said_how_far_they_came(eda_command, weights, tmp_path):
    out = tmp_path / "new"
    options = ("-n", 2, "--least", "grammar", "--weights", weights, "--out", out, "--workers", 1)
    found = eda_command("generate", "mirror", *options, "--json")
    assert found.code == 0
    assert found.data["found"] == 2
    for row in found.data["circuits"]:
        assert row["rungs"][0] == "grammar"
        assert eda_command("check", row["netlist"], "--json").code in {0, 1}
    assert "mirror_0_2" in Path(found.data["gallery"]).read_text()
    assert found.data["gallery"] == str(out / "gallery_mirror_0.html")
    assert json.loads((out / "mirror_0.json").read_text()) == found.data
    again = eda_command("generate", "mirror", *options, "--temperature", 0.9)
    assert again.code == 2
    assert "that another command has made, such as mirror_0_1.sp" in again.err
    page = tmp_path / "page.html"
    other = eda_command("generate", "mirror", *options, "--seed", 1, "--gallery", page)
    assert other.code == 0
    assert f"drawn in {page}" in other.out
    assert page.exists()
    assert other.out.splitlines()[0].startswith(f"{out}/mirror_1_1.sp: passed: grammar")
    assert other.out.splitlines()[-1].startswith("2 of 2 circuits; ")


@pytest.mark.ngspice
def test_the_same_command_goes_on_with_its_circuits(eda_command, weights, tmp_path):
    options = ("--least", "grammar", "--weights", weights, "--out", tmp_path, "--workers", 1, "--json")
    first = eda_command("generate", "mirror", "-n", 1, *options)
    netlist, task = tmp_path / "mirror_0_1.sp", tmp_path / "mirror_0_1.toml"
    written = netlist.read_text()
    if first.data["circuits"][0]["task"]:
        task.write_text("# mine")
    more = eda_command("generate", "mirror", "-n", 2, *options)
    assert more.code == 0
    assert more.data["circuits"][:1] == first.data["circuits"]
    assert netlist.read_text() == written
    assert not task.exists() or task.read_text() == "# mine"
    netlist.write_text(f"{written}* changed by hand\n")
    changed = eda_command("generate", "mirror", "-n", 2, *options)
    assert changed.code == 2
    assert "mirror_0_1.sp has been changed, and is not overwritten" in changed.err
    assert netlist.read_text().endswith("* changed by hand\n")


@pytest.mark.ngspice
def test_circuits_of_a_size(eda_command, weights, tmp_path):
    options = ("-n", 3, "--least", "grammar", "--weights", weights, "--out", tmp_path, "--workers", 1, "--json")
    found = eda_command("generate", "opamp", "--devices", 7, *options)
    assert found.code == 0
    assert all(row["devices"] == 7 for row in found.data["circuits"])


@pytest.mark.ngspice
def test_completing_a_netlist(eda_command, weights, tmp_path):
    pair = tmp_path / "pair.sp"
    pair.write_text(
        "* pair\n.subckt pair vin1 vin2 vout1 vdd vss\nm1 a vin1 t vss nmos\nm2 vout1 vin2 t vss nmos\n.ends\n"
    )
    options = ("-n", 1, "--least", "grammar", "--weights", weights, "--out", tmp_path, "--workers", 1, "--json")
    found = eda_command("generate", "opamp", "--complete", pair, *options)
    assert found.code == 0
    (block,) = read_netlist(tmp_path / "opamp_0_1.sp").subcircuits
    gates = {device.nodes[1] for device in block.devices[:2]}
    assert gates in ({"inp", "inn"}, {"vin1", "vin2"})
    assert block.devices[0].nodes[2] == block.devices[1].nodes[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("opanp",), "there is no class 'opanp' to generate. Did you mean 'opamp'"),
        (("opamp", "--technology", "sky13"), "there is no technology 'sky13'"),
        (("opamp", "--complete", "none.sp"), "none.sp"),
        (("opamp", "--weights", "none.safetensors"), "there are no weights none.safetensors"),
        (("mixer", "--spec", "gain >= 3 dB"), "specs need a testbench of the class"),
        (("opamp", "--least", "specs"), "the rung of specs needs some"),
        (("opamp", "--devices", 81), "more devices than the 0 that it begins with, and 80 at most, not 81"),
    ],
)
def test_wrong_requests(eda_command, weights, tmp_path, words, message):
    extra = () if "--weights" in words else ("--weights", weights)
    found = eda_command("generate", *words, *extra, "--out", tmp_path / "new")
    assert found.code == 2
    assert message in found.err
    assert not (tmp_path / "new").exists()


@pytest.mark.ngspice
def test_a_folder_that_cannot_be_made(eda_command, weights, tmp_path):
    (tmp_path / "file").write_text("")
    out = ("--out", tmp_path / "file" / "new")
    found = eda_command("generate", "mirror", "--least", "grammar", "-n", 1, "--weights", weights, *out)
    assert found.code == 2
    assert "cannot make the folder" in found.err


@pytest.mark.ngspice
def test_op_amps_from_a_specification(eda_command, tmp_path):
    specs = ("--spec", "dc_gain >= 40 dB", "--spec", "phase_margin >= 45 deg")
    runs = ("--run-dir", tmp_path / "runs")
    found = eda_command("generate", "opamp", "-n", 1, *specs, "--out", tmp_path, *runs, "--workers", 1, "--json")
    assert found.code == 0
    (row,) = found.data["circuits"]
    assert row["rungs"][-1] == "specs after sizing"
    assert eda_command("check", row["netlist"]).code == 0
    simulated = eda_command("simulate", row["task"], "--json")
    assert simulated.data["metrics"]["dc_gain"] >= 40
    assert simulated.data["metrics"]["phase_margin"] >= 45
