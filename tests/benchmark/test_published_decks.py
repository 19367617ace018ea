"""AnalogGym's and BagNet's own decks, and our testbench beside them."""

import pytest

from eda.benchmark.analoggym_decks import analoggym_design, analoggym_figures
from eda.benchmark.bagnet_decks import bagnet_design, bagnet_figures
from eda.benchmark.published import UNITS, Ngspice, PublishedFigures, compare, own_figures
from eda.errors import InputError, SimulatorError

pytestmark = [pytest.mark.ngspice, pytest.mark.dataset("analoggym", "bagnet")]
AC = ("dc_gain", "unity_gain_frequency", "phase_margin")


@pytest.fixture(scope="module")
def bagnet():
    return bagnet_figures()


def test_bagnet_says_what_its_paper_asks_for(bagnet):
    assert not bagnet.reasons
    assert set(bagnet.figures) <= set(UNITS)
    # the published design meets the published specifications, but for 90 ns
    assert bagnet.figures["dc_gain"] > 49.54  # 300
    assert bagnet.figures["unity_gain_frequency"] > 10e6
    assert bagnet.figures["phase_margin"] > 60
    assert min(bagnet.figures["cmrr"], bagnet.figures["psrr"]) > 50
    assert bagnet.figures["supply_current"] < 0.2e-3
    assert 80e-9 < bagnet.figures["settling_time"] < 100e-9
    assert bagnet.figures["offset"] == pytest.approx(1.0553e-3, rel=1e-3)


def test_bagnet_without_feedback_differs_and_with_it_agrees(bagnet, batch):
    design = bagnet_design()
    assert (design.vdd, design.vcm, design.load) == (1.2, 0.6, 10e-12)
    own = own_figures(design, batch)
    open_loop = {row["figure"]: row for row in compare(bagnet, own)}
    assert abs(open_loop["offset"]["relative"]) < 1e-4
    assert abs(open_loop["phase_margin"]["difference"]) > 3
    closed = {row["figure"]: row for row in compare(bagnet_figures(aligned=True), own)}
    assert all(abs(closed[figure]["relative"]) < 1e-4 for figure in (*AC, "supply_current", "power", "offset"))


def test_what_cannot_be_compared_has_a_reason():
    published = PublishedFigures("a", {"dc_gain": 40.0, "cmrr": 60.0}, {"phase_margin": "no crossing"})
    rows = compare(published, PublishedFigures("a", {"dc_gain": 40.4}, {"phase_margin": "none here"}))
    assert rows[0]["relative"] == pytest.approx(0.01)
    assert [row.get("why") for row in rows] == [None, "no metric of the testbench", "no crossing"]


def test_a_simulator_that_is_not_there_is_told():
    with pytest.raises(SimulatorError, match="'nospice' was not found"):
        bagnet_figures(Ngspice("nospice"))


def test_a_deck_that_takes_too_long_has_a_reason():
    assert "no result after 0.01 s" in bagnet_figures(Ngspice(timeout=0.01)).reasons["dc_gain"]


def test_a_wrong_name_is_told():
    with pytest.raises(InputError, match="Did you mean 'Fan_SMC_Pin_3'"):
        analoggym_figures("Fan_SMC_Pin")


@pytest.mark.sky130
def test_what_ngspice_does_not_run_has_a_reason():
    empty, narrow = analoggym_figures("Qu_LEC_Pin_3"), analoggym_figures("Tan_CLIA_Pin_3")
    assert not empty.figures
    assert not narrow.figures
    assert "unknown subckt" in empty.reasons["dc_gain"]
    assert "xop1.xm72 with w = 0.253 and l = 1 um" in narrow.reasons["dc_gain"]
    with pytest.raises(InputError, match="empty file"):
        analoggym_design("Qu_LEC_Pin_3")


@pytest.mark.sky130
def test_an_amplifier_has_the_figures_of_its_deck(batch):
    published = analoggym_figures("Qu2017_AZC_Pin_3")
    assert published.figures["cmrr"] == pytest.approx(97.215, abs=0.01)
    assert published.figures["psrr"] == pytest.approx(28.533, abs=0.01)
    assert set(published.reasons) == {"temperature_coefficient"}
    design = analoggym_design("Qu2017_AZC_Pin_3")
    assert (design.vdd, design.vcm, design.load) == (1.8, 0.45, 500e-12)
    assert design.circuit.ports == ("inp", "inn", "out", "vdd", "vss")
    rows = {row["figure"]: row for row in compare(published, own_figures(design, batch))}
    assert all(abs(rows[figure]["relative"]) < 2e-3 for figure in (*AC, "power", "supply_current", "offset"))


@pytest.mark.sky130
@pytest.mark.slow
@pytest.mark.parametrize("name", ["Fan_SMC_Pin_3", "Leung_NMCF_Pin_3", "Peng_ACBC_Pin_3"])  # the suite takes all
def test_the_testbench_agrees_with_analoggym(name, batch):
    own = own_figures(analoggym_design(name), batch)
    rows = {row["figure"]: row for row in compare(analoggym_figures(name, aligned=True), own)}
    assert abs(rows["dc_gain"]["difference"]) < 1e-4
    # interpolations: linear of ngspice's `.meas` between 200 points a decade, monotone cubic of ours between 20
    assert abs(rows["unity_gain_frequency"]["relative"]) < 1e-3
    assert abs(rows["phase_margin"]["difference"]) < 0.1
    assert abs(rows["power"]["relative"]) < 1e-5
    assert abs(rows["supply_current"]["relative"]) < 1e-5
