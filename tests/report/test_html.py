from __future__ import annotations

from html.parser import HTMLParser

import pytest

import eda
from eda.errors import InputError
from eda.testbench import MirrorTestbench

pytestmark = pytest.mark.ngspice


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"} and not (value or "").startswith("#")]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def result(pool, tmp_path_factory):
    problem = eda.SizingProblem(
        eda.read_netlist("netlists/opamp/five_transistor_ota/five_transistor_ota.sp"),
        technology="generic",
        testbench=eda.OpAmpTestbench(vdd="3 V"),
        specs=["dc_gain >= 30 dB", "phase_margin >= 45 deg", "minimize power"],
        simulator=pool,
    )
    return eda.size(problem, eda.sizing.Sobol(), budget=16, run_dir=tmp_path_factory.mktemp("runs"), progress=False)


def test_the_report_shows_everything_and_needs_no_network(result, tmp_path):
    verification = eda.verify(result, corners=["tt", "ss"])
    path = eda.save_report(tmp_path / "report.html", result, verification)
    page = Page(path.read_text())
    text = " ".join(page.texts)
    assert page.links == []
    assert page.tags.count("svg") == 2
    for piece in ("Specifications", "Convergence", "Sizes", "Corners", "Provenance", "dc_gain >= 30 dB", "ss 27 °C"):
        assert piece in text
    for name in result.problem.space.names:
        assert name in page.texts
    assert result.problem.describe()["models_sha256"] in text


def test_the_same_run_gives_the_same_report(result, tmp_path):
    one, two = (eda.save_report(tmp_path / name, result).read_text() for name in ("a.html", "b.html"))
    assert one == two


def test_an_unwritable_path_is_explained(result, tmp_path):
    with pytest.raises(InputError, match="cannot write the report"):
        eda.save_report(tmp_path / "no" / "folder.html", result)


@pytest.mark.ngspice
def test_the_report_of_another_class_shows_its_waveforms(tmp_path, pool):
    circuit = eda.read_netlist("netlists/mirror/simple_mirror/simple_mirror.sp")
    bench = MirrorTestbench(vdd="3 V", input_current="20 uA", output_voltage="1.5 V")
    specs = ["output_resistance >= 1 kOhm", "compliance <= 2 V", "minimize area"]
    problem = eda.SizingProblem(circuit, technology="generic", testbench=bench, specs=specs, simulator=pool)
    result = eda.size(problem, eda.sizing.Sobol(), budget=4, run_dir=tmp_path, progress=False)
    text = eda.save_report(tmp_path / "report.html", result).read_text()
    assert "Waveforms of the best design" in text
    assert text.count("<svg") == 2
