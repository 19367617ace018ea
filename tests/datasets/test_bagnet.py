import pytest

from eda.datasets import bagnet
from eda.errors import InputError

ENV = """bb_engine_params:
  flow_manager_params:
    sim_model: bb_envs/src/ngspice/models/45nm_bulk.txt
    ngspice_config:
      ol:
        netlist: bb_envs/src/ngspice/templates/amp/ol.cir

  params:
    mp1:  !!python/tuple [1, 100, 1]
    mul:  !!python/tuple [1, 2, 1]
#    mn3: !!python/tuple [1, 100, 1]
    cc:   [!!float 0.1e-12, !!float 10.0e-12, !!float 0.1e-12]

  spec_range:
    gain: [!!float 300.0, null, 1]
"""


@pytest.fixture
def small(tmp_path):
    def make(template):
        (tmp_path / "envs").mkdir()
        (tmp_path / "envs/amp.yaml").write_text(ENV)
        (tmp_path / "templates/amp").mkdir(parents=True)
        (tmp_path / "templates/amp/ol.cir").write_text(template)
        return tmp_path

    return make


def test_placeholders_are_filled_and_single_braces_stay():
    assert bagnet.fill("m={{ mp1 }} r={2 * rz} {{mp1}}", {"mp1": "50", "other": "1"}) == "m=50 r={2 * rz} 50"


def test_a_placeholder_without_a_value_is_named():
    with pytest.raises(InputError, match=r"needs a value for \{\{mp3\}\}\. Did you mean 'mp1'"):
        bagnet.fill("m={{mp3}}", {"mp1": "50"})


def test_values_are_the_middle_of_the_grid(small):
    path = small('.include "{{include}}"\nm={{mp1}} {{mul}} c={{cc}} {{ac}}')
    assert bagnet.middle_values(path)["templates/amp/ol.cir"] == {
        "include": "models/45nm_bulk.txt",
        "mp1": "50",
        "mul": "1",
        "cc": "5e-12",
        **{name: f"{name}.csv" for name in ("ac", "dc", "cm", "ps", "tran")},
    }
    (raw,) = bagnet.files(path)
    (filled,) = bagnet.files(path, filled=True)
    assert "{{" in raw.text
    assert (filled.name, filled.path) == (raw.name, None)
    assert filled.text == '.include "models/45nm_bulk.txt"\nm=50 1 c=5e-12 ac.csv'


def test_a_template_that_no_bounds_name_is_refused(small):
    path = small("m={{mp1}}")
    (path / "envs/amp.yaml").write_text(ENV.replace("amp/ol.cir", "other/ol.cir"))
    with pytest.raises(InputError, match=r"'templates/amp/ol\.cir' has placeholders, but no file in envs"):
        bagnet.files(path, filled=True)


def test_every_template_of_the_set_has_values_and_a_model_card(dataset_folder):
    path = dataset_folder("bagnet")
    raw, filled = bagnet.files(path), bagnet.files(path, filled=True)
    templates = [file.name for file in raw if "{{" in file.text]
    assert len(templates) == 32
    assert templates == [file.name for file in filled if file.path is None]
    assert not any("{{" in file.text for file in filled)
    assert all((path / values["include"]).is_file() for values in bagnet.middle_values(path).values())
    assert sum(file.name.startswith("bag_deep_ckt/") for file in raw) == 10
