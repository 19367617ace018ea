"""The reduced library is the full one, to the last bit; what it lacks is told."""

import pytest

from eda.errors import TechnologyError
from eda.simulation import Deck, Job, Op
from eda.technology import ModelLibrary, load_technology

LIBRARY = """* a library
.lib tt
.param fast=0
.include "inner/models.inc"
.endl tt
.LIB FF
.param fast=1
.include inner/models.inc
.endl
"""
MODELS = """* models
.subckt nmod d g s b w=1 l=1
.param k={fast*2}
* a comment
mn d g s b nbase w={w}
+ l={l}
.model nbase.0 nmos level=1

+ vto={0.5+fast}
.ends nmod
.model nbase nmos level=1
.subckt pmod d g s b
x1 d g s b nmod
.ends
.option scale=1u
"""


@pytest.fixture
def library(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "models.inc").write_text(MODELS)
    (tmp_path / "a.lib").write_text(LIBRARY)
    return ModelLibrary(tmp_path / "a.lib")


def test_sections_and_names(library):
    assert library.sections() == ("tt", "ff")
    assert library.names("tt") == library.names("FF") == {"nmod", "nbase", "pmod"}


def test_cards_keep_parameters_and_what_is_reached(library):
    text = library.cards("tt", ["nmod"])
    assert ".param fast=0" in text
    assert ".option scale=1u" in text
    assert "vto={0.5+fast}" in text
    assert ".model nbase nmos" in text
    assert "pmod" not in text
    assert "* " not in text
    assert ".param fast=1" in library.cards("ff", ["nmod"])
    assert ".subckt pmod" in library.cards("tt", ["pmod"])
    assert ".subckt nmod" in library.cards("tt", ["pmod"])


def test_the_digest_follows_the_text(library):
    digests = {library.digest(s, n) for s in ("tt", "ff") for n in (["nmod"], ["pmod"])}
    assert len(digests) == 4
    assert library.digest("tt", ["pmod", "nmod"]) == library.digest("tt", {"nmod", "pmod"})


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda lib: lib.cards("ttt", ["nmod"]), r"no section 'ttt'\. Did you mean 'tt'"),
        (lambda lib: lib.cards("tt", ["nmodd"]), r"no device 'nmodd'\. Did you mean 'nmod'"),
        (lambda lib: ModelLibrary(lib.path.with_name("gone.lib")).names("tt"), "cannot read the model library .*gone"),
    ],
)
def test_what_is_not_there_is_told(library, ask, message):
    with pytest.raises(TechnologyError, match=message):
        ask(library)


def test_endless_includes_are_refused(tmp_path):
    (tmp_path / "a.lib").write_text(".lib tt\n.include a.inc\n.endl\n")
    (tmp_path / "a.inc").write_text(".include a.inc\n")
    with pytest.raises(TechnologyError, match="nested deeper than 20"):
        ModelLibrary(tmp_path / "a.lib").names("tt")


FLAVOURS = {"nfet_01v8": 1, "pfet_01v8": -1, "nfet_01v8_lvt": 1, "pfet_01v8_hvt": -1, "pfet_01v8_lvt": -1}
SIZES = [(0.42, 0.15), (1.0, 0.5), (7.3, 0.18), (55.0, 4.0)]  # um; across bin edges
BIASES = [(1.2, 0.9), (0.5, 1.8)]  # V; strong and weak inversion


def _one_of_each(kit, models):
    lines, saved = [], []
    for flavour, sign in FLAVOURS.items():
        model = f"sky130_fd_pr__{flavour}"
        for w, length in SIZES:
            for vgs, vds in BIASES:
                n = len(lines)
                length = max(length, kit.transistors[model].min_length * 1e6)  # noqa: PLW2901
                sources = f"vg{n} g{n} 0 {sign * vgs}\nvd{n} d{n} 0 {sign * vds}"
                lines.append(f"{sources}\nx{n} d{n} g{n} 0 0 {model} w={w} l={length:g}")
                saved += [f"@m.x{n}.m{model}[{q}]" for q in ("id", "gm", "gds")]
    return Deck(models, "\n".join(lines), {}, (Op(),), tuple(saved), setup=kit.setup)


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("corner", ["tt", "ff", "ss", "sf", "fs"])
def test_reduced_cards_give_the_currents_of_the_full_library(batch, corner):
    kit = load_technology("sky130")
    names = [f"sky130_fd_pr__{flavour}" for flavour in FLAVOURS]
    for temperature in (-40.0, 125.0):
        found = []
        for models in (kit.library.full(corner), kit.library.cards(corner, names)):
            deck = _one_of_each(kit, models)
            hot = Deck(deck.models, deck.body, {}, deck.analyses, deck.saved, temperature, deck.setup)
            (result,) = batch.simulate([Job(hot)])
            assert result.ok, result.log
            found.append({name: result.analyses["op"].value(name) for name in deck.saved})
        assert found[0] == found[1]
        assert all(value != 0 for value in found[0].values())
