import json
from collections import Counter

import pytest

from eda.datasets.image2net import entries, parse
from eda.errors import InputError, NetlistError
from eda.netlist import Device


def golden(*components, **more):
    rows = [{"component_type": kind, "port_connection": nets} for kind, nets in components]
    return json.dumps({"ckt_netlist": rows, **more}).encode()


def test_each_type_has_its_letter_and_its_pins_in_order():
    data = golden(
        ("NMOS", {"Source": "VSS", "Gate": "Vin", "Drain": "net1"}),
        ("PMOS", {"Drain": "net1", "Gate": "net1", "Source": "VDD", "Body": "VDD"}),
        ("PNP", {"Base": "b", "Emitter": "e", "Collector": "c"}),
        ("Res", {"Neg": "b", "Pos": "a"}),
        ("Current", {"In": "VDD", "Out": "net1"}),
        ("Voltage", {"Negative": "0", "Positive": "VDD"}),
        ("Diode", {"In": "a", "Out": "b"}),
        ("Dido_amp", {"InN": "n", "InP": "p", "OutN": "on", "OutP": "op"}),
        ckt_type="LDO",
    )
    entry = parse(data, "golden/001.json")
    assert (entry.id, entry.label, entry.circuit.top.name) == ("golden/001", "LDO", "golden_001")
    assert entry.circuit.ports == ()
    assert entry.circuit.top.devices == (
        Device("m1", ("net1", "vin", "vss"), model="nmos"),
        Device("m2", ("net1", "net1", "vdd", "vdd"), model="pmos"),
        Device("q3", ("c", "b", "e"), model="pnp"),
        Device("r4", ("a", "b")),
        Device("i5", ("vdd", "net1")),
        Device("v6", ("vdd", "0")),
        Device("d7", ("a", "b"), model="diode"),
        Device("x8", ("p", "n", "op", "on"), model="dido_amp"),
    )
    assert entry.circuit.top.devices[0].pins == ("drain", "gate", "source")


def test_contest_files_are_dictionaries_of_python():
    data = (
        b"{'ckt_type': 'LDO', 'ckt_netlist': [{'component_type': 'Res', 'port_connection': {'Pos': 'a', 'Neg': 'b'}}]}"
    )
    assert parse(data, "contest/1.txt").circuit.top.devices == (Device("r1", ("a", "b")),)
    with pytest.raises(NetlistError, match=r"golden/1\.json:1: the file must be JSON"):
        parse(data, "golden/1.json")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "{'ckt_netlist': [open('x')]}",
        "{",
        "(" * 9999,
        "{[]: 1}",
        "\ufeff{}",
        "\0",
        "9" * 9999,
    ],
)
def test_what_is_no_literal_is_refused_and_never_run(text):
    with pytest.raises(NetlistError, match="must be a Python dictionary"):
        parse(text.encode(), "contest/1.txt")


def test_a_file_that_is_too_long_is_refused():
    with pytest.raises(NetlistError, match="at most 1000000 bytes, but has 1000001"):
        parse(b" " * 1_000_001, "contest/1.txt")


@pytest.mark.parametrize(
    ("component", "message"),
    [
        (
            ("NMOS", {"Drain": "a", "Gate": "b"}),
            "component 2, NMOS, must connect Drain, Gate, Source .*may connect Body",
        ),
        (("Res", {"Pos": "a", "Neg": "b", "Body": "c"}), "component 2, Res, must connect Pos, Neg to named nets, but"),
        (("Res", {"Pos": "a", "Neg": ""}), "component 2, Res, must connect Pos, Neg"),
        (("Res", {"Pos": "a", "Neg": ["b"]}), "component 2, Res, must connect Pos, Neg"),
        (("Res", {}), "component 2, Res, must connect Pos, Neg"),
        (("Res", None), "component 2 must have a 'component_type' and a dictionary 'port_connection'"),
        (("Ress", {"Pos": "a", "Neg": "b"}), r"component 2 has the unknown type 'Ress'\nhint: Did you mean 'Res'"),
    ],
)
def test_a_component_that_cannot_be_is_named_with_what_was_expected(component, message):
    with pytest.raises(NetlistError, match=rf"^golden/1\.json: {message}"):
        parse(golden(("Res", {"Pos": "a", "Neg": "b"}), component), "golden/1.json")


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"ckt_netlist": []}', b'{"ckt_netlist": {}}'])
def test_a_file_without_components_is_refused(data):
    with pytest.raises(NetlistError, match="at least one component"):
        parse(data, "golden/1.json")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="122 verified netlists"):
        entries(tmp_path)


def test_all_files_read_with_the_statistics_of_the_description(dataset_folder):
    found = entries(dataset_folder("image2net"))
    sizes = {
        part: [len(e.circuit.top.devices) for e in found if e.id.startswith(part)] for part in ("golden", "contest")
    }
    assert {part: (len(counts), sum(counts)) for part, counts in sizes.items()} == {
        "golden": (122, 1573),
        "contest": (346, 3162),
    }
    assert sum(entry.id.endswith("_netlist_dict") for entry in found) == 286
    devices = [device for entry in found for device in entry.circuit.top.devices]
    assert Counter(device.letter for device in devices) == {
        "m": 2893,
        "r": 685,
        "c": 309,
        "i": 278,
        "q": 250,
        "v": 180,
        "x": 120,
        "d": 20,
    }
    assert len({entry.label for entry in found}) == 6
    assert sum(len(device.nodes) == 3 for device in devices if device.letter == "m") == 2752
    assert (min(map(min, sizes.values())), max(map(max, sizes.values()))) == (1, 41)


def test_the_known_flaws_are_as_described(dataset_folder):
    tops = {entry.id: entry.circuit.top for entry in entries(dataset_folder("image2net"))}
    # the devices without their numbers
    texts = {name: tuple((d.letter, d.model, d.nodes) for d in top.devices) for name, top in tops.items()}
    golden_ones = {text for name, text in texts.items() if name.startswith("golden")}
    assert (len(set(texts.values())), len(golden_ones)) == (446, 121)
    assert texts["golden/082"] == texts["golden/079"]
    assert sum(text in golden_ones for name, text in texts.items() if name.startswith("contest")) == 21
    shorted = [letter for text in texts.values() for letter, _, nodes in text if len(set(nodes)) == 1]
    assert Counter(shorted) == {"r": 3, "q": 1, "i": 1}
    assert sum(len(text) == 1 for text in texts.values()) == 3
    numbered = {"000q_2", "000s_2"}
    found = {name: numbered & {node for *_, nodes in text for node in nodes} for name, text in texts.items()}
    assert {name: nodes for name, nodes in found.items() if nodes} == {"contest/002": {"000q_2", "000s_2"}}
    # GND is the ground, and this file has a net gnd as well
    assert {"0", "gnd"} <= {node for *_, nodes in texts["contest/012"] for node in nodes}
