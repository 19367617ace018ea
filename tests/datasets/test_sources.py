import pytest

from eda.datasets import aicircuit, align, analoggym, autockt, bagnet, gf180, ptm
from eda.datasets.sources import netlist_files, other_files


def test_every_file_is_a_netlist_or_has_a_reason(tmp_path):
    for name in ("b.sp", "sub/a", "LICENSE", "golden.LICENSE", "PROVENANCE.md", "README.md", "t.csv", ".DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x\r\n")
    (tmp_path / "empty").touch()
    rows = {"*.csv": "rows"}
    files = netlist_files(tmp_path, rows)
    assert [(file.name, file.path, file.data) for file in files] == [
        ("b.sp", tmp_path / "b.sp", b"x\r\n"),
        ("sub/a", tmp_path / "sub/a", b"x\r\n"),
    ]
    assert files[0].text == "x\r\n"
    assert other_files(tmp_path, rows) == {
        "LICENSE": "licence",
        "PROVENANCE.md": "note on the source",
        "README.md": "description",
        "empty": "empty file",
        "golden.LICENSE": "licence",
        "t.csv": "rows",
    }


@pytest.mark.parametrize(
    ("module", "netlists", "others"),
    [
        (aicircuit, 29, {"ranges of parameters": 9, "settings": 1, "labelled rows": 7, "empty file": 5}),
        (align, 1041, {"description": 2}),
        (analoggym, 71, {"description": 1, "empty file": 1}),
        (autockt, 2, {"sizing targets": 3}),
        (bagnet, 44, {"bounds and specifications": 14}),
        (gf180, 3, {}),
        (ptm, 16, {}),
    ],
    ids=lambda value: getattr(value, "__name__", "").rpartition(".")[2] or None,
)
def test_the_sets_hold_the_files_that_they_describe(module, netlists, others, dataset_folder):
    path = dataset_folder(module.DATASET.name)
    files, excluded = module.files(path), module.excluded(path)
    assert len({file.name for file in files}) == len(files) == netlists
    reasons = [reason for reason in excluded.values() if reason not in {"licence", "note on the source"}]
    assert {reason: reasons.count(reason) for reason in reasons} == others
    assert all(file.text for file in files)
    assert not excluded.keys() & {file.name for file in files}


def test_analoggym_has_variables_without_a_netlist(dataset_folder):
    names = [file.name.split("/") for file in analoggym.files(dataset_folder("analoggym"))]
    netlists = {name[1] for name in names if name[0] == "spice_netlist"}
    variables = {name[1] for name in names if name[0] == "design_variables"}
    assert (len(netlists), len(variables)) == (16, 21)
    assert netlists < variables


def test_the_deck_of_autockt_includes_its_card_from_elsewhere(dataset_folder):
    texts = {file.name: file.text for file in autockt.files(dataset_folder("autockt"))}
    assert set(texts) == {"two_stage_opamp.cir", "45nm_bulk.txt"}
    assert '.include "../spice_models/45nm_bulk.txt"' in texts["two_stage_opamp.cir"]
