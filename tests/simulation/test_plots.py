import subprocess
import sys

import numpy as np
import pytest

from eda.errors import InputError
from eda.simulation import Waveforms

FREQUENCY = np.logspace(3, 9, 61)
RESPONSE = 100 / (1 + 1j * FREQUENCY / 1e5)
AC = Waveforms(FREQUENCY, {"v(out)": RESPONSE, "v(in)": np.ones(61) + 0j}, {"v(out)": "V", "v(in)": "V"}, "Hz")


def test_a_bode_plot_shows_decibels_and_degrees_over_a_logarithmic_frequency():
    magnitude, phase = AC.plot_bode("v(out)").axes
    assert magnitude.get_xscale() == "log"
    assert magnitude.lines[0].get_ydata()[0] == pytest.approx(40, abs=0.01)
    assert phase.lines[0].get_ydata()[-1] == pytest.approx(-90, abs=0.1)
    labels = magnitude.get_ylabel(), phase.get_ylabel(), phase.get_xlabel()
    assert labels == ("magnitude [dB]", "phase [deg]", "frequency [Hz]")
    assert len(AC.plot_bode().axes[0].get_legend().texts) == 2


def test_curves_of_each_unit_have_a_panel_and_engineering_units():
    time = np.linspace(0, 1e-6, 11)
    units = {"v(a)": "V", "i(v1)": "A", "v(b)": "V"}
    tran = Waveforms(time, {"v(a)": time * 1e6, "i(v1)": -time, "v(b)": time}, units, "s")
    figure = tran.plot()
    assert [len(panel.lines) for panel in figure.axes] == [2, 1]
    assert figure.axes[-1].get_xlabel() == "time"
    assert figure.axes[-1].xaxis.get_major_formatter()(5e-7) == "500 ns"
    assert len(tran.plot("v(a)").axes) == 1


def test_a_nested_sweep_has_a_curve_for_each_outer_value():
    dc = Waveforms(np.tile([0.0, 1, 2], 2), {"v(a)": np.arange(6.0)}, {"v(a)": "V"}, "V", outer=np.array([5.0, 6.0]))
    (panel,) = dc.plot().axes
    assert [text.get_text() for text in panel.get_legend().texts] == ["v(a), outer 5", "v(a), outer 6"]
    assert panel.lines[1].get_ydata().tolist() == [3, 4, 5]


def test_noise_is_plotted_on_logarithmic_axes_with_totals_and_devices():
    spectra = {
        name: np.full(61, 1e-9) for name in ("onoise_spectrum", "inoise_spectrum", "onoise_r1", "onoise_r1_1overf")
    }
    units = {**dict.fromkeys(spectra, "V/√Hz"), "onoise_total": "V", "inoise_total": "V"}
    totals = {"onoise_total": 2e-6, "inoise_total": 1e-6}
    (panel,) = Waveforms(FREQUENCY, spectra, units, "Hz", totals).plot_noise().axes
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    assert panel.get_ylabel() == "noise density [V/√Hz]"
    assert [text.get_text() for text in panel.get_legend().texts] == [
        "output, total 2.000 µV rms",
        "referred to the input, total 1.000 µV rms",
        "r1",
    ]


@pytest.mark.parametrize(("far", "scale"), [(-2e6, "linear"), (-1e12, "symlog")])
def test_roots_near_each_other_have_linear_axes_and_others_logarithmic_ones(far, scale):
    roots = Waveforms(np.empty(0), {"poles": np.array([-1e6, far]) + 0j, "zeros": np.array([3e6 + 0j])})
    (axes,) = roots.plot_poles_zeros().axes
    assert axes.get_xscale() == scale
    assert axes.lines[0].get_xdata()[0] == pytest.approx(-1e6 / (2 * np.pi))
    assert [text.get_text() for text in axes.get_legend().texts] == ["poles", "zeros"]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: AC.plot_bode("v(oit)"), r"no vector 'v\(oit\)'. Did you mean .*'v\(out\)'"),
        (lambda: Waveforms(np.empty(0), {"v(a)": np.ones(1)}).plot(), "a plot needs a sweep, but got none"),
        (lambda: Waveforms(np.ones(2), {"v(a)": np.ones(2)}, {}, "s").plot_bode(), "a sweep in Hz, but got s"),
        (lambda: Waveforms(np.empty(0), {}).plot_poles_zeros(), "needs at least one"),
    ],
)
def test_what_cannot_be_plotted_is_refused(draw, message):
    with pytest.raises(InputError, match=message):
        draw()


def test_every_figure_can_be_saved(tmp_path):
    AC.plot_bode().savefig(tmp_path / "bode.png")
    assert (tmp_path / "bode.png").stat().st_size > 5000


def test_matplotlib_is_loaded_only_for_a_plot_and_pyplot_never():
    code = """
import sys, numpy as np
from eda.simulation import Waveforms
assert "matplotlib" not in sys.modules
Waveforms(np.array([1.0, 10.0]), {"v(a)": np.ones(2) + 0j}, {}, "Hz").plot_bode()
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
