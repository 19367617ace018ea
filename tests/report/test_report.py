from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import eda
from eda.errors import InputError
from eda.report.figures import figure_html, figure_style
from eda.report.sensitivity import sensitivities
from eda.simulation import Waveforms
from eda.sizing import NSGAII, ExTuRBO, Sobol
from eda.technology import Variation
from eda.testbench import Conditions, MirrorTestbench
from eda.verification import MonteCarlo

pytestmark = pytest.mark.ngspice

SECTIONS = (
    "Specifications",
    "Parameters",
    "Convergence",
    "Waveforms",
    "Operating point",
    "Sensitivities",
    "Corners",
    "Monte Carlo",
    "Netlist",
    "Provenance",
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts, self.open, self.headings = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"} and not (value or "").startswith("#")]

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def _problem(pool, specs):
    return eda.SizingProblem(
        eda.read_netlist("netlists/opamp/five_transistor_ota/five_transistor_ota.sp"),
        technology="generic",
        testbench=eda.OpAmpTestbench(vdd="3 V"),
        specs=specs,
        simulator=pool,
    )


def _size(problem, optimizer, folder, budget=16, **options):
    return eda.size(problem, optimizer, budget=budget, run_dir=folder, progress=False, **options)


@pytest.fixture(scope="module")
def result(pool, tmp_path_factory):
    problem = _problem(pool, ["dc_gain >= 30 dB", "phase_margin >= 45 deg", "minimize power"])
    return _size(problem, Sobol(), tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def verification(result):
    # the generic technology has no statistics: eight designs stand for eight samples of one
    conditions = Conditions(variation=Variation.MISMATCH)
    samples = MonteCarlo(conditions, result.problem.specs, result.evaluations[:8])
    return replace(eda.verify(result, corners=["tt", "ss"]), monte_carlo=samples)


def _page(report, tmp_path):
    return Page(report.save(tmp_path / "report.html").read_text())


def test_the_report_shows_everything_and_needs_no_network(result, verification, tmp_path):
    page = _page(eda.Report(result, verification, command="eda size ota --seed 0"), tmp_path)
    text = " ".join(page.texts)
    assert page.links == []
    assert tuple(page.headings) == SECTIONS
    for piece in ("dc_gain >= 30 dB", "ss 27 °C", "eda size ota --seed 0", "of 8 samples pass"):
        assert piece in text
    for name in result.problem.space.names:
        assert name in page.texts
    assert result.problem.describe()["models_sha256"] in text


def test_the_verdict_says_by_which_specs_conditions_were_verified(result):
    own = eda.Report(result, eda.verify(result, corners=["tt", "ss"]))._repr_html_()
    other = eda.Report(result, eda.verify(result, specs=["dc_gain >= 1 dB"]))._repr_html_()
    assert "by the specs of the verification" not in own
    assert "holds at all 5 conditions by the specs of the verification" in other


def test_what_there_is_nothing_of_is_left_out(result, tmp_path):
    page = _page(eda.Report(result), tmp_path)
    assert not {"Corners", "Monte Carlo", "Pareto front"} & set(page.headings)


def test_the_operating_point_is_what_simulation_says(result, tmp_path):
    text = " ".join(_page(eda.Report(result), tmp_path).texts)
    point = result.problem.operating_point(result.best.design)
    for transistor in point.transistors:
        assert transistor.name in text
        assert eda.units.format_quantity(transistor.gm, "S", 3) in text


def test_a_front_is_drawn_and_listed(pool, tmp_path):
    specs = ["dc_gain >= 20 dB", "maximize gbw", "minimize power"]
    result = _size(_problem(pool, specs), NSGAII(population=8), tmp_path, 48)
    page = _page(eda.Report(result), tmp_path)
    assert "Pareto front" in page.headings
    first = result.pareto[0].metrics["gbw"]
    assert eda.units.format_quantity(first, "Hz") in page.texts


def test_findings_of_the_search_stand_beside_sensitivities(pool, tmp_path):
    problem = _problem(pool, ["dc_gain >= 30 dB", "minimize power"])
    result = _size(problem, ExTuRBO(initial=8, candidates=50), tmp_path, 16)
    text = " ".join(_page(eda.Report(result), tmp_path).texts)
    assert "As the search has learned, region" in text


def test_a_run_under_several_conditions_shows_them_without_a_verification(pool, tmp_path):
    result = _size(_problem(pool, ["dc_gain >= 20 dB"]), Sobol(), tmp_path, 32, corners=("ss", "ff"))
    page = _page(eda.Report(result), tmp_path)
    assert "Corners" in page.headings
    assert "ff 27 °C" in " ".join(page.texts)


def test_sensitivities_are_differences_of_simulations(result):
    problem, design = result.problem, result.best.design
    (one,) = [row for row in sensitivities(problem, design) if row.variable == "ib"]
    low, high = problem.evaluate([{**design, "ib": one.low}, {**design, "ib": one.high}])
    assert one.low < design["ib"] < one.high
    assert one.metrics["power"] == (low.metrics["power"], high.metrics["power"])
    assert one.metrics["power"][0] < one.metrics["power"][1]


def test_the_same_run_gives_the_same_report(result, tmp_path):
    one, two = (eda.Report(result).save(tmp_path / name).read_text() for name in ("a.html", "b.html"))
    assert one == two


def test_a_notebook_shows_what_the_file_has(result, tmp_path):
    report = eda.Report(result)
    assert report._repr_html_() in report.save(tmp_path / "report.html").read_text()


def test_two_reports_in_a_notebook_have_anchors_of_their_own(result, verification):
    pages = [report._repr_html_() for report in (eda.Report(result), eda.Report(result, verification))]
    one, other = (
        [set(re.findall(f'{what}([^"]+)"', page)) for what in ('<section id="', '<a href="#')] for page in pages
    )
    assert one[0] == one[1]
    assert other[0] == other[1]
    assert len(one[0]) > 5
    assert not one[0] & other[0]


def test_an_unwritable_path_is_explained(result, tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        eda.Report(result).save(tmp_path / "no" / "folder.html")


def test_names_from_outside_are_escaped(result, tmp_path):
    hostile = replace(result, about={**result.about, "optimizer": {"optimizer": "<script>alert(1)</script>"}})
    assert "<script>alert(1)" not in eda.Report(hostile).save(tmp_path / "report.html").read_text()


def test_a_name_in_a_plot_neither_ends_the_script_nor_begins_a_formula():
    names = ("v(a<!--<script>)", "v(b$1_$2)")
    waves = Waveforms(np.arange(9.0), dict.fromkeys(names, np.arange(9.0)), dict.fromkeys(names, "V"), "s")
    with figure_style():
        page = figure_html(waves.plot(*names))
    assert "a<!--<script>" not in page
    assert "a\\u003c!--\\u003cscript>" in page
    assert "b$1_$2" in page


@pytest.mark.slow
def test_other_testbenches_show_what_they_sweep(pool, tmp_path):
    circuit = eda.read_netlist("netlists/mirror/simple_mirror/simple_mirror.sp")
    bench = MirrorTestbench(vdd="3 V", input_current="20 uA", output_voltage="1.5 V")
    specs = ["output_resistance >= 1 kOhm", "compliance <= 2 V", "minimize area"]
    problem = eda.SizingProblem(circuit, technology="generic", testbench=bench, specs=specs, simulator=pool)
    page = _page(eda.Report(_size(problem, Sobol(), tmp_path, 4)), tmp_path)
    assert "Waveforms" in page.headings


@pytest.mark.browser
@pytest.mark.parametrize(
    "window",
    [
        {"viewport": {"width": 1200, "height": 900}},
        {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"},
    ],
    ids=["desktop", "phone"],
)
def test_a_browser_shows_it_offline_without_errors(result, verification, tmp_path, browser, window):
    path = eda.Report(result, verification).save(tmp_path / "report.html")
    page, errors = browser(**window), []
    page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    for name in SECTIONS:
        assert page.get_by_role("heading", name=name, exact=True).is_visible()
    figures = page.locator("figure[data-plot]")
    assert figures.count() == 3
    for number in range(figures.count()):
        box = figures.nth(number).locator("svg").bounding_box()
        assert box["width"] > 300
        assert figures.nth(number).locator("svg path").count() > 10
    # nothing but tables scrolls sideways
    assert page.evaluate("document.documentElement.scrollWidth") <= window["viewport"]["width"]

    response = figures.nth(1)
    response.scroll_into_view_if_needed()
    box = response.bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.2 * box["height"])
    assert "dB" in response.locator(".tip").inner_text()
    assert "Hz" in response.locator(".tip").inner_text()

    page.locator("select").select_option(label="ss 27 °C")
    assert "dim" in page.locator("#dB-condition-0").get_attribute("class")
    assert "dim" not in (page.locator("#dB-condition-1").get_attribute("class") or "")
    assert page.locator("tr.dim").count() == 1
    assert errors == []
