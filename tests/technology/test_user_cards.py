"""Cards of the user as technologies: published ones load and simulate; slips in them are told with their line."""

import json
import os
from pathlib import Path

import pytest

from eda.errors import InputError, TechnologyError
from eda.netlist import parse_netlist
from eda.simulation import Deck, Job, Op
from eda.technology import add_cards, available, load_technology, remove_cards, survey, user_cards
from eda.technology.card_file import guessed_node, guessed_supply, read_card

CARD = """* a card
.model nch nmos level=1
+ vto=0.5 kp=100u
.model pch pmos (level=1 vto=-0.5)
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path


def _write(folder, text, name="mine_180nm.sp"):
    path = folder / name
    path.write_text(text)
    return path


def _published():
    """PTM's cards, and that of AutoCkt, with the data sets."""
    folder = Path(os.environ.get("EDA_DATA_DIR", "/nowhere"))
    found = [*(folder / "ptm").glob("*.*"), *(folder / "autockt").glob("*bulk*.txt")]
    return sorted(path for path in found if path.suffix in {".txt", ".pm", ".sp"})


@pytest.mark.parametrize(
    ("name", "node", "supply"),
    [
        ("ptm_45nm.pm", 45, 1.0),
        ("bptm_90n_bb_envs.txt", 90, 1.2),
        ("ptm_130.txt", 130, 1.3),
        ("180nm_bulk.txt", 180, 1.8),
        ("x32hp.txt", None, None),
        ("28nm.txt", 28, None),
        ("bsim3.txt", None, None),
        ("tsmc018.txt", None, None),
    ],
)
def test_node_and_supply_are_told_from_the_name(home, name, node, supply):
    path = _write(home, CARD, name)
    assert guessed_node([path]) == (None if node is None else pytest.approx(node * 1e-9))
    assert guessed_supply([path]) == supply


def test_a_supply_that_the_card_states_goes_first(home):
    assert guessed_supply([_write(home, f"* nominal Vdd = 1.1V\n{CARD}")]) == 1.1


def test_a_path_is_a_technology(home):
    path = _write(home, CARD)
    kit = load_technology(str(path))
    assert (kit.name, kit.corners, kit.supply, kit.statistics) == ("mine_180nm", ("tt",), 1.8, None)
    assert set(kit.transistors) == {"nmos", "pmos", "nch", "pch"}
    assert kit.transistors["nmos"] is kit.transistors["nch"]
    assert kit.transistors["nmos"].min_length == pytest.approx(180e-9)
    assert "mine_180nm.sp (SHA-256 " in kit.source
    path.write_text(CARD.replace("0.5", "0.4"))
    assert "vto=0.4" in load_technology(str(path)).cards("tt", ["nch"]).text, "a card that was edited is read again"


def test_what_is_no_file_is_told(home):
    _write(home, CARD)
    with pytest.raises(TechnologyError, match=r"no card file .*mine_18nm\.sp\. Did you mean 'mine_180nm\.sp'"):
        load_technology(str(home / "mine_18nm.sp"))


def test_a_card_without_a_node_in_its_name_asks_for_it(home):
    card = _write(home, CARD, "mine.sp")
    with pytest.raises(
        InputError, match=r"mine\.sp .*give the supply: eda pdk add NAME --card .*mine\.sp --min-length"
    ):
        load_technology(str(card))
    kit = add_cards("mine", [card], supply=2.5, min_length=250e-9)
    assert (kit.supply, kit.transistors["pmos"].min_length) == (2.5, 250e-9)


def test_added_cards_are_kept_until_they_are_removed(home):
    card = _write(home, CARD)
    add_cards("mine", [card], supply=1.5)
    card.unlink()
    assert user_cards() == ("mine",)
    assert available()["mine"]
    kit = load_technology("MINE")
    assert (kit.name, kit.supply) == ("mine", 1.5)
    assert survey()["mine"].source == kit.source
    folder = home / "share" / "eda" / "technologies" / "mine"
    description = json.loads((folder / "technology.json").read_text())
    assert description["cards"][0]["file"] == "mine_180nm.sp"
    assert len(description["cards"][0]["sha256"]) == 64
    remove_cards("mine")
    assert not folder.exists()
    with pytest.raises(TechnologyError, match="no technology 'mine'"):
        load_technology("mine")
    with pytest.raises(InputError, match="no card has the name 'mine'"):
        remove_cards("mine")


def test_a_name_that_exists_is_told_and_forced(home):
    card = _write(home, CARD)
    add_cards("mine", [card])
    with pytest.raises(InputError, match=r"a technology 'mine' already; --force"):
        add_cards("mine", [card])
    card.write_text(CARD.replace("nch", "other"))
    assert "other" in add_cards("mine", [card], force=True).transistors
    assert "nch" not in load_technology("mine").transistors


@pytest.mark.parametrize("name", ["", "../up", "two words", "Big", "1st", "sky130", "generic", "ihp"])
def test_names_that_cannot_be_used_are_refused(home, name):
    with pytest.raises(InputError, match="name"):
        add_cards(name, [_write(home, CARD)])
    assert user_cards() == ()


def test_several_files_make_one_technology(home):
    nmos, pmos = CARD.split(".model pch")
    kit = add_cards("mine", [_write(home, nmos, "n_45nm.sp"), _write(home, f".model pch{pmos}", "p.sp")])
    assert set(kit.transistors) == {"nmos", "pmos", "nch", "pch"}
    assert kit.transistors["pch"].min_length == pytest.approx(45e-9)


def test_bins_of_a_card_are_its_limits(home):
    cards = "".join(
        f".model n.{i} nmos level=1 lmin={low}u lmax={high}u wmin=1u wmax=50u\n"
        for i, (low, high) in enumerate([(0.2, 1), (1, 5)])
    )
    n = load_technology(str(_write(home, cards))).transistors["nmos"]
    assert n.model == "n"
    assert (n.min_length, n.max_length, n.min_width, n.max_width) == pytest.approx((0.2e-6, 5e-6, 1e-6, 50e-6))


def test_damaged_files_are_told(home):
    add_cards("mine", [_write(home, CARD)])
    (home / "share" / "eda" / "technologies" / "mine" / "technology.json").write_text("{")
    with pytest.raises(TechnologyError, match="is damaged; run: eda pdk add mine --card FILE --force"):
        load_technology("mine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".model n nmos level=1\n+ vto=abc\n", r"sp:2: .*'abc'"),
        (".model n nmos level=1\n+ vto\n", r"sp:1:21: unexpected 'vto'"),
        (".model n nmos level=1\n+ vto=\n", r"sp:2:3: the parameter 'vto' has no value"),
        (".model n nmos\n+ level=1 kp=1e-4 = 4\n", r"sp:2:11: "),
        (".model n nmos level=1\n\n+ kp={1/0}\n", r"sp:3: .*zero"),
        (".model n nmos level=1 kp=1e999\n", r"sp:1: the expression '1e999' has no finite value"),
        (".model n nmos level=1 kp=1 kp=2\n", r"sp:1:28: the parameter 'kp' is given twice"),
        (".model n nmos\n+ level = 53\n", r"sp:2: ngspice has no MOS model of level 53; HSPICE's level 53 is BSIM3"),
        (".model n nmos level=72\n", r"sp:1: ngspice has no MOS model of level 72; BSIM-CMG is .* OSDI"),
        (".model n\n", r"sp:1:1: \.model needs a name and a type"),
        (".model d d is=1f\n", r"holds no `\.model NAME nmos`"),
        ("", r"holds no `\.model NAME nmos`"),
        (CARD + "m1 a b c d nch\n", r"sp:5: 'm1' is no model card"),
        (CARD + "PTM 45 nm\n", r"sp:5: 'ptm' is no model card"),
        (CARD + ".control\nshell touch x\n.endc\n", r"sp:5:1: \.control can run commands"),
        (CARD + ".include other.sp\n", r"sp:5:10: the include other\.sp leaves the allowed folders"),
        ("\x00\x01", r"null bytes"),
    ],
)
def test_a_slip_in_a_card_is_told_with_its_line(home, text, message):
    card = _write(home, text)
    for use in (lambda: load_technology(str(card)), lambda: add_cards("mine", [card])):
        with pytest.raises(TechnologyError, match=message):
            use()
    assert user_cards() == ()


def test_cards_that_cannot_be_read_are_told(home):
    with pytest.raises(TechnologyError, match=r"cannot read the card .*gone\.sp: No such file"):
        add_cards("mine", [home / "gone.sp"])
    with pytest.raises(InputError, match="at least one card"):
        add_cards("mine", [])
    with pytest.raises(InputError, match=r"`supply > 0` must hold, but got -1"):
        add_cards("mine", [_write(home, CARD)], supply=-1.0)


@pytest.mark.ngspice
@pytest.mark.parametrize("path", _published(), ids=lambda path: path.name)
def test_published_cards_give_the_currents_of_the_plain_include(batch, path):
    if path.name == "ptm_130nm.pm":
        with pytest.raises(TechnologyError, match=r"ptm_130nm\.pm:3: ngspice has no MOS model of level 53"):
            read_card(path)
        return
    kit = load_technology(str(path))
    block = "".join(
        f".subckt t{n} d g\nm1 d g 0 0 {role} w={4 * n + 2}u l={kit.transistors[role].min_length * (n + 1)}\n.ends\n"
        for n, role in enumerate(("nmos", "pmos"))
    )
    bound = kit.bind(parse_netlist(f"* t\n{block}"))
    assert {device.model for one in bound.subcircuits for device in one.devices} == {"nmos", "pmos"}
    v = kit.supply
    body = f"{block}vn n 0 {v}\nvp p 0 {-v}\nxn n n t0\nxp p p t1\n"
    saved = tuple(f"@m.x{x}.m1[{quantity}]" for x in "np" for quantity in ("id", "gm", "gds"))
    texts = (kit.library.full("tt"), kit.cards("tt", ["nmos", "pmos"]).text)
    results = batch.simulate([Job(Deck(text, body, {}, (Op(),), saved)) for text in texts])
    full, compiled = ([result.analyses["op"].value(name) for name in saved] for result in results)
    assert compiled == pytest.approx(full, rel=1e-9, abs=0)
    assert min(map(abs, full)) > 1e-8
