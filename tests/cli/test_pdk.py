"""`eda pdk` and what `eda doctor` says of the kits."""

import pytest

CARD = ".model nmos nmos level=1 vto=0.5 kp=100u\n.model pmos pmos level=1 vto=-0.5 kp=40u\n"


@pytest.fixture
def gf180_files():
    """The folder of the kit on this machine, found before `home` hides it."""
    from eda.technology.gf180 import gf180_library

    return None if (library := gf180_library()) is None else library.parent


@pytest.fixture(autouse=True)
def home(gf180_files, tmp_path, monkeypatch):
    """As on a machine without kits and cards."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    for name in ("PDK_ROOT", "PDK", "EDA_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def card(home):
    path = home / "mine_180nm.sp"
    path.write_text(CARD)
    return path


def test_cards_are_added_listed_and_removed(eda_command, card):
    added = eda_command("pdk", "add", "mine", "--card", card, "--supply", "1.5 V", "--min-length", "150n", "--json")
    assert added.code == 0, added.err
    assert added.data["technology"] == "mine"
    assert added.data["supply"] == 1.5
    listed = eda_command("pdk", "list", "--json").data
    assert listed.keys() >= {"generic", "sky130", "gf180", "mine", "ptm180"}
    assert {k: v for k, v in listed["mine"].items() if k != "source"} == {
        "installed": True,
        "corners": ["tt"],
        "statistics": False,
        "supply": 1.5,
        "transistors": ["nmos", "pmos"],
        "library": added.data["library"],
    }
    assert "mine_180nm.sp" in listed["mine"]["source"]
    assert listed["sky130"] == {"installed": False, "reason": listed["sky130"]["reason"]}
    assert "eda pdk install gf180 --from FOLDER" in eda_command("pdk", "list").out
    assert eda_command("pdk", "remove", "mine").out == "mine: removed\n"
    assert "mine" not in eda_command("pdk", "list", "--json").data


def test_an_existing_name_asks_for_force(eda_command, card):
    add = ("pdk", "add", "mine", "--card", card)
    assert eda_command(*add).code == 0
    again = eda_command(*add)
    assert (again.code, "--force" in again.err) == (2, True)
    assert eda_command(*add, "--force").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--supply", "1.5 A"], "a quantity in V was expected"),
        (["--min-length", "small"], "a number in m was expected"),
    ],
)
def test_wrong_options_are_told(eda_command, card, words, message):
    outcome = eda_command("pdk", "add", "mine", "--card", card, *words)
    assert outcome.code == 2
    assert message in outcome.err


def test_a_slip_in_a_card_is_told_with_its_line(eda_command, card):
    card.write_text(CARD + ".model x nmos level=1\n+ vto=oops\n")
    outcome = eda_command("pdk", "add", "mine", "--card", card)
    assert outcome.code == 2
    assert "mine_180nm.sp:4: " in outcome.err


def test_gf180_is_installed_from_a_folder(eda_command, home):
    outcome = eda_command("pdk", "install", "gf180")
    assert outcome.code == 2
    assert "--from FOLDER" in outcome.err
    outcome = eda_command("pdk", "install", "gf180", "--from", home)
    assert outcome.code == 2
    assert "has no sm141064.ngspice" in outcome.err


@pytest.mark.gf180
def test_the_real_gf180_is_installed_from_a_folder(eda_command, home, gf180_files):
    outcome = eda_command("pdk", "install", "gf180", "--from", gf180_files, "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.data["library"] == str(home / "share" / "eda" / "gf180" / "sm141064.ngspice")
    assert outcome.data["statistics"] is True
    assert eda_command("pdk", "list", "--json").data["gf180"]["corners"] == ["tt", "ff", "ss", "sf", "fs"]


@pytest.mark.ngspice
def test_doctor_shows_kits_and_cards(eda_command, card):
    eda_command("pdk", "add", "mine", "--card", card)
    outcome = eda_command("doctor", "--json")
    assert outcome.code == 0
    rows = {row["check"]: row for row in outcome.data}
    assert rows["technology mine"]["ok"]
    assert rows["technology mine"]["corners"] == ["tt"]
    assert not rows["technology gf180"]["ok"]
    assert "eda pdk install gf180" in rows["technology gf180"]["found"]
    assert "mine: tt; no statistics; 1.8 V; cards of the user" in eda_command("doctor").out
