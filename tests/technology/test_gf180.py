"""GF180MCU: its transistors, corners and switches; where it is found; what is missing is told."""

import re
import shutil

import numpy as np
import pytest

from eda.errors import TechnologyError
from eda.netlist import format_netlist, parse_netlist
from eda.simulation import Deck, Job, Op
from eda.technology import ModelLibrary, available, install_gf180, load_technology
from eda.technology.gf180 import gf180_library
from eda.technology.variation import Variation

FILES = ("sm141064.ngspice", "design.ngspice")
MODELS = ("nmos_3p3", "pmos_3p3", "nmos_6p0", "pmos_6p0", "nmos_6p0_nat")
OPEN_PDKS = ("nfet_03v3", "pfet_03v3", "nfet_06v0", "pfet_06v0", "nfet_06v0_nvt")
ROLES = ("nmos", "pmos", "nmos_6v", "pmos_6v", "nmos_native_6v")
PASSIVES = ("bjt_typical", "diode_typical", "res_typical", "mimcap_typical", "moscap_typical")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """As on a machine without gf180."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    for name in ("PDK_ROOT", "PDK", "EDA_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def _kit(folder, names=MODELS, sections=("typical", "ff", "ss", "sf", "fs", "statistical", *PASSIVES)):
    """A library with the shape of the real one."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = "".join(f".subckt {n} d g s b w=1u l=1u\nm0 d g s b inside w=w l=l\n.ends\n" for n in names)
    devices = f".model inside nmos level=1 vto='0.5+agauss(0,1,3)*sw_stat_global'\n{blocks}"
    texts = (f".lib {s}\n{devices if s not in PASSIVES else ''}.endl\n" for s in sections)
    (folder / FILES[0]).write_text("".join(texts))
    (folder / FILES[1]).write_text(".param\n+ sw_stat_global = 1\n+ sw_stat_mismatch = 1\n")
    return folder


@pytest.mark.parametrize("names", [MODELS, OPEN_PDKS])
def test_roles_are_the_models_of_the_release(bare, monkeypatch, names):
    monkeypatch.setenv("EDA_DATA_DIR", str(_kit(bare / "gf180", names).parent))
    kit = load_technology("gf180")
    assert tuple(kit.transistors[role].model for role in ROLES) == names
    assert set(kit.transistors) == {*ROLES, *names}
    assert kit.corners == ("tt", "ff", "ss", "sf", "fs")
    assert (kit.supply, kit.setup, kit.options) == (3.3, (), ())


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"EDA_DATA_DIR": "data"}, "data/gf180"),
        ({}, "share/eda/gf180"),
        ({}, "share/eda/data/gf180"),
        *(({"PDK_ROOT": "pdks"}, f"pdks/gf180mcu{x}/libs.tech/ngspice") for x in "ABCD"),
        ({"PDK_ROOT": "pdks", "PDK": "gf180mcuZ"}, "pdks/gf180mcuZ/libs.tech/ngspice"),
        ({"PDK_ROOT": "pdks", "PDK": "sky130A"}, "pdks/gf180mcuC/libs.tech/ngspice"),
        ({"PDK_ROOT": "pdks"}, "pdks"),
    ],
)
def test_it_is_found(bare, monkeypatch, variables, place):
    for name, value in variables.items():
        monkeypatch.setenv(name, value if name == "PDK" else str(bare / value))
    assert not available()["gf180"]
    _kit(bare / place)
    assert available()["gf180"]
    assert load_technology("gf180").library.path == bare / place / FILES[0]


def test_without_it_the_remedy_is_told(bare):
    with pytest.raises(TechnologyError, match=r"not installed .*share.* Run: eda pdk install gf180 --from FOLDER"):
        load_technology("gf180")


def test_it_is_installed_from_a_folder_with_checksums(bare):
    source = _kit(bare / "download")
    folder = install_gf180(source)
    assert folder == bare / "share" / "eda" / "gf180"
    assert {path.name for path in folder.iterdir()} == {*FILES, "SHA256SUMS"}
    sums = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums.keys() == set(FILES)
    assert load_technology("gf180").source.startswith(
        f"GF180MCU models (sm141064.ngspice, SHA-256 {sums[FILES[0]][:12]}"
    )
    (source / FILES[1]).unlink()
    with pytest.raises(TechnologyError, match=r"download has no design\.ngspice"):
        install_gf180(source)
    assert (folder / FILES[1]).is_file(), "the old kit stays"


def test_an_incomplete_kit_is_told_with_the_remedy(bare, monkeypatch):
    folder = _kit(bare / "gf180")
    monkeypatch.setenv("EDA_DATA_DIR", str(bare))
    (folder / FILES[1]).unlink()
    with pytest.raises(
        TechnologyError, match=r"needs .*design\.ngspice, which is missing.*gf180 --from FOLDER --force"
    ):
        load_technology("gf180")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": MODELS[:-1]}, "has neither nmos_6p0_nat nor nfet_06v0_nvt"),
        ({"sections": ("typical", *PASSIVES[1:])}, "no section 'bjt_typical'"),
    ],
)
def test_a_kit_that_is_too_old_is_told_with_the_remedy(bare, monkeypatch, change, message):
    _kit(bare / "gf180", **change)
    monkeypatch.setenv("EDA_DATA_DIR", str(bare))
    with pytest.raises(TechnologyError, match=rf"{message}.*gf180 --from FOLDER --force"):
        load_technology("gf180")


@pytest.mark.gf180
def test_the_limits_are_the_ends_of_the_bins():
    kit = load_technology("gf180")
    for role in ROLES:
        t = kit.transistors[role]
        bins = kit.cards("tt", [t.model]).bins
        shortest, narrowest = min(b.lengths[0] for b in bins), min(b.widths[0] for b in bins)
        longest, widest = max(b.lengths[1] for b in bins), max(b.widths[1] for b in bins)
        assert (shortest, narrowest) == pytest.approx((t.min_length, t.min_width), rel=1e-12)
        # the library's ends are 1 or 10 nm beyond the round numbers
        assert t.max_length < longest < t.max_length + 11e-9
        assert t.max_width < widest < t.max_width + 11e-9


def _one_of_each(kit, count=20):
    """Every transistor in sizes from the smallest to the largest, across the edges of the bins."""
    lines, saved = [], []
    for role in ROLES:
        t, sign = kit.transistors[role], -1 if role[0] == "p" else 1
        widths = np.geomspace(t.min_width, t.max_width, count)
        lengths = np.geomspace(t.min_length, t.max_length, count)[(7 * np.arange(count)) % count]
        for w, length in zip(widths, lengths, strict=True):
            n = len(lines)
            sources = f"vg{n} g{n} 0 {sign * 1.8}\nvd{n} d{n} 0 {sign * 1.2}"
            lines.append(f"{sources}\nx{n} d{n} g{n} 0 0 {t.model} w={w:.6g} l={length:.6g}")
            saved += [f"@m.x{n}.m0[{quantity}]" for quantity in ("id", "gm", "gds")]
    return "\n".join(lines), tuple(saved)


def _currents(batch, decks):
    for result in batch.simulate([Job(deck) for deck in decks]):
        assert result.ok, result.log
        yield [result.analyses["op"].value(name) for name in decks[0].saved]


@pytest.mark.ngspice
@pytest.mark.gf180
@pytest.mark.parametrize("corner", ["tt", "ff", "ss", "sf", "fs"])
def test_compiled_cards_give_the_currents_of_the_full_library(batch, corner):
    kit = load_technology("gf180")
    body, saved = _one_of_each(kit)
    cards = kit.cards(corner, [kit.transistors[role].model for role in ROLES])
    for temperature in (-40.0, 27.0, 125.0):
        full = Deck(kit.library.full(corner), body, {}, (Op(),), saved, temperature)
        compiled = Deck(cards.text, body, {}, (Op(),), saved, temperature, bins=cards.bins)
        expected, found = _currents(batch, [full, compiled])
        assert found == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.ngspice
@pytest.mark.gf180
def test_results_are_deterministic_whatever_the_header_says(batch, tmp_path, monkeypatch):
    kit = load_technology("gf180")
    for name in FILES:
        shutil.copyfile(kit.library.path.with_name(name), tmp_path / name)
    header = tmp_path / FILES[1]
    header.write_text(re.sub(r"(sw_stat_\w+) = 0", r"\1 = 1", header.read_text()))
    assert header.read_text().count("= 1\n") >= 2
    monkeypatch.setenv("PDK_ROOT", str(tmp_path))
    random = load_technology("gf180")
    assert random.library.path == gf180_library() == tmp_path / FILES[0]
    models = [kit.transistors[role].model for role in ROLES]
    assert random.cards("tt", models) == kit.cards("tt", models)
    body, saved = _one_of_each(kit, 2)
    texts = [lib.full("tt") for lib in (kit.library, random.library)] + [random.library.cards("tt", models)]
    quiet, overruled, reduced = _currents(batch, [Deck(text, body, {}, (Op(),), saved) for text in texts])
    assert quiet == overruled == reduced


@pytest.mark.gf180
def test_statistics_are_there_when_asked_for():
    kit = load_technology("gf180")
    models = [kit.transistors[role].model for role in ROLES]
    quiet, spread, mismatch = (
        kit.cards("tt", models, v) for v in (Variation.NONE, Variation.PROCESS, Variation.MISMATCH)
    )
    assert not quiet.deviates
    assert not quiet.mismatch
    assert len(spread.deviates) > 10
    assert not spread.mismatch
    # the native transistor has no mismatch in this library
    assert set(mismatch.mismatch) == set(models[:-1])
    assert not mismatch.deviates


def test_a_library_without_switches_is_left_as_it_is(tmp_path):
    (tmp_path / "a.lib").write_text(".lib tt\n.endl\n")
    assert "param" not in ModelLibrary(tmp_path / "a.lib").full("tt")


@pytest.mark.ngspice
def test_a_multiplier_that_the_kit_declares_and_loses_multiplies_the_current(bare, monkeypatch, pool):
    folder = _kit(bare / "gf180")
    library = folder / FILES[0]
    library.write_text(library.read_text().replace("w=1u l=1u\n", "w=1u l=1u m=1\n"))
    monkeypatch.setenv("EDA_DATA_DIR", str(folder.parent))
    kit = load_technology("gf180")
    text = "* t\n.subckt c d e g vss\nm1 d g vss vss nmos w=2u l=1u m=3\nm2 e g vss vss nmos w=2u l=1u\n.ends\n"
    circuit = kit.bind(parse_netlist(text))
    cards = kit.cards("tt", kit.devices(circuit))
    body = f"{format_netlist(circuit)}\nxdut d e g 0 c\nvd d 0 1.5\nve e 0 1.5\nvg g 0 1.2"
    deck = Deck(cards.text, body, {}, (Op(),), ("i(vd)", "i(ve)"), bins=cards.bins, options=cards.options)
    (result,) = pool.simulate([Job(deck)])
    point = result.analyses["op"]
    assert point.value("i(vd)") == pytest.approx(3 * point.value("i(ve)"), rel=1e-6)


@pytest.mark.ngspice
@pytest.mark.gf180
@pytest.mark.parametrize(("device", "squares"), [("ppolyf_u_1k", 1000), ("ppolyf_u_2k", 2000), ("ppolyf_u_3k", 3000)])
def test_poly_resistors_have_their_bodies_without_a_transistor_beside_them(device, squares, pool):
    cards = load_technology("gf180").cards("tt", frozenset({device}))
    body = f"i1 0 a 1u\nx1 a 0 0 {device} r_length=10u r_width=1u"
    decks = [
        Deck(cards.text, body, {}, (Op(),), ("v(a)",), temperature=degrees, setup=cards.setup, options=cards.options)
        for degrees in (25, 125)
    ]
    cold, hot = (result.analyses["op"].value("v(a)") * 1e6 for result in pool.simulate([Job(deck) for deck in decks]))
    assert cold == pytest.approx(10 * squares, rel=0.1)  # the drawn size, and terminals of 85 ohms a square
    assert hot < 0.96 * cold  # its temperature coefficient is negative
