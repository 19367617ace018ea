import gzip
import json
from collections import Counter
from statistics import median

import pytest

from eda.datasets import analoggenie
from eda.datasets.analoggenie import FIRST_COMPOSED, entries, parse_row
from eda.errors import InputError, NetlistError
from eda.netlist import Device

ROW = {
    "id": 7,
    "type_by_id_range": "Opamp",
    "ports": ["VDD", "VSS", "VIN1"],
    "devices": [
        ["M0", "nmos4", ["net1", "VIN1", "VSS", "VSS"]],
        ["M0", "pmos4", ["net1", "net1", "VDD", "VDD"]],
        ["Q1", "nmos4", ["net1", "VIN1", "VSS", "VSS"]],
        ["Q2", "npn", ["VDD", "net1", "VSS", "0"]],
        ["R0", "capacitor", ["net1", "VSS"]],
        ["I6", "INVERTER", ["net1", "net2", "VDD", "VSS"]],
    ],
}


@pytest.fixture(scope="module")
def rows(request):
    return {}


@pytest.fixture
def circuits(dataset_folder, rows):
    """The data as rows and as entries, read once."""
    if not rows:
        path = dataset_folder("analoggenie")
        with gzip.open(path / "analoggenie_netlists.jsonl.gz", "rt") as lines:
            rows["rows"] = [json.loads(line) for line in lines]
        rows["entries"] = entries(path)
    return rows["rows"], rows["entries"]


def test_a_row_is_one_subcircuit_with_unique_names_that_begin_with_the_element_letter():
    entry = parse_row(json.dumps(ROW), line=3)
    top = entry.circuit.top
    assert (entry.id, entry.label, str(entry.source)) == ("7", "Opamp", "analoggenie_netlists.jsonl.gz:3:1")
    assert (top.name, top.ports) == ("topology_7", ("vdd", "vss", "vin1"))
    assert top.devices == (
        Device("m0", ("net1", "vin1", "vss", "vss"), model="nmos"),
        Device("m0_2", ("net1", "net1", "vdd", "vdd"), model="pmos"),
        Device("mq1", ("net1", "vin1", "vss", "vss"), model="nmos"),
        Device("q2", ("vdd", "net1", "vss", "0"), model="npn"),
        Device("cr0", ("net1", "vss")),
        Device("xi6", ("net1", "net2", "vdd", "vss"), model="inverter"),
    )
    assert entry.circuit.spelling["vin1"] == "VIN1"
    assert top.devices[3].pins == ("collector", "base", "emitter", "substrate")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"devices": [["M0", "nmos5", ["a"]]]}, r"device 1, M0, has the unknown type 'nmos5'\nhint: .*'nmos4'"),
        ({"devices": [["M0", "nmos4", ["a", "b", "c"]]]}, "device 1, M0: nmos4 has 4 nets, but here are 3"),
        ({"devices": [["M0", "nmos4"]]}, r"device 1 must be \[instance, type, \[nets\]\]"),
        ({"devices": [["", "resistor", ["a", "b"]]]}, r"device 1 must be \[instance, type, \[nets\]\]"),
        ({"devices": [["R0", "resistor", ["a", 3]]]}, r"device 1 must be \[instance, type, \[nets\]\]"),
        ({"devices": []}, "a circuit must have devices"),
        ({"ports": ["VDD", "vdd"]}, "the ports must be distinct names"),
        ({"ports": "VDD"}, "a row must be an object with 'ports', a list"),
        ({"id": "7"}, "a row must be an object with 'id', an int"),
    ],
)
def test_a_row_of_another_form_is_refused_with_its_number(change, message):
    with pytest.raises(NetlistError, match=rf"^rows\.jsonl:12: {message}"):
        parse_row(json.dumps(ROW | change), file="rows.jsonl", line=12)


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_a_row_that_is_no_object_is_refused(text):
    with pytest.raises(NetlistError, match="a row must be"):
        parse_row(text)


@pytest.mark.parametrize(
    "damage", [None, b"no gzip", gzip.compress(b"x" * 999, mtime=0)[:-9], gzip.compress(b"\xff\n", mtime=0)]
)
def test_a_damaged_file_is_an_input_error(tmp_path, damage):
    if damage is not None:
        (tmp_path / "analoggenie_netlists.jsonl.gz").write_bytes(damage)
    with pytest.raises(InputError, match=r"must be a gzip file of JSON lines.*Fetch it again") as caught:
        entries(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_the_statistics_are_those_of_the_description(circuits):
    rows, found = circuits
    sizes = [len(entry.circuit.top.devices) for entry in found]
    assert (len(found), sum(sizes), median(sizes), min(sizes), max(sizes)) == (3350, 69639, 21, 1, 72)
    kinds = Counter((device.letter, device.model) for entry in found for device in entry.circuit.top.devices)
    assert kinds == {
        ("m", "nmos"): 30908,
        ("m", "pmos"): 25179,
        ("r", None): 5870,
        ("c", None): 4584,
        ("q", "pnp"): 989,
        ("q", "npn"): 951,
        ("l", None): 796,
        ("d", "diode"): 245,
        ("x", "transmission_gate"): 61,
        ("x", "inverter"): 52,
        ("x", "xor"): 2,
        ("x", "pfd"): 2,
    }
    assert sum(int(entry.id) >= FIRST_COMPOSED for entry in found) == 2311
    assert len({entry.label for entry in found}) == 15
    assert [entry.id for entry in found] == [str(row["id"]) for row in rows]


def test_no_device_and_no_net_is_lost_merged_or_renamed(circuits):
    for row, entry in zip(*circuits, strict=True):
        top = entry.circuit.top
        assert [port.lower() for port in row["ports"]] == list(top.ports)
        assert [[net.lower() for net in nets] for _, _, nets in row["devices"]] == [list(d.nodes) for d in top.devices]
        assert len({net for *_, nets in row["devices"] for net in nets}) == len(
            {n for d in top.devices for n in d.nodes}
        )
        assert len({device.name for device in top.devices}) == len(top.devices)
        assert all(row[0].lower() in device.name for row, device in zip(row["devices"], top.devices, strict=True))


def test_the_known_flaws_are_as_described(circuits):
    rows, found = circuits
    assert sum(len({name for name, *_ in row["devices"]}) < len(row["devices"]) for row in rows) == 2305
    letters = {kind: letter for kind, (letter, *_) in analoggenie._TYPES.items() if letter != "x"}
    wrong = [kind for row in rows for name, kind, _ in row["devices"] if name[0].lower() != letters.get(kind, "i")]
    assert len(wrong) == 21
    tops = [entry.circuit.top for entry in found]
    assert {d.nodes[3] for top in tops for d in top.devices if d.letter == "q"} == {"0"}
    assert sum("vdd" not in top.ports for top in tops) == 184
    unused = [top.name for top in tops if set(top.ports) - {node for d in top.devices for node in d.nodes}]
    assert unused == ["topology_601", "topology_952", "topology_957", "topology_1076"]
    assert sum(any(_blocked(top)) for top in tops) == 1102
    xors = [d.nodes.index("vdd") for top in tops for d in top.devices if d.model == "xor"]
    assert xors == [2, 0]


def _blocked(top):
    """For each net that is no port, whether it touches only gates, bulks and capacitors."""
    touching = {}
    for device in top.devices:
        for pin, node in zip(device.pins, device.nodes, strict=True):
            touching.setdefault(node, []).append(device.letter == "c" or pin in {"gate", "bulk"})
    return (all(touching[node]) for node in touching if node not in top.ports)
