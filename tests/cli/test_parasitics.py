import pytest

from eda.netlist import read_netlist

CHAIN = """* two inverters
.subckt chain in out vdd vss wn=120n
m1 mid in vss vss nmos w={wn} l=30n
m2 mid in vdd vdd pmos w=240n l=30n
m3 out mid vss vss nmos w={wn} l=30n
m4 out mid vdd vdd pmos w=240n l=30n
.ends
"""


@pytest.fixture
def chain(tmp_path):
    path = tmp_path / "chain.sp"
    path.write_text(CHAIN)
    return path


def test_capacitances_are_shown_and_written(eda_command, chain, tmp_path):
    done = eda_command("parasitics", chain, "-o", tmp_path / "with.sp", "--top", 3)
    assert done.code == 0
    assert done.out.count(" fF") == 3
    assert "smaller ones: --top" in done.out
    written = read_netlist(tmp_path / "with.sp")
    added = [device for device in written.top.devices if device.name.startswith("cpar")]
    assert {"mid", "out"} <= {node for device in added for node in device.nodes}
    assert all(1e-18 <= float(device.value) < 1e-14 for device in added)
    assert written.top.parameters == {"wn": "120n"}


def test_json_has_all_of_them(eda_command, chain):
    data = eda_command("parasitics", chain, "--json").data
    assert set(data["grounds"]) == {"in", "mid", "out", "vdd"}
    assert len(data["couplings"]) == 8
    assert data["remarks"] == []


def test_an_extrapolation_is_said_to_be_one(eda_command, chain):
    chain.write_text(CHAIN.replace("240n", "240u"))
    assert "note: w of 2 transistors lies outside of" in eda_command("parasitics", chain).out


@pytest.mark.parametrize(
    ("change", "message"),
    [(("nmos w={wn} l=30n", "nmos w={wn}"), "must have a l"), ((".subckt", "m1 a b\n.subckt"), "m1")],
)
def test_bad_netlists_are_explained(eda_command, chain, change, message):
    chain.write_text(CHAIN.replace(*change))
    done = eda_command("parasitics", chain)
    assert done.code == 2
    assert message in done.err


def test_a_folder_is_refused(eda_command, tmp_path, chain):
    (tmp_path / "more").mkdir()
    for name in ("a.sp", "b.sp"):
        (tmp_path / "more" / name).write_text(CHAIN)
    done = eda_command("parasitics", tmp_path / "more")
    assert done.code == 2
    assert "one netlist at a time" in done.err
