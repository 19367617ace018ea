"""Peers are run as processes that may do anything; the judge must see every kind of difference, and no other."""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys

import pytest

from eda.benchmark.judgement import judge, verdict
from eda.benchmark.peer_readers import READERS
from eda.benchmark.peers import PEERS, PeerRead, read_with
from eda.errors import InputError
from eda.netlist import Circuit, Device, Location, Subcircuit

CIRCUIT = Circuit(
    subcircuits=(
        Subcircuit(
            "inv",
            ("a", "y", "0"),
            {"w": "1u"},
            devices=(
                Device("m1", ("y", "a", "0", "0"), "nch", None, {"w": "2 * w", "l": "0.1u"}, (), Location("f", 3)),
                Device("r1", ("a", "y"), "rpoly", "1k", {"tc1": "1m"}),
                Device("d1", ("a", "y"), "dio", None, {"area": "2"}),
            ),
        ),
    ),
    devices=(
        Device("x1", ("in", "out", "0"), "inv", None, {"w": "2u"}),
        Device("v1", ("in", "0"), None, "dc 1.8 ac 1 sin(0 1 1k)"),
        Device("f1", ("out", "0"), None, "2", {}, ("v1",)),
        Device("e1", ("e", "0"), None, "v=v(in)*{k}", {}, (), None, "b"),
        Device("e2", ("e", "0", "in", "0", "out", "0"), None, "poly(2) 0 1 2"),
    ),
)
VIEW = {
    "blocks": {
        "": {
            "ports": [],
            "devices": [
                ["x1", ["in", "out", "gnd"], "inv", {"w": "2e-06"}],
                ["v1", ["in", "0"], "1.8 ac=1 sin (0,1,1000)", {}],
                ["f1", ["out", "0"], "v1 2.0", {}],
                ["e1", ["e", "0"], "", {"vol": "'v(in)*k'"}],
                ["e2", ["e", "0"], "poly(2) in 0 out 0 0 1 2", {}],
            ],
        },
        "inv": {
            "ports": ["a", "y", "gnd"],
            "devices": [
                ["m1", ["y", "a", "0", "0"], "nch", {"w": "'2*w'", "l": "1e-7"}],
                ["r1", ["a", "y"], "rpoly 1000.0", {"tc1": "0.001"}],
                ["d1", ["a", "y"], "dio 2", {}],
            ],
        },
    }
}


def changed(block, index, part, value):
    view = copy.deepcopy(VIEW)
    view["blocks"][block]["devices"][index][part] = value
    return view


def peer(folder, body):
    """A program in the place of the peers' script."""
    script = folder / "peer.py"
    script.write_text(f"import json, os, sys, time\n{body}\n")
    return {"file": folder / "any.sp", "python": sys.executable, "script": script}


def test_the_same_netlist_in_other_words_is_right():
    judgement = judge(CIRCUIT, VIEW)
    assert (judgement.differences, judgement.not_compared, judgement.devices) == ([], set(), 8)
    assert verdict(CIRCUIT, PeerRead("p", "read", view=VIEW)) == "right"


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (changed("inv", 0, 0, "m2"), "inv/m2 is not in the file; inv/m1 (line 3) is missing"),
        (changed("inv", 1, 0, "m1"), "inv/m1 is there twice"),
        (changed("inv", 0, 1, ["a", "y", "0", "0"]), "inv/m1 (line 3): nodes are a y 0 0, not y a 0 0"),
        (changed("inv", 0, 1, ["y", "a", "0"]), "nodes are y a 0, not y a 0 0"),
        (changed("inv", 0, 2, "pch"), "model is pch, not nch"),
        (changed("inv", 0, 2, ""), "model is missing, not nch"),
        (changed("inv", 0, 3, {"w": "'2*w'", "l": "1.1e-7"}), "l is 1.1e-7, not 0.1u"),
        (changed("inv", 0, 3, {"w": "'2", "l": "1e-7"}), "w is '2, not 2 * w"),
        (changed("inv", 0, 3, {"w": "2u", "l": "1e-7"}), "w is 2u, not 2 * w"),
        (changed("inv", 0, 3, {"l": "1e-7"}), "w=2 * w is missing"),
        (changed("inv", 0, 3, {"w": "2*w", "l": "1e-7", "m": "2"}), "m=2 is not in the file"),
        (changed("inv", 1, 2, "1k"), "model is 1k, not rpoly"),
        (changed("inv", 1, 2, "rpoly 1meg"), "value is rpoly 1meg, not 1k"),
        (changed("inv", 2, 2, "dio 3"), "area is 3, not 2"),
        (changed("", 0, 2, "w=2u"), "model is w=2u, not inv"),
        (changed("", 1, 2, "dc 1.8 ac 1 sin(0 1 1meg)"), "source is dc 1.8 ac 1 sin(0 1 1meg), not"),
        (changed("", 1, 2, "dc 1.8"), "source is dc 1.8, not"),
        (changed("", 2, 2, "v2 2.0"), "/f1: is out 0 v2 2.0"),
        (changed("", 3, 3, {"vol": "'v(out)*k'"}), "/e1: is e 0 vol='v(out)*k'"),
        (changed("", 4, 2, "poly(2) in 0 out 0 0 1 3"), "/e2: is e 0 poly(2)"),
        ({"blocks": {"": VIEW["blocks"][""]}}, "the block 'inv' is missing"),
        ({"blocks": {**VIEW["blocks"], "nand": {"ports": [], "devices": []}}}, "a block 'nand' that the file"),
        ({"blocks": {**VIEW["blocks"], "inv": {**VIEW["blocks"]["inv"], "ports": ["y", "a", "0"]}}}, "ports of 'inv'"),
    ],
)
def test_a_planted_difference_is_silently_wrong(view, sentence):
    assert sentence in verdict(CIRCUIT, PeerRead("p", "read", view=view))
    assert verdict(CIRCUIT, PeerRead("p", "read", view=view)).startswith("silently wrong: ")


def test_only_three_differences_are_told():
    view = {"blocks": {"": {"ports": [], "devices": []}, "inv": VIEW["blocks"]["inv"]}}
    assert verdict(CIRCUIT, PeerRead("p", "read", view=view)).endswith("; and 2 more")


def test_what_a_peer_cannot_tell_is_not_held_against_it():
    view = copy.deepcopy(VIEW)
    view["blocks"]["inv"]["ports"] = []
    view["blocks"]["inv"]["devices"][0][3] = {"w": "1e-6", "l": "1e-7"}
    view["blocks"][""]["devices"][0][3] = {}
    assert len(judge(CIRCUIT, view).differences) == 3
    view["lacks"] = ["ports", "call parameters", "expressions"]
    judgement = judge(CIRCUIT, view)
    assert (judgement.differences, judgement.not_compared) == ([], set(view["lacks"]))
    inner = {"blocks": {"inv": VIEW["blocks"]["inv"]}, "lacks": ["top"]}
    assert judge(CIRCUIT, inner).devices == 3
    assert judge(CIRCUIT, inner).right


def test_a_peer_of_which_nothing_can_be_compared_is_not_right():
    view = {"blocks": {}, "lacks": ["top"]}
    assert verdict(Circuit(devices=CIRCUIT.devices), PeerRead("p", "read", view=view)) == "nothing to compare"


def test_a_read_brings_view_and_figures(tmp_path):
    answer = {"version": "1.0", "view": VIEW, "seconds": 0.5, "peak_bytes": 7, "grown_bytes": 3}
    read = read_with("any", **peer(tmp_path, f"print('noise')\nprint({json.dumps(answer)!r})"))
    assert read == PeerRead("any", "read", "", VIEW, "1.0", 0.5, 7, 3)


def test_the_peer_is_told_file_and_dialect(tmp_path):
    body = "print(json.dumps(dict(refused=' '.join(sys.argv[1:]), version='', seconds=0, peak_bytes=0, grown_bytes=0)))"
    read = read_with("any", dialect="cdl", **peer(tmp_path, body))
    assert (read.status, read.message) == ("refused", f"any {tmp_path / 'any.sp'} cdl")
    assert verdict(CIRCUIT, read) == f"refused: {read.message}"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("time.sleep(60)", "timeout", "no answer within 0.5 s"),
        ("os.abort()", "crashed", "exit code -6: no message"),
        ("raise SystemError('broken')", "crashed", "exit code 1: SystemError: broken"),
        ("print('no json')", "crashed", "exit code 0: no message"),
    ],
)
def test_a_peer_may_hang_or_die(tmp_path, body, status, message):
    read = read_with("any", timeout=0.5, **peer(tmp_path, body))
    assert (read.status, read.message) == (status, message)
    assert math.isnan(read.seconds)


def test_a_wrong_peer_or_interpreter_is_explained(tmp_path):
    with pytest.raises(InputError, match=r"Did you mean .*'PySpice'"):
        read_with("pyspice2", tmp_path / "a.sp", python=sys.executable)
    with pytest.raises(InputError, match="there is no Python interpreter"):
        read_with(PEERS[0], tmp_path / "a.sp", python=tmp_path / "python")


def test_the_script_answers_for_a_peer_and_hides_what_it_prints(tmp_path):
    # a module of the peer's name, put where the interpreter finds it
    (tmp_path / "spatk.py").write_text(
        "print('imported')\n"
        "class Circuit(dict):\n"
        "    def __init__(self, file, syntax):\n"
        "        print('reading', syntax)\n"
        "        raise ValueError('not this one\\nsecond line')\n"
    )
    code = (
        "import sys, importlib.metadata as m; from eda.benchmark.peer_readers import main;"
        "sys.path.insert(0, sys.argv[1]); m.version = lambda name: '9'; main(sys.argv[2:])"
    )
    command = [sys.executable, "-c", code, str(tmp_path), "spatk", "file.sp", "hspice"]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(process.stdout)
    assert answer["refused"] == "ValueError: not this one"
    assert answer["version"] == "9"
    assert answer["peak_bytes"] > 1e6 > answer["seconds"] > 0
    assert "reading hspice" in process.stderr
    assert set(READERS) == {*PEERS, "eda"}
