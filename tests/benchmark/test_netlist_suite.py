"""The tables of the netlist room on small corpora of our own: right where it is right, and wrong where it must be."""

from __future__ import annotations

import inspect
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from eda.benchmark import corpora, growth, identity, load_suite, reading, run_suite
from eda.benchmark.corpora import Specimen, specimens
from eda.benchmark.decks import as_deck
from eda.benchmark.growth import flat_netlist, peer_verdicts
from eda.benchmark.identity import graph_identities, relabeled
from eda.benchmark.netlist import measure_netlists
from eda.benchmark.reading import differences, findings, read_rates, round_trips
from eda.errors import InputError, SimulatorError
from eda.graph import canonical_hash, is_isomorphic
from eda.netlist import check, flatten, format_netlist, parse_netlist

SUITES = Path(__file__).parents[2] / "benchmarks"

AMP = "* amp\n.subckt amp a b w=1u\nr1 a n 1k\nm1 n b 0 0 nch w={w} l=1u\nc1 n b 1p\n.ends\n"
DECK = "* deck\n.model nch nmos level=1\nv1 a 0 dc 1\nr1 a b 1k\nm1 b a 0 0 nch w=2u l=1u\nx1 a b div\n"
DECK += ".subckt div p q\nr1 p q 2k m=2\n.ends\n.op\n.end\n"
CDL = "*.PININFO a:I\n.SUBCKT inv a y vss\n*.PININFO a:I y:O\nM1 y a vss vss nch W=1u L=1u\n.ENDS\n"
SPECTRE = "subckt low (a b)\nr1 (a b) resistor r=1k\nc1 (b 0) capacitor c=1p\nends low\n"
CONTROL = "* t\nr1 a 0 1k\nv1 a 0 1\n.control\nrun\n.endc\n"
INCLUDE = '* t\n.include "none.lib"\nd1 a 0 dio\nv1 a 0 1\n'
BOTH = CONTROL.replace("r1", '.include "none.lib"\nr1')
BAD = "* t\nq1 a b\n"


def specimen(name, text, folder="/nowhere"):
    return Specimen("ours", name, Path(folder), text)


def entry(name, text):
    return Specimen("ours", name, Path("/nowhere"), entry=parse_netlist(text))


def corpus(**texts):
    return {"ours": [specimen(f"{name}.sp", text) for name, text in texts.items()]}


def only(rows):
    (row,) = rows
    return row


# corpora


def test_a_specimen_is_read_as_strictly_as_possible():
    texts = {"as it is": AMP, "control kept": CONTROL, "includes kept": INCLUDE, "both kept": BOTH, "refused": BAD}
    for how, text in texts.items():
        circuit, found, reason = specimen("n.sp", text).outcome
        assert found == how
        assert (circuit is None) == bool(reason) == (how == "refused")


def test_a_refusal_names_the_file_without_its_folder():
    reason = specimen("bad.sp", BAD, "/some/where").outcome[2]
    assert reason.startswith("bad.sp:2:1: a bipolar transistor needs 3 nodes")


def test_an_entry_of_a_data_format_is_already_read():
    one = entry("1", AMP)
    assert one.outcome == (one.entry, "as it is", "")
    assert one.read() is one.entry


def test_specimens_of_our_own_corpora(monkeypatch, tmp_path):
    monkeypatch.setattr(corpora, "CORPORA", {"ours": lambda project: iter([specimen(str(project), AMP)])})
    found = specimens(["ours"], tmp_path)
    assert {name: [one.name for one in row] for name, row in found.items()} == {"ours": [str(tmp_path)]}
    with pytest.raises(InputError, match=r"there is no corpus 'our'\. Did you mean 'ours'\?"):
        specimens(["our"], tmp_path)


def test_the_netlists_of_the_project_are_a_corpus():
    names = [one.name for one in specimens(["netlists"], SUITES.parent)["netlists"]]
    assert {"two_stage_miller.sp", "five_transistor_ota.sp"} <= {Path(name).name for name in names}


# read rates


def test_read_rates_count_each_way_by_dialect_and_list_refusals():
    found = corpus(amp=AMP, run=CONTROL, inc=INCLUDE, both=BOTH, bad=BAD, spectre=SPECTRE)
    found["ours"].append(entry("1", AMP))
    rows = {row["dialect"]: row for row in read_rates(found)}
    assert {name: (row["files"], row["read"], row["as it is"], row["refused"]) for name, row in rows.items()} == {
        "ngspice": (4, 4, 1, 0),
        "spectre": (1, 1, 1, 0),
        "refused": (1, 0, 0, 1),
        "data format": (1, 1, 1, 0),
    }
    assert (rows["ngspice"][".control kept"], rows["ngspice"]["includes kept"]) == (1, 2)
    assert list(rows["refused"]["refusals"]) == ["bad.sp"]
    assert "a bipolar transistor needs" in rows["refused"]["refusals"]["bad.sp"]
    assert all(row["corpus"] == "ours" and row["table"] == "read rates" for row in rows.values())


# round trips


def trips(found):
    return {row["through"]: row for row in round_trips(found)}


def test_round_trips_are_equal_in_the_own_dialect_and_isomorphic_in_others():
    rows = trips(corpus(amp=AMP, deck=DECK))
    numbers = ("circuits", "equal", "isomorphic", "refused", "wrong")
    assert [rows["ngspice"][key] for key in numbers] == [2, 2, 0, 0, 0]
    assert [rows["hspice"][key] for key in numbers] == [2, 0, 2, 0, 0]
    assert [rows["cdl"][key] for key in numbers] == [2, 0, 1, 1, 0]
    assert rows["cdl"]["reasons"]
    assert all("v1" not in reason for reason in rows["cdl"]["reasons"])


def test_what_was_not_read_makes_no_round_trip():
    rows = trips(corpus(bad=BAD, spectre=SPECTRE))
    assert {row["circuits"] for row in rows.values()} == {1}
    assert {name: row["equal"] for name, row in rows.items() if row["equal"]} == {"spectre": 1}


def test_an_entry_of_a_data_format_has_no_dialect_of_its_own():
    row = trips({"ours": [entry("1", AMP)]})["ngspice"]
    assert (row["equal"], row["isomorphic"]) == (0, 1)


CHANGES = {
    "a value": ("1k", "2k"),
    "a parameter": ("l=1u", "l=2u"),
    "a default": ("w=1u", "w=2u"),
    "nodes": ("m1 n b", "m1 b n"),
    "a model": ("nch", "pch"),
    "a device": ("c1 n b 1p\n", ""),
    "a unit": ("1p", "1f"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_writer_that_changes_something_is_wrong_in_every_dialect(monkeypatch, change):
    old, new = CHANGES[change]

    def careless(circuit, **options):
        text = format_netlist(circuit, dialect="ngspice")
        assert old in text
        changed = parse_netlist(text.replace(old, new), dialect="ngspice")
        return format_netlist(changed, **options)

    monkeypatch.setattr(reading, "format_netlist", careless)
    for row in round_trips(corpus(amp=AMP)):
        assert (row["equal"], row["isomorphic"], row["wrong"]) == (0, 0, 1)
        assert row["wrong ones"] == {"amp.sp": "reads back as another circuit"}


TWO_TOPS = "* two\n.subckt one a b\nr1 a b 1k\n.ends\n.subckt two a b\nr1 a b 3k\n.ends\n"
MODELS = "* models\n.model nch nmos level=1 vto=0.5\n.param k=1k\n"


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (TWO_TOPS, "3k", "4k"),
        (MODELS, "vto=0.5", "vto=0.6"),
        (MODELS, "nmos", "pmos"),
        (MODELS, "k=1k", "k=2k"),
        (DECK, "level=1", "level=1 vto=1"),
        (TWO_TOPS.replace("r1 a b 3k", "r1 a b 3k\nx1 a one"), "1k", "2k"),
    ],
    ids=["two tops", "model card", "type of a model", "parameter", "card of a deck", "a call that does not fit"],
)
def test_a_careless_writer_is_wrong_where_the_circuit_cannot_be_flattened_too(monkeypatch, text, old, new):
    def careless(circuit, **options):
        own = format_netlist(circuit, dialect="ngspice")
        assert old in own
        return format_netlist(parse_netlist(own.replace(old, new), dialect="ngspice"), **options)

    assert trips(corpus(good=text))["hspice"]["wrong"] == 0
    monkeypatch.setattr(reading, "format_netlist", careless)
    assert trips(corpus(bad=text))["hspice"]["wrong"] == 1


def test_reasons_are_counted_over_all_circuits():
    source = "* t\n.subckt s a b\nv1 a b 1\n.ends\n"
    row = trips(corpus(one=source, two=source.replace("v1", "v2"), three=source))["cdl"]
    assert row["refused"] == 3
    assert list(row["reasons"].values()) == [3]


def test_a_writer_whose_text_cannot_be_read_is_wrong(monkeypatch):
    monkeypatch.setattr(reading, "format_netlist", lambda _, **__: BAD)
    row = trips(corpus(amp=AMP))["ngspice"]
    assert (row["equal"], row["wrong"]) == (0, 1)
    assert "a bipolar transistor needs" in row["wrong ones"]["amp.sp"]


def test_two_netlists_of_one_name_are_two_wrong_ones(monkeypatch):
    monkeypatch.setattr(reading, "format_netlist", lambda _, **__: BAD)
    row = trips({"ours": [specimen("same.sp", AMP), specimen("same.sp", DECK)]})["ngspice"]
    assert (row["circuits"], row["wrong"]) == (2, 2)


# decks and the listing of ngspice


def test_a_deck_is_taken_as_it_is_and_blocks_are_wrapped():
    deck, block = specimen("deck.sp", DECK), specimen("amp.sp", AMP)
    assert as_deck(deck, wrapped=False).splitlines() == DECK.splitlines()
    assert as_deck(deck, wrapped=True) is None
    assert as_deck(block, wrapped=False) is None
    assert as_deck(specimen("bad.sp", BAD), wrapped=False) is None
    wrapped = parse_netlist(as_deck(block, wrapped=True), dialect="ngspice")
    assert [device.model for device in wrapped.devices if device.letter == "x"] == ["amp"]
    assert flatten(wrapped).devices[1].model == "nch"


def test_includes_of_a_deck_are_found_in_the_set(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.lib").write_text(".model dio d\n")
    text = '* t\n.include "/home/author/m.lib"\nd1 a 0 dio\nv1 a 0 1\n'
    lines = as_deck(specimen("d.sp", text, tmp_path), wrapped=False).splitlines()
    assert lines[1] == f'.include "{tmp_path}/models/m.lib"'


@pytest.mark.ngspice
def test_what_ngspice_lists_is_equal():
    whole, wrapped = differences(corpus(deck=DECK, amp=AMP, cdl=CDL))
    assert (whole["corpus"], wrapped["corpus"]) == ("ours", "ours, in a deck of ours")
    for row, devices in ((whole, 4), (wrapped, 4)):
        assert (row["decks"], row["loaded by ngspice"], row["decks that differ"]) == (1, 1, 0)
        assert row["devices"] == devices
        assert row["values"] == row["equal"] > 0
        assert row["differences"] == {}


@pytest.mark.ngspice
@pytest.mark.parametrize(("old", "new"), [("1k", "2k"), ("m=2", "m=3"), ("r1 a b", "r1 b a"), ("w=2u", "w=2.00001u")])
def test_a_reader_that_differs_from_ngspice_is_told(monkeypatch, old, new):
    def careless(text, **options):
        return parse_netlist(text.replace(old, new), **options)

    found = corpus(deck=DECK)
    assert found["ours"][0].outcome[0].devices
    monkeypatch.setattr(reading, "parse_netlist", careless)
    row = only(differences(found))
    assert (row["loaded by ngspice"], row["decks that differ"]) == (1, 1)
    assert list(row["differences"]) == ["deck.sp"]
    assert row["equal"] <= row["values"]


@pytest.mark.ngspice
def test_a_deck_that_ngspice_refuses_is_told_with_its_message():
    row = only(differences(corpus(deck="* t\nv1 a 0 1\nd1 a 0 nodiode\n.op\n.end\n")))
    assert (row["decks"], row["loaded by ngspice"]) == (1, 0)
    assert sum(row["refused by ngspice"].values()) == 1
    assert all(row["refused by ngspice"])


@pytest.mark.ngspice
def test_what_we_cannot_flatten_is_not_held_against_ngspice(monkeypatch):
    def failing(_):
        raise InputError("ours")

    monkeypatch.setattr(reading, "flatten", failing)
    row = only(differences(corpus(deck=DECK)))
    assert "ours" not in row["refused by ngspice"]
    assert row["loaded by ngspice"] == row["decks that differ"] == 1


def test_without_ngspice_nothing_is_called_refused(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SimulatorError):
        differences(corpus(deck=DECK))


# graphs


def test_graphs_come_back_and_relabelings_have_the_same_hash():
    first, second = graph_identities(corpus(amp=AMP, deck=DECK, bad=BAD), relabelings=25, seed=0)
    assert (first["circuits"], first["back from the graph"]) == (2, 2)
    assert (first["relabelings"], first["separated by the hash"]) == (25, 0)
    assert (second["circuits"], second["pairs of circuits"], second["hashes"]) == (2, 1, 2)
    assert second["pairs with one hash, compared exactly"] == 0


def test_the_relabelings_are_spread_over_all_corpora():
    found = {"one": corpus(amp=AMP, deck=DECK)["ours"], "two": corpus(amp=AMP)["ours"]}
    one, two, buckets = graph_identities(found, relabelings=10, seed=0)
    assert one["relabelings"] + two["relabelings"] == 10
    assert (buckets["circuits"], buckets["hashes"], buckets["pairs with one hash, compared exactly"]) == (3, 2, 1)
    assert buckets["of them not isomorphic"] == 0


def test_every_top_of_a_library_is_a_circuit():
    library = AMP + AMP.replace("amp", "second").partition("\n")[2].replace("1k", "3k")
    first, buckets = graph_identities(corpus(library=library), relabelings=4, seed=0)
    assert first["circuits"] == buckets["circuits"] == 2


def test_a_hash_that_separates_is_told(monkeypatch):
    # names count, so a relabeling changes it
    monkeypatch.setattr(identity, "canonical_hash", lambda circuit: repr(circuit.subcircuits or circuit.devices))
    first, _ = graph_identities(corpus(amp=AMP, deck=DECK), relabelings=20, seed=0)
    assert first["separated by the hash"] == first["relabelings"] == 20


def test_a_hash_that_confuses_is_told(monkeypatch):
    monkeypatch.setattr(identity, "canonical_hash", lambda _: "the same")
    _, buckets = graph_identities(corpus(amp=AMP, deck=DECK, again=AMP), relabelings=3, seed=0)
    assert (buckets["hashes"], buckets["pairs with one hash, compared exactly"]) == (1, 3)
    assert buckets["of them not isomorphic"] == 2


def test_a_graph_that_loses_a_device_is_told(monkeypatch):
    def forgetful(graph):
        circuit = identity_from_graph(graph)
        if circuit.devices:
            return replace(circuit, devices=circuit.devices[1:])
        top = replace(circuit.top, devices=circuit.top.devices[1:])
        return replace(circuit, subcircuits=(top,))

    identity_from_graph = identity.from_graph
    monkeypatch.setattr(identity, "from_graph", forgetful)
    first, _ = graph_identities(corpus(amp=AMP, deck=DECK), relabelings=2, seed=0)
    assert (first["circuits"], first["back from the graph"]) == (2, 0)


def test_a_circuit_that_cannot_be_flattened_does_not_end_the_measurement():
    endless = "* t\nv1 a 0 1\nx1 a div\n.subckt div p\nx1 p div\n.ends\n"
    first, _ = graph_identities(corpus(amp=AMP, endless=endless), relabelings=2, seed=0)
    assert first["circuits"] == 1


COUPLED = (
    "* t\nv1 a 0 1\nl1 a b 1u\nl2 b 0 1u\nk1 l1 l2 0.9\nf1 b 0 v1 2\nb1 c 0 v='v(a,b)*i(v1)'\ne1 d 0 poly(1) a 0 0 1\n"
)
COUPLED += "w1 d 0 v1 sw\n"


@pytest.mark.parametrize("text", [AMP, DECK, COUPLED, CDL, SPECTRE], ids=["amp", "deck", "coupled", "cdl", "spectre"])
@pytest.mark.parametrize("seed", range(3))
def test_relabeled_circuits_are_isomorphic_with_other_names(text, seed):
    circuit = flatten(parse_netlist(text))
    other = relabeled(circuit, random.Random(seed))
    assert is_isomorphic(circuit, other, values=True)
    assert canonical_hash(circuit) == canonical_hash(other)
    names, others = ([d.name for d in (one.devices or one.top.devices)] for one in (circuit, other))
    assert len(set(others)) == len(names)
    assert names != others


def test_relabelings_repeat_by_seed():
    circuit = flatten(parse_netlist(DECK))
    one, again, other = (relabeled(circuit, random.Random(seed)) for seed in (1, 1, 2))
    assert one == again != other


# rules

FLOATING = "* t\n.subckt amp out vdd vss\nm1 out g vss vss nmos\nm2 out g vdd vdd pmos\n.ends\n"
UNDEFINED = "* t\n.subckt amp a b\nr1 a b {nowhere}\nr2 a b {nothing}\nr3 a b {never}\n.ends\n"


def test_findings_are_counted_by_rule_and_circuits_without_have_a_row():
    found = {**corpus(one=FLOATING, two=FLOATING, three=UNDEFINED, bad=BAD), "clean": [specimen("amp.sp", AMP)]}
    rows = [row for row in findings(found, sample=0, seed=0) if row["table"] == "rule check"]
    table = {
        (row["corpus"], row["rule"], row["severity"]): (row["findings"], row["circuits with it"], row["circuits"])
        for row in rows
    }
    truth = [one for text in (FLOATING, FLOATING, UNDEFINED) for one in check(parse_netlist(text))]
    assert table["ours", "floating-gate", "error"] == (2, 2, 3)
    assert sum(row["findings"] for row in rows) == len(truth) + len(check(parse_netlist(AMP)))
    assert sum(count for (name, rule, _), (count, *_) in table.items() if rule == "undefined-parameter") == 3


def test_a_corpus_without_findings_has_a_row_that_says_so():
    row = only(findings({"clean": [specimen("l.sp", "* t\n.subckt s a b\nr1 a b 1k\n.ends\n")]}, sample=5, seed=0))
    assert (row["rule"], row["findings"], row["circuits"]) == ("none", 0, 1)


def sample(found, count, seed):
    return [row for row in findings(found, sample=count, seed=seed) if row["table"] == "sample of findings"]


def test_a_sample_repeats_by_seed_and_gives_every_rule_a_turn():
    many = {f"u{i}": UNDEFINED.replace("nowhere", f"nowhere{i}") for i in range(20)}
    found = corpus(one=FLOATING, **many)
    rows = sample(found, 4, seed=0)
    assert rows == sample(found, 4, seed=0)
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    # one rule has 60 findings and the other one
    assert {row["rule"] for row in rows} >= {"floating-gate", "undefined-parameter"}
    assert any(sample(found, 4, seed=seed) != rows for seed in range(1, 4))


def test_a_sample_is_no_larger_than_all_findings_and_has_none_twice():
    found = corpus(one=FLOATING, two=UNDEFINED)
    rows = sample(found, 1000, seed=0)
    serious = [
        one for text in (FLOATING, UNDEFINED) for one in check(parse_netlist(text)) if one.severity.value != "note"
    ]
    assert len(rows) == len(serious) == len({(row["netlist"], row["finding"]) for row in rows})
    assert rows[0]["netlist"].startswith("ours/")


def test_a_sampled_finding_keeps_its_whole_sentence():
    text = FLOATING.replace(" g ", " in/g ")
    (truth,) = check(parse_netlist(text))
    (row,) = sample(corpus(one=text), 5, 0)
    assert row["finding"].startswith("one.sp:3:1: ")
    assert truth.message in row["finding"]


# speed and peers


def test_the_generated_netlist_is_what_it_says_and_repeats():
    lines = list(flat_netlist(50, 0))
    assert lines == list(flat_netlist(50, 0)) != list(flat_netlist(50, 1))
    circuit = parse_netlist("\n".join(lines))
    letters = [device.letter for device in circuit.devices]
    assert {letter: letters.count(letter) for letter in "mrc"} == {"m": 30, "r": 10, "c": 10}


def test_growth_measures_our_reader():
    row = only(growth.growth(sizes=[50], peers_python="", seed=0))
    assert (row["devices"], row["reader"], row["outcome"], row["times ours"]) == (50, "eda", "read", 1)
    assert 0 < row["seconds"] < 10
    assert row["MB/s"] > 0
    assert row["peak MB"] > 1


def test_a_reader_that_loses_devices_has_not_read(monkeypatch):
    def lossy(*words, **options):
        read = read_with(*words, **options)
        return replace(read, view={"counts": {"m": 29, "r": 10, "c": 10}})

    read_with = growth.read_with
    monkeypatch.setattr(growth, "read_with", lossy)
    assert only(growth.growth(sizes=[50], peers_python="", seed=0))["outcome"] == "read: 49 devices"


def test_a_reader_that_fails_is_run_once_and_has_no_time(monkeypatch):
    runs = []

    def failing(reader, *words, **options):
        if reader == "eda":
            return read_with(reader, *words, **options)
        runs.append(reader)
        return replace(
            read_with("eda", *words, **options | {"python": growth.sys.executable}), status="crashed", message="x"
        )

    read_with = growth.read_with
    monkeypatch.setattr(growth, "read_with", failing)
    monkeypatch.setattr(growth, "PEERS", ("broken",))
    ours, broken = growth.growth(sizes=[50], peers_python="python", seed=0)
    assert runs == ["broken"]
    assert (broken["outcome"], broken["seconds"], broken["times ours"]) == ("crashed: x", None, None)
    assert ours["times ours"] == 1


def test_peers_are_judged_on_files_that_were_read(monkeypatch):
    said = {"one.sp": "right", "two.sp": "silently wrong: x", "three.sp": "refused: y"}
    asked = []

    def verdict(circuit, read):
        asked.append(circuit)
        return list(said.values())[len(asked) - 1]

    monkeypatch.setattr(growth, "PEERS", ("peer",))
    monkeypatch.setattr(growth, "read_with", lambda *_, **__: None)
    monkeypatch.setattr(growth, "verdict", verdict)
    found = corpus(one=AMP, two=DECK, three=CONTROL, bad=BAD)
    found["ours"].append(entry("1", AMP))
    row = only(peer_verdicts(found, peers_python="python", most=10, seed=0))
    assert len(asked) == row["files"] == 3
    assert (row["right"], row["silently wrong"], row["refused"]) == (1, 1, 1)
    assert row["examples"] == {"two.sp": "silently wrong: x"}
    assert peer_verdicts(found, peers_python="", most=10, seed=0) == []
    asked.clear()
    assert only(peer_verdicts(found, peers_python="python", most=2, seed=0))["files"] == 2


# the suite

SETTINGS = {
    "folder": SUITES,
    "tables": ["reading"],
    "corpora": ["netlists"],
    "sizes": [50],
    "relabelings": 4,
    "sample": 2,
    "files_per_peer": 1,
    "peers_python": "",
    "seed": 0,
}


def test_the_tables_stand_in_the_order_asked_for():
    rows = measure_netlists(**{**SETTINGS, "tables": ["speed", "graphs", "rules", "reading", "round trips", "peers"]})
    titles = list(dict.fromkeys(row["table"] for row in rows))
    assert titles == [
        *("speed", "graphs", "hash buckets over all corpora", "rule check", "read rates", "round trips"),
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tables": ["readin"]}, "there is no table 'readin'. Did you mean 'reading'?"),
        ({"corpora": ["netlist"]}, "there is no corpus 'netlist'. Did you mean 'netlists'?"),
    ],
)
def test_an_unknown_name_is_told_before_anything_is_measured(monkeypatch, changed, message):
    monkeypatch.setattr("eda.benchmark.netlist.read_rates", lambda _: pytest.fail("measured"))
    settings = {**SETTINGS, **changed}
    with pytest.raises(InputError) as caught:
        measure_netlists(**{**settings, "tables": [*SETTINGS["tables"], *settings["tables"]]})
    assert str(caught.value) == message


def test_the_suite_file_has_exactly_the_settings_of_the_suite():
    suite = load_suite("netlist", SUITES)
    expected = inspect.signature(measure_netlists).parameters.keys() - {"folder", "run_dir", "simulator"}
    assert suite.settings.keys() == expected
    assert set(suite.settings["corpora"]) == set(corpora.CORPORA)
    hints = {"sizes": list, "relabelings": int, "sample": int, "files_per_peer": int, "peers_python": str, "seed": int}
    assert all(isinstance(suite.settings[name], kind) for name, kind in hints.items())


def test_the_suite_names_every_table(monkeypatch):
    tables = load_suite("netlist", SUITES).settings["tables"]
    called = []
    for name in ("read_rates", "round_trips", "differences", "graph_identities", "findings", "peer_verdicts", "growth"):
        monkeypatch.setattr(
            f"eda.benchmark.netlist.{name}", lambda *_, name=name, **__: called.append(name) or [{"table": name}]
        )
    assert len(measure_netlists(**{**SETTINGS, "tables": tables})) == len(tables) == len(set(called)) == 7


@pytest.mark.ngspice
def test_a_small_suite_runs_from_its_file(tmp_path):
    (tmp_path / "suites").mkdir()
    (tmp_path / "netlists").mkdir()
    (tmp_path / "netlists" / "deck.sp").write_text(DECK)
    settings = {**SETTINGS, "tables": ["reading", "listing", "rules"]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items() if key != "folder"]
    (tmp_path / "suites" / "small.toml").write_text("\n".join(['kind = "netlist"', 'about = "small"', *lines]))
    report = run_suite(load_suite("small", tmp_path / "suites"), run_dir=tmp_path)
    assert [(row["table"], row.get("files", row.get("decks"))) for row in report.rows[:2]] == [
        ("read rates", 1),
        ("against ngspice's listing", 1),
    ]
    assert "against ngspice's listing" in str(report)
    json.dumps(report.as_data(), allow_nan=False)
