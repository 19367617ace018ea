import random
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from eda.errors import InputError
from eda.generation import Climb, Generated, Rung
from eda.generation.fit import FITS
from eda.problem import Evaluation
from eda.report.gallery import Gallery
from eda.report.schematic import schematic
from eda.simulation import Status
from eda.technology import load_technology
from eda.testbench import Guard
from eda.topology.device import KINDS, Part, Topology, design_of, examples

OTA = Topology(
    (
        Part("nmos", ("net1", "vin1", "net3", "vss")),
        Part("nmos", ("vout1", "vin2", "net3", "vss")),
        Part("pmos", ("net1", "net1", "vdd", "vdd")),
        Part("pmos", ("vout1", "net1", "vdd", "net1")),
        Part("nmos", ("net3", "vb1", "vss", "vss")),
        Part("capacitor", ("vout1", "vss")),
    )
)


def words(svg):
    return [element.text for element in ET.fromstring(svg).iter() if element.tag == "text"]


def test_a_drawing_names_what_there_is():
    found = Counter(words(schematic(OTA)))
    assert all(found[name] == 1 for name in ("m1", "m2", "m3", "m4", "m5", "c1", "vdd", "vss", "bulk net1"))
    assert found["vin1"] == found["vin2"] == found["vb1"] == 1
    assert found["net3"] >= 2


def test_branches_lead_from_the_supply_to_ground():
    svg = schematic(OTA)
    places = {
        element.text: (float(element.get("x")), float(element.get("y")))
        for element in ET.fromstring(svg).iter()
        if element.tag == "text"
    }
    column = [places[name] for name in ("m3", "m1", "m5")]
    assert len({x for x, _ in column}) == 1
    assert [y for _, y in column] == sorted(y for _, y in column)


@pytest.mark.dataset("analoggenie")
def test_all_circuits_can_be_drawn():
    for one in random.Random(0).sample(examples()[0], 80):
        letters = Counter(KINDS[part.kind].letter for part in one.topology.parts)
        names = {f"{letter}{n}" for letter, count in letters.items() for n in range(1, count + 1)}
        assert names <= set(words(schematic(one.topology)))


def test_a_device_without_rails_is_drawn():
    assert "r1" in words(schematic(Topology((Part("resistor", ("vin1", "vout1")),))))


@pytest.fixture
def generated():
    design = design_of(OTA, load_technology("generic"), name="a<b")
    climb = Climb(OTA, "opamp", (Rung.GRAMMAR, Rung.RULES), "only 50% & less conduct", design)
    held, failed = Guard("conducting", 1.0, "it does"), Guard("saturated", -1.0, "it is not")
    evaluation = Evaluation({}, Status.OK, guards=(held, failed))
    return Generated("a<b", climb, design, FITS["opamp"], {"vin1": "inn", "vdd": "vdd"}, evaluation)


def test_a_gallery_shows_rungs_netlists_and_reasons(generated, tmp_path):
    page = Gallery([generated], "Generated: opamp", "1 of 3 draws").save(tmp_path / "page.html").read_text()
    assert page.count('class="rung met"') == 2
    assert page.count('class="rung"') == 3
    assert "a&lt;b" in page
    assert "<b>" not in page.split("</style>")[-1]
    assert "only 50% &amp; less conduct" in page
    assert ".subckt" in page
    assert "testbench opamp: fails: saturated" in page
    assert "vin1 is inn; sources of biases" in page
    assert "1 of 3 draws" in page


def test_a_gallery_that_cannot_be_written(generated, tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        Gallery([generated], "Generated").save(tmp_path / "missing" / "page.html")


def test_a_circuit_on_no_rung_says_so(generated):
    none = replace(generated, climb=Climb(OTA, "opamp", (), "it has no output", generated.circuit))
    assert ">none<" in Gallery([none], "Generated")._repr_html_()
