import gzip
import json
import math

import pytest

from eda.datasets.openamp import opamps
from eda.errors import InputError

ELEMENTS = [
    {"name": "G_vin_1", "type": "G", "nodes": ["net_1", "0", "net_vin", "0"], "expr": "g*1m", "value": 1e-3},
    {"name": "C_1_vo", "type": "C", "nodes": ["net_1", "net_vo"], "expr": "c*1p", "value": 2e-12},
]
ROW = {"id": 7, "elements": ELEMENTS, "spectre_raw": [80.5, 52.7, 2.2e6], "specs": {"power": 90.9}}


def written(folder, *rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "openamp_10k.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def test_a_circuit_and_its_labels(tmp_path):
    (found,) = opamps(written(tmp_path, ROW))
    assert found.elements == (("G", "net_1", "0", "net_vin", 1e-3), ("C", "net_1", "net_vo", None, 2e-12))
    assert (found.number, found.gain, found.phase_margin, found.unity_gain_frequency) == (7, 80.5, 52.7, 2.2e6)
    assert found.power == 90.9


def test_what_crosses_unity_nowhere_has_a_gain_only(tmp_path):
    dead = {**ROW, "spectre_raw": [-19.9], "specs": {"power": -1}}
    (found,) = opamps(written(tmp_path, dead))
    assert found.gain == -19.9
    assert all(map(math.isnan, (found.phase_margin, found.unity_gain_frequency, found.power)))


@pytest.mark.parametrize(
    "change",
    [
        {"elements": [{"type": "L", "nodes": ["a", "b"], "value": 1}]},
        {"elements": [{"type": "G", "nodes": ["a", "b"], "value": 1}]},
        {"elements": [{"type": "G", "nodes": ["a", "0", "b", "c"], "value": 1}]},
        {"elements": [{"type": "R", "nodes": ["a", "b"]}]},
        {"spectre_raw": [1, 2]},
        {"spectre_raw": [1, "two", 3]},
    ],
)
def test_damaged_rows(tmp_path, change):
    with pytest.raises(InputError, match=r"openamp_10k\.jsonl\.gz of the data set 'openamp' must be there and whole"):
        opamps(written(tmp_path, {**ROW, **change}))


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="FileNotFoundError"):
        opamps(tmp_path)


def test_the_set_has_its_known_size_and_gaps(dataset_folder):
    found = opamps(dataset_folder("openamp"))
    assert len(found) == 10_000
    assert sum(len(one.elements) for one in found) == 222_110
    assert sum(math.isnan(one.unity_gain_frequency) for one in found) == 13
    sources = [[abs(value) for kind, *_, value in one.elements if kind == "G"] for one in found[:100]]
    assert [one.power for one in found[:100]] == pytest.approx(
        [60e3 * sum(one) for one in sources], rel=1e-5
    )  # seven digits
