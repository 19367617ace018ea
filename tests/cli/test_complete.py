import pytest

from eda.netlist import read_netlist

BROKEN = """* two-stage op-amp, the gate of m6 in the air
.subckt amp inp inn out vdd vss
m1 x inn tail vss nmos
m2 y inp tail vss nmos
m3 x x vdd vdd pmos
m4 y x vdd vdd pmos
m5 tail bias vss vss nmos
m6 out left vdd vdd pmos
m7 out bias vss vss nmos
m8 bias bias vss vss nmos
ib vdd bias dc 20u
cc y out 1p
.ends
"""


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.sp"
    path.write_text(BROKEN)
    return path


def test_the_open_terminal_is_found_and_the_completed_netlist_is_written(eda_command, broken, tmp_path):
    done = eda_command("complete", broken, "-o", tmp_path / "whole.sp", "--json")
    assert done.code == 0
    (one,) = done.data["joined"]
    assert one["terminal"] == "m6.gate"
    assert one["net"] == "y", "the output of the first stage"
    assert len(one["candidates"]) == 5
    assert one["candidates"][0]["probability"] == one["probability"]
    assert read_netlist(tmp_path / "whole.sp").top.devices[5].nodes == ("out", "y", "vdd", "vdd")


def test_terminals_can_be_named(eda_command, broken):
    done = eda_command("complete", broken, "--port", "M4.g", "--port", "m8.g", "--top", 2)
    assert done.code == 0
    assert "m4.gate: joined to x" in done.out
    assert "m8.gate: joined to bias" in done.out
    assert done.out.count("%") == 2 + 2 * 2


def test_a_wrong_connection_is_among_the_suspects(eda_command, broken):
    broken.write_text(BROKEN.replace("m6 out left", "m6 out y").replace("m4 y x", "m4 y tail"))
    done = eda_command("complete", broken, "--suspects", "--json")
    assert done.data["joined"] == []
    suspects = done.data["suspects"]
    assert "m4.gate" in [one["terminal"] for one in suspects]
    assert next(one["better"]["net"] for one in suspects if one["terminal"] == "m4.gate") == "x"


def test_what_is_left_open_is_an_exit_code_of_its_own(eda_command, tmp_path):
    path = tmp_path / "lonely.sp"
    path.write_text("* a capacitor that hangs in the air\n.subckt two a b\nr1 a b 1k\nc1 left right 1p\n.ends\n")
    done = eda_command("complete", path)
    assert ("left open" in done.out) == (done.code == 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--port", "m4"), "device and a role, such as M3.d"),
        (("--port", "m44.g"), "no device 'm44'"),
        (("--weights", "nowhere.safetensors"), "no weights nowhere.safetensors"),
        (("-o", "/nowhere/out.sp"), "cannot write"),
    ],
)
def test_bad_input_is_refused(eda_command, broken, words, message):
    done = eda_command("complete", broken, *words)
    assert done.code == 2
    assert message in done.err


def test_a_folder_is_refused(eda_command, broken):
    done = eda_command("complete", broken.parent)
    assert done.code == 2
    assert "one netlist" in done.err


def test_the_netlist_is_not_overwritten(eda_command, broken):
    before = broken.read_text()
    done = eda_command("complete", broken, "-o", broken)
    assert done.code == 2
    assert broken.read_text() == before
