import json

import pytest

from eda.errors import InputError
from eda.generation import CircuitFolder, Climb, Generated, Rung
from eda.generation.fit import FITS
from eda.netlist import format_netlist
from eda.problem import Evaluation
from eda.simulation import Status
from eda.technology import load_technology
from eda.testbench import Guard
from eda.topology.device import Trial, design_of

REQUEST = {"class": "opamp", "technology": "generic", "specs": [], "temperature": 0.8}


@pytest.fixture
def one(ota):
    design = design_of(ota, load_technology("generic"), name="opamp_0_1")
    trial = Trial("it amplifies: 30 dB", {}, 1, figure=float("nan"))
    climb = Climb(ota, "opamp", (Rung.GRAMMAR,), trial.reason, design, trial)
    evaluation = Evaluation({}, Status.OK, {"dc_gain": 30.0}, guards=(Guard("saturated", -1.0, "it is not"),))
    return Generated("opamp_0_1", climb, design, FITS["opamp"], {}, evaluation)


def test_what_is_known_is_on_disk_at_once(one, tmp_path):
    folder = CircuitFolder(tmp_path / "new", "opamp_0", REQUEST)
    assert not folder.path.exists()
    netlist = folder.add(one)
    assert netlist.read_text() == format_netlist(one.circuit)
    assert 'kind = "opamp"' in netlist.with_suffix(".toml").read_text()
    content = json.loads((tmp_path / "new" / "opamp_0.json").read_text())
    assert content == folder.content
    (row,) = content["circuits"]
    assert (row["figure"], row["metrics"], row["guards"]) == (None, {"dc_gain": 30.0}, {"saturated": False})
    folder.close({"drawn": 7})
    assert json.loads((tmp_path / "new" / "opamp_0.json").read_text())["drawn"] == 7


def test_who_asks_for_the_same_goes_on(one, tmp_path):
    CircuitFolder(tmp_path, "opamp_0", REQUEST).add(one)
    again = CircuitFolder(tmp_path, "opamp_0", REQUEST)
    again.add(one)
    assert len(json.loads((tmp_path / "opamp_0.json").read_text())["circuits"]) == 1
    with pytest.raises(InputError, match=r"another command has made, such as opamp_0_1\.sp"):
        CircuitFolder(tmp_path, "opamp_0", {**REQUEST, "temperature": 1.0})
    (tmp_path / "opamp_0.json").write_text("{")  # cut short
    with pytest.raises(InputError, match="another command has made"):
        CircuitFolder(tmp_path, "opamp_0", REQUEST)


def test_what_was_changed_by_hand_stays(one, tmp_path):
    netlist = CircuitFolder(tmp_path, "opamp_0", REQUEST).add(one)
    netlist.with_suffix(".toml").write_text("# mine")
    CircuitFolder(tmp_path, "opamp_0", REQUEST).add(one)
    assert netlist.with_suffix(".toml").read_text() == "# mine"
    netlist.write_text("* mine\n")
    with pytest.raises(InputError, match="has been changed, and is not overwritten"):
        CircuitFolder(tmp_path, "opamp_0", REQUEST).add(one)
    assert netlist.read_text() == "* mine\n"
