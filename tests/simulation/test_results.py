import json

import numpy as np
import pytest

from eda.simulation import Simulation, Status, Waveforms
from eda.simulation.results import failure_status


@pytest.mark.parametrize(
    ("log", "status"),
    [
        ("doAnalyses: OP:  Timestep too small; cause unrecorded.", Status.NO_CONVERGENCE),
        ("Warning: singular matrix:  check nodes x\nTimestep too small", Status.SINGULAR_MATRIX),
        ("Error: unknown subckt: x1 out in nosub", Status.BAD_DECK),
        ("could not find a valid modelname", Status.BAD_DECK),
        ("Undefined parameter [w]", Status.BAD_DECK),
        ("Dynamic gmin stepping completed", Status.MISSING_RESULT),
        ("", Status.MISSING_RESULT),
    ],
)
def test_the_log_of_a_failure_gives_its_status(log, status):
    assert failure_status(log) is status


def test_only_ok_is_ok_and_every_status_is_a_sentence():
    assert [s for s in Status if Simulation(s).ok] == [Status.OK]
    assert all(len(s.value) > 1 for s in Status)


def test_waveforms_give_complex_real_and_single_values():
    waves = Waveforms(np.array([1.0, 2.0]), {"v(a)": np.array([1 + 2j, 3])})
    assert waves["v(a)"].dtype == np.complex128
    assert list(waves.real("v(a)")) == [1, 3]
    assert waves.value("v(a)") == 1
    with pytest.raises(KeyError):
        waves["v(b)"]


def test_results_as_plain_lists_pass_through_json():
    waves = Waveforms(
        np.array([1.0, 2.0]),
        {"v(a)": np.array([1 + 2j, 3]), "x": np.array([1.0, 2.0])},
        {"v(a)": "V"},
        "Hz",
        {"onoise_total": 1e-6},
    )
    result = Simulation(Status.OK, {"ac": waves}, "log", 0.5, {"gain": 2.0}, {"bad": "out of interval"})
    data = json.loads(json.dumps(result.to_dict()))
    assert data["status"] == "ok"
    assert data["measures"] == {"gain": 2.0}
    assert data["failed_measures"] == {"bad": "out of interval"}
    assert data["analyses"]["ac"] == {
        "scale": [1.0, 2.0],
        "scale_unit": "Hz",
        "vectors": {"v(a)": {"real": [1.0, 3.0], "imag": [2.0, 0.0]}, "x": [1.0, 2.0]},
        "units": {"v(a)": "V"},
        "totals": {"onoise_total": 1e-6},
        "outer": [],
    }


def test_a_nested_sweep_has_a_row_for_each_outer_value():
    waves = Waveforms(np.tile([0.0, 1, 2], 2), {"v(a)": np.arange(6.0)}, outer=np.array([5.0, 6.0]))
    assert waves.shape == (2, 3)
    assert waves.grid("v(a)").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert Waveforms(np.zeros(4), {}).shape == (4,)
