"""`eda convert`, `eda check` and `eda graph`: every way in and out, and no input that ends in a traceback."""

from __future__ import annotations

import io
import json
import sys

import pytest

from eda.graph import load_graphs
from eda.netlist import parse_netlist, read_netlist

AMP = "* an amp\n.subckt Amp a b w=1u\nr1 a b 1k\nm1 a b 0 0 nch w={w}\n.ends\n"
SPECTRE = "subckt amp (a b)\nr1 (a b) resistor r=1k\nends amp\n"
CDL = "*.PININFO a:I\n.SUBCKT amp a b\n*.PININFO a:I b:O\nR1 a b 1k $[rp]\n.ENDS\n"
BAD = "* t\nq1 a b\n"
FLOATING = "* t\n.subckt amp out vdd vss\nm1 out g vss vss nmos\nm2 out g vdd vdd pmos\n.ends\n"
CONTROL = "* t\nr1 a 0 1k\nv1 a 0 1\n.control\nshell date\n.endc\n.op\n"
INCLUDE = '* t\n.include "../models/m.lib"\nd1 a 0 dio\nv1 a 0 1\n'
COMMANDS = ("check", "convert", "graph")


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def folder(write, tmp_path):
    """Netlists in three dialects, one that cannot be read, and what is no netlist."""
    write("decks/amp.sp", AMP)
    write("decks/deeper/other.scs", SPECTRE)
    write("decks/deeper/third.cdl", CDL)
    write("decks/bad.cir", BAD)
    write("decks/notes.txt", "no netlist")
    return tmp_path / "decks"


@pytest.fixture
def stdin(monkeypatch):
    def give(data):
        data = data if isinstance(data, bytes) else data.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


# one netlist


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_says_what_is_taken(eda_command, command):
    outcome = eda_command(command, "--help")
    text = " ".join(outcome.out.replace("│", " ").split())
    assert outcome.code == 0
    assert f"Examples: eda {command}" in text.replace("`", "")
    for option in ("--from", "--root", "--keep-includes", "--keep-control", "--json", "standard input"):
        assert option in text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_netlist_may_come_from_standard_input(eda_command, stdin, command):
    stdin(AMP)
    outcome = eda_command(command, "-", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.data["netlist"] == "<stdin>"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_dialect_is_told_from_the_text_or_given(eda_command, write, command):
    # an x behind a number is a million in HSPICE
    path = write("amp.sp", "* t\nr1 a 0 2x\nv1 a 0 1\n")
    outcome = eda_command("convert", path, "--from", "hspice", "--json")
    assert (outcome.data["from"], parse_netlist(outcome.data["text"]).devices[0].value) == ("hspice", "2meg")
    assert eda_command(command, path, "--from", "hspice").code == 0
    assert eda_command(command, write("o.scs", SPECTRE)).code == 0
    wrong = eda_command(command, path, "--from", "hspic")
    assert wrong.code == 2
    assert "Did you mean 'hspice'" in wrong.err + wrong.out


@pytest.mark.parametrize("command", COMMANDS)
def test_includes_need_their_folder_or_are_kept(eda_command, write, tmp_path, command):
    path = write("decks/diode.sp", INCLUDE)
    write("models/m.lib", ".model dio d is=1e-14\n")
    refused = eda_command(command, path)
    assert refused.code == 2
    assert "leaves the allowed folders" in refused.err + refused.out
    assert eda_command(command, path, "--root", tmp_path / "models").code == 0
    path.write_text(INCLUDE.replace("models/m.lib", "decks/none.lib"))
    assert eda_command(command, path).code == 2
    assert eda_command(command, path, "--keep-includes").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_control_blocks_are_refused_or_kept(eda_command, write, command):
    path = write("run.sp", CONTROL)
    refused = eda_command(command, path)
    assert refused.code == 2
    assert ".control can run commands" in refused.err + refused.out
    assert eda_command(command, path, "--keep-control").code == 0


# check


def test_check_counts_and_says_where(eda_command, write):
    path = write("amp.sp", FLOATING)
    outcome = eda_command("check", path)
    assert outcome.code == 1
    assert f"{path}:3:1: " in outcome.out
    assert "[floating-gate]" in outcome.out
    assert f"{path}: ngspice, 2 devices, 1 findings" in outcome.out
    row = eda_command("check", path, "--json").data
    assert (row["netlist"], row["dialect"], row["devices"]) == (str(path), "ngspice", 2)
    (finding,) = row["findings"]
    assert (finding["rule"], finding["block"], finding["place"]) == ("floating-gate", "amp", f"{path}:3:1")


def test_notes_and_warnings_are_no_failure(eda_command, write):
    outcome = eda_command("check", write("d.sp", INCLUDE.replace("../models/", "")), "--keep-includes", "--json")
    assert "unread-include" in [finding["rule"] for finding in outcome.data["findings"]]
    assert outcome.code == 0


def test_check_a_folder_with_a_bad_one_checks_the_others(eda_command, folder):
    outcome = eda_command("check", folder)
    assert outcome.code == 2
    assert "4 netlists, 1 refused, 0 findings" in outcome.out
    rows = eda_command("check", folder, "--json").data
    names = ["amp.sp", "bad.cir", "deeper/other.scs", "deeper/third.cdl"]
    assert [row["netlist"] for row in rows] == [str(folder / name) for name in names]
    assert [row.get("dialect", "refused") for row in rows] == ["ngspice", "refused", "spectre", "cdl"]
    assert "bad.cir:2:1" in rows[1]["error"]


def test_a_bad_netlist_weighs_more_than_a_finding(eda_command, write):
    good, floating, bad = write("amp.sp", AMP), write("floating.sp", FLOATING), write("bad.sp", BAD)
    assert eda_command("check", good, floating).code == 1
    assert eda_command("check", bad, floating, good).code == 2


def test_check_against_a_technology(eda_command, write):
    path = write("tiny.sp", "* t\n.subckt amp a b\nm1 a b 0 0 nmos w=1n l=1u\nm2 b a 0 0 nmos w=1u l=1u\n.ends\n")
    assert eda_command("check", path).code == 0
    outcome = eda_command("check", path, "--technology", "generic", "--json")
    assert outcome.code == 1
    assert [finding["rule"] for finding in outcome.data["findings"]] == ["size-below-minimum"]
    assert eda_command("check", path, "--technology", "generik").code == 2


# convert


@pytest.mark.parametrize(
    ("words", "dialect"),
    [
        (["-", "--to", "spectre"], "spectre"),
        (["--to", "hspice"], "hspice"),
        ([], "ngspice"),
        (["out.scs"], "spectre"),
        (["out.cdl"], "cdl"),
        (["out.net"], "ltspice"),
        (["out.sp"], "ngspice"),
        (["out.sp", "--to", "cdl"], "cdl"),
        (["new/folder/out.scs"], "spectre"),
    ],
    ids=" ".join,
)
def test_the_target_is_told_from_the_name_or_given(eda_command, write, tmp_path, monkeypatch, words, dialect):
    monkeypatch.chdir(tmp_path)
    outcome = eda_command("convert", write("amp.sp", AMP), *words)
    assert outcome.code == 0
    files = [word for word in words if word.startswith(("out", "new"))]
    text = (tmp_path / files[0]).read_text() if files else outcome.out
    assert bool(outcome.out) == (not files)
    again = parse_netlist(text, dialect=dialect).subcircuits[0]
    assert ([device.name for device in again.devices], again.devices[0].value) == (["r1", "m1"], "1k")
    assert ("simulator lang=spectre" in text) == (dialect == "spectre")


def test_convert_to_json_and_back_gives_the_same_circuit(eda_command, write, tmp_path):
    path = write("amp.sp", AMP)
    assert eda_command("convert", path, tmp_path / "amp.json").code == 0
    assert json.loads((tmp_path / "amp.json").read_text()) == json.loads(
        eda_command("convert", path, "--to", "json").out
    )
    assert eda_command("convert", tmp_path / "amp.json", tmp_path / "back.sp").code == 0
    assert read_netlist(tmp_path / "back.sp") == read_netlist(path)
    assert ".subckt Amp" in (tmp_path / "back.sp").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_read_by_its_suffix_or_by_name(eda_command, write, stdin, command):
    text = eda_command("convert", write("amp.sp", AMP), "--to", "json").out
    assert eda_command(command, write("amp.json", text)).code == 0
    assert eda_command(command, write("amp.data", text), "--from", "json").code == 0
    stdin(text)
    assert eda_command(command, "-", "--from", "json").code == 0


def test_convert_says_what_it_did_in_json(eda_command, write, tmp_path):
    path = write("amp.sp", AMP)
    row = eda_command("convert", path, tmp_path / "o.scs", "--json").data
    assert row == {"netlist": str(path), "from": "ngspice", "to": "spectre", "output": str(tmp_path / "o.scs")}
    row = eda_command("convert", path, "--to", "cdl", "--json").data
    assert (row["from"], row["to"]) == ("ngspice", "cdl")
    assert parse_netlist(row["text"], dialect="cdl").subcircuits[0].name == "amp"


def test_analyses_may_be_left_out(eda_command, write):
    path = write("run.sp", CONTROL)
    assert ".op" in eda_command("convert", path, "--keep-control").out
    bare = eda_command("convert", path, "--keep-control", "--circuit-only")
    assert bare.code == 0
    assert ".op" not in bare.out
    assert "shell" not in bare.out
    data = eda_command("convert", path, "--keep-control", "--circuit-only", "--to", "json").out
    assert "statements" not in json.loads(data)


def test_what_the_target_cannot_say_is_refused_with_its_reasons(eda_command, write, tmp_path):
    path = write("run.sp", "* t\nv1 a 0 1\ns1 a 0 a 0 sw\n.model sw sw\n.op\n")
    outcome = eda_command("convert", path, tmp_path / "out.cdl")
    assert outcome.code == 2
    assert "cdl cannot express this circuit:" in outcome.err
    assert "v1" in outcome.err
    assert "s1" in outcome.err
    assert not (tmp_path / "out.cdl").exists()


def test_convert_a_folder_with_a_bad_one_converts_the_others(eda_command, folder, tmp_path):
    outcome = eda_command("convert", folder, tmp_path / "out", "--to", "hspice")
    assert outcome.code == 2
    assert "4 netlists, 3 converted to hspice, 1 refused" in outcome.out
    assert "bad.cir:2:1" in outcome.err
    written = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert written == ["amp.sp", "deeper/other.sp", "deeper/third.sp"]
    for path in written:
        assert read_netlist(tmp_path / "out" / path, dialect="hspice").subcircuits[0].name == "amp"


@pytest.mark.parametrize("target", ["ngspice", "hspice", "ltspice", "spectre", "cdl", "json", "SPECTRE"])
def test_a_folder_can_be_converted_to_any_dialect(eda_command, folder, tmp_path, target):
    (folder / "bad.cir").unlink()
    outcome = eda_command("convert", folder, tmp_path / "out", "--to", target, "--json")
    assert outcome.code == 0
    for row in outcome.data:
        assert eda_command("check", row["output"], "--from", target).code == 0


def test_a_folder_needs_a_folder_to_write_to(eda_command, folder):
    outcome = eda_command("convert", folder)
    assert outcome.code == 2
    assert "needs a folder to write to" in outcome.err


def test_two_netlists_are_never_written_to_one_file(eda_command, write, tmp_path):
    write("decks/amp.sp", AMP)
    write("decks/amp.scs", SPECTRE)
    outcome = eda_command("convert", tmp_path / "decks", tmp_path / "out", "--json")
    assert outcome.code == 2
    assert [("error" in row) for row in outcome.data] == [False, True]
    assert "two netlists would be written to" in outcome.data[1]["error"]
    assert [device.name for device in read_netlist(tmp_path / "out" / "amp.sp").top.devices] == ["r1"]


def test_a_folder_converted_into_itself_loses_no_netlist(eda_command, write, tmp_path):
    write("decks/amp.scs", SPECTRE)
    path = write("decks/amp.sp", AMP)
    assert eda_command("convert", tmp_path / "decks", tmp_path / "decks").code == 2
    assert path.read_text() == AMP


@pytest.mark.parametrize("target", ["folder", "file/out.sp", "/proc/none/out.sp"])
def test_an_output_that_cannot_be_written_is_told(eda_command, write, tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    write("file", "x")
    outcome = eda_command("convert", write("amp.sp", AMP), target)
    assert outcome.code == 2
    assert f"cannot write {target}" in outcome.err


@pytest.mark.parametrize("words", [["--to", "spectr"], ["out.sp", "--to", "spectr"]])
def test_an_unknown_target_is_told_with_those_that_are_known(eda_command, write, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    outcome = eda_command("convert", write("amp.sp", AMP), *words)
    assert outcome.code == 2
    assert "unknown dialect 'spectr'. Did you mean 'spectre'?" in outcome.err
    assert not (tmp_path / "out.sp").exists()


# graph


def test_graph_counts_and_hashes(eda_command, write):
    path = write("amp.sp", AMP)
    row = eda_command("graph", path, "--json").data
    assert (row["devices"], row["nets"], row["kinds"]) == (2, 3, {"r": 1, "m": 1})
    assert row["terminals"] == {"plus": 1, "minus": 1, "drain": 1, "gate": 1, "source": 1, "bulk": 1}
    assert "edges" not in row
    assert f"{path}: 2 devices (1 r, 1 m), 3 nets" in eda_command("graph", path).out


def test_one_circuit_has_one_hash_and_another_has_another(eda_command, write):
    inner = "* t\n.subckt {} a b\nm{} a x 0 0 nch w=1u\nr{} {} 1k\n.ends\n"
    same = inner.format("amp", 1, 1, "x b"), inner.format("other", 7, "f", "b x").replace("x", "y")
    paths = [write(f"{i}.sp", text) for i, text in enumerate([*same, inner.format("amp", 1, 1, "a b")])]
    first, same, other = (row["hash"] for row in eda_command("graph", *paths, "--json").data)
    assert first == same != other


def test_edges_list_every_pin(eda_command, write):
    path = write("amp.sp", AMP)
    edges = eda_command("graph", path, "--edges", "--json").data["edges"]
    assert edges == [
        *(["r1", "plus", "a"], ["r1", "minus", "b"], ["m1", "drain", "a"], ["m1", "gate", "b"]),
        *(["m1", "source", "0"], ["m1", "bulk", "0"]),
    ]
    assert "  m1 gate b" in eda_command("graph", path, "--edges").out.splitlines()


def test_graphs_of_a_folder_are_saved_but_for_the_bad_one(eda_command, folder, tmp_path):
    outcome = eda_command("graph", folder, "-o", tmp_path / "graphs.safetensors", "--json")
    assert outcome.code == 2
    assert [("error" in row) for row in outcome.data] == [False, True, False, False]
    assert len(load_graphs(tmp_path / "graphs.safetensors")) == 3


def test_graphs_that_cannot_be_written_are_told(eda_command, write, tmp_path):
    outcome = eda_command("graph", write("amp.sp", AMP), "-o", tmp_path)
    assert outcome.code == 2
    assert f"cannot write {tmp_path}" in outcome.err


def test_nothing_is_written_when_nothing_was_read(eda_command, write, tmp_path):
    assert eda_command("graph", write("bad.sp", BAD), "-o", tmp_path / "graphs.safetensors").code == 2
    assert not (tmp_path / "graphs.safetensors").exists()


# bad input: `eda_command` lets any exception but an exit through, so a traceback fails

FORMAT = '{"format": "eda.circuit/1"'
BAD_FILES = {
    "binary.sp": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00>\x00",
    "elements.sp": BAD,
    "title.sp": "r1 a b 1k\nr2 b 0 1k\n",
    "open.scs": "subckt amp (a b)\n",
    "template.sp": "* t\nr1 a b {{value}}\n",
    "self.sp": '* t\n.include "self.sp"\n',
    "empty.json": "",
    "broken.json": "{",
    "list.json": "[1]",
    "latin.json": b'"\xff"',
    "wrong.json": FORMAT + ', "devices": [{"name": "r1"}]}',
    "deep.json": "[" * 100_000,
    "digits.json": FORMAT + ', "title": ' + "1" * 5000 + "}",
    "surrogate.json": FORMAT + ', "title": "\\ud800"}',
    "control.json": FORMAT + ', "statements": [".control\\nshell date\\n.endc"]}',
    "lines.json": FORMAT + ', "title": "a\\n.control\\nshell date\\n.endc"}',
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_by_name(eda_command, write, command, name):
    path = write(name, BAD_FILES[name])
    for words in ([], ["--json"]):
        outcome = eda_command(command, path, *words)
        assert outcome.code == 2
        assert name in outcome.err + outcome.out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("depth", [100, 400, 2000])
def test_json_with_blocks_nested_deep_is_read_or_refused(eda_command, write, command, depth):
    inner = '{"name": "s", "ports": ["a"], "subcircuits": ['
    path = write("deep.json", FORMAT + ', "subcircuits": [' + inner * depth + "]}" * depth + "]}")
    outcome = eda_command(command, path)
    assert outcome.code in {0, 2}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("data", [bytes(8), b"* t\nq1 a b\n", b"\xff\xfe\x00\x00"], ids=["null", "element", "utf-16"])
def test_bad_standard_input_is_refused(eda_command, stdin, command, data):
    stdin(data)
    outcome = eda_command(command, "-")
    assert outcome.code == 2
    assert "stdin" in outcome.err + outcome.out or "standard input" in outcome.err + outcome.out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("path", ["none.sp", "none/none.sp", "/dev/null", "n" * 300, ""])
def test_a_file_that_is_none_is_refused(eda_command, tmp_path, monkeypatch, command, path):
    monkeypatch.chdir(tmp_path)
    outcome = eda_command(command, path)
    assert outcome.code == 2
    assert "error: " in outcome.err + outcome.out


def test_a_missing_file_has_a_hint(eda_command, write, tmp_path):
    write("amplifier.sp", AMP)
    outcome = eda_command("check", tmp_path / "amplifer.sp")
    assert outcome.code == 2
    assert "Did you mean 'amplifier.sp'?" in outcome.err + outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_netlists_says_what_is_looked_for(eda_command, write, tmp_path, command):
    write("decks/notes.txt", "x")
    outcome = eda_command(command, tmp_path / "decks", *(["out"] if command == "convert" else []))
    assert outcome.code == 2
    assert "holds no netlist" in outcome.err
    assert ".scs" in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_broken_and_circular_links_in_a_folder_are_passed_over(eda_command, write, tmp_path, command):
    write("decks/amp.sp", AMP)
    (tmp_path / "decks" / "broken.sp").symlink_to("nowhere.sp")
    (tmp_path / "decks" / "circle.sp").symlink_to("circle.sp")
    (tmp_path / "decks" / "again").symlink_to(".")
    more = [tmp_path / "out"] if command == "convert" else []
    outcome = eda_command(command, tmp_path / "decks", *more)
    assert outcome.code == 0
    broken = eda_command(command, tmp_path / "decks" / "broken.sp")
    assert broken.code == 2
    assert "broken.sp" in broken.err + broken.out


@pytest.mark.parametrize("words", [["convert", "--to", "cdl"], ["graph"]], ids=lambda words: words[0])
def test_of_several_netlists_the_one_that_fails_late_is_named(eda_command, write, tmp_path, words):
    write("decks/amp.sp", AMP)
    write("decks/source.sp", "* t\n.subckt one a\nv1 a 0 1\n.ends\n.subckt two a\nv1 a 0 1\n.ends\n")
    command, *options = words
    more = [tmp_path / "out"] if command == "convert" else []
    outcome = eda_command(command, tmp_path / "decks", *more, *options)
    assert outcome.code == 2
    assert "source.sp" in outcome.err + outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_errors_go_to_standard_error(eda_command, write, command):
    outcome = eda_command(command, write("bad.sp", BAD))
    assert "bad.sp:2:1" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_hint_for_a_control_block_names_the_option(eda_command, write, command):
    outcome = eda_command(command, write("run.sp", CONTROL))
    assert "--keep-control" in outcome.err + outcome.out
