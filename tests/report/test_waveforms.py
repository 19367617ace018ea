"""What plots of testbenches show."""

import numpy as np
import pytest

from eda.errors import InputError
from eda.report.waveforms import plot_simulation
from eda.simulation import Simulation, Status, Waveforms
from eda.testbench import LDOTestbench, MirrorTestbench, OpAmpTestbench
from eda.testbench.power_stage import PowerStageTestbench

FREQUENCY = np.logspace(0, 9, 181)
POLE = 1 / (1 + 1j * FREQUENCY / 1e4)


def _drawn(testbench, **analyses):
    return plot_simulation(Simulation(Status.OK, analyses), testbench, "t")


def _curves(axis):
    return {line.get_label(): line for line in axis.lines if len(line.get_xdata())}


def test_a_response_is_drawn_with_its_phase():
    waves = Waveforms(FREQUENCY, {"v(out)": 1e3 * POLE, "v(inp)": 0.5 * np.ones_like(POLE)}, {}, "Hz")
    left, right = [axis for axis in _drawn(OpAmpTestbench(), ac=waves).axes if axis.get_visible()]
    assert list(_curves(left)) == ["v(out)"], "an input that does not change is not drawn"
    assert left.lines[0].get_ydata()[0] == pytest.approx(60, abs=1e-3)
    assert right.get_ylabel() == "[deg]"
    assert right.lines[0].get_ydata()[[0, -1]] == pytest.approx([0, -90], abs=0.01)


def test_a_loop_is_drawn_as_its_gain():
    waves = Waveforms(FREQUENCY, {"v(out)": -100 * POLE, "v(sense)": 0.1 * np.ones_like(POLE), "v(vin)": 0 * POLE})
    (curve,) = LDOTestbench().curves("light_loop", waves).values()
    assert curve.values == pytest.approx(1e3 * POLE)


def test_a_mirror_is_drawn_by_its_current():
    swept = np.linspace(0, 1.8, 10)
    waves = Waveforms(swept, {"i(vout)": -1e-5 * swept, "v(in)": np.ones(10)}, {}, "V")
    left, hidden = _drawn(MirrorTestbench(), sweep=waves).axes
    assert left.get_ylabel() == "current [A]"
    assert left.lines[0].get_ydata()[-1] == pytest.approx(1.8e-5)
    assert not hidden.get_visible()


def test_voltage_and_inductor_current_of_a_converter_have_axes_of_their_own():
    time = np.linspace(0, 1e-5, 50)
    vectors = {"v(out)": 1 + time, "v(clk)": np.sign(time - 5e-6), "i(l.xdut.l1)": 0.1 * time, "v(vin)": 5 + 0 * time}
    figure = _drawn(PowerStageTestbench(), steady=Waveforms(time, vectors, {}, "s"))
    left, right = [axis for axis in figure.axes if axis.get_visible()]
    assert (left.get_ylabel(), right.get_ylabel()) == ("voltage [V]", "current [A]")
    assert len(_curves(left)) == len(_curves(right)) == 1
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["v(out)", "i(l.xdut.l1)"]


def test_densities_of_noise_are_drawn_with_their_units():
    vectors = {"onoise_spectrum": 1e-8 * np.abs(POLE), "inoise_spectrum": 1e-9 * np.ones(181)}
    waves = Waveforms(FREQUENCY, vectors, dict.fromkeys(vectors, "V/√Hz"), "Hz")
    axis = _drawn(OpAmpTestbench(), noise=waves).axes[0]
    assert axis.get_yscale() == "log"
    assert set(_curves(axis)) == {"onoise [V/√Hz]", "inoise [V/√Hz]"}


def test_without_a_sweep_there_is_nothing_to_draw():
    point = Waveforms(np.empty(0), {"v(out)": np.ones(1)})
    with pytest.raises(InputError, match="an operating point only"):
        _drawn(OpAmpTestbench(), op=point)
